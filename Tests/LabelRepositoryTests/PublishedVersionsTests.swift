import TestSupport
import Testing
import WaybillDiagnostics

@testable import WaybillLabelRepository

@Suite struct PublishedVersionsTests {
  private func note(_ name: String, _ store: String = "/store", commit: String? = "abc", samples: Int = 3) -> PublishedVersionNote {
    PublishedVersionNote(name: name, store: store, digest: "sha256:1", commit: commit, samples: samples, annotations: 5)
  }

  @Test func versionsAreListedInTheirOrder() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    #expect(try PublishedVersions.read(repository) == [])
    let notes = [note("set@1.0"), note("set@1.1", "obs://a \"b\"/c", commit: nil), note("\u{E9}@2", samples: 0)]
    for note in notes { try PublishedVersions.add(note, to: repository) }
    #expect(try PublishedVersions.read(repository) == notes)
    #expect(
      try fixture.text("versions.json").hasPrefix(
        "[\n" + #"{"name":"set@1.0","store":"/store","digest":"sha256:1","commit":"abc","samples":3,"annotations":5},"# + "\n"))
    #expect(try fixture.text("versions.json").split(separator: "\n").count == 5)
  }

  @Test func oneThatIsPublishedAgainTakesThePlaceOfTheFirst() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    for note in [note("a@1"), note("b@1"), note("a@1", "/other")] { try PublishedVersions.add(note, to: repository) }
    try PublishedVersions.add(note("a@1", samples: 9), to: repository)
    #expect(try PublishedVersions.read(repository) == [note("b@1"), note("a@1", "/other"), note("a@1", samples: 9)])
  }

  @Test func otherMembersAreReadOver() throws {
    let fixture = try RepositoryFixture()
    try fixture.write("versions.json", #" [ { "name" : "a@1", "by" : {"x":[1]}, "samples" : 2 } ] "#)
    let expected = PublishedVersionNote(name: "a@1", store: "", digest: "", commit: nil, samples: 2, annotations: 0)
    #expect(try PublishedVersions.read(try fixture.repository) == [expected])
  }

  @Test(arguments: ["", "{}", "[", "[1]", #"[{"name":1}]"#, #"[{"samples":"x"}]"#, #"[{"name":"a"}"#, "nonsense"])
  func brokenListsAreRefusedAndNotReplaced(_ text: String) throws {
    let fixture = try RepositoryFixture()
    try fixture.write("versions.json", text)
    let repository = try fixture.repository
    for isWriting in [false, true] {
      do throws(DatasetError) {
        if isWriting { try PublishedVersions.add(note("a@1"), to: repository) } else { _ = try PublishedVersions.read(repository) }
        Issue.record("it was read")
      } catch {
        #expect(error.code == .invalidInput && error.message.contains("byte ") && error.path == repository.path("versions.json"))
      }
    }
    #expect(try fixture.text("versions.json") == text)
  }

  @Test func itWaitsForTheLock() throws {
    let fixture = try RepositoryFixture()
    let repository = try fixture.repository
    try PublishedVersions.add(note("a@1"), to: repository)
    // The lock is free again.
    _ = try RepositoryLock(repository, waitSeconds: 0)
  }
}
