import TestSupport
import Testing

@testable import WaybillSyntax

/// The lines of a text with how each ended.
private func lines(_ text: String, from offset: Int = 0) -> [(text: String, ending: String)] {
  Array(text.utf8).withUnsafeBytes { bytes in
    var scanner = LineScanner(bytes, from: offset)
    var result: [(String, String)] = []
    while let range = scanner.next() {
      let ending = scanner.endedWithCarriageReturn ? "\r\n" : scanner.endedWithLineFeed ? "\n" : ""
      result.append((String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self), ending))
    }
    #expect(scanner.offset == max(offset, bytes.count))
    let beyond = scanner.next()
    #expect(beyond == nil)
    return result
  }
}

@Suite struct LineScannerTests {
  @Test(arguments: [
    ("", []), ("a", ["a"]), ("a\n", ["a"]), ("a\nb", ["a", "b"]), ("\n", [""]), ("\n\n", ["", ""]), ("a\r\nb\r\n", ["a", "b"]),
    ("\r\n", [""]), ("a\r", ["a\r"]), ("a\rb\n", ["a\rb"]), ("a\r\r\n", ["a\r"]), ("\n\r", ["", "\r"]),
    ("\u{2028}x\u{85}\n", ["\u{2028}x\u{85}"]),
    ("\0\n\0", ["\0", "\0"]),
  ])
  func tables(text: String, expected: [String]) {
    let found = lines(text)
    #expect(found.map { Array($0.text.utf8) } == expected.map { Array($0.utf8) })
  }

  @Test func startsInTheMiddle() {
    #expect(lines("ab\ncd\n", from: 1).map(\.text) == ["b", "cd"])
    #expect(lines("ab\ncd\n", from: 3).map(\.text) == ["cd"])
    #expect(lines("ab\n", from: 3).isEmpty)
    #expect(lines("ab\n", from: 99).isEmpty)
  }

  @Test func noBytesAtAll() {
    var scanner = LineScanner(UnsafeRawBufferPointer(start: nil, count: 0))
    let line = scanner.next()
    #expect(line == nil && !scanner.endedWithLineFeed && !scanner.endedWithCarriageReturn)
  }

  @Test func linesAndEndingsMakeUpTheText() {
    let seed = testSeed(24)
    var dice = SeededNumbers(seed)
    for _ in 0..<5000 {
      var text: [UInt8] = []
      for _ in 0..<dice.below(30) { text += dice.pick([[10], [13], [13, 10], [97], [98, 99]]) }
      let joined = lines(String(decoding: text, as: UTF8.self)).map { $0.text + $0.ending }.joined()
      #expect(Array(joined.utf8) == text, "seed \(seed)")
    }
  }
}
