import Glibc
import Testing
import WaybillDiagnostics

@Suite struct TextTests {
  @Test(arguments: [
    ("", ""), ("plain", "plain"), ("añ€😀 日本語", "añ€😀 日本語"), ("a\nb", "a\\nb"), ("a\r\nb", "a\\r\\nb"), ("\t", "\\t"),
    ("\u{1B}[31mred\u{1B}[0m", "\\u{1b}[31mred\\u{1b}[0m"), ("\0", "\\u{0}"), ("\u{7}", "\\u{7}"), ("\u{7F}", "\\u{7f}"),
    ("\u{80}", "\\u{80}"), ("\u{9B}31m", "\\u{9b}31m"), ("\u{9F}", "\\u{9f}"), ("\u{A0}", "\u{A0}"),
    ("\u{202E}gpj.exe", "\\u{202e}gpj.exe"),
    ("\u{202A}", "\\u{202a}"), ("\u{2066}x\u{2069}", "\\u{2066}x\\u{2069}"), ("\u{200E}\u{200F}", "\\u{200e}\\u{200f}"),
    ("\u{61C}", "\\u{61c}"), ("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"), ("\\u{1b}", "\\u{1b}"), ("e\u{301}", "e\u{301}"),
    ("👨‍👩‍👧", "👨‍👩‍👧"), (" \"'", " \"'"),
  ])
  func namesAreSafeOnATerminal(text: String, expected: String) {
    #expect(terminalSafe(text).unicodeScalars.elementsEqual(expected.unicodeScalars))
  }

  @Test func everyScalarIsSafeAndWhatIsSafeStays() {
    for value in 0...0x10FFFF as ClosedRange<UInt32> {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let safe = terminalSafe(String(scalar))
      switch scalar.properties.generalCategory {
      case .control, .lineSeparator, .paragraphSeparator: #expect(safe.first == "\\" && safe.utf8.count >= 2)
      default: #expect(safe.unicodeScalars.allSatisfy { !$0.properties.isBidiControl }, "\(value)")
      }
      if value >= 0x20 && value < 0x7F { #expect(safe == String(scalar)) }
    }
  }

  @Test func partsOfTextsAreTaken() {
    #expect(terminalSafe("one\ntwo".dropFirst(3)) == "\\ntwo")
    #expect(terminalSafe(terminalSafe("a\u{1B}")) == terminalSafe("a\u{1B}"))
  }

  @Test(arguments: [(ENOENT, "No such file or directory"), (EACCES, "Permission denied"), (ENOSPC, "No space left on device")])
  func theSystemsWords(number: Int32, words: String) {
    #expect(systemMessage(number) == words)
  }
}

@Suite struct DatasetErrorTests {
  @Test(arguments: [
    (DatasetError(.io, "cannot be read", path: "a/b.json", errno: ENOENT), "a/b.json: cannot be read (No such file or directory)"),
    (DatasetError(.usage, "No such option"), "No such option"),
    (DatasetError(.interrupted, "Interrupted", path: "x"), "x: Interrupted"),
    (DatasetError(.io, "failed", errno: EACCES), "failed (Permission denied)"),
  ])
  func describesItself(error: DatasetError, expected: String) {
    #expect("\(error)" == expected)
  }

  @Test func codesHaveStableNames() {
    let codes: [DatasetError.Code] = [
      .io, .usage, .ambiguous, .invalidInput, .corrupt, .wouldLoseLabels, .outputExists, .conflict, .interrupted,
    ]
    let names = [
      "io", "usage", "ambiguous", "invalid-input", "corrupt", "would-lose-labels", "output-exists", "conflict", "interrupted",
    ]
    #expect(codes.map(\.name) == names)
    #expect(Set(codes).count == codes.count)
  }
}
