import Testing
import WaybillDatasetModel
import TestSupport

@Suite struct TokensTests {
  @Test func rowsComeBack() {
    let tokens = Tokens(columns: ["pos"], rows: [["EU", "NNP"], ["", "x"], ["日本", ""]])
    #expect(tokens.count == 3 && !tokens.isEmpty && tokens.row(0) == ["EU", "NNP"] && tokens.row(2) == ["日本", ""])
    #expect(tokens.text(1) == "" && tokens.text(1, 1) == "x" && tokens.text(1, 2) == nil && tokens.text(1, -1) == nil)
    #expect(tokens.cellRange(ofRow: 1) == 2..<4 && tokens.isEven)
    #expect(!Tokens(columns: ["pos"], rows: [["EU", "NNP"], ["x"]]).isEven)
  }

  @Test(arguments: [
    [["a"], ["b", "1"], ["c", "1", "2"], ["d"]], [["b", "1"], ["a"]], [["a", "1"], ["b", "1"], ["c"], ["d", "1"]],
    [["a", "1", "2", "3"]],
    [["a"], ["b", "1", "2"]],
  ]) func rowsMayBeShortOrLong(_ rows: [[String]]) {
    let tokens = Tokens(columns: ["pos"], rows: rows)
    #expect(tokens.count == rows.count && (0..<rows.count).map(tokens.row) == rows)
    #expect((0..<rows.count).map(tokens.cellCount) == rows.map(\.count))
  }

  @Test func agreesWithAListOfLists() {
    let seed = testSeed(42)
    var generator = SampleGenerator(seed: seed)
    var ragged = 0
    for _ in 0..<300 {
      let columns = (0..<generator.integer(0...3)).map { "c\($0)" }
      let isRagged = generator.integer(0...1) == 1
      let rows = (0..<generator.integer(0...8)).map { _ in
        (0..<(isRagged ? generator.integer(1...5) : columns.count + 1)).map { _ in generator.text() }
      }
      if rows.contains(where: { $0.count != columns.count + 1 }) { ragged += 1 }
      let tokens = Tokens(columns: columns, rows: rows)
      #expect(tokens.count == rows.count && (0..<tokens.count).map(tokens.row) == rows, "seed \(seed)")
      var other = Tokens(columns: columns, rows: rows)
      #expect(other == tokens && other.hashValue == tokens.hashValue, "seed \(seed)")
      if let last = rows.last {
        other.append(cell: last[0])
        other.endRow()
        #expect(other != tokens && other.count == rows.count + 1, "seed \(seed)")
      }
    }
    #expect(ragged > 50)
  }

  @Test func cellsMayLieAnywhereInMemory() {
    let memory = Array("EU\tNNP\nrejects\tVBZ\n".utf8)
    let read = Tokens(
      columns: ["pos"], bytes: memory,
      cells: [.init(start: 0, end: 2), .init(start: 3, end: 6), .init(start: 7, end: 14), .init(start: 15, end: 18)])
    let built = Tokens(columns: ["pos"], rows: [["EU", "NNP"], ["rejects", "VBZ"]])
    #expect(read == built && read.hashValue == built.hashValue && read.joinedText == "EU rejects")
    var longer = read
    longer.append(cell: "x")
    longer.append(cell: "y")
    longer.endRow()
    #expect(longer.row(2) == ["x", "y"] && longer.count == 3)
  }

  @Test func placesAreThoseOfTheText() throws {
    var tokens = Tokens(columns: [], rows: [["Größe"], ["👍🏽"], [""], ["e\u{301}a"]])
    #expect(tokens.extents() == nil)
    tokens.placement = .joined
    let text = Array(tokens.joinedText.unicodeScalars)
    let (extents, unit) = try #require(tokens.extents())
    #expect(unit == .scalars && extents.count == 4)
    for (row, extent) in extents.enumerated() {
      let part = String(String.UnicodeScalarView(text[Int(extent.start)..<Int(extent.end)]))
      #expect(part.unicodeScalars.elementsEqual((tokens.text(row) ?? "").unicodeScalars))
    }
    tokens.placement = .extents([.unknown, .init(start: 1, end: 2), .unknown, .unknown], .utf16)
    #expect(try #require(tokens.extents()).unit == .utf16)
  }

  @Test func placesOfWordsOfEveryLength() throws {
    let seed = testSeed(43)
    var dice = SeededNumbers(seed)
    for _ in 0..<500 {
      let rows = (0..<dice.below(6)).map { _ in
        [String((0..<dice.below(20)).map { _ in dice.pick(["a", "Z", "ß", "日", "😀", "\u{301}"] as [Character]) }), "x"]
      }
      let tokens = Tokens(columns: ["pos"], rows: rows, placement: .joined)
      var at = 0
      for (row, extent) in try #require(tokens.extents()).extents.enumerated() {
        let length = rows[row][0].unicodeScalars.count
        #expect(Int(extent.start) == at && Int(extent.end) == at + length, "seed \(seed): \(rows)")
        at += length + 1
      }
    }
  }

  @Test func placesMayBeListedOrJoined() {
    let joined = Tokens(columns: [], rows: [["Größe"], ["x"]], placement: .joined)
    let extents: [Tokens.Extent] = [.init(start: 0, end: 5), .init(start: 6, end: 7)]
    let listed = Tokens(columns: [], rows: [["Größe"], ["x"]], placement: .extents(extents, .scalars))
    #expect(joined == listed && joined.hashValue == listed.hashValue)
    #expect(joined != Tokens(columns: [], rows: [["Größe"], ["x"]], placement: .extents(extents, .utf8)))
    #expect(joined != Tokens(columns: [], rows: [["Größe"], ["x"]]))
  }

  @Test func differencesAreSeen() {
    let tokens = Tokens(columns: ["pos"], rows: [["a", "b"]])
    for other in [
      Tokens(columns: ["pos"], rows: [["ab", ""]]), Tokens(columns: ["ner"], rows: [["a", "b"]]),
      Tokens(columns: [], rows: [["a"], ["b"]]),
      Tokens(columns: ["pos"], rows: [["a", "b"]], placement: .joined), Tokens(columns: ["pos"], rows: [["a", "c"]]),
      Tokens(columns: ["pos"], rows: [["a"], ["b"]]),
    ] { #expect(other != tokens) }
  }
}
