import TestSupport
import Testing
import WaybillDatasetModel

@testable import WaybillJSONLText

@Suite struct TextOffsetsTests {
  /// Letters of every length in UTF-8, in runs and mixed, at every distance from the beginning and the end of a word of memory.
  @Test func lengthsAreThoseOfTheLanguage() {
    let seed = testSeed(43)
    var dice = SeededNumbers(seed)
    let letters = ["a", " ", "é", "ß", "日", "ا", "\u{301}", "😀", "🇩", "\u{10FFFF}"]
    for round in 0..<3000 {
      let few = round % 3 == 0 ? 2 : letters.count
      let text = (0..<dice.below(40)).map { _ in letters[dice.below(few)] }.joined()
      #expect(TextOffsets.length(of: text, in: .scalars) == text.unicodeScalars.count, "\(text), seed \(seed)")
      #expect(TextOffsets.length(of: text, in: .utf16) == text.utf16.count, "\(text), seed \(seed)")
      #expect(TextOffsets.length(of: text, in: .utf8) == text.utf8.count, "\(text), seed \(seed)")
    }
  }
}
