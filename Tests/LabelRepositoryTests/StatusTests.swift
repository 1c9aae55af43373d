import Foundation
import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles

@testable import WaybillLabelRepository

@Suite struct StatusTests {
  private func counts(_ status: RepositoryStatus) -> [Int] {
    [status.samples, status.unlabeled, status.labeled, status.unconfirmed, status.hard, status.conflicts, status.annotations]
  }

  /// Everything a status says, so that two can be compared.
  private func summary(_ status: RepositoryStatus) -> [String] {
    counts(status).map(String.init) + status.labels.map { "\($0.name) \($0.use.annotations) \($0.use.samples)" }
      + status.conflictKeys
      + problems(status)
  }

  /// Where each problem is: file, line, rule.
  private func problems(_ status: RepositoryStatus) -> [String] {
    status.diagnostics.items.map { item in
      guard let range = item.range else { return "nowhere \(item.rule)" }
      let path = status.sources.path(of: range.file)
      let bytes = (try? bytes(of: path)) ?? []
      let line = bytes[..<min(range.offset, bytes.count)].count { $0 == 0x0A } + 1
      return "\(path.split(separator: "/").suffix(2).joined(separator: "/")):\(line) \(item.rule)"
    }
  }

  /// Waits until what was written is so old that it may be remembered.
  private func settle() { usleep(60_000) }

  private static let conflict = ConflictLine.text("x", ours: line("x"), theirs: nil)

  private static let lines = [
    line("a"), line("b", annotations: [box("car"), box("car", 20), box("truck", 40)]),
    line("c", annotations: [box("truck", 0, #","unconfirmed":true"#)]), line("d", #","hard":{"is":true}"#),
    line("e", annotations: [box("car", 0, #","hard":{"is":true}"#)], #","hard":{"is":true}"#),
    line("f", annotations: [box("car", 0, #","hard":{"is":false}"#)], #","hard":{"is":false}"#), conflict,
  ]

  @Test(arguments: [(1, 1), (4, 1), (4, 3), (64, 8)]) func samplesAndLabelsAreCounted(_ shards: Int, _ jobs: Int) throws {
    let fixture = try RepositoryFixture(Self.lines, shards: shards)
    let status = try fixture.repository.status(jobs: jobs)
    #expect(counts(status) == [7, 2, 3, 1, 2, 1, 6])
    #expect(status.labels.map(\.name) == ["car", "truck"])
    #expect(status.labels[0].use == use(4, 3) && status.labels[1].use == use(2, 2))
    #expect(status.conflictKeys == ["x"] && !status.isClean && !status.diagnostics.hasErrors)
  }

  private func use(_ annotations: Int, _ samples: Int) -> RepositoryStatus.LabelUse {
    var use = RepositoryStatus.LabelUse()
    (use.annotations, use.samples) = (annotations, samples)
    return use
  }

  @Test func anEmptyRepositoryIsClean() throws {
    let status = try RepositoryFixture(shards: 3).repository.status()
    #expect(counts(status) == Array(repeating: 0, count: 7) && status.isClean && status.diagnostics.isEmpty)
  }

  @Test func manyConflictsAreCountedAndAHundredListed() throws {
    let keys = (100..<350).map { "k\($0)" }
    for shards in [1, 5] {
      let fixture = try RepositoryFixture(keys.map { ConflictLine.text($0, ours: line($0), theirs: nil) }, shards: shards)
      let status = try fixture.repository.status(jobs: 3)
      #expect(status.conflicts == 250 && status.conflictKeys.count == 100 && Set(status.conflictKeys).isSubset(of: keys))
    }
  }

  // MARK: Problems

  @Test func problemsAreLocated() throws {
    let fixture = try RepositoryFixture()
    try fixture.write(
      "labels/all.waybill.jsonl",
      [
        line("a"), line("b", annotations: [box("van")]), "nonsense", #"{"key":"c","image":{"colour":1}}"#,
        #"{ "key":"d","image":{}}"#,
        line("f"), line("e"), line("e"),
      ].map { $0 + "\n" }.joined())
    let status = try fixture.repository.status()
    #expect(
      Set(problems(status)) == [
        "labels/all.waybill.jsonl:2 repository.annotation.label", "labels/all.waybill.jsonl:3 repository.line",
        "labels/all.waybill.jsonl:4 waybill.sample.unknown-field", "labels/all.waybill.jsonl:5 repository.bytes",
        "labels/all.waybill.jsonl:1 repository.order", "labels/all.waybill.jsonl:1 repository.lines",
        "labels/all.waybill.jsonl:8 repository.duplicate-key",
      ])
    #expect(status.diagnostics.hasErrors && !status.isClean)
  }

  /// Files that are only not canonical, and the rule.
  @Test(arguments: [
    ("\(line("a"))\r\n", "repository.lines"), ("\(line("a"))", "repository.lines"), ("\n\(line("a"))\n", "repository.lines"),
    ("\(line("b"))\n\(line("a"))\n", "repository.order"), (#"{"key":"a","image":{"path":"a"} }"# + "\n", "repository.bytes"),
    (#"{"image":{"path":"a"},"key":"a"}"# + "\n", "repository.bytes"),
    (#"{"key":"\u0061","image":{"path":"a"}}"# + "\n", "repository.bytes"),
  ]) func whatIsNotCanonicalIsAWarning(_ text: String, _ rule: String) throws {
    let fixture = try RepositoryFixture()
    try fixture.write("labels/all.waybill.jsonl", text)
    let status = try fixture.repository.status()
    #expect(status.diagnostics.items.map(\.rule) == [rule] && status.isClean)
    #expect(status.diagnostics.items.first?.severity == .warning)
    _ = try fixture.edit { edit throws(RepositoryFailure) in _ = try edit.repair() }
    #expect(try fixture.repository.status().diagnostics.isEmpty)
  }

  @Test func strayFilesAndMisplacedSamplesAreSeen() throws {
    let fixture = try RepositoryFixture(["a", "b", "c", "d"].map { line($0) }, shards: 2)
    let files = try [0, 1].map { try fixture.text("labels/0\($0).waybill.jsonl") }
    try fixture.write("labels/00.waybill.jsonl", files[1])
    try fixture.write("labels/01.waybill.jsonl", files[0])
    try fixture.write("labels/all.waybill.jsonl", line("z") + "\n")
    try fixture.write("labels/sub/02.waybill.jsonl", "")
    try fixture.write("labels/notes.txt", "mine")
    try fixture.write("other.waybill.jsonl", "mine")
    let status = try fixture.repository.status()
    let rules = status.diagnostics.items.map(\.rule)
    #expect(rules.count { $0 == "repository.shard" } == 4 && rules.count { $0 == "repository.stray-file" } == 2 && rules.count == 6)
    #expect(!status.isClean && status.samples == 4)
  }

  @Test func settingsAreLookedAt() throws {
    let fixture = try RepositoryFixture([line("a")])
    let text = try fixture.text("dataset.json")
    try fixture.settings(text.replacing("{\"name\":\"truck\"}", with: "{\"name\":\"car\"}"))
    #expect(problems(try fixture.repository.status()) == ["set/dataset.json:1 repository.label.duplicate"])
    try fixture.settings(text.replacing("\n", with: ""))
    let spaced = try fixture.repository.status()
    #expect(problems(spaced) == ["set/dataset.json:1 repository.bytes"] && spaced.isClean)
  }

  @Test func aConflictOfTheSettingsIsAnError() throws {
    let fixture = try RepositoryFixture([line("a")])
    var settings = try fixture.repository.settings
    settings.conflicts = [SettingsConflict(about: "name: \"a\" here, \"b\" there")]
    try fixture.settings(String(decoding: settings.bytes, as: UTF8.self))
    let status = try fixture.repository.status()
    #expect(problems(status) == ["set/dataset.json:1 repository.settings.conflict"] && !status.isClean)
  }

  // MARK: The cache

  @Test func aSecondLookSaysTheSame() throws {
    let fixture = try RepositoryFixture(Self.lines, shards: 4)
    settle()
    let first = try fixture.repository.status()
    let cache = try fixture.text(".waybill/status.json")
    // Of two files nothing is remembered but what is well.
    #expect(cache.contains("\"labels/0") && cache.split(separator: "\n").count == 4)
    #expect(try fixture.text(".waybill/.gitignore") == "*\n")
    for _ in 0..<2 { #expect(summary(try fixture.repository.status()) == summary(first)) }
    #expect(try fixture.text(".waybill/status.json") == cache)
    // Without it, too.
    try FileManager.default.removeItem(atPath: fixture.root + "/.waybill")
    #expect(summary(try fixture.repository.status()) == summary(first))
  }

  @Test func theCacheIsWhatIsRead() throws {
    let fixture = try RepositoryFixture([line("a")])
    settle()
    _ = try fixture.repository.status()
    let cache = try fixture.text(".waybill/status.json")
    // Had it not been used, this would not be seen.
    try fixture.write(".waybill/status.json", cache.replacing(",1,1,0,0,0,0,0,", with: ",41,1,0,0,0,0,0,"))
    #expect(try fixture.repository.status().samples == 41)
  }

  @Test func aFileThatChangedIsSeen() throws {
    let fixture = try RepositoryFixture([line("a"), line("b")])
    settle()
    #expect(try fixture.repository.status().unlabeled == 2)
    try fixture.write("labels/all.waybill.jsonl", line("a") + "\n")
    #expect(try fixture.repository.status().samples == 1)
    settle()
    #expect(try fixture.repository.status().samples == 1)
    // The same length and the same time of change.
    let path = fixture.root + "/labels/all.waybill.jsonl"
    let date = try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
    try fixture.write("labels/all.waybill.jsonl", line("a").replacing("image", with: "audio") + "\n")
    try FileManager.default.setAttributes([.modificationDate: try #require(date)], ofItemAtPath: path)
    #expect(try fixture.repository.status().diagnostics.items.map(\.rule) == ["repository.sample.media"])
  }

  @Test(arguments: [
    "", "[", "nonsense", "[]", "[1]", "[1,2]", "{}", "[1,2,[\"labels/all.waybill.jsonl\"]]", "\u{0}", "[99,99]",
  ]) func aDamagedCacheIsIgnored(_ text: String) throws {
    let fixture = try RepositoryFixture(Self.lines)
    let expected = summary(try fixture.repository.status())
    try fixture.write(".waybill/status.json", text)
    #expect(summary(try fixture.repository.status()) == expected)
  }

  @Test(arguments: ["9223372036854775807", "-1", "1.5", "\"x\"", "99999999999999999999", "null"])
  func countsThatCannotBeAreIgnored(_ number: String) throws {
    let fixture = try RepositoryFixture(["a", "b", "c"].map { line($0, annotations: [box("car")]) }, shards: 2)
    settle()
    let expected = summary(try fixture.repository.status())
    let cache = try fixture.text(".waybill/status.json")
    let lines = cache.split(separator: "\n").map(String.init)
    let damaged = lines.enumerated().map { index, line in
      guard index > 0 else { return line }
      var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      fields[5] = number
      return fields.joined(separator: ",")
    }
    try fixture.write(".waybill/status.json", damaged.joined(separator: "\n") + "\n")
    #expect(summary(try fixture.repository.status()) == expected)
  }

  @Test func theCacheBelongsToItsSettings() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("car")])])
    settle()
    #expect(try fixture.repository.status().isClean)
    try fixture.settings(try fixture.text("dataset.json").replacing("\"car\"", with: "\"van\""))
    #expect(try fixture.repository.status().diagnostics.items.map(\.rule) == ["repository.annotation.label"])
  }
}
