import TestSupport
import Testing
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSampleFilter

@testable import WaybillLabelRepository

@Suite struct LabelEditTests {
  private static let keys = (0..<60).map { "k\($0)" }

  private static func add(_ key: String, _ media: Media.Kind = .image) -> Sample {
    Sample(key: key, media: Media(media, location: key))
  }

  private static func train(_ sample: inout Sample) -> LabelEdit.Outcome {
    sample.split = "train"
    return .changed
  }

  @Test(arguments: [1, 2, 8]) func samplesAreChangedByKeys(_ shards: Int) throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: shards)
    let chosen = ["k7", "k30", "k0", "k59", "k7"]
    try fixture.edit { edit throws(RepositoryFailure) in
      var seen: [String] = []
      try edit.change(.keys(chosen)) { sample in
        seen.append(sample.key)
        return Self.train(&sample)
      }
      #expect(seen.sorted() == Set(chosen).sorted())
      #expect(edit.counts == (4, 0, 0))
    }
    let expected = Self.keys.map { chosen.contains($0) ? line($0, #","split":"train""#) : line($0) }
    #expect(try fixture.lines.sorted() == expected.sorted())
    #expect(try fixture.repository.status().isClean)
  }

  @Test(arguments: [1, 8]) func samplesAreChangedByAFilterOrAll(_ shards: Int) throws {
    let lines = Self.keys.enumerated().map { line($1, annotations: [box($0 % 2 == 0 ? "car" : "truck")]) }
    let fixture = try RepositoryFixture(lines, shards: shards)
    let filter = try SampleFilter("label = car")
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.filter(filter)) { Self.train(&$0) }
      #expect(edit.counts.changed == 30)
    }
    #expect(try fixture.lines.filter { $0.contains(#""split":"train""#) }.allSatisfy { $0.contains("car") })
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.all) { Self.train(&$0) }
      // Those that were so already do not change.
      #expect(edit.counts.changed == 30)
    }
    #expect(try fixture.lines.allSatisfy { $0.contains(#""split":"train""#) })
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.all) { $0.key.hasSuffix("1") ? .removed : .kept }
      #expect(edit.counts == (0, 6, 0))
    }
    #expect(try fixture.lines.count == 54)
  }

  @Test(arguments: [1, 8]) func samplesAreAddedInTheirPlaces(_ shards: Int) throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: shards)
    let new = ["z", "k5x", "", "a", "\u{E9}"]
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.keys(["k5"]), adding: new.map { Self.add($0) }) { _ in .removed }
      #expect(edit.counts == (0, 1, 5))
    }
    let status = try fixture.repository.status()
    #expect(status.isClean && status.diagnostics.isEmpty && status.samples == 64)
    #expect(try fixture.lines.contains(line("k5x")) && !fixture.lines.contains(line("k5")))
  }

  @Test func untouchedLinesKeepTheirBytes() throws {
    // None of these is canonical.
    let odd = [#"{ "key":"a" , "image":{} }"#, #"{"image":{"path":"c"},"key":"c"}"#, #"{"key":"\u0064","image":{"width":1.0e1}}"#]
    let fixture = try RepositoryFixture()
    try fixture.write("labels/all.waybill.jsonl", "\(odd[0])\n\(line("b"))\n\(odd[1])\n\(odd[2])\n")
    try fixture.edit { edit throws(RepositoryFailure) in try edit.change(.keys(["b"])) { Self.train(&$0) } }
    #expect(try fixture.lines == [odd[0], line("b", #","split":"train""#), odd[1], odd[2]])
  }

  @Test func filesWithoutChangesAreNotWritten() throws {
    let fixture = try RepositoryFixture()
    let text = "\(line("b"))\r\n\n\(line("a"))"
    try fixture.write("labels/all.waybill.jsonl", text)
    try fixture.edit { edit throws(RepositoryFailure) in try edit.change(.all) { _ in .changed } }
    #expect(try fixture.text("labels/all.waybill.jsonl") == text)
    // The first change puts the lines in order.
    try fixture.edit { edit throws(RepositoryFailure) in try edit.change(.keys(["b"])) { Self.train(&$0) } }
    #expect(try fixture.text("labels/all.waybill.jsonl") == "\(line("a"))\n\(line("b", #","split":"train""#))\n")
  }

  // MARK: Refusals

  @Test(arguments: [
    ("street1", "; did you mean \"street/1.jpg\"?"), ("1.jpg", "; did you mean \"street/1.jpg\"?"), ("nothing like it", ""),
    ("street/2.jpg\u{1B}", "; did you mean \"street/2.jpg\"?"),
  ]) func keysMustBeThere(_ key: String, _ hint: String) throws {
    let fixture = try RepositoryFixture([line("street/1.jpg"), line("street/2.jpg")])
    let said = try #require(
      try fixture.refusal { edit throws(RepositoryFailure) in try edit.change(.keys(["street/1.jpg", key])) { Self.train(&$0) } })
    #expect(said.code == "usage" && said.message.hasPrefix("There is no sample with the key \""))
    #expect(hint.isEmpty ? !said.message.contains("did you mean") : said.message.hasSuffix(hint) || key == "street1")
    #expect(!said.message.contains("\u{1B}"))
  }

  @Test(arguments: [1, 8]) func keysOfAdditionsMustBeFree(_ shards: Int) throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: shards)
    let taken = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.keys([]), adding: [Self.add("k1"), Self.add("new")]) { _ in .kept }
    }
    #expect(taken?.code == "usage" && taken?.message == "There is a sample with the key \"k1\" already")
    let twice = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.keys([]), adding: [Self.add("new"), Self.add("a"), Self.add("new")]) { _ in .kept }
    }
    #expect(twice?.code == "usage" && twice?.message.contains("Two samples with the key \"new\"") == true)
  }

  @Test func samplesKeepTheirKeys() throws {
    let fixture = try RepositoryFixture([line("a"), line("b")])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.keys(["a"])) { sample in
        sample.key = "b"
        return .changed
      }
    }
    #expect(said?.code == "usage" && said?.message.contains("\"a\"") == true)
  }

  @Test func aBrokenRuleChangesNothing() throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: 4)
    let said = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.all) { sample in
        sample.split = "train"
        if sample.key == "k30" { sample.annotations = [Annotation(label: LabelID(index: 0))] }
        return .changed
      }
    }
    #expect(said?.code == "invalid-input" && said?.rules == ["repository.annotation.no-place"])
    let added = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.keys([]), adding: [Self.add("x"), Self.add("y", .audio)]) { _ in .kept }
    }
    #expect(added?.rules == ["repository.sample.media"])
    let unknown = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.keys(["k1"])) { sample in
        sample.annotations = [Annotation(label: LabelID(index: 77), box: nil)]
        return .changed
      }
    }
    #expect(unknown?.rules.contains("repository.annotation.label") == true)
  }

  @Test func samplesThatBreakARuleDoNotHinderOthers() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [#"{"label":"car"}"#]), line("b")])
    try fixture.edit { edit throws(RepositoryFailure) in try edit.change(.keys(["b"])) { Self.train(&$0) } }
    #expect(try fixture.lines.last == line("b", #","split":"train""#))
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.change(.keys(["a"])) { Self.train(&$0) } }
    #expect(said?.rules == ["repository.annotation.no-place"])
  }

  @Test func conflictsAreNotChanged() throws {
    let conflict = ConflictLine.text("b", ours: line("b"), theirs: nil)
    let fixture = try RepositoryFixture([line("a"), conflict, line("c")])
    for selection in [SampleSelection.all, .keys(["b"]), .filter(try SampleFilter("split is missing"))] {
      let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.change(selection) { Self.train(&$0) } }
      #expect(said?.code == "invalid-input" && said?.rules == ["repository.conflict"])
    }
    try fixture.edit { edit throws(RepositoryFailure) in try edit.change(.keys(["a", "c"])) { Self.train(&$0) } }
    #expect(try fixture.lines[1] == conflict && fixture.lines[0].contains("train") && fixture.lines[2].contains("train"))
  }

  @Test(arguments: ["nonsense", #"{"key":"b","image":{"colour":1}}"#, #"{"key":"b"}"#, #"{"key":"c","image":{}}"#])
  func linesThatCannotBeReadRefuseAll(_ bad: String) throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: 2)
    let path = fixture.root + "/labels/00.waybill.jsonl"
    try fixture.write("labels/00.waybill.jsonl", "\(try fixture.text("labels/00.waybill.jsonl"))\(line("c"))\n\(bad)\n")
    let repository = try fixture.repository
    do throws(RepositoryFailure) {
      let edit = try LabelEdit(repository)
      try edit.change(.all) { Self.train(&$0) }
      Issue.record("it was changed")
    } catch {
      #expect(error.error.code == .invalidInput && error.error.message == "Nothing was changed")
      let range = try #require(error.diagnostics.items.first?.range)
      #expect(error.sources?.path(of: range.file) == path)
    }
    let said = try fixture.refusal { edit throws(RepositoryFailure) in try edit.change(.all) { Self.train(&$0) } }
    #expect(said?.rules.count == 1)
  }

  @Test func namesMetInSamplesDoNotJoinTheSet() throws {
    let fixture = try RepositoryFixture([line("a", annotations: [box("unknown")]), line("b")])
    try fixture.edit { edit throws(RepositoryFailure) in
      try edit.change(.all) { sample in sample.key == "b" ? Self.train(&sample) : .kept }
      edit.settings.sources = ["images"]
    }
    #expect(try fixture.repository.settings.labels.map(\.name) == ["car", "truck"])
    #expect(try fixture.repository.settings.sources == ["images"])
  }

  @Test func settingsThatBreakARuleAreNotStored() throws {
    let fixture = try RepositoryFixture([line("a")])
    let said = try fixture.refusal { edit throws(RepositoryFailure) in
      try edit.change(.all) { Self.train(&$0) }
      edit.settings.labels = [Label(name: "")]
    }
    #expect(said?.code == "usage" && said?.message.contains("repository.label.name") == true)
  }

  // MARK: Dropped edits

  @Test func anEditThatIsDroppedLeavesEverythingAsItWas() throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: 8)
    let before = try fixture.content
    for _ in 0..<3 {
      let edit = try LabelEdit(try fixture.repository)
      try edit.change(.all, adding: [Self.add("new")]) { $0.key.hasSuffix("1") ? .removed : Self.train(&$0) }
      edit.settings.sources = ["images"]
      #expect(edit.counts == (54, 6, 1))
    }
    #expect(try fixture.content == before)
  }

  @Test func anEditThatFailsHalfwayLeavesEverythingAsItWas() throws {
    let fixture = try RepositoryFixture(Self.keys.map { line($0) }, shards: 8)
    for stop in [1, 20, 59] {
      var count = 0
      let said = try fixture.refusal { edit throws(RepositoryFailure) in
        try edit.change(.all) { (sample) throws(DatasetError) in
          count += 1
          if count > stop { throw DatasetError(.io, "no more") }
          return Self.train(&sample)
        }
      }
      #expect(said?.message == "no more")
    }
  }

  @Test func settingsAreReadAgainUnderTheLock() throws {
    let fixture = try RepositoryFixture([line("a")])
    let old = try fixture.repository
    try fixture.edit { edit throws(RepositoryFailure) in try edit.addLabels("bus") }
    let edit = try LabelEdit(old)
    #expect(edit.settings.labels.map(\.name) == ["car", "truck", "bus"])
  }
}
