import Foundation
import TestSupport
import Testing
import Waybill
import WaybillFiles

/// Comparisons of every fixture with itself and with what it becomes in other formats.
@Suite struct ComparisonFixtureTests {
  private func compare(
    _ old: String, _ new: String, from: String? = nil, to: String? = nil, jobs: Int = 1,
    _ change: (inout ComparisonOptions) -> Void = { _ in }
  ) throws -> (report: ComparisonReport, changes: [SampleChange]) {
    var request = ComparisonRequest(old: old, new: new)
    request.oldFormat = try from.map { try FormatRegistry.all.parse($0) }
    request.newFormat = try to.map { try FormatRegistry.all.parse($0) }
    request.jobs = jobs
    change(&request.options)
    var changes: [SampleChange] = []
    let report = try DatasetComparison(request, registry: .all).run { (event) throws(DatasetError) in
      if case .sample(let change) = event { changes.append(change) }
    }
    return (report, changes)
  }

  private func describe(_ changes: [SampleChange]) -> String {
    changes.prefix(3).map { change in
      let fields = change.fields.map { "\($0.feature.name): \($0.old as Any) -> \($0.new as Any)" }
      let annotations = change.annotations.prefix(3).map { annotation in
        "\(annotation.kind) \(annotation.newLabel ?? annotation.oldLabel ?? "-") \(annotation.features.features) \(annotation.fields)"
      }
      return "\(change.kind) \(change.key) \(fields) \(annotations)"
    }.joined(separator: "; ")
  }

  @Test(arguments: FixtureCase.all.filter { $0.input != nil }) func nothingDiffersFromItself(_ fixture: FixtureCase) throws {
    let input = try #require(fixture.input)
    for all in [false, true] {
      do {
        let found = try compare(input, input, from: fixture.format, to: fixture.format, jobs: all ? 3 : 1) { $0.comparesAll = all }
        #expect(!found.report.hasDifferences && found.changes.isEmpty, "\(describe(found.changes))")
        #expect(found.report.old.samples == found.report.new.samples)
        #expect(found.report.summary.samples.unchanged == found.report.old.samples)
        #expect(fixture.isInvalid || found.report.old.samples > 0)
      } catch let failure as ComparisonFailure {
        #expect(fixture.isInvalid, "\(failure.error)")
      }
    }
  }

  /// What a fixture becomes in another format is the same in all that both hold, but for what the conversion says it lost.
  @Test(arguments: RoundTrip.all) func conversionsDifferInNothingBothHold(_ trip: RoundTrip) throws {
    let folder = try TemporaryFolder()
    let input = try #require(trip.fixture.input)
    let output = folder.file(try trip.outputName)
    guard let report = try trip.convertFixture(to: output) else { return }
    // Masks under others, and boxes beside polygons that are lost or only near, are losses that abilities do not tell of.
    let abilities = try format(trip.target).descriptor.reads
    let isSame = trip.target == trip.fixture.format
    // Where every text has tokens, those without get some.
    let getsTokens = trip.target.hasPrefix("conll") && trip.fixture.format == "jsonl-text"
    let lost = report.losses.filter { abilities.contains($0.feature) && ($0.feature.weight == .essential || isSame) }
    let found = try compare(input, output, from: trip.fixture.format, to: trip.target, jobs: 2) {
      // A file that becomes a folder of files has another layout, which is kept.
      if isSame { $0.ignored = [.samplePreserved, .preserved] }
      if getsTokens { $0.ignored = [.tokens] }
    }
    #expect(found.report.summary.samples.added == 0, "\(describe(found.changes))")
    if lost.isEmpty {
      #expect(!found.report.summary.samples.hasChanges, "\(describe(found.changes)); lost \(report.losses.map(\.feature.name))")
    } else {
      let losses = lost.reduce(0) { $0 + $1.count }
      #expect(
        found.report.summary.annotations.changed + found.report.summary.annotations.removed <= losses, "\(describe(found.changes))")
    }
    let back = try compare(output, input, from: trip.target, to: trip.fixture.format) {
      if isSame { $0.ignored = [.samplePreserved, .preserved] }
      if getsTokens { $0.ignored = [.tokens] }
    }
    #expect(back.report.summary.annotations.added == found.report.summary.annotations.removed)
    #expect(back.report.summary.annotations.changed == found.report.summary.annotations.changed)
    #expect(back.report.summary.samples.unchanged == found.report.summary.samples.unchanged)
    #expect(back.report.leftOut.map(\.feature) == found.report.leftOut.map(\.feature))
  }

  /// A native manifest says the same as what it was made from, in every answer, and so do its lines in any order.
  @Test(arguments: FixtureCase.valid) func nativeManifestsHoldEverything(_ fixture: FixtureCase) throws {
    let folder = try TemporaryFolder()
    let native = folder.file("a.waybill.jsonl")
    _ = try convert(try #require(fixture.input), native, to: "waybill", from: fixture.format)
    let everything = try compare(try #require(fixture.input), native, from: fixture.format) { $0.comparesAll = true }
    #expect(everything.changes.isEmpty, "\(describe(everything.changes))")
    let lines = String(decoding: try bytes(of: native), as: UTF8.self).split(separator: "\n")
    for (name, turned) in [
      ("reversed", Array(lines.reversed())), ("sorted", lines.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }),
    ] {
      let other = try folder.write("\(name).waybill.jsonl", turned.map { $0 + "\n" }.joined())
      #expect(try !compare(native, other).report.hasDifferences)
      #expect(try !compare(other, native).report.hasDifferences)
    }
  }

  @Test(arguments: 0..<4) func randomDatasetsDoNotDifferFromThemselves(_ step: Int) throws {
    let random = RandomDataset(target: "coco", output: "out.json", seed: testSeed(7_300) + UInt64(step))
    let folder = try TemporaryFolder()
    let native = try random.make(in: folder, isWild: step.isMultiple(of: 2))
    #expect(try !compare(native, native) { $0.comparesAll = true }.report.hasDifferences, "\(random.testDescription)")
    _ = try convert(native, folder.file("out.json"), to: "coco", from: "waybill") { $0.allowLoss = true }
    #expect(try !compare(folder.file("out.json"), folder.file("out.json")).report.hasDifferences, "\(random.testDescription)")
  }

  // MARK: JSON

  private func json(_ old: String, _ new: String, all: Bool = false) throws -> [UInt8] {
    var request = ComparisonRequest(old: old, new: new)
    request.options.comparesAll = all
    var json = ComparisonJSON()
    var out: [UInt8] = []
    let report = try DatasetComparison(request, registry: .all).run { (event) throws(DatasetError) in out += json.bytes(of: event) }
    return out + json.ending(report)
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
    process.arguments = [python, "-c", script, "\(PackageFolder.root)/Schemas/diff.schema.json"] + files
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
    var files: [String] = []
    // Random datasets of everything the model holds, which share some keys.
    for step in 0..<3 {
      let sides = try (0..<2).map { side in
        var random = RandomDataset(target: "waybill", output: "x.jsonl", seed: testSeed(7_400) + UInt64(step * 2 + side))
        random.output = "x"
        let place = try TemporaryFolder()
        return try folder.write("\(step).\(side).waybill.jsonl", bytes(of: try random.make(in: place, isWild: side == 1)))
      }
      files.append(try folder.write("\(step).json", try json(sides[0], sides[1], all: step == 1)))
    }
    let inputs = FixtureCase.valid.compactMap(\.input)
    for (index, (old, new)) in zip(inputs, inputs.dropFirst()).enumerated() {
      guard let found = try? json(old, new, all: index % 2 == 0) else { continue }
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
    let line =
      #"{"key":"a","image":{"path":"a"},"annotations":[{"label":"car","box":[0,0,9,9]},{"label":"bus","box":[50,0,59,9]}]}"#
    let old = try folder.write("old.waybill.jsonl", line + "\n")
    let new = try folder.write("new.waybill.jsonl", line.replacingOccurrences(of: "[0,0,9,9]", with: "[1,0,9,9]") + "\n")
    let text = String(decoding: try json(old, new), as: UTF8.self)
    let broken = try [
      ("\"change\":\"changed\",\"oldIndex\":0,", "\"change\":\"added\",\"oldIndex\":0,"), ("\"what\":[\"moved\"],", ""),
      ("\"differs\":true", "\"differs\":1"), ("\"moved\":1", "\"moved\":-1"), ("\"overlap\":0", "\"overlap\":1"),
    ].enumerated().map { index, change in
      #expect(text.contains(change.0), "\(change.0)")
      return try folder.write("\(index).json", text.replacingOccurrences(of: change.0, with: change.1))
    }
    guard let answers = try validate(broken) else { return }
    for answer in answers { #expect(answer != "ok") }
  }
}

extension ComparisonSummary.Samples {
  /// Whether a sample differs.
  fileprivate var hasChanges: Bool { added + removed + changed > 0 }
}
