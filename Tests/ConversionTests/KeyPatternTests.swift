import Testing
import WaybillConversion

@Suite struct KeyPatternTests {
  @Test(arguments: [
    ("*", "", true), ("*", "a/b.jpg", true), ("", "", true), ("", "a", false), ("a", "a", true), ("a", "A", false),
    ("?", "é", true),
    ("?", "", false), ("night/*.jpg", "night/a/b.jpg", true), ("night/*.jpg", "night/a.png", false), ("*.jpg", "a.jpg.png", false),
    ("a*b*c", "aXbYc", true), ("a*b*c", "aXbYcd", false), ("**", "x", true), ("[a]", "[a]", false), ("[a]", "a", true),
    ("a?c", "abc", true), ("a?c", "ac", false), ("*\u{301}", "e\u{301}", true),
  ])
  func matching(_ pattern: String, _ key: String, _ isMatch: Bool) {
    #expect(KeyPattern(pattern).matches(key) == isMatch)
  }

  @Test(arguments: [
    ("[a-c]x", "bx", true), ("[a-c]x", "dx", false), ("[!a-c]", "d", true), ("[^a]", "a", false), ("[]]", "]", true),
    ("[a-]", "-", true), ("[ab", "[ab", true), ("[é-ê]", "ê", true), ("[", "[", true), ("x[", "x[", true), ("[c-a]", "b", true),
    ("\\*", "*", true), ("\\*", "a", false), ("a\\", "a\\", true),
  ])
  func brackets(_ pattern: String, _ key: String, _ isMatch: Bool) {
    #expect(KeyPattern(pattern).matches(key) == isMatch)
  }

  /// Patterns that make naive matching exponential.
  @Test func manyStarsEnd() {
    let key = String(repeating: "a", count: 5_000)
    #expect(!KeyPattern(String(repeating: "a*", count: 50) + "b").matches(key))
    #expect(KeyPattern(String(repeating: "a*", count: 50)).matches(key))
  }
}
