import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillNative

@testable import WaybillLabelRepository

@Suite struct ConflictResolutionTests {
  private static let ours = line(
    "b", annotations: [#"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#, box("truck", 50)], #","split":"ours""#)
  private static let theirs = line(
    "b", annotations: [#"{"id":1,"label":"truck","box_xywh":[0,0,9,9]}"#, box("truck", 50), box("car", 70)], #","split":"theirs""#)
  private static let both = line(
    "b", annotations: [#"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#, box("truck", 50), box("truck"), box("car", 70)],
    #","split":"ours""#)

  private func resolved(_ lines: [String], _ keys: [String]?, _ choice: ConflictChoice, shards: Int = 1) throws -> (Int, [String]) {
    let fixture = try RepositoryFixture(lines, shards: shards)
    let edit = try LabelEdit(try fixture.repository)
    let count = try edit.resolve(keys, choice)
    try edit.commit()
    return (count, try fixture.lines)
  }

  @Test(arguments: [(ConflictChoice.ours, ours), (.theirs, theirs), (.both, both)])
  func oneSideOrBothStay(_ choice: ConflictChoice, _ expected: String) throws {
    let conflict = ConflictLine.text("b", ours: Self.ours, theirs: Self.theirs, base: line("b"))
    for keys in [["b"], nil] {
      let (count, lines) = try resolved([line("a"), conflict, line("c")], keys, choice)
      #expect(count == 1 && lines == [line("a"), expected, line("c")])
    }
  }

  /// Sides, and what each choice leaves.
  @Test(arguments: [
    (ConflictChoice.ours, true, nil as String?), (.theirs, true, line("b")), (.both, true, line("b")), (.ours, false, line("b")),
    (.theirs, false, nil), (.both, false, line("b")),
  ]) func aSideMayHaveRemovedTheSample(_ choice: ConflictChoice, _ isOurs: Bool, _ expected: String?) throws {
    let conflict = ConflictLine.text("b", ours: isOurs ? nil : line("b"), theirs: isOurs ? line("b") : nil, base: line("b"))
    let (count, lines) = try resolved([line("a"), conflict], nil, choice)
    #expect(count == 1 && lines == [line("a")] + (expected.map { [$0] } ?? []))
  }

  @Test func someOfManyEnd() throws {
    let keys = (0..<20).map { "k\($0)" }
    let conflicts = keys.map { ConflictLine.text($0, ours: line($0), theirs: nil) }
    let (count, lines) = try resolved(conflicts + [line("a")], ["k3", "k11"], .ours, shards: 4)
    #expect(count == 2 && lines.filter { $0.contains("conflict") }.count == 18)
    #expect(lines.contains(line("k3")) && lines.contains(line("k11")) && lines.contains(line("a")))
    #expect(try resolved(conflicts, nil, .ours, shards: 4).1.sorted() == keys.map { line($0) }.sorted())
    #expect(try resolved([line("a")], nil, .ours).0 == 0)
    #expect(try resolved(conflicts, [], .ours, shards: 4).0 == 0)
  }

  @Test(arguments: ["a", "none", "B"]) func onlyWhatIsInConflictEnds(_ key: String) throws {
    let fixture = try RepositoryFixture([line("a"), ConflictLine.text("b", ours: line("b"), theirs: nil)])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.resolve(["b", "zzz", key], .ours) }
    #expect(said?.code == "usage")
    #expect(said?.message == "The sample \"\(min(key, "zzz"))\" is not in conflict")
  }

  @Test func aConflictInAConflictEndsInTwoSteps() throws {
    let inner = ConflictLine.text("b", ours: line("b", #","split":"x""#), theirs: line("b", #","split":"y""#))
    let fixture = try RepositoryFixture([ConflictLine.text("b", ours: inner, theirs: line("b"))])
    try fixture.edit { edit throws(RepositoryFailure) in _ = try edit.resolve(nil, .ours) }
    #expect(try fixture.lines == [inner])
    try fixture.edit { edit throws(RepositoryFailure) in _ = try edit.resolve(nil, .theirs) }
    #expect(try fixture.lines == [line("b", #","split":"y""#)])
  }

  @Test func aConflictInAConflictHasNoBothSides() throws {
    let inner = ConflictLine.text("b", ours: line("b"), theirs: nil)
    let outer = ConflictLine.text("b", ours: inner, theirs: line("b"))
    let fixture = try RepositoryFixture([line("a"), outer])
    let repository = try fixture.repository
    do throws(RepositoryFailure) {
      let edit = try LabelEdit(repository)
      _ = try edit.resolve(nil, .both)
      Issue.record("it ended")
    } catch {
      let found = try #require(error.diagnostics.items.first)
      #expect(error.error.code == .invalidInput && found.rule == "waybill.sample.conflict")
      // It is located in the file, not in the side.
      let before = line("a").utf8.count + 1
      #expect((found.range?.offset ?? 0) > before + 30)
    }
    #expect(try fixture.lines == [line("a"), outer])
  }

  /// Conflicts that somebody wrote by hand.
  @Test(arguments: [
    ConflictLine.text("b", ours: "7", theirs: line("b")), ConflictLine.text("b", ours: line("x"), theirs: line("b")),
    ConflictLine.text("b", ours: "{}", theirs: nil), ConflictLine.text("b", ours: line("b"), theirs: #""text""#),
  ]) func sidesMustBeTheSample(_ conflict: String) throws {
    for choice in [ConflictChoice.ours, .theirs, .both] {
      let fixture = try RepositoryFixture([conflict])
      let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.resolve(nil, choice) }
      #expect(said?.code == "invalid-input" && said?.rules == ["repository.conflict"])
    }
  }

  @Test(arguments: [#"{"key":"b","conflict":7}"#, #"{"key":"b","conflict":{"ours":}}"#]) func whatIsNoConflictCannotEnd(
    _ line: String
  ) throws {
    let fixture = try RepositoryFixture([line])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in _ = try edit.resolve(nil, .ours) }
    #expect(said?.code == "invalid-input" && said?.message.contains("\"b\" cannot be read") == true)
  }

  // MARK: Settings

  private func settings(_ choice: ConflictChoice) throws -> (count: Int, settings: RepositorySettings) {
    let fixture = try RepositoryFixture(.textTriplets, labels: ["man", "dog"])
    var settings = try fixture.repository.settings
    var owns = Label(name: "owns")
    owns.relation = .init(source: "man", target: "dog")
    var mine = label("human", formerly: "man")
    mine.style.color = "#FF0000"
    var other = label("person", formerly: "man")
    other.style.color = "#00FF00"
    owns.relation = .init(source: "human", target: "dog")
    settings.labels = [mine, Label(name: "dog"), owns]
    settings.conflicts = [
      SettingsConflict(about: "label \"human\": the name, the colour differ", label: "human", theirs: other),
      SettingsConflict(about: "name: \"a\" here, \"b\" there"),
      SettingsConflict(about: "gone", label: "gone", theirs: Label(name: "x")),
    ]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    let edit = try LabelEdit(try fixture.repository)
    let count = edit.resolveSettings(choice)
    try edit.commit()
    return (count, try fixture.repository.settings)
  }

  @Test(arguments: [ConflictChoice.ours, .both]) func ourSettingsStay(_ choice: ConflictChoice) throws {
    let (count, settings) = try settings(choice)
    #expect(count == 3 && settings.conflicts.isEmpty)
    #expect(settings.labels.map(\.name) == ["human", "dog", "owns"] && settings.labels[0].style.color == "#FF0000")
  }

  @Test func theirSettingsTakeThePlaceOfOurs() throws {
    let (count, settings) = try settings(.theirs)
    // What their name is the file does not hold, so that stays open.
    #expect(count == 1 && settings.conflicts.map(\.label) == [nil, "gone"])
    #expect(settings.labels.map(\.name) == ["person", "dog", "owns"] && settings.labels[0].style.color == "#00FF00")
    #expect(settings.labels[0].formerNames == ["man", "human"])
    // What joins the label follows its name.
    #expect(settings.labels[2].relation == .init(source: "person", target: "dog"))
  }
}
