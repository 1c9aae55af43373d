import TestSupport
import Foundation
import Testing
import TinyFormat
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@Suite("Inspection and validation")
struct InspectionTests {
  /// What a generated dataset holds, counted while it is made.
  private struct Expected {
    var labeled = 0
    var annotations = 0
    var unreadable = 0
    var samples = 0
    var byLabel: [String: Int] = [:]
    var bySplit: [String: Int] = [:]
    var badBoxes = 0
    var repeatedKeys = 0
  }

  private static func dataset(seed: UInt64, samples: Int) -> (text: String, expected: Expected) {
    var generator = SeededNumbers(seed: seed)
    var text = "tiny 1\nlabel never\n"
    var expected = Expected()
    var keys: Set<String> = []
    for _ in 0..<samples {
      if generator.next() % 20 == 0 {
        text += "sample\nbox lost 1 2 3 4\n"
        expected.unreadable += 1
        continue
      }
      expected.samples += 1
      let key = "\(generator.next() % UInt64(samples * 8)).jpg"
      if !keys.insert(key).inserted { expected.repeatedKeys += 1 }
      let split = ["train", "test"].randomElement(using: &generator) ?? ""
      expected.bySplit[split, default: 0] += 1
      text += "sample \(key) \(split)\n"
      let count = Int(generator.next() % 4)
      if count > 0 { expected.labeled += 1 }
      for _ in 0..<count {
        let label = "label\(generator.next() % 5)"
        expected.byLabel[label, default: 0] += 1
        expected.annotations += 1
        text += generator.next() % 2 == 0 ? "box \(label) 1 2 3 4\n" : "polygon \(label) 0 0 9 0 9 9\n"
      }
      if generator.next() % 10 == 0 {
        text += "box bad 1\n"
        expected.badBoxes += 1
      }
    }
    return (text, expected)
  }

  @discardableResult private static func withFile<T>(_ text: String, _ body: (String) throws -> T) throws -> T {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("waybill-\(UUID().uuidString).tiny")
    try Data(text.utf8).write(to: url)
    defer { try? FileManager.default.removeItem(at: url) }
    return try body(url.path)
  }

  @Test("counts are right and do not depend on the threads", arguments: [1, 2, 3, 4] as [UInt64])
  func counts(seed: UInt64) throws {
    let (text, expected) = InspectionTests.dataset(seed: seed, samples: 3000)
    try InspectionTests.withFile(text) { path in
      var request = ScanRequest(input: path)
      var first: [UInt8]?
      for jobs in [1, 2, 7] {
        request.jobs = jobs
        var inspection = Inspection(request, registry: Tool.registry)
        var last = (0, 0)
        inspection.progress = { last = ($0, $1) }
        let report = try inspection.run()
        #expect(last == (3000, 3000), "seed \(seed)")
        #expect(report.counts.samples == expected.samples, "seed \(seed)")
        #expect(report.counts.unreadable == expected.unreadable, "seed \(seed)")
        #expect(report.counts.labeled == expected.labeled, "seed \(seed)")
        #expect(report.counts.unlabeled == expected.samples - expected.labeled, "seed \(seed)")
        #expect(report.counts.annotations == expected.annotations, "seed \(seed)")
        #expect(report.labels.first?.label.name == "never")
        for entry in report.labels { #expect(entry.annotations == expected.byLabel[entry.label.name] ?? 0, "seed \(seed)") }
        #expect(
          Dictionary(uniqueKeysWithValues: report.counts.splits.map { ($0.name, $0.count) }) == expected.bySplit, "seed \(seed)")
        #expect(report.counts[.image] == expected.samples)
        #expect(report.counts[.box] + report.counts[.polygon] == expected.annotations)
        #expect(report.diagnostics.count(of: .error) == expected.badBoxes + expected.unreadable, "seed \(seed)")
        let json = report.json()
        #expect(first == nil || first == json, "seed \(seed), \(jobs) jobs")
        first = json
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json)) }
      }
    }
  }

  @Test("every problem is found, in one order, whatever the threads", arguments: [5, 6] as [UInt64])
  func problems(seed: UInt64) throws {
    let (text, expected) = InspectionTests.dataset(seed: seed, samples: 2000)
    try InspectionTests.withFile(text) { path in
      var first: [UInt8]?
      for jobs in [1, 3] {
        var request = ScanRequest(input: path)
        request.jobs = jobs
        request.limitPerRule = 1000
        let report = try Validation(request, registry: Tool.registry).run()
        #expect(!report.isValid)
        #expect(report.samples == expected.samples, "seed \(seed)")
        #expect(report.unreadable == expected.unreadable, "seed \(seed)")
        #expect(report.diagnostics.count(of: .error) == expected.badBoxes + expected.unreadable, "seed \(seed)")
        #expect(report.diagnostics.count(of: .warning) == expected.repeatedKeys, "seed \(seed)")
        #expect(report.diagnostics.items.count == expected.badBoxes + expected.unreadable + expected.repeatedKeys, "seed \(seed)")
        let json = report.json()
        #expect(first == nil || first == json, "seed \(seed), \(jobs) jobs")
        first = json
        #expect(throws: Never.self) { try JSONSerialization.jsonObject(with: Data(json)) }
      }
    }
  }

  @Test("places are found in any order")
  func places() throws {
    try InspectionTests.withFile("tiny 1\nab\n\ncdef") { path in
      let sources = SourceMap()
      let file = sources.add(path)
      let offsets = [12, 0, 8, 10, 7]
      let items = offsets.map { Diagnostic(.note, "r", "", at: SourceRange(file: file, offset: $0)) }
      let places = SourcePlaces(items, sources)
      let found = offsets.map { places[SourceRange(file: file, offset: $0)].map { [$0.line ?? 0, $0.column ?? 0] } }
      #expect(found == [[4, 2], [1, 1], [2, 2], [3, 1], [2, 1]])
      #expect(places[SourceRange(file: file, offset: 3)] == nil)
    }
  }

  @Test("an input that is not there, or of no known format, is a failure")
  func failures() throws {
    #expect(throws: ScanFailure.self) { _ = try Validation(ScanRequest(input: "/nowhere/x"), registry: Tool.registry).run() }
    try InspectionTests.withFile("something else") { path in
      #expect {
        _ = try Validation(ScanRequest(input: path), registry: Tool.registry).run()
      } throws: {
        ($0 as? ScanFailure)?.error.code == .invalidInput
      }
    }
  }
}
