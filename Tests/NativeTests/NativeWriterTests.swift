import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

@testable import WaybillNative

@Suite struct NativeWriterTests {
  static let unwritable: [(String, Annotation)] = {
    var time = Annotation()
    time.createdAt = Timestamp(seconds: 253_402_300_800)
    var fine = Annotation()
    fine.createdAt = Timestamp(seconds: 0, nanoseconds: 5, fractionDigits: 3)
    var attributes = Annotation()
    attributes.attributes = ["a": .list([.number(.nan)])]
    var keypoints = Annotation()
    keypoints.keypoints = Keypoints(points: [.init(x: 1, y: .infinity, visibility: nil)])
    return [
      ("waybill.write.time", time), ("waybill.write.time", fine), ("waybill.write.not-finite", attributes),
      ("waybill.write.not-finite", keypoints),
      ("waybill.write.not-finite", Annotation(box: Box(0, .nan, 1, 1, form: .corners))),
      ("waybill.write.not-finite", Annotation(shape: .polygon(Polygon(coordinates: [1, -.infinity])))),
      ("waybill.write.polygon", Annotation(shape: .polygon(Polygon(coordinates: [1, 2, 3])))),
      ("waybill.write.polygon", Annotation(shape: .polygon(Polygon(coordinates: [1, 2], ringEnds: [4])))),
      ("waybill.write.polygon", Annotation(shape: .polygon(Polygon(coordinates: [1, 2, 3, 4], ringEnds: [4, 2])))),
      ("waybill.write.polygon", Annotation(shape: .polygon(Polygon(coordinates: [1, 2], holes: [1])))),
      ("waybill.write.polygon", Annotation(shape: .polyline(Polyline(coordinates: [1])))),
      ("waybill.write.label", Annotation(label: LabelID(index: 4))),
    ]
  }()

  @Test(arguments: 0..<unwritable.count) func whatCannotBeWrittenIsReported(_ index: Int) throws {
    let (rule, annotation) = Self.unwritable[index]
    var sample = Sample(key: "a", media: Media(.image))
    sample.annotations = [annotation, Annotation(id: .integer(1)), annotation, Annotation(id: .integer(2))]
    let written = try write(DatasetHeader(), [sample])
    #expect(written.diagnostics.items.map(\.rule) == [rule, rule])
    #expect(written.lines.count == 1)
    #expect(try read(written.bytes).diagnostics.hasErrors == false)
    #expect(try read(written.bytes).samples.first?.annotations.compactMap(\.id) == [.integer(1), .integer(2)])
  }

  @Test func samplesWithNumbersThatAreNotFiniteAreLeftOut() throws {
    var sample = Sample(key: "a", media: Media(.audio))
    sample.attributes = ["y": .number(.infinity)]
    var other = Sample(key: "b", media: Media(.audio))
    other.attributes = ["x": .number(.nan)]
    let written = try write(DatasetHeader(), [sample, Sample(key: "c", media: Media(.audio)), other])
    #expect(written.diagnostics.items.map(\.rule) == ["waybill.write.not-finite", "waybill.write.not-finite"])
    #expect(written.lines == [#"{"key":"c","audio":{}}"#])
  }

  @Test func shortNumbersAreThoseOfTheBuffer() {
    let seed = testSeed(12)
    var generator = SampleGenerator(seed: seed)
    var numbers: [Double] = [
      0, -0.0, 0.001, 0.0005, 1, 9, 10, 99, 100, 999, 1000, 9999, 9999.999, 10000, 0.1, 0.01, 1.05, 100.5, -3.25, .nan,
    ]
    for _ in 0..<20_000 { numbers.append(Double(generator.integer(-12_000_000...12_000_000)) / 1000) }
    for _ in 0..<20_000 { numbers.append(generator.number(12_000)) }
    for number in numbers {
      var short = ByteBuffer()
      var plain = ByteBuffer()
      short.appendCoordinate(number)
      plain.append(number)
      #expect(short.string() == plain.string(), "seed \(seed)")
    }
  }

  @Test(arguments: [
    ("a/b.jpg", "media/a/b.jpg"), ("/abs/c.jpg", "media/abs/c.jpg"), ("../x/./y.jpg", "media/x/y.jpg"),
    ("s3://bucket/k/a.jpg", "media/k/a.jpg"),
    ("file:///data/a.jpg", "media/data/a.jpg"), ("a//b.jpg", "media/a/b.jpg"),
  ]) func mediaLiesWhereItIsLookedFor(_ location: String, _ place: String) throws {
    #expect(NativeEncoder.place(of: location) == place)
  }

  @Test func mediaIsBroughtAlong() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("in/pictures/a.jpg", "picture")
    let sample = Sample(key: "pictures/a.jpg", media: Media(.image, location: "pictures/a.jpg"))
    let output = try StagedOutput(target: folder.file("out"), kind: .folder, overwrite: false)
    let diagnostics = try write(
      DatasetHeader(), [sample, Sample(key: "x", media: Media(.image, location: "gone.jpg"))], to: output, fileName: nil,
      mediaMode: .copy,
      media: MediaResolver(folders: [folder.file("in")]))
    #expect(diagnostics.items.map(\.rule) == ["media.missing"])
    #expect(Set(try tree(folder.file("out")).keys) == ["dataset.waybill.jsonl", "media/pictures/a.jpg"])
    let input = try DatasetInput(path: folder.file("out"))
    let found = try NativeTests.read(path: input.path)
    #expect(found.samples.first == sample)
    #expect(MediaResolver(folders: [input.folder, "\(input.folder)/media"]).path(of: "pictures/a.jpg") != nil)
  }
}

@Suite struct NativeSchemaTests {
  /// Runs the schema over lines with Python's jsonschema; nil when it is not installed.
  private func validate(_ manifests: [String]) throws -> String? {
    let script = """
      import json, sys
      try:
          from jsonschema import Draft202012Validator as V
      except ImportError:
          sys.exit(77)
      schema = json.load(open(sys.argv[1]))
      V.check_schema(schema)
      v = V(schema)
      for name in sys.argv[2:]:
          for n, line in enumerate(open(name, encoding="utf-8", newline="\\n"), 1):
              e = next(v.iter_errors(json.loads(line)), None)
              print("ok" if e is None else "bad %s:%d %s" % (name, n, e.message[:200]))
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
    process.arguments = [python, "-c", script, "\(PackageFolder.root)/Schemas/waybill.schema.json"] + manifests
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus == 77 || process.terminationStatus == 127 { return nil }
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self)
  }

  @Test func outputsFollowTheSchema() throws {
    let seed = testSeed(8)
    var generator = SampleGenerator(seed: seed)
    let header = generator.header(.all)
    let folder = try TemporaryFolder()
    let path = try folder.write("a.jsonl", try write(header, generator.samples(300, .all, in: header)).bytes)
    guard let answers = try validate([path]) else {
      print("skipped: \(#function) needs python3 with jsonschema (WAYBILL_PYTHON names the interpreter)")
      return
    }
    let lines = answers.split(separator: "\n")
    #expect(lines.count == 301)
    #expect(lines.allSatisfy { $0 == "ok" }, "seed \(seed): \(lines.first { $0 != "ok" } ?? "")")
  }

  @Test func schemaRefusesWhatTheReaderRefuses() throws {
    let broken = [
      line(#"{"boxx":1}"#), line(#"{"box":[1,2,3]}"#), line(#"{"box":[1,2,3,4],"box_xywh":[1,2,3,4]}"#), line(#"{"holes":[0]}"#),
      line(#"{"mask":{"width":1,"height":1}}"#), line(#"{"at":"now"}"#), line(#"{"id":null}"#), line(#"{"frame":1,"instant":2}"#),
      "{\"key\":\"a\"}\n", "{\"image\":{}}\n", "{\"key\":\"a\",\"image\":{},\"text\":{}}\n",
      "{\"key\":\"a\",\"image\":{},\"x\":1}\n",
      "{\"waybill\":2}\n", "{\"waybill\":1,\"x\":1}\n", "{\"waybill\":1,\"labels\":[{}]}\n",
    ]
    for text in broken { #expect(try read(text).diagnostics.hasErrors, "\(text)") }
    let folder = try TemporaryFolder()
    guard let answers = try validate([try folder.write("a.jsonl", broken.joined())]) else {
      print("skipped: \(#function) needs python3 with jsonschema")
      return
    }
    let lines = answers.split(separator: "\n")
    #expect(
      lines.count == broken.count && lines.allSatisfy { $0.hasPrefix("bad") },
      "\(lines.enumerated().filter { $1 == "ok" }.map { broken[$0.offset] })")
  }
}

@Suite struct NativeFixtureTests {
  @Test(arguments: PackageFolder.subfolders(of: PackageFolder.fixtures("waybill"))) func fixturesAreRead(_ name: String) throws {
    let folder = "\(PackageFolder.fixtures("waybill"))/\(name)"
    let path = FileManager.default.fileExists(atPath: "\(folder)/input") ? "\(folder)/input" : "\(folder)/input.waybill.jsonl"
    let found = try read(path: path)
    #expect(found.diagnostics.hasErrors == name.hasPrefix("invalid-"), "\(found.diagnostics.items)")
    #expect(NativeFormat.detect(try DetectionProbe(try DatasetInput(path: path)))?.confidence == .certain)
    let once = try write(found.header, found.samples)
    #expect(try write(try read(once.bytes).header, try read(once.bytes).samples).bytes == once.bytes)
    if name.hasPrefix("canonical-") { #expect(once.text == String(decoding: try bytes(of: path), as: UTF8.self)) }
  }
}
