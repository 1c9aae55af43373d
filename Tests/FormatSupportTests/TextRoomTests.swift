import Testing
import WaybillDatasetModel
import WaybillFormatSupport

@Suite struct TextRoomTests {
  static let texts: [(String, [Int], [String])] = [
    ("", [], []), ("  ", [], []), ("Ada met.", [], ["Ada", "met", "."]), ("don't", [], ["don", "'", "t"]), ("a\u{A0}b\tc", [], ["a", "b", "c"]),
    ("日本語", [], ["日", "本", "語"]), ("สวัสดี", [], ["ส", "วั", "ส", "ดี"]), ("e\u{301}a", [], ["e\u{301}a"]), ("x2 ½", [], ["x2", "½"]),
    ("ab日c", [], ["ab", "日", "c"]), ("abc", [1, 2], ["a", "b", "c"]), ("ab", [-3, 0, 2, 9], ["ab"]), ("😀😀", [], ["😀", "😀"]), ("a_b", [], ["a", "_", "b"]),
  ]

  @Test(arguments: texts.indices) func textsHaveTokens(_ position: Int) {
    let (text, borders, expected) = Self.texts[position]
    var places: [Tokens.Extent] = []
    let bytes = Array(text.utf8)
    bytes.withUnsafeBufferPointer { TextTokens.append($0, borders: borders, to: &places) }
    #expect(places.map { String(decoding: bytes[Int($0.start)..<Int($0.end)], as: UTF8.self) } == expected)
  }

  /// Tags, and the entities that any reader makes of them.
  static let tags: [(TagScheme, [String], [String], Bool)] = [
    (.iob2, ["B-X", "I-X", "O", "B-Y", "B-Y"], ["X 0..2", "Y 3..4", "Y 4..5"], true), (.iob1, ["I-X", "I-X", "B-X", "I-Y"], ["X 0..2", "X 2..3", "Y 3..4"], true),
    (.iobes, ["B-X", "I-X", "E-X", "S-X", "O"], ["X 0..3", "X 3..4"], true), (.bilou, ["U-X", "B-X", "L-X"], ["X 0..1", "X 1..3"], true),
    (.bmes, ["B-X", "M-X", "E-X"], ["X 0..3"], true), (.iob2, ["I-X", "I-Y"], ["X 0..1", "Y 1..2"], false), (.iob2, ["B", "I", "O"], [" 0..2"], true),
    (.iobes, ["B-X", "O"], ["X 0..1"], false), (.iobes, ["E-X", "I-X"], ["X 0..1", "X 1..2"], false), (.iob1, ["B-X"], ["X 0..1"], false),
    (.iob2, ["B-a-b", "I-a-b"], ["a-b 0..2"], true), (.bilou, ["B-X", "L-Y"], ["X 0..1", "Y 1..2"], false), (.iobes, ["S-X", "I-X", "E-X"], ["X 0..1", "X 1..3"], false),
  ]

  @Test(arguments: tags.indices) func tagsAreEntities(_ position: Int) {
    let (scheme, tags, expected, isRegular) = Self.tags[position]
    var decoder = TagDecoder(scheme)
    // The memory of labels stays until they are read.
    let memory = tags.map { tag in
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: tag.utf8.count)
      _ = copy.initialize(from: tag.utf8)
      return UnsafeBufferPointer(copy)
    }
    defer { for piece in memory { piece.deallocate() } }
    for (index, tag) in memory.enumerated() {
      let isTag = decoder.take(tag, at: index)
      #expect(isTag)
    }
    decoder.finish(count: tags.count)
    #expect(decoder.entities.map { "\(String(decoding: $0.label, as: UTF8.self)) \($0.start)..\($0.end)" } == expected)
    #expect(decoder.isRegular == isRegular)
    var census = TagCensus()
    for tag in memory { census.take(tag) }
    if isRegular, position < 5 { #expect(census.scheme == scheme) }
    guard isRegular else { return }
    var rows = TagRows()
    rows.reset(count: tags.count)
    for (index, entity) in decoder.entities.enumerated() {
      let isPlaced = rows.place(index, at: entity.start..<entity.end)
      #expect(isPlaced)
    }
    let isTooLong = rows.place(9, at: 0..<(tags.count + 1))
    #expect(!isTooLong)
    for (index, tag) in tags.enumerated() {
      guard rows.entity(at: index) != nil else {
        #expect(tag == "O")
        continue
      }
      let letter = rows.letter(at: index, in: scheme) { a, b in
        String(decoding: decoder.entities[a].label, as: UTF8.self) == String(decoding: decoder.entities[b].label, as: UTF8.self)
      }
      #expect(tag.utf8.first == letter)
    }
  }

  @Test func whatIsNoTagIsRefused() {
    for text in ["", "X", "PER", "B-", "b-PER", "o", "O-X", "BX", "_", "-"] {
      let bytes = Array(text.utf8)
      #expect(bytes.withUnsafeBufferPointer { TagText($0) } == nil, "\(text)")
    }
  }

  @Test func positionsAreBytes() {
    var positions = TextPositions()
    let bytes = Array("a😀é".utf8)
    bytes.withUnsafeBufferPointer { positions.use($0) }
    func bytesOf(_ last: Int, _ unit: TextSpan.Unit) -> [Int?] {
      var found: [Int?] = []
      for position in 0...last { found.append(positions.byte(of: position, unit)) }
      return found
    }
    #expect(bytesOf(4, .scalars) == [0, 1, 5, 7, nil])
    #expect(bytesOf(5, .utf16) == [0, 1, nil, 5, 7, nil])
    #expect(bytesOf(8, .utf8) == [0, 1, nil, nil, nil, 5, nil, 7, nil])
    var scalars: [Int] = []
    for byte in [0, 1, 5, 7] { scalars.append(positions.scalar(ofByte: byte)) }
    let before = positions.byte(of: -1, .scalars)
    #expect(scalars == [0, 1, 2, 3] && before == nil)
  }

  @Test func tokensAreFoundAgain() {
    let text = Array("a  b\u{3000}bc ".utf8)
    text.withUnsafeBufferPointer { text in
      var cursor = TextCursor(text)
      func find(_ token: String) -> Range<Int>? { Array(token.utf8).withUnsafeBufferPointer { cursor.find($0) } }
      let found = [find("a"), find("b"), find("x")]
      let isAtEnd = cursor.isAtEnd()
      let last = find("bc")
      #expect(found == [0..<1, 3..<4, nil] && !isAtEnd && last == 7..<9 && cursor.isAtEnd())
    }
  }

  @Test func commentsSayAttributes() {
    func comment(_ line: String) -> SentenceComment? { Array(line.utf8).withUnsafeBufferPointer { SentenceComment($0) } }
    #expect(comment("# a = b = c")?.value == "b = c" && comment("# a-b.c:d_1 = x")?.name == "a-b.c:d_1")
    for line in ["#a = b", "# a=b", "# a =", "# a = ", "#", "", "# a b = c", "#  a = b"] { #expect(comment(line) == nil, "\(line)") }
    var attributes = Attributes()
    let added = ["# waybill_attributes = {\"n\":1}", "# n = x", "# waybill_attributes = [1]"].map { comment($0)?.add(to: &attributes) }
    #expect(added == [true, false, false] && attributes == ["n": .integer(1)])
  }
}
