import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillNative

@testable import WaybillLabelRepository

@Suite struct LabelSetEditTests {
  private func names(_ fixture: RepositoryFixture) throws -> [[String]] {
    try fixture.repository.settings.labels.map { [$0.name] + $0.formerNames }
  }

  // MARK: Adding

  @Test func labelsAreAddedAtTheEnd() throws {
    let fixture = try RepositoryFixture()
    try fixture.edit { edit throws(RepositoryFailure) in try edit.addLabels("bus", "\u{E9}") }
    #expect(try names(fixture) == [["car"], ["truck"], ["bus"], ["\u{E9}"]])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.addLabels("van", "car") }
    #expect(said?.code == "usage" && said?.message.contains("two labels \"car\"") == true)
  }

  @Test func aNameThatIsGivenAnewIsNoFormerNameAnyMore() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")])])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("car", to: "auto") }
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("auto", to: "vehicle") }
    #expect(try names(fixture) == [["vehicle", "car", "auto"], ["truck"]])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.addLabels("car") }
    #expect(try names(fixture) == [["vehicle", "auto"], ["truck"], ["car"]])
    #expect(try fixture.lines == [line("a", annotations: [box("vehicle")])])
  }

  /// Names that annotations still use for another label, whatever would give them away.
  @Test(arguments: [
    line("a", annotations: [box("old")]), ConflictLine.text("a", ours: line("a"), theirs: line("a", annotations: [box("old")])),
  ]) func aFormerNameInUseIsNotGivenAway(_ line: String) throws {
    let fixture = try RepositoryFixture([line])
    var settings = try fixture.repository.settings
    settings.labels = [label("car", formerly: "old"), Label(name: "truck"), Label(name: "bus")]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    let said = [
      try fixture.refusal { edit throws(RepositoryFailure) in try edit.addLabels("old") },
      try fixture.refusal { edit throws(RepositoryFailure) in try edit.rename("truck", to: "old") },
      try fixture.refusal { edit throws(RepositoryFailure) in try edit.merge("truck", "bus", into: "old") },
    ]
    for words in said {
      #expect(words?.code == "usage" && words?.message.contains("still labeled \"old\", which is \"car\" now") == true)
    }
    if line.contains("conflict") { return }
    // Its own former name a label can have back.
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("car", to: "old") }
    #expect(try names(fixture).first == ["old", "car"])
    #expect(try fixture.lines.first?.contains(#""label":"old""#) == true)
  }

  @Test func aFormerNameOutOfUseIsGivenAway() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")])])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("car", to: "auto") }
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("truck", to: "car") }
    #expect(try names(fixture).map(\.first) == ["auto", "car"])
    #expect(try fixture.lines == [line("a", annotations: [box("auto")])])
  }

  // MARK: Renaming

  @Test(arguments: [1, 4]) func annotationsFollowARename(_ shards: Int) throws {
    let keys = (0..<20).map { "k\($0)" }
    let fixture = try RepositoryFixture(
      keys.enumerated().map { line($1, annotations: [box($0 % 2 == 0 ? "car" : "truck"), box("truck", 50)]) }, shards: shards)
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.rename("car", to: "auto \"x\"")
      #expect(edit.counts.changed == 10)
    }
    #expect(try names(fixture) == [["auto \"x\"", "car"], ["truck"]])
    let lines = try fixture.lines
    #expect(lines.filter { $0.contains(#""label":"auto \"x\"""#) }.count == 10 && !lines.contains { $0.contains("\"car\"") })
    #expect(try fixture.repository.status().isClean)
  }

  @Test func linesThatStillUseAFormerNameAreUnderstood() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")]), line("b")])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("car", to: "auto") }
    // As it comes from another branch.
    let late = line("c", annotations: [box("car"), box("auto", 50)])
    try fixture.write("labels/all.waybill.jsonl", "\(line("a", annotations: [box("auto")]))\n\(late)\n")
    let repository = try fixture.repository
    var found: [[String?]] = []
    try repository.forEachSample { sample in
      found.append(sample.annotations.map { $0.label.flatMap { repository.settings.header.labels[$0]?.name } })
    }
    #expect(found == [["auto"], ["auto", "auto"]])
    let status = try repository.status()
    #expect(status.isClean && status.labels.first?.use.annotations == 3)
    #expect(status.diagnostics.items.map(\.rule) == ["repository.former-name"])
    // A change writes the name it has now.
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.keys(["c"])) { sample in
        sample.split = "train"
        return .changed
      }
    }
    #expect(
      try fixture.lines.last == line("c", #","split":"train""#).dropLast()
        + #","annotations":[\#(box("auto")),\#(box("auto", 50))]}"#)
  }

  @Test(arguments: [
    ("van", "bus", "no label \"van\""), ("cat", "bus", "did you mean \"car\"?"), ("car", "truck", "waybill labels merge"),
    ("car", "", "[repository.label.name]"),
  ])
  func renamesThatCannotBe(_ old: String, _ new: String, _ words: String) throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")])])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.rename(old, to: new) }
    #expect(said?.code == "usage" && said?.message.contains(words) == true, "\(said?.message ?? "")")
  }

  private func triplets(_ lines: [String] = []) throws -> RepositoryFixture {
    let fixture = try RepositoryFixture(.textTriplets, labels: ["man", "dog", "cat"], lines)
    var settings = try fixture.repository.settings
    var owns = Label(name: "owns")
    owns.relation = .init(source: "man", target: "dog")
    settings.labels = settings.labels + [owns]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    return fixture
  }

  @Test func relationsFollowTheLabelsTheyJoin() throws {
    let fixture = try triplets()
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("dog", to: "hound") }
    #expect(try fixture.repository.settings.labels.last?.relation == .init(source: "man", target: "hound"))
    try fixture.edit { edit throws(RepositoryFailure) in try edit.merge("cat", "hound", into: "pet") }
    #expect(try fixture.repository.settings.labels.last?.relation == .init(source: "man", target: "pet"))
    #expect(try names(fixture) == [["man"], ["pet", "cat", "dog", "hound"], ["owns"]])
  }

  // MARK: Merging

  @Test(arguments: ["car", "truck", "vehicle"]) func twoLabelsBecomeOne(_ new: String) throws {
    let fixture = try RepositoryFixture(
      labels: ["bus", "car", "truck"],
      [
        line("a", annotations: [box("car"), box("truck"), box("bus")]), line("b", annotations: [box("truck", 1), box("car", 2)]),
        line("c", annotations: [box("bus")]),
      ])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.merge("truck", "car", into: new) }
    let former = ["truck", "car"].filter { $0 != new }
    #expect(try names(fixture) == [["bus"], [new] + former])
    #expect(
      try fixture.lines == [
        line("a", annotations: [box(new), box("bus")]), line("b", annotations: [box(new, 1), box(new, 2)]),
        line("c", annotations: [box("bus")]),
      ])
    #expect(try fixture.repository.status().isClean)
  }

  @Test func onlyAnnotationsOfTheJoinedLabelsBecomeOne() throws {
    let before = [
      box("bus"), box("bus"), #"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#, box("truck"), box("car", 5), box("truck", 5),
    ]
    let fixture = try RepositoryFixture(labels: ["bus", "car", "truck"], [line("a", annotations: before)])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.merge("car", "truck", into: "car") }
    // Two that said the same before are not our business, and what has an id may be linked to.
    #expect(
      try fixture.lines == [
        line(
          "a", annotations: [box("bus"), box("bus"), #"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#, box("car"), box("car", 5)])
      ])
  }

  @Test(arguments: [
    ("car", "car", "x", "these are one"), ("car", "truck", "bus", "third label"), ("car", "van", "x", "no label \"van\""),
  ])
  func mergesThatCannotBe(_ first: String, _ second: String, _ new: String, _ words: String) throws {
    let fixture = try RepositoryFixture(labels: ["bus", "car", "truck"], [line("a", annotations: [box("car")])])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.merge(first, second, into: new) }
    #expect(said?.code == "usage" && said?.message.contains(words) == true, "\(said?.message ?? "")")
  }

  // MARK: Deleting

  @Test(arguments: [(LabelEdit.DeletionExtent.annotations, 3), (.samples, 2)])
  func annotationsGoWithTheirLabel(_ extent: LabelEdit.DeletionExtent, _ samples: Int) throws {
    let fixture = try RepositoryFixture([
      line("a", annotations: [box("car")]), line("b", annotations: [box("car"), box("truck")]), line("c"),
    ])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.delete("car", extent) }
    #expect(try names(fixture) == [["truck"]])
    let lines = [line("a"), line("b", annotations: [box("truck")]), line("c")]
    #expect(try fixture.lines == lines.suffix(samples))
    #expect(try fixture.repository.status().isClean)
  }

  @Test func relationsAndPartsOfWhatGoes() throws {
    let place = #""span":{"start":0,"end":1,"unit":"scalars"}"#
    func text(_ annotations: String) -> String { #"{"key":"a","text":{"text":"ab"},"annotations":[\#(annotations)]}"# }
    let fixture = try triplets([
      text(#"{"id":1,"label":"man",\#(place)},{"id":2,"label":"dog",\#(place)},{"label":"owns","link":{"from":1,"to":2}}"#)
    ])
    let used = try fixture.refusal { edit throws(RepositoryFailure) in try edit.delete("dog", .annotations) }
    #expect(used?.code == "usage" && used?.message.contains("The relation \"owns\" joins annotations of \"dog\"") == true)
    try fixture.edit { edit throws(RepositoryFailure) in try edit.delete("owns", .annotations) }
    try fixture.edit { edit throws(RepositoryFailure) in try edit.delete("dog", .annotations) }
    #expect(try fixture.lines == [text(#"{"id":1,"label":"man",\#(place)}"#)])
    #expect(try names(fixture) == [["man"], ["cat"]])
  }

  @Test func aLabelGoesUnderItsFormerNamesToo() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car"), box("truck")])])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.rename("car", to: "auto") }
    try fixture.write(
      "labels/all.waybill.jsonl", line("a", annotations: [box("car"), box("auto"), box("truck"), box("met")]) + "\n")
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.delete("auto", .annotations) }
    // The sample that changes has a label nobody knows.
    #expect(said?.rules == ["repository.annotation.label"])
    try fixture.write("labels/all.waybill.jsonl", line("a", annotations: [box("car"), box("auto"), box("truck")]) + "\n")
    try fixture.edit { edit throws(RepositoryFailure) in try edit.delete("auto", .annotations) }
    #expect(try fixture.lines == [line("a", annotations: [box("truck")])])
  }
}
