import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSampleFilter

@testable import WaybillLabelRepository

@Suite struct LabelRepositoryTests {
  private let settings = RepositorySettings(name: "set", type: .objectDetection, labels: [Label(name: "car")], shardCount: 3)

  @Test func aNewRepositoryHasSettingsAndEmptyFiles() throws {
    let folder = try TemporaryFolder()
    let repository = try LabelRepository.create(folder.file("deep/er/set"), settings)
    let files = try tree(repository.root)
    #expect(Set(files.keys) == ["dataset.json", "labels/00.waybill.jsonl", "labels/01.waybill.jsonl", "labels/02.waybill.jsonl"])
    #expect(files["dataset.json"] == settings.bytes && files["labels/02.waybill.jsonl"] == [])
    #expect(LabelRepository.isRepository(repository.root) && !LabelRepository.isRepository(folder.path))
    #expect(try LabelRepository.open(repository.root).settings.bytes == settings.bytes)
    #expect(try repository.status().isClean)
  }

  @Test func labelsThatLieThereAreTaken() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/labels/all.waybill.jsonl", line("a") + "\n")
    let repository = try LabelRepository.create(folder.file("set"), RepositorySettings(name: "set", type: .free))
    #expect(try repository.status().samples == 1)
  }

  @Test func aRepositoryIsNotMadeTwice() throws {
    let fixture = try RepositoryFixture([line("a")])
    let before = try fixture.content
    let said = failure { () throws(RepositoryFailure) in _ = try LabelRepository.create(fixture.root, settings) }
    #expect(said?.code == "output-exists" && said?.message.contains("is a label repository already") == true)
    #expect(try fixture.content == before)
  }

  @Test func settingsWithoutLabelsAreNotReplaced() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/dataset.json", "somebody's")
    let said = failure { () throws(RepositoryFailure) in _ = try LabelRepository.create(folder.file("set"), settings) }
    #expect(said?.code == "output-exists")
    #expect(try tree(folder.file("set")) == ["dataset.json": Array("somebody's".utf8)])
  }

  @Test(arguments: [0, -1, 4097]) func filesAreCounted(_ count: Int) throws {
    let folder = try TemporaryFolder()
    var settings = settings
    settings.shardCount = count
    let said = failure { () throws(RepositoryFailure) in _ = try LabelRepository.create(folder.file("set"), settings) }
    #expect(said?.code == "usage" && said?.message.contains("1 to 4096 files, not \(count)") == true)
    #expect(try tree(folder.path).isEmpty)
  }

  @Test func labelsThatBreakRulesLeaveNothingBehind() throws {
    let folder = try TemporaryFolder()
    var settings = settings
    settings.labels = [Label(name: "car"), Label(name: "car")]
    let said = failure { () throws(RepositoryFailure) in _ = try LabelRepository.create(folder.file("set"), settings) }
    #expect(said?.code == "usage" && said?.message == "There are two labels \"car\" [repository.label.duplicate]")
    #expect(!FileManager.default.fileExists(atPath: folder.file("set")))
  }

  @Test func itIsFoundFromFoldersInside() throws {
    let fixture = try RepositoryFixture()
    try fixture.write("media/street/a.txt", "")
    for place in ["", "/labels", "/media/street", "/media/../media"] {
      let found = try LabelRepository.find(from: fixture.root + place)
      #expect(FileManager.default.contentsEqual(atPath: found.path("dataset.json"), andPath: fixture.root + "/dataset.json"))
      #expect(LabelRepository.realPath(found.root)?.hasSuffix("/set") == true)
    }
    // The nearest one is meant.
    _ = try LabelRepository.create("\(fixture.root)/media/inner", settings)
    #expect(try LabelRepository.find(from: "\(fixture.root)/media/inner/labels").root.hasSuffix("/media/inner"))
    let outside = failure { () throws(RepositoryFailure) in _ = try LabelRepository.find(from: fixture.folder.path) }
    #expect(outside?.code == "usage" && outside?.message.contains("waybill init") == true)
    let missing = failure { () throws(RepositoryFailure) in _ = try LabelRepository.find(from: fixture.folder.file("none")) }
    #expect(missing?.code == "io")
    #expect(failure { () throws(RepositoryFailure) in _ = try LabelRepository.find(from: "/") }?.code == "usage")
  }

  @Test func foldersThatOnlyLookLikeOneAreNone() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("a/dataset.json", "{}")
    _ = try folder.write("b/labels/all.waybill.jsonl", "")
    _ = try folder.write("c/dataset.json/x", "")
    _ = try folder.write("c/labels/x", "")
    _ = try folder.write("d/dataset.json", "{}")
    _ = try folder.write("d/labels", "")
    for name in ["a", "b", "c", "d", "e"] { #expect(!LabelRepository.isRepository(folder.file(name)), "\(name)") }
  }

  @Test(arguments: ["", "nonsense", "{\"waybill\":1,\"type\":\"free\",\"labels\":[{\"name\":\"a\",\"name\":\"b\"}]}"])
  func brokenSettingsAreLocated(_ text: String) throws {
    let fixture = try RepositoryFixture()
    try fixture.settings(text)
    let root = fixture.root
    do throws(RepositoryFailure) {
      _ = try LabelRepository.open(root)
      Issue.record("it was opened")
    } catch {
      #expect(error.error.code == .invalidInput && error.error.path == root + "/dataset.json")
      let range = try #require(error.diagnostics.items.first?.range)
      #expect(error.sources?.path(of: range.file) == root + "/dataset.json")
    }
    #expect(
      failure { () throws(RepositoryFailure) in _ = try LabelRepository.find(from: root + "/labels") }?.code == "invalid-input")
  }

  // MARK: Samples

  @Test(arguments: [1, 2, 7, 64]) func samplesComeInTheOrderOfTheirKeys(_ shards: Int) throws {
    let keys = (0..<200).map { "k\($0 * 7919 % 1000)" } + ["\u{E9}", "z\u{1F600}", "\u{FFFD}"]
    let fixture = try RepositoryFixture(keys.map { line($0) }, shards: shards)
    var seen: [String] = []
    try fixture.repository.forEachSample { seen.append($0.key) }
    #expect(seen == keys.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) })
  }

  @Test func aFilterTakesSome() throws {
    let fixture = try RepositoryFixture(
      [line("a", annotations: [box("car")]), line("b", annotations: [box("truck")]), line("c", #","split":"train""#)], shards: 3)
    func keys(_ filter: String) throws -> [String] {
      var seen: [String] = []
      try fixture.repository.forEachSample(try SampleFilter(filter)) { seen.append($0.key) }
      return seen
    }
    #expect(try keys("label = car") == ["a"])
    #expect(try keys("split = train or label = truck") == ["b", "c"])
  }

  @Test func namesMetInSamplesDoNotJoinTheSet() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("unknown")])])
    let repository = try fixture.repository
    var names: [String?] = []
    try repository.forEachSample { names.append($0.annotations[0].label.flatMap { repository.settings.header.labels[$0]?.name }) }
    #expect(names == ["unknown"])
    #expect(repository.settings.labels.map(\.name) == ["car", "truck"])
    let status = try repository.status()
    #expect(status.labels.map(\.name) == ["car", "truck"] && !status.isClean)
    #expect(status.diagnostics.items.map(\.rule) == ["repository.annotation.label"])
  }

  @Test(arguments: [
    ConflictLine.text("b", ours: line("b"), theirs: nil), #"{"key":"b","image":{"colour":1}}"#, "nonsense",
  ]) func whatCannotBeReadIsAnError(_ bad: String) throws {
    let fixture = try RepositoryFixture()
    try fixture.write("labels/all.waybill.jsonl", "\(line("a"))\n\(bad)\n\(line("c"))\n")
    let repository = try fixture.repository
    let said = failure { () throws(RepositoryFailure) in try repository.forEachSample { _ in } }
    #expect(said?.code == "invalid-input" && said?.rules.count == 1)
  }
}
