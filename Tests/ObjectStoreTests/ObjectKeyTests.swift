import Testing
import WaybillObjectStore

@Suite struct ObjectKeyTests {
  @Test(arguments: [
    ("a", true), ("a/b", true), ("animals/V001/version.json", true), ("A-Z_0.9", true), ("-", true), ("a..b", true), ("a.", true),
    ("", false), ("/", false), ("a/", false), ("/a", false), ("a//b", false), (".", false), ("..", false), (".a", false),
    ("a/.b", false), ("a/..", false), ("a b", false), ("a\\b", false), ("a:b", false), ("ä", false), ("a\u{0}", false),
    ("a\n", false),
    ("a%20b", false), ("a+b", false), ("e\u{301}", false),
  ])
  func knowsKeys(text: String, expected: Bool) {
    #expect((ObjectKey(text) != nil) == expected)
    if let key = ObjectKey(text) { #expect(key.text == text && key.description == text) }
  }

  @Test func hasBounds() {
    #expect(ObjectKey(String(repeating: "a", count: 200)) != nil)
    #expect(ObjectKey(String(repeating: "a", count: 201)) == nil)
    let long = [String](repeating: String(repeating: "a", count: 179), count: 5).joined(separator: "/")
    #expect(long.utf8.count == 899)
    #expect(ObjectKey(long + "b") != nil)
    #expect(ObjectKey(long + "bc") == nil)
  }

  @Test(arguments: [("a", "", "a"), ("a/b", "a", "b"), ("a/b/c.d", "a/b", "c.d")])
  func hasAFolderAndAName(text: String, folder: String, name: String) throws {
    let key = try #require(ObjectKey(text))
    #expect(key.folder == folder)
    #expect(key.name == name)
  }

  @Test func isOrderedByBytes() {
    let texts = ["-", "0", "A", "B/a", "_", "a", "a-", "a.", "a/b", "a0", "aB", "ab"]
    #expect(texts.shuffled().compactMap { ObjectKey($0) }.sorted().map(\.text) == texts)
  }
}
