import Foundation
import TestSupport
import TinyFormat
import Testing
import WaybillConversion
import WaybillFormatSupport

/// Parts of whole datasets, through whole conversions.
@Suite("Samples of datasets")
struct SampleTests {
  private func dataset(_ keys: [String], bad: Set<Int> = []) -> String {
    var text = "tiny 1\nlabel never\n"
    for (index, key) in keys.enumerated() {
      text += "sample \(key) \(index % 3 == 0 ? "test" : "train")\n"
      if bad.contains(index) { text += "box broken 1\n" }
      for number in 0..<index % 4 { text += "box label\(min(number, index % 7)) \(index) 2 3 4\n" }
    }
    return text
  }

  private func sample(_ text: String, _ subset: Subset, jobs: Int = 1, configure: (inout ConversionRequest) -> Void = { _ in })
    throws
    -> (keys: [String], text: String, report: ConversionReport)
  {
    let folder = try TemporaryFolder()
    let (input, output) = (try folder.write("in.tiny", Array(text.utf8)), folder.file("out.tiny"))
    var request = ConversionRequest(input: input, output: output, to: FormatChoice(format: TinyFormat.self))
    request.subset = subset
    request.jobs = jobs
    configure(&request)
    let report = try Conversion(request, registry: Tool.registry).run()
    let written = try String(contentsOfFile: output, encoding: .utf8)
    let keys = written.split(separator: "\n").filter { $0.hasPrefix("sample ") }.map { String($0.split(separator: " ")[1]) }
    return (keys, written, report)
  }

  static let subsets: [Subset] = [
    Subset(.count(100)), Subset(.share(0.3), seed: 5), Subset(.count(100), seed: 3, isStratified: true),
    Subset(.share(0.3), isStratified: true), Subset(.count(5000)), Subset(.share(1)),
  ]

  @Test("the same bytes with any number of threads, in the order of the input, and every sample accounted for", arguments: subsets)
  func threads(subset: Subset) throws {
    let keys = (0..<1000).map { "\($0 * 7919 % 1000).jpg" }
    let text = dataset(keys)
    let one = try sample(text, subset)
    for jobs in [2, 5] { #expect(try sample(text, subset, jobs: jobs).text == one.text, "\(jobs) threads") }
    let kept = Set(one.keys)
    #expect(one.keys == keys.filter { kept.contains($0) })
    #expect(one.text.hasPrefix("tiny 1\nlabel never\nlabel label0\n"), "the labels are those of the whole")
    let ledger = one.report.ledger
    #expect(ledger.samples.written == one.keys.count && ledger.samples.written + ledger.filteredSamples == 1000)
    #expect(ledger.annotations.written + ledger.filteredAnnotations == 1500)
    #expect(one.text.components(separatedBy: "\nbox ").count - 1 == ledger.annotations.written)
    if case .count(let count) = subset.size { #expect(one.keys.count == min(count, 1000)) }
  }

  @Test("a share does not depend on what else is there, nor on the order")
  func stable() throws {
    let keys = (0..<600).map { "\($0).jpg" }
    let subset = Subset(.share(0.25), seed: 11)
    let some = try sample(dataset(Array(keys.prefix(300))), subset).keys
    let all = try sample(dataset(keys.reversed()), subset).keys
    #expect(some == all.reversed().filter { (Int($0.dropLast(4)) ?? 0) < 300 })
    #expect(try sample(dataset(keys), Subset(.share(0.25), seed: 12)).keys != all.reversed())
  }

  @Test("only samples of the split are chosen from, and as many as are wanted", arguments: [false, true])
  func split(isStratified: Bool) throws {
    let result = try sample(dataset((0..<900).map { "\($0).jpg" }), Subset(.count(200), isStratified: isStratified)) {
      $0.split = "test"
    }
    #expect(result.keys.count == 200)
    #expect(!result.text.contains(" train\n"))
    #expect(result.report.ledger.filteredSamples == 700)
  }

  @Test(
    "a sample that is left out is no less wrong",
    arguments: [Subset(.count(1)), Subset(.share(0.001)), Subset(.count(1), isStratified: true)])
  func invalid(subset: Subset) throws {
    let text = dataset((0..<400).map { "\($0).jpg" }, bad: [3, 300])
    #expect {
      _ = try sample(text, subset)
    } throws: { error in
      let failure = error as? Conversion.Failure
      return failure?.error.code == .invalidInput && failure?.report?.diagnostics.count(of: .error) == 2
    }
    let skipped = try sample(text, subset) { $0.skipInvalid = true }
    #expect(skipped.report.diagnostics.count(of: .error) == 2)
    #expect(skipped.report.ledger.samples.written + skipped.report.ledger.filteredSamples == 400)
  }

  @Test("labels that are kept, and labels that are listed, are those of the samples chosen")
  func labels() throws {
    let text = dataset((0..<400).map { "\($0).jpg" })
    let all = try sample(text, Subset(.count(40), isStratified: true))
    let some = try sample(text, Subset(.count(40), isStratified: true)) { $0.keepLabels = ["label1"] }
    #expect(some.keys == all.keys)
    #expect(!some.text.contains("box label0"))
    #expect(some.report.ledger.annotations.written + some.report.ledger.filteredAnnotations == 600)
  }
}
