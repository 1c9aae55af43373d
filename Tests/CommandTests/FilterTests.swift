import Foundation
import TestSupport
import Testing
import TinyFormat
import WaybillConversion
import WaybillFormatSupport
import WaybillSampleFilter

/// Filters in whole conversions and passes.
@Suite("Filters of whole datasets")
struct FilterTests {
  private static let keys = (0..<1000).map { "\($0 * 7919 % 1000).jpg" }

  /// Sample n has n % 4 boxes of width 2, of the labels label0 to label2, and is in a third of all cases in `test`.
  private static func dataset(bad: Set<Int> = []) -> String {
    var text = "tiny 1\nlabel never\n"
    for (index, key) in keys.enumerated() {
      text += "sample \(key) \(index % 3 == 0 ? "test" : "train")\n"
      if bad.contains(index) { text += "box broken 1\n" }
      for number in 0..<index % 4 { text += "box label\(number) \(index) 2 \(index % 10 + 1) 4\n" }
    }
    return text
  }

  private func convert(
    _ filter: String, bad: Set<Int> = [], jobs: Int = 1, configure: (inout ConversionRequest) -> Void = { _ in }
  ) throws -> (keys: [String], text: String, report: ConversionReport) {
    let folder = try TemporaryFolder()
    let (input, output) = (try folder.write("in.tiny", FilterTests.dataset(bad: bad)), folder.file("out.tiny"))
    var request = ConversionRequest(input: input, output: output, to: FormatChoice(format: TinyFormat.self))
    request.filter = try SampleFilter(filter)
    request.jobs = jobs
    configure(&request)
    let report = try Conversion(request, registry: Tool.registry).run()
    let written = try String(contentsOfFile: output, encoding: .utf8)
    let keys = written.split(separator: "\n").filter { $0.hasPrefix("sample ") }.map { String($0.split(separator: " ")[1]) }
    return (keys, written, report)
  }

  @Test(
    "the same bytes with any number of threads, in the order of the input, and every sample accounted for",
    arguments: [
      ("label = label2", 250), ("not label = label0", 250), ("split = test and count() > 1", 167), ("key ~ \"^[0-4]\"", 445),
      ("any(label = label1 and width > 5)", 250), ("has key", 1000), ("key = none", 0),
    ])
  func threads(filter: String, count: Int) throws {
    let one = try convert(filter)
    #expect(one.keys.count == count)
    for jobs in [2, 5] { #expect(try convert(filter, jobs: jobs).text == one.text, "\(jobs) threads") }
    let kept = Set(one.keys)
    #expect(one.keys == FilterTests.keys.filter { kept.contains($0) })
    let ledger = one.report.ledger
    #expect(ledger.samples.written == count && ledger.samples.read == count)
    #expect(ledger.filteredSamples == 1000 - count && ledger.unfitSamples == 1000 - count && ledger.unchosenSamples == 0)
    #expect(ledger.annotations.written + ledger.filteredAnnotations == 1500)
    #expect(one.text.components(separatedBy: "\nbox ").count - 1 == ledger.annotations.written)
  }

  @Test(
    "a part is chosen among the samples that fit, and the account is whole",
    arguments: [
      Subset(.count(40)), Subset(.count(40), isStratified: true), Subset(.share(0.2)), Subset(.share(0.2), isStratified: true),
    ])
  func parts(subset: Subset) throws {
    let fitting = Set(try convert("count() > 1").keys)
    #expect(fitting.count == 500)
    let part = try convert("count() > 1", jobs: 3) {
      $0.subset = subset
      $0.split = "train"
    }
    #expect(part.keys.allSatisfy { fitting.contains($0) } && !part.text.contains(" test\n"))
    if case .count(let count) = subset.size {
      #expect(part.keys.count == count)
    } else {
      #expect((30...100).contains(part.keys.count))
    }
    let ledger = part.report.ledger
    #expect(ledger.samples.written + ledger.filteredSamples == 1000 && ledger.filteredSplits == ["test": 334])
    #expect(ledger.unfitSamples == 333 && ledger.unchosenSamples == 333 - part.keys.count)
    #expect(ledger.annotations.written + ledger.filteredAnnotations == 1500)
  }

  @Test("a sample that is left out is no less wrong")
  func invalid() throws {
    #expect {
      _ = try convert("key = none", bad: [3, 300])
    } throws: {
      let failure = $0 as? Conversion.Failure
      return failure?.error.code == .invalidInput && failure?.report?.diagnostics.count(of: .error) == 2
    }
    let skipped = try convert("key < 5", bad: [3, 300]) { $0.skipInvalid = true }
    #expect(skipped.report.diagnostics.count(of: .error) == 2 && skipped.keys.count == 445)
    #expect(skipped.report.ledger.samples.written + skipped.report.ledger.filteredSamples == 1000)
  }

  @Test("labels that are asked for in vain are named once, where the whole was read")
  func unknownLabels() throws {
    func warnings(_ report: ConversionReport) -> [String] {
      report.diagnostics.items.filter { $0.rule == "filter.label-unknown" }.map(\.message)
    }
    let vain = try convert("label = labe1l and label in (lable2, never, labe1l)")
    #expect(
      warnings(vain.report) == [
        "The filter asks for the label \"labe1l\", which the dataset does not have; did you mean label1?",
        "The filter asks for the label \"lable2\", which the dataset does not have; did you mean label2?",
      ])
    let part = try convert("label = labe1l") { $0.shard = try? ConversionRequest.Shard("1/2") }
    #expect(warnings(part.report).isEmpty)
  }

  @Test("statistics count what fits, and what is left out", arguments: [1, 4])
  func statistics(jobs: Int) throws {
    let folder = try TemporaryFolder()
    var request = ScanRequest(input: try folder.write("in.tiny", FilterTests.dataset()))
    request.jobs = jobs
    let whole = try Statistics(request, registry: Tool.registry).run()
    #expect(whole.leftOut == nil && whole.counts.samples == 1000)
    request.filter = try SampleFilter("split = test and label = label2 or label = none")
    let report = try Statistics(request, registry: Tool.registry).run()
    #expect(report.counts.samples == 84 && report.leftOut?.samples == 916)
    #expect(report.counts.annotations == 252 && report.leftOut?.annotations == 1248)
    #expect(report.diagnostics.isEmpty && report.filterProblems.items.map(\.rule) == ["filter.label-unknown"])
  }
}
