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

  /// Fills tokens with words, as a reader does that knows where they lie.
  private func fill(_ tokens: inout Tokens, _ words: [String], _ placement: Tokens.Placement = .joined) {
    let bytes = Array(words.joined(separator: "|").utf8)
    bytes.withUnsafeBufferPointer { memory in
      tokens.refill(columns: [], bytes: memory, cellCount: words.count, placement: placement) { cells in
        var at = 0
        for (index, word) in words.enumerated() {
          cells[index] = .init(start: UInt32(at), end: UInt32(at + word.utf8.count))
          at += word.utf8.count + 1
        }
      }
    }
  }

  @Test func memoryIsFilledAgain() {
    var tokens = Tokens(columns: ["pos"], rows: [["a", "N"], ["b"]])
    for count in [3, 0, 1, 500, 2] {
      let words = (0..<count).map { "w\($0)" }
      fill(&tokens, words)
      #expect(tokens.count == count && tokens.isEven && tokens.columns.isEmpty && tokens.isJoined)
      #expect(tokens == Tokens(columns: [], rows: words.map { [$0] }, placement: .joined))
    }
    var ragged = tokens
    let bytes = Array("abc".utf8)
    bytes.withUnsafeBufferPointer { memory in
      ragged.refill(columns: ["x"], bytes: memory, cellCount: 3, rowEnds: [2, 3]) { cells in
        for at in 0..<3 { cells[at] = .init(start: UInt32(at), end: UInt32(at + 1)) }
      }
    }
    #expect(ragged == Tokens(columns: ["x"], rows: [["a", "b"], ["c"]]) && !ragged.isEven && !ragged.isJoined)
  }

  @Test func aCopyStaysAsItWas() {
    let original = Tokens(columns: ["pos"], rows: [["a", "N"], ["b", "V"]], placement: .joined)
    let expected = [["a", "N"], ["b", "V"]]
    var changed = original
    changed.placement = .unknown
    #expect(original.isJoined && !changed.isJoined)
    changed = original
    changed.append(cell: "c")
    changed.append(cell: "X")
    changed.endRow()
    #expect(original.count == 2 && changed.count == 3 && changed.row(2) == ["c", "X"] && changed.row(0) == ["a", "N"])
    changed = original
    fill(&changed, ["other"])
    #expect((0..<2).map(original.row) == expected && changed.row(0) == ["other"])
    changed = original
    changed.columns = ["lemma"]
    #expect(original.columns == ["pos"] && changed.columns == ["lemma"] && changed != original)
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
