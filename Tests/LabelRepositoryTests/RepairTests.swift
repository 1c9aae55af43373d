import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics

@testable import WaybillLabelRepository

@Suite struct RepairTests {
  private func repair(_ fixture: RepositoryFixture, shards: Int? = nil) throws -> LabelEdit.Repair {
    let edit = try LabelEdit(try fixture.repository)
    let repair = try edit.repair(shardCount: shards)
    try edit.commit()
    return repair
  }

  private func files(_ fixture: RepositoryFixture) throws -> [String] { try tree(fixture.root + "/labels").keys.sorted() }

  @Test(arguments: [1, 8]) func whatIsCanonicalStays(_ shards: Int) throws {
    let fixture = try RepositoryFixture((0..<30).map { line("k\($0)") }, shards: shards)
    let before = try fixture.content
    let repair = try repair(fixture)
    #expect(repair.isEmpty && !repair.settings && repair.rewritten == 0 && repair.moved == 0 && repair.files == 0)
    #expect(try fixture.content == before)
  }

  @Test func everythingIsWrittenInTheCanonicalWay() throws {
    let fixture = try RepositoryFixture()
    try fixture.write(
      "labels/all.waybill.jsonl", "\(line("c"))\r\n\n" + #"{"image":{"path":"a"}, "key":"\u0061"}"# + "\n\(line("b"))")
    try fixture.settings(try fixture.text("dataset.json").replacing("\n", with: " "))
    let repair = try repair(fixture)
    #expect(repair.rewritten == 1 && repair.files == 1 && repair.moved == 0 && repair.settings && !repair.isEmpty)
    #expect(try fixture.text("labels/all.waybill.jsonl") == "\(line("a"))\n\(line("b"))\n\(line("c"))\n")
    #expect(try fixture.text("dataset.json") == String(decoding: fixture.repository.settings.bytes, as: UTF8.self))
    #expect(try fixture.repository.status().diagnostics.isEmpty)
    #expect(try self.repair(fixture).isEmpty)
  }

  @Test func settingsAreWrittenInTheCanonicalWay() throws {
    let fixture = try RepositoryFixture([line("a")])
    let text = try fixture.text("dataset.json")
    try fixture.settings(text.replacing("\n", with: ""))
    #expect(try repair(fixture).settings)
    #expect(try fixture.text("dataset.json") == text)
  }

  @Test func formerNamesAreReplaced() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("old"), box("car", 20)]), line("b")])
    var settings = try fixture.repository.settings
    settings.labels = [label("car", formerly: "old"), Label(name: "truck")]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    #expect(try repair(fixture).rewritten == 1)
    #expect(try fixture.lines == [line("a", annotations: [box("car"), box("car", 20)]), line("b")])
  }

  @Test func conflictsAndBrokenRulesStayAsTheyAre() throws {
    let lines = [
      ConflictLine.text("a", ours: #"{ "key":"a","image":{}}"#, theirs: nil), line("b", annotations: [box("unknown")]), line("c"),
    ]
    let fixture = try RepositoryFixture()
    try fixture.write("labels/all.waybill.jsonl", [lines[2], lines[0], lines[1]].map { $0 + "\n" }.joined())
    #expect(try repair(fixture).files == 1)
    #expect(try fixture.lines == lines)
    #expect(try fixture.repository.settings.labels.count == 2)
    #expect(try repair(fixture, shards: 4).moved == 3)
    #expect(try fixture.lines.sorted() == lines.sorted())
  }

  @Test(arguments: ["set", "gr\u{F6}\u{DF}e \u{1F600}"]) func misplacedAndStraySamplesGoWhereTheyBelong(_ name: String) throws {
    let folder = try TemporaryFolder()
    let repository = try LabelRepository.create(folder.file(name), RepositorySettings(name: "set", type: .free, shardCount: 2))
    let keys = (0..<20).map { "k\($0)" }
    let right = [0, 1].map { shard in keys.filter { repository.layout.shard(of: $0) == shard }.sorted() }
    let misplaced = right[1].prefix(3)
    func write(_ name: String, _ keys: some Sequence<String>) throws {
      _ = try folder.write(
        "\(repository.root.split(separator: "/").last ?? "")/labels/\(name)", keys.sorted().map { line($0) + "\n" }.joined())
    }
    try write("00.waybill.jsonl", right[0].dropFirst(2) + misplaced)
    try write("01.waybill.jsonl", right[1].dropFirst(3))
    try write("all.waybill.jsonl", [right[0][0]])
    try write("sub/x.waybill.jsonl", [right[0][1]])
    let edit = try LabelEdit(repository)
    let repair = try edit.repair()
    try edit.commit()
    #expect(repair.moved == 5)
    let texts = right.map { keys in Array(keys.map { line($0) + "\n" }.joined().utf8) }
    #expect(try tree(repository.path("labels")) == ["00.waybill.jsonl": texts[0], "01.waybill.jsonl": texts[1]])
    #expect(try repository.status().diagnostics.isEmpty)
  }

  @Test(arguments: [["nonsense"], [#"{"key":"b","image":{"colour":1}}"#], [line("c"), line("c")], ["{}"]])
  func whatCannotBeReadChangesNothing(_ bad: [String]) throws {
    let fixture = try RepositoryFixture()
    try fixture.write("labels/all.waybill.jsonl", ([line("z"), line("a")] + bad).map { $0 + "\n" }.joined())
    for shards in [nil, 4] {
      let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.repair(shardCount: shards) }
      #expect(said?.code == "invalid-input" && said?.message == "Nothing was changed" && said?.rules.isEmpty == false)
    }
  }

  @Test func keysInTwoFilesChangeNothing() throws {
    let fixture = try RepositoryFixture([line("a"), line("b")])
    try fixture.write("labels/stray.waybill.jsonl", line("b", #","split":"x""#) + "\n")
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.repair() }
    #expect(said?.rules == ["repository.duplicate-key"])
  }

  @Test(arguments: [0, -1, 4097]) func filesAreCounted(_ count: Int) throws {
    let fixture = try RepositoryFixture([line("a")])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.repair(shardCount: count) }
    #expect(said?.code == "usage")
  }

  // MARK: Another number of files

  @Test func anotherNumberOfFilesHoldsTheSameLines() throws {
    var lines = (0..<100).map { line("k\($0)", annotations: [box("car", $0)]) }
    lines.append(ConflictLine.text("x", ours: line("x"), theirs: nil))
    let fixture = try RepositoryFixture(lines)
    let first = try fixture.content
    for count in [8, 3, 300, 1] {
      let repair = try repair(fixture, shards: count)
      #expect(repair.settings && repair.moved > 0)
      #expect(try files(fixture) == (0..<count).map { ShardLayout(count: count).name(of: $0) })
      #expect(try fixture.repository.settings.shardCount == count)
      #expect(try fixture.lines.sorted() == lines.sorted())
      #expect(try fixture.repository.status().diagnostics.isEmpty)
    }
    #expect(try fixture.content == first)
    // The same number is nothing to do.
    #expect(try repair(fixture, shards: 1).isEmpty)
  }

  @Test func aMoveThatIsDroppedLeavesEverythingAsItWas() throws {
    let fixture = try RepositoryFixture((0..<100).map { line("k\($0)") }, shards: 3)
    let before = try fixture.content
    for count in [1, 2, 8] {
      let edit = try LabelEdit(try fixture.repository)
      _ = try edit.repair(shardCount: count)
    }
    #expect(try fixture.content == before)
  }

  /// What is on disk when a move from eight files to three is stopped after some files were replaced.
  @Test(arguments: 0...3) func aMoveThatWasStoppedIsMended(_ replaced: Int) throws {
    let lines = (0..<100).map { line("k\($0)") }
    let fixture = try RepositoryFixture(lines, shards: 8)
    let other = try RepositoryFixture(lines, shards: 3)
    // As a commit does it: settings, second names, and file by file.
    try fixture.settings(try other.text("dataset.json"))
    for shard in 0..<3 {
      let name = "labels/\(ShardLayout(count: 3).name(of: shard))"
      try fixture.write("labels/before-0\(shard).waybill.jsonl", try fixture.text(name))
      if shard < replaced { try fixture.write(name, try other.text(name)) }
    }
    #expect(try !fixture.repository.status().isClean)
    _ = try repair(fixture)
    #expect(try tree(fixture.root + "/labels") == tree(other.root + "/labels"))
  }

  @Test func filesWhoseSamplesMoveAreKeptUntilTheEnd() throws {
    let lines = (0..<100).map { line("k\($0)") }
    let fixture = try RepositoryFixture(lines, shards: 8)
    var held: LabelEdit? = try LabelEdit(try fixture.repository)
    _ = try held?.repair(shardCount: 3)
    // What would take the place of the second file is lost.
    let folder = fixture.root + "/labels"
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where name.hasPrefix(".") && name.contains("01.") {
      try FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
    #expect(failure { () throws(RepositoryFailure) in try held?.commit() }?.code == "io")
    // Every sample is still somewhere, and the next repair finds it.
    #expect(Set(try files(fixture).filter { $0.hasPrefix("before") }.map { try fixture.text("labels/\($0)") }).count == 3)
    held = nil
    _ = try repair(fixture)
    #expect(try fixture.lines.sorted() == lines.sorted() && fixture.repository.status().diagnostics.isEmpty)
    #expect(try files(fixture).count == 3)
  }
}
