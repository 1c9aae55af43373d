import Foundation
import TestSupport
import Testing
import Waybill

@Suite struct FixtureTests {
  @Test func everyFormatHasFixtures() {
    for format in FormatRegistry.all.names {
      #expect(FixtureCase.valid.contains { $0.format == format }, "Fixtures/\(format) has no case")
      #expect(FixtureCase.invalid.contains { $0.format == format }, "Fixtures/\(format) has no broken case")
    }
  }

  @Test(arguments: FixtureCase.all) func hasAnInput(_ fixture: FixtureCase) {
    #expect(fixture.input != nil, "\(fixture.folder) holds nothing whose name begins with \"input\"")
  }

  @Test(arguments: FixtureCase.valid) func isDetected(_ fixture: FixtureCase) throws {
    let input = try DatasetInput(path: try #require(fixture.input))
    let choice = try FormatRegistry.all.detect(input)
    #expect(choice.format.descriptor.id.name == fixture.format)
    #expect(choice.detection?.reasons.isEmpty == false)
  }

  /// The fixture as the native manifest says it, beside the fixture as `dump.jsonl`; re-recorded with WAYBILL_RECORD=1.
  @Test(arguments: FixtureCase.valid) func readsAsRecorded(_ fixture: FixtureCase) throws {
    let folder = try TemporaryFolder()
    let output = folder.file("dump.jsonl")
    let report = try convert(try #require(fixture.input), output, to: "waybill", from: fixture.format)
    #expect(!report.ledger.hasAnyLoss, "the native manifest holds everything: \(LossText.table(report))")
    #expect(report.ledger.samples.read == report.ledger.samples.written)
    try compare(try bytes(of: output), with: "\(fixture.folder)/dump.jsonl")
  }

  /// Every problem with its rule and place, as `diagnostics.txt` says it.
  @Test(arguments: FixtureCase.all) func reportsAsRecorded(_ fixture: FixtureCase) throws {
    let input = try #require(fixture.input)
    var lines: [String] = []
    let context = ReadContext(sources: SourceMap())
    do throws(DatasetError) {
      let choice = try FormatRegistry.all.parse(fixture.format)
      let dataset = try Dataset.open(
        try DatasetInput(path: input), as: choice, demand: Demand(labels: true), context: context)
      for position in 0..<dataset.count { _ = try dataset.sample(at: position, context) }
    } catch {
      lines.append("stopped: \(error.code.name): \(error.message)")
    }
    var places = PlaceFinder(context.sources)
    var errors = 0
    for item in context.diagnostics.items {
      if item.severity == .error {
        errors += 1
        #expect(item.range != nil || !lines.isEmpty, "the error has no place: \(item.message)")
      }
      let place = item.range.map { places.place(of: $0).text.replacingOccurrences(of: fixture.folder + "/", with: "") } ?? "-"
      lines.append("\(place): \(item.severity.word): \(item.message) [\(item.rule)]")
      for related in item.related {
        let text = places.place(of: related.range).text.replacingOccurrences(of: fixture.folder + "/", with: "")
        lines.append("  \(text): \(related.message)")
      }
      let rules = try format(fixture.format).descriptor.rules
      #expect(
        item.rule.hasPrefix("dataset.") || item.rule.hasPrefix("json.") || item.rule.hasPrefix("xml.")
          || item.rule.hasPrefix("voc.") || item.rule.hasPrefix("yaml.")
          || rules.contains { $0.id == item.rule && $0.severity == item.severity },
        "the rule \(item.rule) (\(item.severity.word)) is not declared")
    }
    if fixture.isInvalid { #expect(errors > 0 || lines.first?.hasPrefix("stopped") == true, "a broken fixture must have an error") }
    if !fixture.isInvalid { #expect(errors == 0) }
    let text = lines.isEmpty ? "" : lines.joined(separator: "\n").replacingOccurrences(of: fixture.folder + "/", with: "") + "\n"
    try compare(Array(text.utf8), with: "\(fixture.folder)/diagnostics.txt", absentWhenEmpty: true)
  }

  @Test(arguments: FixtureCase.invalid) func isRefusedAndNothingIsWritten(_ fixture: FixtureCase) throws {
    let folder = try TemporaryFolder()
    for target in FormatRegistry.all.names {
      let output = folder.file("out-\(target)")
      do {
        _ = try convert(try #require(fixture.input), output, to: target, from: fixture.format) { $0.allowLoss = true }
        Issue.record("a broken input was converted")
      } catch let failure as Conversion.Failure {
        #expect([.invalidInput, .io, .usage, .ambiguous].contains(failure.error.code), "\(failure.error)")
      }
      #expect(!FileManager.default.fileExists(atPath: output))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [])
  }

  private func compare(_ found: [UInt8], with path: String, absentWhenEmpty: Bool = false) throws {
    let exists = FileManager.default.fileExists(atPath: path)
    if recordsGoldenFiles {
      if found.isEmpty && absentWhenEmpty {
        if exists { try FileManager.default.removeItem(atPath: path) }
      } else {
        try Data(found).write(to: URL(fileURLWithPath: path))
      }
      return
    }
    if found.isEmpty && absentWhenEmpty && !exists { return }
    let expected = exists ? try bytes(of: path) : []
    #expect(
      String(decoding: found, as: UTF8.self) == String(decoding: expected, as: UTF8.self),
      "\(path) differs; WAYBILL_RECORD=1 records it anew")
  }
}
