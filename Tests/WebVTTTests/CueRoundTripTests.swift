import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

@Suite("WebVTT: byte for byte") struct CueRoundTripTests {
  /// Reads a file and writes it, and says how the two differ; false when it is refused.
  @discardableResult private func returns(_ path: String, _ note: String = "") throws -> Bool {
    let folder = try TemporaryFolder()
    let data = try read(path)
    if data.diagnostics.count(atLeast: .error) > 0 { return false }
    let output = folder.file("out.vtt")
    let written = try write(data.header, data.samples, to: output, isFile: true)
    #expect(
      written.losses.isEmpty && written.rules.isEmpty, "\(written.diagnostics.items.map(\.message)) \(written.losses) \(note)")
    let (before, after) = (try bytes(of: path), try bytes(of: output))
    let place = zip(before, after).prefix { $0 == $1 }.count
    func near(_ bytes: [UInt8]) -> String {
      String(decoding: bytes[max(0, place - 80)..<min(bytes.count, place + 80)], as: UTF8.self)
    }
    #expect(
      before.count == after.count && place == before.count,
      "\(near(before).debugDescription) became \(near(after).debugDescription) \(note)")
    return true
  }

  static let real = PackageFolder.corpus.map { PackageFolder.files(below: "\($0)/webvtt", endingIn: ".vtt") } ?? []

  /// Real files that are broken on purpose.
  static let refused: Set<String> = ["invalid_timeframe.vtt"]

  @Test("real files", arguments: real) func realFiles(_ path: String) throws {
    let isRead = try returns(path)
    #expect(isRead != Self.refused.contains(path.split(separator: "/").last.map(String.init) ?? ""))
  }

  @Test("what any tool may write") func madeFiles() throws {
    let folder = try TemporaryFolder()
    var readCount = 0
    for seed in 0..<600 as Range<UInt64> {
      var maker = CueText(dice: SeededNumbers(testSeed(1700) + seed))
      let text = maker.make()
      let encoding = try #require(TextEncoding(named: maker.dice.pick(["utf-8", "utf-8-bom", "utf-16le-bom", "utf-32be-bom"])))
      let units: [UInt8]
      switch encoding.name {
      case "utf-16le-bom": units = text.utf16.flatMap { unit in withUnsafeBytes(of: unit.littleEndian) { Array($0) } }
      case "utf-32be-bom": units = text.unicodeScalars.flatMap { unit in withUnsafeBytes(of: unit.value.bigEndian) { Array($0) } }
      default: units = Array(text.utf8)
      }
      let path = folder.file("in.vtt")
      try Data(encoding.mark + units).write(to: URL(fileURLWithPath: path))
      if try returns(path, "seed \(testSeed(1700) + seed)") { readCount += 1 }
    }
    #expect(readCount > 300)
  }

  /// Whatever is written comes back, or is counted as lost, or is refused.
  @Test("what any sample may say") func madeSamples() throws {
    let folder = try TemporaryFolder()
    let names = ["Ada", "Bob & <Co>", "a>b", "", "x: y", "two\nlines", " z "]
    let header = DatasetHeader(labels: LabelTable(names.map { Label(name: $0) }), labelsAreComplete: true)
    let texts: [String?] = [
      nil, "", " ", "a", "1", "7\n8", "a\nb", "a\n\nb", "a\n", "\na", "a\n \nb", "a & b", "&amp;", "&lt;i&gt;", "<i>x</i>",
      "<v Ada>x",
      "<v Ada>x</v>", "<v.loud Ada>x", "-->", "<b>-->", "00:01.000 --> 00:02.000", "1\n00:00:01,000 --> 00:00:02,000", "a\rb",
      "a\r\nb",
      "Ada: x", "Ada:", "NOTE x", "STYLE", "WEBVTT", "x\u{A0}y", "&nbsp;", "\u{200E}", "a < b > c", "</v>", "x</v>", "\u{FEFF}x",
      "\0",
    ]
    var counts = (same: 0, lost: 0, refused: 0)
    for seed in 0..<2000 as Range<UInt64> {
      var dice = SeededNumbers(testSeed(1800) + seed)
      var annotations: [Annotation] = []
      for number in 0..<(1 + dice.below(3)) {
        var annotation = interval(
          MediaTime(integerLiteral: Int64(number)), MediaTime(integerLiteral: Int64(number + dice.below(2))))
        annotation.text = dice.pick(texts)
        if dice.coin() { annotation.label = LabelID(index: UInt32(dice.below(names.count))) }
        annotation.id = dice.pick([
          nil, nil, .integer(7), .integer(-1), .string("intro"), .string("7"), .string("a b"), .string("a\nb"), .string(""),
        ])
        annotations.append(annotation)
      }
      let place = folder.file("\(seed)")
      let written = try write(header, [recording("a", annotations)], to: place)
      if written.diagnostics.hasErrors {
        counts.refused += 1
        continue
      }
      let again = try read(place)
      func said(_ list: [Annotation], _ table: LabelTable) -> [String] {
        list.map {
          "\($0.label.flatMap { table[$0]?.name } ?? "-")|\($0.text ?? "-")|\($0.id.map { "\($0)" } ?? "-")|\(moments($0))"
        }
      }
      let found = again.samples.first.map { said($0.annotations, again.header.labels) }
      #expect(again.samples.first?.annotations.count == annotations.count, "seed \(testSeed(1800) + seed)")
      let isSame = found == said(annotations, header.labels)
      let note = "seed \(testSeed(1800) + seed): \(try text(place + "/a.vtt"))"
      if written.losses.isEmpty { counts.same += 1 } else { counts.lost += 1 }
      #expect(isSame == written.losses.isEmpty, "\(written.losses) \(note)")
    }
    #expect(counts.same > 200 && counts.lost > 50 && counts.refused > 50, "\(counts)")
  }

  /// When an annotation holds, whatever the digits.
  private func moments(_ annotation: Annotation) -> String {
    guard case .interval(let start, let end) = annotation.time else { return "-" }
    return "\(start.normalized.text) \(end.normalized.text)"
  }
}
