import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Tokens and the text they stand in.
@Suite struct JoinedTokensTests {
  private func makes(_ text: String, _ words: [String], columns: [String] = []) -> Bool {
    let tokens = Tokens(columns: columns, rows: words.map { [$0] + columns })
    return Array(text.utf8).withUnsafeBufferPointer { JoinedTokens.make($0, tokens) }
  }

  @Test(arguments: [[], ["p"], ["p", "quite a long column"]]) func textsOfTokens(_ columns: [String]) {
    for words in [["a"], ["a", "b"], ["exactly8", "longer than eight", "é🌊"], ["", "a", ""], [""], []] {
      let text = words.joined(separator: " ")
      #expect(makes(text, words, columns: columns), "\(words)")
      #expect(!makes(text + " ", words, columns: columns) && !makes(text + "x", words, columns: columns), "\(words)")
      if text.isEmpty { continue }
      #expect(!makes(String(text.dropLast()), words, columns: columns), "\(words)")
      #expect(!makes(text.replacingLast(), words, columns: columns), "\(words)")
    }
    #expect(!makes("a  b", ["a", "b"]) && !makes("a\tb", ["a", "b"]) && !makes("ab", ["a", "b"]))
  }

  @Test func rowsOfAnyWidthMakeTexts() {
    let tokens = Tokens(columns: ["x"], rows: [["a"], ["b", "1", "2"], ["c", "1"]])
    #expect(Array("a b c".utf8).withUnsafeBufferPointer { JoinedTokens.make($0, tokens) })
    #expect(Array("a b 1".utf8).withUnsafeBufferPointer { !JoinedTokens.make($0, tokens) })
  }

  @Test func placesAreCountedInScalars() {
    let tokens = Tokens(columns: ["x"], rows: [["é🌊", "1"], ["n't", "2"], ["日", "3"]])
    func places(_ text: String) -> [Tokens.Extent]? {
      Array(text.utf8).withUnsafeBufferPointer { TextCursor.extents(of: tokens, in: $0) }
    }
    #expect(places("é🌊n't\u{3000}日 ") == [.init(start: 0, end: 2), .init(start: 2, end: 5), .init(start: 6, end: 7)])
    #expect(places("é🌊n't日x") == nil && places("é🌊 n t日") == nil && places("") == nil)
    #expect(TextCursor.extents(of: Tokens(), in: UnsafeBufferPointer(start: nil, count: 0)) == [])
  }

  /// Rows of spans, of tokens that the sample has and of tokens that are found.
  @Test func rowsOfSpans() {
    let spans = TokenSpans()
    var sample = Sample(key: "1", media: Media(.text, text: "é 🌊 abc d"))
    func rows(_ start: Int, _ end: Int, _ unit: TextSpan.Unit = .scalars) -> Range<Int>? {
      spans.rows(of: TextSpan(start: start, end: end, unit: unit))
    }
    for placement in [Tokens.Placement.joined, .unknown] {
      sample.tokens = Tokens(columns: ["x"], rows: [["é", "1"], ["🌊"], ["abc"], ["d"]], placement: placement)
      #expect(spans.use(sample) && spans.count == 4 && spans.fit.textIsJoined && !spans.fit.areFound)
      #expect(spans.fit.placesAreFound == (placement == .joined) && spans.tokens(of: sample) == sample.tokens)
      #expect(rows(0, 1) == 0..<1 && rows(2, 7) == 1..<3 && rows(0, 9) == 0..<4 && rows(8, 9) == 3..<4)
      #expect(rows(4, 6) == nil && rows(1, 3) == nil && rows(5, 7) == nil && rows(0, 0) == nil && rows(0, 99) == nil)
      #expect(rows(2, 4, .utf16) == 1..<2 && rows(3, 7, .utf8) == 1..<2)
    }
    sample.tokens = nil
    sample.annotations = [Annotation(label: nil, span: TextSpan(start: 5, end: 6, unit: .scalars))]
    // The span lies in a word, which is split at its borders.
    #expect(spans.use(sample) && spans.fit.areFound && spans.count == 6 && rows(5, 6) == 3..<4)
    #expect((0..<6).map { spans.tokens(of: sample).text($0) } == ["é", "🌊", "a", "b", "c", "d"])
    // Longer sentences after short ones, and the other way round.
    for count in [500, 1, 80] {
      let words = (0..<count).map { "w\($0)" }
      sample.media.text = words.joined(separator: " ")
      sample.tokens = Tokens(columns: [], rows: words.map { [$0] }, placement: .joined)
      #expect(spans.use(sample) && spans.count == count && rows(0, sample.media.text?.count ?? 0) == 0..<count)
    }
  }

  @Test func censusesAddUp() {
    func census(_ tags: [String], outside: Int = 0) -> TagCensus {
      var census = TagCensus()
      for tag in tags { Array(tag.utf8).withUnsafeBufferPointer { _ = census.take($0) } }
      census.takeOutside(outside)
      census.endSentence()
      return census
    }
    var sum = census(["B-x", "O"], outside: 3)
    sum.add(census(["S-y", "NN"]))
    #expect(sum.count == 7 && sum.entityTags == 2 && sum.strangers == 1 && sum.scheme == .iobes)
    // What lies between ends an entity, one by one or many at once.
    for gap in [["O"], []] {
      var tags = TagCensus()
      for tag in ["I-x"] + gap { Array(tag.utf8).withUnsafeBufferPointer { _ = tags.take($0) } }
      if gap.isEmpty { tags.takeOutside(1) }
      Array("I-x".utf8).withUnsafeBufferPointer { _ = tags.take($0) }
      #expect(tags.scheme == .iob1 && tags.count == 3)
    }
  }
}

extension String {
  /// The text with another last letter.
  fileprivate func replacingLast() -> String { dropLast() + (last == "x" ? "y" : "x") }
}
