import Testing
import WaybillDiagnostics

@testable import WaybillVersioning

@Suite struct NameTests {
  @Test(arguments: [
    ("V001", true), ("v", true), ("2026-11-28_b", true), (String(repeating: "a", count: 32), true), ("", false),
    (String(repeating: "a", count: 33), false), ("current", false), ("a.b", false), ("a/b", false), ("ä", false), ("a b", false),
    ("a\u{1B}", false), ("-", true), ("..", false),
  ])
  func versions(_ text: String, _ isName: Bool) { #expect((VersionName(text) != nil) == isName) }

  @Test(arguments: [
    ([], "V001"), (["V001"], "V002"), (["V009", "V002"], "V010"), (["V999"], "V1000"), (["V1000", "V999"], "V1001"),
    (["release", "v7", "V7", "V01x"], "V001"), (["V000"], "V001"),
  ])
  func defaultNames(_ names: [String], _ next: String) throws {
    #expect(VersionName.next(after: names.compactMap(VersionName.init))?.text == next)
  }

  @Test func noDefaultNameComesAfterTheLast() throws {
    #expect(VersionName.next(after: [try #require(VersionName("V\(Int.max)"))]) == nil)
  }

  @Test(arguments: [
    ("animals", "animals", String?.none), ("animals@V001", "animals", "V001"), ("animals@current", "animals", nil),
    ("a.b-c_d@x", "a.b-c_d", "x"),
  ])
  func references(_ text: String, _ dataset: String, _ version: String?) throws {
    let reference = try VersionReference(text)
    #expect(reference.dataset.text == dataset && reference.version?.text == version)
    #expect(try VersionReference("\(reference)") == reference)
  }

  @Test(arguments: ["", "@V001", "a/b@V001", ".a@V001", "a@", "a@b@c", "a@../x", "a\u{1B}[2J@V001", "a@V001\n"])
  func noReferences(_ text: String) {
    #expect(throws: DatasetError.self) { try VersionReference(text) }
    do {
      _ = try VersionReference(text)
    } catch {
      #expect(error.code == .usage && !error.message.contains("\u{1B}") && !error.message.contains("\n"))
    }
  }

  @Test(arguments: [
    ("store#animals@V001", "store", "animals@V001"), ("/data/my#store#a@current", "/data/my#store", "a@current"),
    ("file:///s#a@V1", "file:///s", "a@V1"),
  ])
  func inputs(_ text: String, _ store: String, _ reference: String) throws {
    let parts = try #require(VersionReference.split(text))
    #expect(parts.store == store && parts.reference == reference)
  }

  @Test(arguments: ["store", "a#b", "#a@V001", "a#b/c@d", "img#1.jpg", ""])
  func otherInputs(_ text: String) { #expect(VersionReference.split(text) == nil) }
}
