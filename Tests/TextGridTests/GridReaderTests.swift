import TestSupport
import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@Suite("TextGrid: reading") struct GridReaderTests {
  /// A short grid of one tier.
  private func grid(_ items: String, _ count: Int, name: String = "a", kind: String = "IntervalTier", end: String = "4") -> String {
    "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n\(end)\n<exists>\n1\n\"\(kind)\"\n\"\(name)\"\n0\n\(end)\n\(count)\n\(items)\n"
  }

  private func read(_ text: String, _ options: [(String, String)] = []) throws -> ReadDataset {
    let folder = try TemporaryFolder()
    return try TextGridTests.read(folder.write("x.TextGrid", text), options)
  }

  @Test func intervalsAndPoints() throws {
    let data = try read(grid("0 1.50 \"\" 1.50 2 \"say \"\"yes\"\"\" 2 4 \"\"", 3))
    let sample = try #require(data.samples.first)
    #expect(sample.key == "x" && sample.media.kind == .audio && sample.media.location == "x" && sample.media.duration == 4)
    #expect(sample.annotations == [interval(1.5, 2, 0, "say \"yes\"")])
    if case .interval(let start, _) = sample.annotations[0].time { #expect(start.text == "1.50") }
    #expect(data.names == ["a"] && data.rules.isEmpty)
    let points = try read(grid("1 \"x\" 2 \"\"", 2, kind: "TextTier"))
    #expect(points.samples[0].annotations == [point(1, 0, "x"), point(2, 0)])
  }

  @Test func emptyIntervalsAreGapsOrMore() throws {
    // Alone between others: a gap. Two side by side: the first is more.
    #expect(try read(grid("0 1 \"\" 1 2 \"x\" 2 3 \"\" 3 4 \"y\"", 4)).samples[0].annotations.count == 2)
    let two = try read(grid("0 1 \"\" 1 2 \"\" 2 4 \"y\"", 3)).samples[0].annotations
    #expect(two.map(\.text) == [nil, "y"] && two[0].time == .interval(start: 0, end: 1))
    // Where gaps are not filled, every interval counts.
    #expect(try read(grid("1 2 \"\" 3 4 \"y\"", 2)).samples[0].annotations.count == 2)
    #expect(try read(grid("0 4 \"\"", 1)).samples[0].annotations.isEmpty)
    #expect(try read(grid("0 4 \"\"", 1)).names.isEmpty)
  }

  @Test func tiersWithoutLabelAndWithoutWords() throws {
    #expect(try read(grid("0 4 \"hello\"", 1, name: "text")).samples[0].annotations == [interval(0, 4, nil, "hello")])
    #expect(try read(grid("0 4 \"hello\"", 1, name: "")).samples[0].annotations == [interval(0, 4, nil, "hello")])
    #expect(try read(grid("0 4 \"hello\"", 1, name: "text"), [("unlabeled", "none")]).names == ["text"])
    #expect(try read(grid("0 4 \"hello\"", 1, name: "none"), [("unlabeled", "none")]).names.isEmpty)
    #expect(
      try read(grid("0 2 \"spk\" 2 3 \"\" 3 4 \"spk\"", 3, name: "spk")).samples[0].annotations == [
        interval(0, 2, 0), interval(3, 4, 0),
      ])
    // One other word, and they are words.
    #expect(try read(grid("0 2 \"spk\" 2 4 \"x\"", 2, name: "spk")).samples[0].annotations.map(\.text) == ["spk", "x"])
  }

  @Test func labelsAreKnownEarlyAndInOrder() throws {
    let folder = try TemporaryFolder()
    let text =
      "\"Praat chronological TextGrid text file\"\n0 2 3\n\"IntervalTier\" \"a\" 0 2 \"IntervalTier\" \"b\" 0 2 \"IntervalTier\" \"c\" 0 2\n"
      + "2 0 1 \"x\"\n3 0 2 \"\"\n1 1 2 \"y\"\n"
    let path = try folder.write("x.TextGrid", text)
    #expect(try TextGridTests.read(path, demand: Demand(labels: true)).names == ["b", "a"])
    #expect(try TextGridTests.read(path).names == ["b", "a"])
  }

  @Test func wordsThatMeanNothing() throws {
    let data = try read(
      "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\nxmin = 0 ! -5\nxmax = 4 seconds\ntiers? <exists> size = 1\n"
        + "(x1) \"IntervalTier\" x\"y \"a\" 0 4 1 intervals [1]: 0 4 \"z\" ! \"more\" 7")
    #expect(data.samples.first?.annotations == [interval(0, 4, 0, "z")])
    #expect(data.rules.isEmpty, "\(data.diagnostics.items.map(\.message))")
  }

  @Test(
    "problems and their places",
    arguments: [
      ("", "textgrid.header", "1:1"), ("x", "textgrid.header", "1:1"), ("File type = \"ooBinary\"", "textgrid.header", "1:13"),
      ("\"ooTextFile\"\n\"Sound\"", "textgrid.header", "2:1"), ("\"ooTextFile\"\n12", "textgrid.syntax", "2:1"),
      ("\"ooTextFile\" \"TextGrid\" 0", "textgrid.syntax", "1:25"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 2", "textgrid.syntax", "1:29"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <maybe>", "textgrid.syntax", "1:29"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists", "textgrid.syntax", "1:29"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1.5", "textgrid.count", "1:38"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 01", "textgrid.count", "1:38"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 99999999999999999999", "textgrid.count", "1:38"),
      ("\"ooTextFile\" \"TextGrid\" 3 1 <absent>", "textgrid.span", "1:27"),
      ("\"ooTextFile\" \"TextGrid\" -x 1 <absent>", "textgrid.time.number", "1:25"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1\n\"PitchTier\"", "textgrid.tier.class", "2:1"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1\n\"TextTier\" \"a\"b", "textgrid.syntax", "2:15"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <exists> 1\n\"TextTier\" \"a\" 1 0 0", "textgrid.span", "2:18"),
      ("\"ooTextFile\" \"TextGrid\" 0 1 <absent> \"more\"", "textgrid.trailing", "1:38"),
      ("\"Praat chronological TextGrid text file\" 0 1 1 \"TextTier\" \"a\" 0 1\n0 1 \"x\"", "textgrid.tier.number", "2:1"),
      ("\"Praat chronological TextGrid text file\" 0 1 1 \"TextTier\" \"a\" 0 1\n1.0 1 \"x\"", "textgrid.tier.number", "2:1"),
      ("\"Praat chronological TextGrid text file\" 0 1 1 \"TextTier\" \"a\" 0 1\n\"x\"", "textgrid.syntax", "2:1"),
    ])
  func problems(_ text: String, _ rule: String, _ place: String) throws {
    let data = try read(text)
    #expect(data.rules == [rule], "\(data.diagnostics.items.map(\.message))")
    #expect(data.places == [place])
    #expect(data.samples.isEmpty == (rule != "textgrid.trailing"))
    #expect(TextGridFormatRules.ids.contains(rule))
  }

  @Test func itemsThatCannotBeReadAreLeftOut() throws {
    let data = try read(grid("0 1 \"a\" 1 x \"b\" 3 2 \"c\" 1 4 \"d\"", 4).replacing("1 x", with: "1 2s"))
    #expect(data.rules == ["textgrid.time.number", "textgrid.interval.order"])
    #expect(data.samples.first?.annotations.map(\.text) == ["a", "d"])
  }

  @Test func oddItemsAreKeptWithAWarning() throws {
    let overlap = try read(grid("0 2 \"a\" 1 3 \"b\" 3 5 \"c\"", 3))
    #expect(overlap.rules == ["textgrid.tier.order", "textgrid.tier.outside"])
    #expect(overlap.samples[0].annotations.map(\.text) == ["a", "b", "c"])
    let digits = try read(grid("0 1.2345678901234567890123 \"a\" 1.2345678901234567890123 4 \"b\"", 2))
    #expect(digits.rules == ["textgrid.time.digits", "textgrid.time.digits"])
    #expect(digits.samples[0].annotations[0].time == .interval(start: 0, end: 1.2345678901234567))
  }

  @Test func encodings() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("x.TextGrid", Array(grid("0 4 \"", 1).utf8.dropLast(1)) + [0xE9, 0x22, 0x0A])
    #expect(try TextGridTests.read(path).rules == ["textgrid.file.encoding"])
    #expect(try TextGridTests.read(path, [("encoding", "windows-1252")]).samples.first?.annotations.first?.text == "é")
    #expect(throws: (any Error).self) { try TextGridTests.read(path, [("encoding", "no-such")]) }
  }

  @Test func twoFilesOfOneRecording() throws {
    let folder = try TemporaryFolder()
    for name in ["a.TextGrid", "a.textgrid", "b.TextGrid", "c.wav", "d.txt"] { _ = try folder.write(name, grid("0 4 \"x\"", 1)) }
    let data = try TextGridTests.read(folder.path)
    #expect(data.keys == ["a", "b"] && data.rules == ["textgrid.file.duplicate"])
  }
}

/// The declared rules.
enum TextGridFormatRules {
  static let ids = Set(TextGridTests.declared.map(\.id))
}
