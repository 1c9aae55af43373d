import Foundation
import TestSupport
import Testing
import WaybillConversion
import WaybillDatasetModel

@testable import WaybillCommands

/// Statistics of datasets with the tiny format, against counts made here.
@Suite("Statistics")
struct StatisticsTests {
  private struct Expected {
    var samples: [String: Set<Int>] = [:]
    var annotations: [String: Int] = [:]
    var areas: [Double] = []
    var perSample: [Int] = []
    var confidences: [Double] = []
    var duplicates = 0
    var flat = 0
  }

  private static func dataset(seed: UInt64, samples: Int) -> (text: String, expected: Expected) {
    var numbers = SeededNumbers(seed: seed)
    var expected = Expected()
    var text = "tiny 1\nlabel never\n"
    for index in 0..<samples {
      text += "sample \(index).jpg \(numbers.pick(["train", "test"]))\n"
      let count = numbers.below(6)
      expected.perSample.append(count)
      var seen: Set<String> = []
      for _ in 0..<count {
        let label = "label\(numbers.below(8))"
        expected.samples[label, default: []].insert(index)
        expected.annotations[label, default: 0] += 1
        let (width, height) = (numbers.below(150), 1 + numbers.below(150))
        let box = "\(label) \(numbers.below(3)) 0 \(width) \(height)"
        if width == 0 {
          expected.flat += 1
        } else {
          expected.areas.append(Double(width * height))
          if !seen.insert(box).inserted { expected.duplicates += 1 }
        }
        let confidence = Double(numbers.below(1001)) / 1000
        expected.confidences.append(confidence)
        text += "box \(box) \(confidence)\n"
      }
    }
    return (text, expected)
  }

  private func report(_ text: String, jobs: Int = 1, examples: Int = 0, in folder: TemporaryFolder) throws -> StatisticsReport {
    var request = ScanRequest(input: try folder.write("in.tiny", text))
    request.jobs = jobs
    var statistics = Statistics(request, registry: Tool.registry)
    statistics.exampleCount = examples
    return try statistics.run()
  }

  @Test("counts are right", arguments: 1...4 as ClosedRange<UInt64>)
  func counts(step: UInt64) throws {
    let seed = testSeed(600) + step
    let (text, expected) = StatisticsTests.dataset(seed: seed, samples: 700)
    let report = try report(text, in: TemporaryFolder())
    #expect(report.counts.samples == 700 && report.counts.annotations == expected.perSample.reduce(0, +), "seed \(seed)")
    for entry in report.labels {
      #expect(entry.annotations == expected.annotations[entry.label.name] ?? 0, "seed \(seed), \(entry.label.name)")
      #expect(entry.samples == expected.samples[entry.label.name]?.count ?? 0, "seed \(seed), \(entry.label.name)")
      #expect(entry.bySplit.reduce(0) { $0 + $1.annotations } == entry.annotations, "seed \(seed)")
      #expect(entry.bySplit.reduce(0) { $0 + $1.samples } == entry.samples, "seed \(seed)")
    }
    #expect(report[.boxArea].count == expected.areas.count, "seed \(seed)")
    #expect(abs(report[.boxArea].mean - expected.areas.reduce(0, +) / Double(expected.areas.count)) < 1e-6, "seed \(seed)")
    #expect(report[.boxArea].greatest == expected.areas.max() && report[.boxArea].least == expected.areas.min(), "seed \(seed)")
    #expect(report.boxSizes.small == expected.areas.count { $0 < 32 * 32 }, "seed \(seed)")
    #expect(report.boxSizes.medium == expected.areas.count { $0 >= 32 * 32 && $0 < 96 * 96 }, "seed \(seed)")
    #expect(report.boxSizes.large == expected.areas.count { $0 >= 96 * 96 }, "seed \(seed)")
    let sorted = expected.perSample.sorted()
    #expect(report[.annotationsPerSample].quantile(0.5) == Double(sorted[349]), "seed \(seed)")
    for (bin, count) in report.confidences.enumerated() {
      #expect(count == expected.confidences.count { Int(min(19, ($0 * 20).rounded(.down))) == bin }, "seed \(seed), bin \(bin)")
    }
    func suspicions(_ rule: String) -> Int { report.suspicions.counts.first { $0.rule == "stats.\(rule)" }?.count ?? 0 }
    #expect(suspicions("duplicate-box") == expected.duplicates && suspicions("zero-size") == expected.flat, "seed \(seed)")
    #expect(
      suspicions("unlabeled-sample") == expected.perSample.count { $0 == 0 } && suspicions("unused-label") == 1, "seed \(seed)")
  }

  @Test("text, JSON and page are the same with any number of threads")
  func threads() throws {
    let folder = try TemporaryFolder()
    let (text, _) = StatisticsTests.dataset(seed: testSeed(610), samples: 1500)
    let one = try report(text, examples: 12, in: folder)
    for jobs in [2, 5] {
      let other = try report(text, jobs: jobs, examples: 12, in: folder)
      #expect(other.json() == one.json(), "\(jobs) threads")
      #expect(StatisticsPage(other).bytes() == StatisticsPage(one).bytes(), "\(jobs) threads")
      #expect(StatisticsText(other).text == StatisticsText(one).text, "\(jobs) threads")
    }
  }

  @Test(
    "shares and numbers as people read them",
    arguments: [
      (percent(0), "0.0 %"), (percent(1), "100.0 %"), (percent(0.123), "12.3 %"), (percent(0.0001), "<0.1 %"),
      (percent(0.9999), ">99.9 %"), (number(0), "0"), (number(1234567), "1,234,567"), (number(123.6), "124"),
      (number(12.34), "12.3"),
      (number(1.234), "1.23"), (number(0.01234), "0.0123"), (number(-2.5), "-2.5"), (number(1e300), "1e+300"),
      (number(.infinity), "inf"), (number(1e-12), "0"),
    ])
  func numbers(found: String, expected: String) { #expect(found == expected) }

  @Test(
    "text from files is escaped",
    arguments: [
      ("<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;"), ("a&\"b\"'c'", "a&amp;&quot;b&quot;&#39;c&#39;"),
      ("\u{1B}[31m\u{202E}x\n", "\\u{1b}[31m\\u{202e}x\\n"),
      (String(repeating: "é", count: 130), String(repeating: "é", count: 120) + "…"),
    ])
  func escapes(text: String, expected: String) { #expect(HTMLText.escaped(text) == expected) }

  @Test("base 64", arguments: 0..<50)
  func base64(count: Int) {
    var numbers = SeededNumbers(seed: UInt64(count))
    let bytes = (0..<count).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
    #expect(HTMLText.base64(bytes) == Data(bytes).base64EncodedString())
  }

  @Test("the page is well-formed, needs nothing from outside, and holds nothing a file said but as text")
  func page() throws {
    let folder = try TemporaryFolder()
    let hostile = "\"><img/src=x/onerror=alert(1)><script>alert(1)</script>'&amp;"
    // A picture whose name would end an attribute, and bytes that are no picture.
    _ = try folder.write("<b>&\"1'.jpg", "no picture")
    let text =
      "tiny 1\nlabel \(hostile)\nsample <b>&\"1'.jpg <i>\nbox \(hostile) 1 2 3 4 0.5\nbox \(hostile) 0 0 0 4\nsample 2.jpg\n"
    let report = try report(text, examples: 12, in: folder)
    let page = String(decoding: StatisticsPage(report).bytes(), as: UTF8.self)
    #expect(!page.contains("<script") && !page.contains("<img") && !page.contains("<b>&"))
    for outside in ["http:", "https:", "url(", "@import", "<link", "<iframe", "javascript:"] {
      #expect(!page.contains(outside), "\(outside)")
    }
    #expect(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&#39;&amp;amp;"))
    try expectBalanced(page)
  }

  @Test("pictures are carried along, chosen by their keys, and drawn on")
  func pictures() throws {
    let folder = try TemporaryFolder()
    let png =
      Data(
        base64Encoded:
          "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==") ?? Data()
    for name in ["1.png", "2.png", "3.png"] { try png.write(to: URL(fileURLWithPath: folder.file(name))) }
    var text = "tiny 1\n"
    for index in 1...40 { text += "sample \(index).png\nbox car 0 0 1 1\npolygon car 0 0 1 0 1 1\n" }
    let report = try report(text, examples: 12, in: folder)
    // The size of the others is not known, so that not even a frame can be drawn.
    #expect(report.examples.map(\.sample.key) == ["1.png", "2.png", "3.png"] && report.examples.allSatisfy { $0.width == 1 })
    let page = String(decoding: StatisticsPage(report).bytes(), as: UTF8.self)
    #expect(page.components(separatedBy: "data:image/png;base64,\(png.base64EncodedString())\"").count - 1 == 3)
    #expect(page.contains("<path d=\"M0 0L1 0L1 1Z\""))
  }

  /// Every tag that is opened is closed, in order.
  private func expectBalanced(_ page: String) throws {
    var open: [String] = []
    let void: Set<String> = ["meta", "!DOCTYPE", "rect/", "image/"]
    for part in page.components(separatedBy: "<").dropFirst() {
      let tag = part.components(separatedBy: ">")[0]
      let name = String(tag.split(whereSeparator: { $0 == " " || $0 == "\n" }).first ?? "")
      if tag.hasSuffix("/") || void.contains(name) { continue }
      if name.hasPrefix("/") {
        #expect(open.popLast() == String(name.dropFirst()), "\(tag)")
      } else {
        open.append(name)
      }
    }
    #expect(open.isEmpty, "\(open)")
  }
}
