import TestSupport
import Testing
import WaybillAllFormats
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillLabelRepository

@Suite struct DatasetImportTests {
  /// Imports a file and commits; gives the record.
  @discardableResult
  private func run(
    _ fixture: RepositoryFixture, _ path: String, _ change: (inout DatasetImport) -> Void = { _ in }
  ) throws -> ImportRecord {
    let input = try DatasetInput(path: path)
    let dataset = try Dataset.open(
      input, as: try FormatRegistry.all.detect(input), demand: Demand(labels: true), context: ReadContext(sources: SourceMap()))
    let edit = try LabelEdit(try fixture.repository)
    var job = DatasetImport(dataset, into: edit.repository)
    change(&job)
    var record = ImportRecord(at: "2026-01-01T00:00:00Z", by: "human/me", input: path, format: dataset.format.descriptor.id.name)
    try job.run(edit, &record)
    try edit.commit(recording: record)
    return record
  }

  /// Imports a file that is refused; says why, unless anything changed.
  private func refusal(
    _ fixture: RepositoryFixture, _ path: String, _ change: (inout DatasetImport) -> Void = { _ in }
  ) throws -> (code: String, message: String, rules: [String])? {
    let before = try fixture.content
    do {
      try run(fixture, path, change)
      return nil
    } catch let error as RepositoryFailure {
      #expect(try fixture.content == before)
      return (error.error.code.name, error.error.message, error.diagnostics.items.map(\.rule))
    }
  }

  private func native(_ fixture: RepositoryFixture, _ lines: [String], name: String = "in") throws -> String {
    try fixture.folder.write("\(name).waybill.jsonl", lines.map { $0 + "\n" }.joined())
  }

  private func counts(_ record: ImportRecord) -> [Int] {
    [record.added, record.changed, record.kept, record.annotations, record.labels]
  }

  // MARK: Formats

  @Test func cocoComesIn() throws {
    let fixture = try RepositoryFixture()
    let path = try fixture.folder.write(
      "coco.json",
      #"{"images":[{"id":1,"file_name":"a.jpg","width":10,"height":20},{"id":2,"file_name":"b.jpg","width":10,"height":20}],"#
        + #""annotations":[{"id":7,"image_id":1,"category_id":3,"bbox":[1,2,3,4],"area":12,"iscrowd":0},"#
        + #"{"id":8,"image_id":1,"category_id":5,"bbox":[1,2,3,4],"area":12,"iscrowd":0}],"#
        + #""categories":[{"id":3,"name":"car","supercategory":"vehicle"},{"id":5,"name":"bus","supercategory":"vehicle"}]}"#)
    let record = try run(fixture, path)
    #expect(counts(record) == [2, 0, 0, 2, 1] && record.format == "coco")
    let settings = try fixture.repository.settings
    #expect(settings.labels.map(\.name) == ["car", "truck", "bus"] && settings.labels[2].id == .integer(5))
    let lines = try fixture.lines
    #expect(lines.count == 2 && lines[0].contains(#""label":"car""#) && lines[0].contains(#""label":"bus""#))
    #expect(try fixture.repository.status().diagnostics.isEmpty)
    // The same once more is nothing new.
    #expect(counts(try run(fixture, path)) == [0, 0, 2, 0, 0])
    #expect(try fixture.lines == lines)
  }

  @Test func textsComeIn() throws {
    let fixture = try RepositoryFixture(.textClassification, labels: ["good"])
    let path = try fixture.folder.write(
      "in.jsonl", #"{"text":"nice","label":"good"}"# + "\n" + #"{"text":"ugh","label":"bad"}"# + "\n")
    let record = try run(fixture, path) { $0.keyPrefix = "day1/" }
    #expect(counts(record) == [2, 0, 0, 2, 1])
    var seen: [String] = []
    try fixture.repository.forEachSample { seen.append("\($0.key) \($0.media.text ?? "")") }
    #expect(seen.count == 2 && seen.allSatisfy { $0.hasPrefix("day1/") } && seen.contains { $0.hasSuffix(" ugh") })
    #expect(try fixture.repository.settings.labels.map(\.name) == ["good", "bad"])
  }

  // MARK: New and known samples

  @Test(arguments: [1, 4]) func newSamplesAreAddedAndUnlabeledOnesGetLabels(_ shards: Int) throws {
    let fixture = try RepositoryFixture([line("a"), line("b", annotations: [box("car")]), line("z")], shards: shards)
    let path = try native(
      fixture,
      [
        line("a", annotations: [box("truck"), box("car")]), line("b", annotations: [box("car")]),
        line("c", annotations: [box("car")]),
      ])
    #expect(counts(try run(fixture, path)) == [1, 1, 1, 3, 0])
    #expect(
      try fixture.lines.sorted() == [
        line("a", annotations: [box("truck"), box("car")]), line("b", annotations: [box("car")]),
        line("c", annotations: [box("car")]),
        line("z"),
      ])
  }

  @Test func whatASampleDoesNotSayIsTaken() throws {
    let fixture = try RepositoryFixture([#"{"key":"a","image":{"path":"a","width":10},"split":"mine","attributes":{"x":1}}"#])
    let path = try native(
      fixture,
      [#"{"key":"a","image":{"path":"a","width":11,"height":20},"split":"theirs","attributes":{"x":2,"y":3},"hard":{"is":true}}"#])
    #expect(counts(try run(fixture, path)) == [0, 1, 0, 0, 0])
    var sample = Sample(key: "", media: Media(.file))
    try fixture.repository.forEachSample { sample = $0 }
    #expect(sample.media.width == 10 && sample.media.height == 20 && sample.split == "mine" && sample.hard?.isHard == true)
    #expect(sample.attributes["x"] == .integer(1) && sample.attributes["y"] == .integer(3))
  }

  /// What each policy leaves of [car] where [car, truck] come, and of annotations.
  @Test(arguments: [
    (ImportConflictPolicy.keep, [box("car")], [0, 0, 1, 0, 0]), (.replace, [box("truck", 20), box("car")], [0, 1, 0, 2, 0]),
    (.add, [box("car"), box("truck", 20)], [0, 1, 0, 1, 0]),
  ]) func policiesDecide(_ policy: ImportConflictPolicy, _ expected: [String], _ counted: [Int]) throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")])])
    let path = try native(fixture, [line("a", annotations: [box("truck", 20), box("car")])])
    let record = try run(fixture, path) { $0.policy = policy }
    #expect(counts(record) == counted)
    #expect(try fixture.lines == [line("a", annotations: expected)])
  }

  @Test func withoutAPolicyOthersAreRefused() throws {
    let keys = ["a", "b", "c"]
    let fixture = try RepositoryFixture(keys.map { line($0, annotations: [box("car")]) } + [line("d")])
    let path = try native(fixture, keys.map { line($0, annotations: [box("truck")]) } + [line("d", annotations: [box("car")])])
    let said = try refusal(fixture, path)
    #expect(said?.code == "conflict" && said?.message.hasPrefix("\"a\" and 2 more have other annotations already") == true)
    // Fewer of the same are no others.
    let fewer = try native(fixture, [line("a")], name: "fewer")
    #expect(counts(try run(fixture, fewer)) == [0, 0, 1, 0, 0])
  }

  @Test(arguments: ImportConflictPolicy.allCases) func replacingTakesEverythingThatComes(_ policy: ImportConflictPolicy) throws {
    let (old, new) = (box("car", 0, #","confidence":0.5"#), box("car", 0, #","confidence":0.9,"difficult":true"#))
    let fixture = try RepositoryFixture([line("a", annotations: [old])])
    let record = try run(fixture, try native(fixture, [line("a", annotations: [new])])) { $0.policy = policy }
    // They say the same; only who replaces wants the other one.
    #expect(try fixture.lines == [line("a", annotations: [policy == .replace ? new : old])])
    #expect(counts(record) == (policy == .replace ? [0, 1, 0, 1, 0] : [0, 0, 1, 0, 0]))
  }

  @Test func addedAnnotationsKeepTheirIDsWhereTheyAreFree() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [#"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#])])
    let path = try native(
      fixture,
      [
        line(
          "a", annotations: [#"{"id":1,"label":"truck","box_xywh":[0,0,9,9]}"#, #"{"id":2,"label":"truck","box_xywh":[5,0,9,9]}"#])
      ])
    try run(fixture, path) { $0.policy = .add }
    #expect(
      try fixture.lines == [
        line(
          "a",
          annotations: [
            #"{"id":1,"label":"car","box_xywh":[0,0,9,9]}"#, box("truck"), #"{"id":2,"label":"truck","box_xywh":[5,0,9,9]}"#,
          ])
      ])
  }

  // MARK: Options

  @Test func onlyHardOnesMayCome() throws {
    let fixture = try RepositoryFixture()
    let path = try native(
      fixture,
      [
        line("a"), line("b", #","hard":{"is":true}"#), line("c", annotations: [box("car", 0, #","hard":{"is":true}"#)]),
        line("d", annotations: [box("car")], #","hard":{"is":false}"#),
      ])
    #expect(try run(fixture, path) { $0.onlyHard = true }.added == 2)
    #expect(try fixture.lines.map { $0.prefix(9) } == [#"{"key":"b"#, #"{"key":"c"#])
  }

  @Test func whatComesMayWaitToBeConfirmed() throws {
    let fixture = try RepositoryFixture([line("a"), line("b", annotations: [box("truck", 20)])])
    let path = try native(fixture, ["a", "b", "c"].map { line($0, annotations: [box("car")]) })
    try run(fixture, path) {
      $0.unconfirmed = true
      $0.policy = .add
    }
    let car = box("car", 0, #","unconfirmed":true"#)
    #expect(
      try fixture.lines == [
        line("a", annotations: [car]), line("b", annotations: [box("truck", 20), car]), line("c", annotations: [car]),
      ])
  }

  @Test func keysAreThePlacesOfMediaInTheRepository() throws {
    let fixture = try RepositoryFixture([line("media/a.jpg")])
    try fixture.write("media/a.jpg", "")
    try fixture.write("media/b.jpg", "")
    let path = try fixture.folder.write(
      "set/media/in.waybill.jsonl",
      [line("a.jpg", annotations: [box("car")]), line("b.jpg"), line("none.jpg")].map { $0 + "\n" }.joined())
    #expect(counts(try run(fixture, path) { $0.keyPrefix = "x/" }) == [2, 1, 0, 1, 0])
    let lines = try fixture.lines
    #expect(
      lines == [
        line("media/a.jpg", annotations: [box("car")]), line("media/b.jpg"), #"{"key":"x/none.jpg","image":{"path":"none.jpg"}}"#,
      ])
  }

  @Test func anotherTextUnderOneKeyIsRefused() throws {
    let fixture = try RepositoryFixture(.textClassification, labels: ["good"], [#"{"key":"1","text":{"text":"old"}}"#])
    let path = try native(fixture, [#"{"key":"1","text":{"text":"new"},"annotations":[{"label":"good"}]}"#])
    let said = try refusal(fixture, path) { $0.policy = .replace }
    #expect(said?.code == "conflict" && said?.message.contains("\"1\" has another text") == true)
    #expect(try run(fixture, path) { $0.keyPrefix = "new/" }.added == 1)
    let same = try native(fixture, [#"{"key":"1","text":{"text":"old"},"annotations":[{"label":"good"}]}"#], name: "same")
    #expect(try run(fixture, same).changed == 1)
  }

  // MARK: Inputs that cannot come

  @Test func keysThatStandTwiceAreRefused() throws {
    let fixture = try RepositoryFixture([line("a")])
    let path = try native(fixture, [line("b"), line("c"), line("b", annotations: [box("car")])])
    let said = try refusal(fixture, path)
    #expect(said?.code == "invalid-input" && said?.rules == ["repository.import.duplicate"])
    #expect(try run(fixture, try native(fixture, [line("b"), line("e\u{301}"), line("\u{E9}")])).added == 3)
  }

  @Test(arguments: [#"{"key":"b","image":{"colour":1}}"#, "nonsense", #"{"key":"b","image":{},"annotations":[{"boxx":1}]}"#])
  func brokenInputIsRefused(_ bad: String) throws {
    let fixture = try RepositoryFixture([line("a")])
    let said = try refusal(fixture, try native(fixture, [line("c"), bad]))
    #expect(said?.code == "invalid-input" && said?.message.contains("nothing was imported") == true && said?.rules.isEmpty == false)
  }

  @Test func whatBreaksARuleIsRefused() throws {
    let fixture = try RepositoryFixture([line("a")])
    let said = try refusal(
      fixture, try native(fixture, [#"{"key":"b","audio":{}}"#, line("c", annotations: [#"{"label":"new"}"#])]))
    #expect(said?.rules.sorted() == ["repository.annotation.no-place", "repository.sample.media"])
  }

  @Test func aSampleInConflictIsRefused() throws {
    let fixture = try RepositoryFixture([ConflictLine.text("a", ours: line("a"), theirs: nil), line("b")])
    #expect(try refusal(fixture, try native(fixture, [line("a")]))?.rules == ["repository.conflict"])
    #expect(try run(fixture, try native(fixture, [line("b", annotations: [box("car")])])).changed == 1)
  }

  // MARK: Labels

  @Test func labelsAreMappedByNameAndByFormerName() throws {
    let fixture = try RepositoryFixture()
    var settings = try fixture.repository.settings
    settings.labels = [label("vehicle", formerly: "car", "van"), Label(name: "truck")]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    let path = try native(
      fixture,
      [
        ##"{"waybill":1,"labels":[{"name":"bus","color":"#111111"},{"name":"truck"},{"name":"van"}]}"##,
        line("a", annotations: [box("bus"), box("truck"), box("van"), box("car"), box("new")]),
      ])
    #expect(counts(try run(fixture, path)) == [1, 0, 0, 5, 2])
    #expect(try fixture.lines == [line("a", annotations: ["bus", "truck", "vehicle", "vehicle", "new"].map { box($0) })])
    let labels = try fixture.repository.settings.labels
    #expect(labels.map(\.name) == ["vehicle", "truck", "bus", "new"] && labels[2].style.color == "#111111")
  }

  @Test func labelsThatBreakARuleAreRefused() throws {
    let fixture = try RepositoryFixture([line("a")])
    let path = try native(
      fixture, [#"{"waybill":1,"labels":[{"name":"bus","color":"red"}]}"#, line("b", annotations: [box("bus")])])
    let said = try refusal(fixture, path)
    #expect(said?.code == "usage" && said?.message.contains("repository.label.color") == true)
  }

  // MARK: The history

  @Test func importsAreRemembered() throws {
    let fixture = try RepositoryFixture()
    #expect(try ImportRecord.list(fixture.repository) == [])
    let paths = try ["a \"1\"", "b"].map {
      try native(fixture, [line($0.prefix(1).description, annotations: [box("car")])], name: $0)
    }
    let records = try paths.map { try run(fixture, $0) }
    #expect(try ImportRecord.list(fixture.repository) == records)
    let text = try fixture.text("imports.jsonl")
    #expect(text.split(separator: "\n").count == 2 && text.hasSuffix("\n"))
    #expect(
      text.hasPrefix(#"{"at":"2026-01-01T00:00:00Z","by":"human/me","input":""#)
        && text.contains(#""format":"waybill","added":1,"changed":0,"kept":0,"annotations":1,"labels":0}"#))
    // A last line without its line feed, blank lines and new members, as merges and others leave them.
    try fixture.write("imports.jsonl", "\n" + #"{"at":"x","by":"y","more":[1],"input":"z","format":"f","added":3}"#)
    try run(fixture, try native(fixture, [line("c")], name: "c"))
    let later = try ImportRecord.list(fixture.repository)
    #expect(later.map(\.at) == ["x", "2026-01-01T00:00:00Z"] && later[0].added == 3 && later[1].added == 1)
    #expect(try refusal(fixture, try native(fixture, [line("d"), "nonsense"], name: "d")) != nil)
  }

  @Test(arguments: ["nonsense", "[]", #"{"added":"x"}"#, #"{"at":1}"#, #"{"added":99999999999999999999}"#])
  func brokenHistoriesAreLocated(_ line: String) throws {
    let fixture = try RepositoryFixture()
    try fixture.write("imports.jsonl", #"{"at":"x"}"# + "\n\(line)\n")
    let repository = try fixture.repository
    do throws(DatasetError) {
      _ = try ImportRecord.list(repository)
      Issue.record("it was read")
    } catch {
      #expect(error.code == .invalidInput && error.message.contains("line 2") && error.path == repository.path("imports.jsonl"))
    }
  }
}
