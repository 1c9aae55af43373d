import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

@testable import WaybillLabelRepository

@Suite struct SettingsMergeTests {
  private func settings(_ labels: [Label] = [], _ change: (inout RepositorySettings) -> Void = { _ in }) -> RepositorySettings {
    var settings = RepositorySettings(name: "set", type: .objectDetection, labels: labels)
    change(&settings)
    return settings
  }

  private static func colored(_ name: String, _ color: String, formerly: [String] = []) -> Label {
    var label = Label(name: name)
    label.style.color = color
    label.formerNames = formerly
    return label
  }

  /// Labels in short: name, colour, former names.
  private func short(_ labels: [Label]) -> [String] {
    labels.map { label in
      ([label.name] + (label.style.color.map { [$0] } ?? []) + label.formerNames.map { "<\($0)" }).joined(
        separator: " ")
    }
  }

  struct Case {
    var name: String
    var base: [Label]?
    var ours: [Label]
    var theirs: [Label]
    var merged: [String]
    var conflicts: [String] = []
  }

  private static func plain(_ names: String...) -> [Label] { names.map { Label(name: $0) } }

  static let cases: [Case] = [
    Case(name: "nothing changed", base: plain("a", "b"), ours: plain("a", "b"), theirs: plain("a", "b"), merged: ["a", "b"]),
    Case(name: "one side adds", base: plain("a"), ours: plain("a", "b"), theirs: plain("a"), merged: ["a", "b"]),
    Case(name: "the other side adds", base: plain("a"), ours: plain("a"), theirs: plain("a", "b"), merged: ["a", "b"]),
    Case(name: "both add others", base: plain("a"), ours: plain("a", "b"), theirs: plain("a", "c"), merged: ["a", "b", "c"]),
    Case(name: "both add the same", base: plain("a"), ours: plain("a", "b"), theirs: plain("a", "b"), merged: ["a", "b"]),
    Case(
      name: "both add one, one with a colour", base: [], ours: plain("a"), theirs: [colored("a", "#111111")], merged: ["a #111111"]),
    Case(
      name: "both add one with two colours", base: [], ours: [colored("a", "#111111")], theirs: [colored("a", "#222222")],
      merged: ["a #111111"], conflicts: ["label \"a\": the colour differ"]),
    Case(name: "no base", base: nil, ours: plain("a", "b"), theirs: plain("b", "c"), merged: ["a", "b", "c"]),
    Case(name: "one side removes", base: plain("a", "b"), ours: plain("a"), theirs: plain("a", "b"), merged: ["a"]),
    Case(name: "the other side removes", base: plain("a", "b"), ours: plain("a", "b"), theirs: plain("b"), merged: ["b"]),
    Case(name: "both remove", base: plain("a", "b"), ours: plain("b"), theirs: plain("b"), merged: ["b"]),
    Case(
      name: "removed here, changed there", base: plain("a", "b"), ours: plain("b"), theirs: [colored("a", "#111111")] + plain("b"),
      merged: ["b", "a #111111"], conflicts: ["label \"a\": removed here, changed there"]),
    Case(
      name: "changed here, removed there", base: plain("a", "b"), ours: [colored("a", "#111111")] + plain("b"), theirs: plain("b"),
      merged: ["a #111111", "b"], conflicts: ["label \"a\": changed here, removed there"]),
    Case(
      name: "one side changes", base: [colored("a", "#111111")], ours: [colored("a", "#111111")], theirs: [colored("a", "#222222")],
      merged: ["a #222222"]),
    Case(
      name: "both change", base: [colored("a", "#111111")], ours: [colored("a", "#222222")], theirs: [colored("a", "#333333")],
      merged: ["a #222222"], conflicts: ["label \"a\": the colour differ"]),
    Case(name: "renamed here", base: plain("a"), ours: [label("b", formerly: "a")], theirs: plain("a"), merged: ["b <a"]),
    Case(name: "renamed there", base: plain("a"), ours: plain("a"), theirs: [label("b", formerly: "a")], merged: ["b <a"]),
    Case(
      name: "renamed here, changed there", base: plain("a"), ours: [label("b", formerly: "a")], theirs: [colored("a", "#111111")],
      merged: ["b #111111 <a"]),
    Case(
      name: "changed here, renamed there", base: plain("a"), ours: [colored("a", "#111111")], theirs: [label("b", formerly: "a")],
      merged: ["b #111111 <a"]),
    Case(
      name: "renamed alike", base: plain("a"), ours: [label("b", formerly: "a")], theirs: [label("b", formerly: "a")],
      merged: ["b <a"]),
    Case(
      name: "renamed differently", base: plain("a"), ours: [label("b", formerly: "a")], theirs: [label("c", formerly: "a")],
      merged: ["b <a <c"], conflicts: ["label \"b\": the name differ"]),
    Case(
      name: "renamed here, removed there", base: plain("a", "x"), ours: [label("b", formerly: "a")] + plain("x"),
      theirs: plain("x"),
      merged: ["b <a", "x"], conflicts: ["label \"a\": changed here, removed there"]),
    Case(
      name: "renamed in a row", base: plain("a", "b"), ours: [label("b", formerly: "a"), label("c", formerly: "b")],
      theirs: [colored("a", "#111111"), colored("b", "#222222")], merged: ["b #111111 <a", "c #222222 <b"]),
    Case(
      name: "joined here", base: plain("a", "b"), ours: [label("b", formerly: "a")], theirs: plain("a", "b"), merged: ["b <a"]),
    Case(
      name: "joined here, one changed there", base: plain("a", "b"), ours: [label("b", formerly: "a")],
      theirs: plain("a") + [colored("b", "#222222")], merged: ["b #222222 <a"]),
    Case(
      name: "renamed here to a name that is added there", base: plain("a"), ours: [label("b", formerly: "a")],
      theirs: plain("a") + [colored("b", "#222222")], merged: ["b <a"],
      conflicts: ["label \"b\": one label has got this name here, another one there"]),
    Case(
      name: "added here, and there another one renamed to it", base: plain("a"), ours: plain("a") + [colored("b", "#222222")],
      theirs: [label("b", formerly: "a")], merged: ["b <a"],
      conflicts: ["label \"b\": one label has got this name here, another one there"]),
    Case(
      name: "our order", base: plain("a", "b", "c"), ours: plain("c", "a", "b"), theirs: plain("a", "b", "c"),
      merged: ["c", "a", "b"]),
    Case(
      name: "their order", base: plain("a", "b", "c"), ours: plain("a", "b", "c", "d"), theirs: plain("c", "a", "b"),
      merged: ["c", "a", "b", "d"]),
    Case(
      name: "two orders", base: plain("a", "b", "c"), ours: plain("c", "a", "b"), theirs: plain("b", "a", "c"),
      merged: ["c", "a", "b"]),
    Case(
      name: "what only looks the same is another", base: [], ours: plain("\u{E9}"), theirs: plain("e\u{301}"),
      merged: ["\u{E9}", "e\u{301}"]),
  ]

  @Test(arguments: cases.indices) func labelsAreMerged(_ number: Int) throws {
    let test = Self.cases[number]
    let merge = SettingsMerge(base: test.base.map { settings($0) }, ours: settings(test.ours), theirs: settings(test.theirs))
    #expect(short(merge.settings.labels) == test.merged, "\(test.name)")
    #expect(merge.conflicts.map(\.about) == test.conflicts, "\(test.name)")
    #expect(merge.settings.conflicts == merge.conflicts, "\(test.name)")
    #expect(LabelRules(type: .free).problems(of: merge.settings.labels).isEmpty, "\(test.name)")
    // What a merge writes can be read again, and says the same.
    let context = ReadContext(sources: SourceMap())
    let bytes = merge.settings.bytes
    let read = bytes.withUnsafeBytes { RepositorySettings.read($0, file: context.sources.add("dataset.json"), context) }
    #expect(context.diagnostics.isEmpty, "\(test.name)")
    #expect(try #require(read).bytes == bytes && read?.conflicts == merge.conflicts, "\(test.name)")
  }

  @Test func everyAnswerOfALabelIsMergedByItself() {
    var base = Label(name: "a", id: .integer(1), parent: "p")
    base.attributes = [AttributeDefinition(name: "x", type: "text")]
    var (ours, theirs) = (base, base)
    ours.style.shortcut = "k"
    ours.parent = "q"
    ours.attributes = []
    theirs.style.color = "#111111"
    theirs.style.defaultShape = "point"
    theirs.id = .integer(2)
    theirs.keypointNames = ["nose"]
    theirs.skeleton = [[1, 1]]
    theirs.relation = .init(source: "b", target: "c")
    theirs.preserved.append("license", json: Array("1".utf8), format: "coco")
    var expected = theirs
    expected.style.shortcut = "k"
    expected.parent = "q"
    expected.attributes = []
    for swapped in [false, true] {
      let merge = SettingsMerge(
        base: settings([base]), ours: settings([swapped ? theirs : ours]), theirs: settings([swapped ? ours : theirs]))
      #expect(merge.settings.labels == [expected] && merge.conflicts.isEmpty)
    }
    ours.id = .integer(3)
    ours.style.color = "#222222"
    let torn = SettingsMerge(base: settings([base]), ours: settings([ours]), theirs: settings([theirs]))
    #expect(torn.conflicts.map(\.about) == ["label \"a\": the id, the colour differ"])
    #expect(torn.conflicts.first?.label == "a" && torn.conflicts.first?.theirs == theirs)
    #expect(torn.settings.labels.first?.id == .integer(3) && torn.settings.labels.first?.keypointNames == ["nose"])
  }

  // MARK: The rest

  @Test(arguments: [
    (["a", "b"] as [String]?, ["a", "b"], ["a", "b"], ["a", "b"]), (["a", "b"], ["a"], ["a", "b"], ["a"]),
    (["a"], ["a", "x"], ["y", "a"], ["a", "x", "y"]),
    (["a", "b"], ["b"], ["a"], []), (nil, ["a"], ["b", "a"], ["a", "b"]), ([], ["a"], ["a"], ["a"]),
    (["a"], [], ["a", "b"], ["b"]),
  ]) func sourcesAreAList(_ base: [String]?, _ ours: [String], _ theirs: [String], _ merged: [String]) {
    let merge = SettingsMerge(
      base: base.map { sources in settings { $0.sources = sources } }, ours: settings { $0.sources = ours },
      theirs: settings { $0.sources = theirs })
    #expect(merge.settings.sources == merged && merge.conflicts.isEmpty)
  }

  private func settings(_ change: (inout RepositorySettings) -> Void) -> RepositorySettings { settings([], change) }

  @Test(arguments: [
    (1, 1, 8, 8, 0), (1, 8, 1, 8, 0), (1, 8, 8, 8, 0), (1, 8, 4, 8, 1), (nil as Int?, 4, 4, 4, 0), (nil, 8, 4, 8, 1),
  ]) func filesAreAnAnswer(_ base: Int?, _ ours: Int, _ theirs: Int, _ merged: Int, _ conflicts: Int) {
    let merge = SettingsMerge(
      base: base.map { count in settings { $0.shardCount = count } }, ours: settings { $0.shardCount = ours },
      theirs: settings { $0.shardCount = theirs })
    #expect(merge.settings.shardCount == merged && merge.conflicts.count == conflicts)
    if conflicts > 0 { #expect(merge.conflicts.first?.about == "shards: \(ours) here, \(theirs) there") }
  }

  @Test func namesAndTypesAreAnswers() {
    let merge = SettingsMerge(
      base: settings(),
      ours: settings {
        $0.header.name = "mine"
        $0.type = .free
      },
      theirs: settings {
        $0.header.name = "theirs"
        $0.type = .video
      })
    #expect(merge.conflicts.map(\.about) == ["name: \"mine\" here, \"theirs\" there", "type: free here, video there"])
    #expect(merge.settings.header.name == "mine" && merge.settings.type == .free)
    let easy = SettingsMerge(base: settings(), ours: settings { $0.type = .free }, theirs: settings { $0.header.name = "new" })
    #expect(easy.conflicts.isEmpty && easy.settings.header.name == "new" && easy.settings.type == .free)
    #expect(
      SettingsMerge(base: settings(), ours: settings { $0.header.name = nil }, theirs: settings()).settings.header.name == nil)
  }

  @Test func fieldsAreMergedOneByOne() {
    func fields(_ items: [(String, AttributeValue)]) -> RepositorySettings {
      settings { settings in for (name, value) in items { settings.header.fields[name] = value } }
    }
    let merge = SettingsMerge(
      base: fields([("a", .integer(1)), ("b", .integer(1)), ("c", .integer(1)), ("gone", .null)]),
      ours: fields([("a", .integer(2)), ("b", .integer(1)), ("c", .integer(2)), ("mine", .boolean(true))]),
      theirs: fields([("a", .integer(1)), ("b", .integer(3)), ("c", .integer(3)), ("gone", .null), ("theirs", .string("x"))]))
    #expect(merge.conflicts.map(\.about) == ["field \"c\": 2 here, 3 there"])
    let merged = merge.settings.header.fields
    #expect(merged["a"] == .integer(2) && merged["b"] == .integer(3) && merged["c"] == .integer(2) && merged["gone"] == nil)
    #expect(merged["mine"] == .boolean(true) && merged["theirs"] == .string("x"))
  }

  /// What is kept for another format: before, here, there, after, and whether it is a conflict.
  @Test(
    arguments: [
      ("1", "1", "2", "2", false), ("1", "2", "1", "2", false), ("1", "2", "2", "2", false), ("1", "2", "3", "2", true),
      ("", "", "2", "2", false), ("1", "", "1", "", false),
    ] as [(String, String, String, String, Bool)])
  func whatIsKeptForOtherFormatsIsMerged(_ base: String, _ ours: String, _ theirs: String, _ merged: String, _ isTorn: Bool) {
    func side(_ value: String, _ type: LabelingType = .objectDetection) -> RepositorySettings {
      settings { settings in
        settings.type = type
        if !value.isEmpty { settings.header.preserved.append("info", json: Array(value.utf8), format: "coco") }
      }
    }
    let merge = SettingsMerge(base: side(base), ours: side(ours), theirs: side(theirs))
    #expect(merge.settings.header.preserved == side(merged).header.preserved)
    #expect(merge.conflicts.map(\.about) == (isTorn ? ["fields kept for other formats: some here, some there"] : []))
  }

  @Test func olderConflictsStay() {
    let old = SettingsConflict(about: "old")
    let other = SettingsConflict(about: "other")
    let merge = SettingsMerge(
      base: settings(), ours: settings { $0.conflicts = [old] }, theirs: settings { $0.conflicts = [old, other] })
    #expect(merge.settings.conflicts == [old, other] && merge.conflicts.isEmpty)
  }
}
