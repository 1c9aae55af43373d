import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

/// `waybill stats --json` follows its schema, for every fixture and for random datasets of everything the model holds.
@Suite struct StatisticsSchemaTests {
  private func json(_ path: String, from: FormatChoice? = nil) throws -> [UInt8] {
    try Statistics(ScanRequest(input: path, from: from), registry: .all).run().json()
  }

  /// What Python's jsonschema says of each file; nil when it is not installed.
  private func validate(_ files: [String]) throws -> [String]? {
    let script = """
      import json, sys
      try:
          from jsonschema import Draft202012Validator as V
      except ImportError:
          sys.exit(77)
      schema = json.load(open(sys.argv[1]))
      V.check_schema(schema)
      for name in sys.argv[2:]:
          error = next(V(schema).iter_errors(json.load(open(name, encoding="utf-8"))), None)
          print("ok" if error is None else "%s: %s: %s" % (name, "/".join(map(str, error.path)), error.message[:300]))
      """
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    let python = ProcessInfo.processInfo.environment["WAYBILL_PYTHON"] ?? "python3"
    process.arguments = [python, "-c", script, "\(PackageFolder.root)/Schemas/stats.schema.json"] + files
    let pipe = Pipe()
    process.standardOutput = pipe
    do { try process.run() } catch { return nil }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    if process.terminationStatus == 77 || process.terminationStatus == 127 { return nil }
    #expect(process.terminationStatus == 0)
    return String(decoding: output, as: UTF8.self).split(separator: "\n").map(String.init)
  }

  @Test func reportsFollowTheSchema() throws {
    let folder = try TemporaryFolder()
    var files = [try folder.write("demo.json", try json(PackageFolder.fixtures("demo") + "/street.coco.json"))]
    for seed in [testSeed(620), testSeed(621)] {
      var generator = SampleGenerator(seed: seed, isWild: true)
      let header = generator.header(.all)
      let native = folder.file("\(seed).waybill.jsonl")
      let choice = try FormatRegistry.all.parse("waybill")
      let output = try StagedOutput(target: native, kind: .file, overwrite: true)
      let writer = try choice.format.makeWriter(try choice.writeOptions())
      let encoder = try writer.begin(
        header, WriteContext(output: output, fileName: "x.jsonl", outputName: "x", sourceFormat: "waybill"))
      var batch = EncodedBatch()
      let context = EncodeContext(labels: LabelCache(header.labels), media: MediaResolver(), output: output)
      for (position, sample) in generator.samples(300, .all, in: header).enumerated() {
        try encoder.encode(sample, at: position, into: &batch, context)
      }
      try writer.write(batch)
      try writer.finish()
      try output.commit()
      files.append(try folder.write("\(seed).json", try json(native)))
    }
    for (index, fixture) in FixtureCase.all.enumerated() {
      guard let input = fixture.input, let found = try? json(input) else { continue }
      files.append(try folder.write("fixture\(index).json", found))
    }
    #expect(files.count > 20)
    guard let answers = try validate(files) else {
      print("skipped: \(#function) needs python3 with jsonschema (WAYBILL_PYTHON names the interpreter)")
      return
    }
    #expect(answers.count == files.count)
    for answer in answers { #expect(answer == "ok") }
  }

  @Test func anotherShapeIsRefused() throws {
    let folder = try TemporaryFolder()
    let text = String(decoding: try json(PackageFolder.fixtures("demo") + "/street.coco.json"), as: UTF8.self)
    let broken = try [
      text.replacingOccurrences(of: "\"annotations\":{\"count\":29", with: "\"annotations\":{\"count\":-1"),
      text.replacingOccurrences(of: "\"format\":\"coco\",", with: ""), text.replacingOccurrences(of: "box area", with: "box aria"),
      text.replacingOccurrences(of: "\"small\":2", with: "\"small\":2.5"),
    ].enumerated().map { try folder.write("\($0.offset).json", $0.element) }
    guard let answers = try validate(broken) else { return }
    for answer in answers { #expect(answer != "ok") }
  }
}
