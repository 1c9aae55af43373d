import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

@testable import WaybillCoNLL

/// Rows split many at once are those that a look at each line finds.
@Suite struct CoNLLRowsTests {
  /// What a look at each line finds.
  private struct Expected {
    var rows: [[String]] = []
    /// Where the lines begin that follow.
    var next = 0
    var end = 0

    init(_ text: [UInt8], _ dialect: CoNLLDialect, _ layout: CoNLLLayout) {
      var at = 0
      while at < text.count {
        var stop = at
        while stop < text.count, text[stop] != 0x0A { stop += 1 }
        let after = min(stop + 1, text.count)
        var line = Array(text[at..<stop])
        if line.last == 0x0D { line.removeLast() }
        let isRow = line.withUnsafeBufferPointer { line in
          if CoNLLLines.isBlank(line) { return false as Bool? }
          return line.first == UInt8(ascii: "#") && CoNLLLines.isComment(line, dialect, layout) ? nil : true
        }
        if isRow == false { break }
        if isRow == true {
          rows.append(
            line.withUnsafeBufferPointer { bytes in
              CoNLLLines.split(bytes, dialect, width: layout.width).fields.map { String(decoding: bytes[$0], as: UTF8.self) }
            })
          end = at + line.count
        }
        at = after
      }
      next = at
    }
  }

  private func expectSame(
    _ text: [UInt8], _ rows: CoNLLRows, _ dialect: CoNLLDialect, _ layout: CoNLLLayout, _ behind: Int, _ what: String
  ) {
    // Bytes of another sentence follow, which may be looked at and are none of this.
    let memory = text + Array(repeating: UInt8(ascii: "\n"), count: behind)
    memory.withUnsafeBytes { bytes in
      rows.read(UnsafeRawBufferPointer(rebasing: bytes[..<text.count]), from: 0, readable: memory.count, dialect, layout)
    }
    let expected = Expected(text, dialect, layout)
    let found = (0..<rows.count).map { row in
      rows.range(ofRow: row).map { field in
        String(decoding: text[Int(rows.fields[field].start)..<Int(rows.fields[field].end)], as: UTF8.self)
      }
    }
    #expect(found == expected.rows, "\(what): \(String(decoding: text, as: UTF8.self))")
    #expect(rows.next == expected.next, "\(what)")
    if !expected.rows.isEmpty { #expect(rows.end == expected.end, "\(what)") }
    let width = expected.rows.first?.count ?? 0
    #expect(rows.width == width && rows.isEven == expected.rows.allSatisfy { $0.count == width }, "\(what)")
    var first = 0
    for row in 0..<rows.count {
      #expect(first == rows.range(ofRow: row).lowerBound, "\(what)")
      first = rows.firstField(behind: row, first)
    }
  }

  @Test func agreesWithALookAtEachLine() throws {
    let seed = testSeed(655)
    var dice = SampleGenerator(seed: seed)
    // One for all, as a worker has it: nothing of a sentence may stay for the next.
    let rows = CoNLLRows()
    for round in 0..<1500 {
      let width = dice.integer(1...5)
      let layout = try #require(CoNLLLayout(width: width, token: 0, labels: width > 1 ? [width - 1] : []))
      var dialect = CoNLLDialect(layout: layout)
      dialect.separator = dice.oneIn(2) ? .tab : .space
      dialect.isCRLF = dice.oneIn(4)
      let mark = dialect.separator == .tab ? "\t" : " "
      let oddness = dice.integer(2...12)
      var text = ""
      for _ in 0..<dice.integer(0...40) {
        var fields = (0..<width).map { _ in
          ["a", "日本", "O", "B-PER", "a rather long token of a sentence".replacingOccurrences(of: " ", with: "_"), "#", "-"][
            dice.integer(0...6)]
        }
        if dice.oneIn(oddness) { fields.append("more") }
        if dice.oneIn(oddness), fields.count > 1 { fields.removeLast() }
        var line = fields.joined(separator: dice.oneIn(oddness) ? mark + mark : mark)
        switch dice.integer(0...oddness * 3) {
        case 0: line = "# sent_id = 7"
        case 1: line = mark + line
        case 2: line += mark
        case 3: line = line.replacingOccurrences(of: mark, with: mark == " " ? "\t" : " ")
        case 4: line = ""
        case 5: line = line.replacingOccurrences(of: "a", with: "\u{1}")
        default: break
        }
        text += line + (dialect.isCRLF != dice.oneIn(oddness) ? "\r\n" : "\n")
      }
      if dice.oneIn(3), !text.isEmpty { text.removeLast() }
      expectSame(Array(text.utf8), rows, dialect, layout, dice.integer(0...100), "seed \(seed), round \(round)")
    }
  }

  @Test func sentencesOfAnyLength() throws {
    let layout = try #require(CoNLLLayout(width: 4, token: 0, labels: [3]))
    var dialect = CoNLLDialect(layout: layout)
    dialect.separator = .space
    let rows = CoNLLRows()
    for count in [1, 2, 255, 256, 257, 1000, 5, 5000, 3] {
      let text = (0..<count).map { "w\($0) NN I-NP O\n" }.joined()
      expectSame(Array(text.utf8), rows, dialect, layout, 0, "\(count) rows")
      expectSame(Array((text + "x y\n" + text).utf8), rows, dialect, layout, 70, "\(count) rows, a short one between")
      expectSame(Array(("x y\n" + text).utf8), rows, dialect, layout, 0, "\(count) rows behind a short one")
    }
  }
}
