import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCoNLL

@Suite struct CoNLLReaderTests {
  @Test func readsSentencesDocumentsAndColumns() throws {
    let data = try read(
      text:
        "-DOCSTART- -X- -X- O\n\nAda NNP I-NP I-PER\nmet VBD I-VP O\nNew NNP I-NP I-LOC\nYork NNP I-NP I-LOC\n\n-DOCSTART- -X- -X- O\n\nHi UH O O\n\n",
      demand: Demand(labels: true))
    #expect(data.diagnostics.isEmpty && data.keys == ["1", "2"] && data.texts == ["Ada met New York", "Hi"])
    #expect(data.entities(0) == ["PER Ada", "LOC New York"] && data.names == ["PER", "LOC"] && data.header.labelsAreComplete)
    #expect(data.samples.map { $0.attributes["document"] } == [.integer(1), .integer(2)])
    let tokens = try #require(data.samples[0].tokens)
    #expect(tokens.columns == ["column2", "column3"] && tokens.row(2) == ["New", "NNP", "I-NP"] && tokens.placement == .joined)
    #expect(data.samples.allSatisfy { $0.preserved.isEmpty })
    let dialect = CoNLLDialect(data.header.preserved)
    #expect(dialect.scheme == .iob1 && dialect.separator == .space && dialect.docstart == "-DOCSTART- -X- -X- O\n\n")
    #expect(data.samples[1].source?.offset == 118)
  }

  /// The columns that are found, as layouts.
  static let layouts: [(text: String, token: Int, labels: [Int], width: Int)] = [
    ("Ada B-PER\n. O\n", 0, [1], 2), ("B-PER Ada\nO .\n", 1, [0], 2), ("Ada B-PER NNP\n. O .\n", 0, [1], 3),
    ("Ada NNP B-NP B-PER\n. . O O\n", 0, [3], 4), ("1\tAda\tB-PER\tO\n2\t.\tO\tO\n", 1, [2, 3], 4),
    ("1\tAda\tNNP\tB-PER\n2\t.\t.\tO\n", 1, [3], 4), ("Ada NNP\n. .\n", 0, [], 2), ("Ada\nmet\n", 0, [], 1),
    ("0 Ada B-PER\n1 . O\n", 1, [2], 3), ("Ada\tB-PER\t+\n.\tO\t-\n", 0, [1], 3), ("O O\nO O\n", 0, [1], 2),
    ("# # B-NP O\nAda NNP B-NP B-PER\n", 0, [3], 4),
  ]

  @Test(arguments: layouts.indices) func findsTheColumns(_ position: Int) throws {
    let given = Self.layouts[position]
    let layout = CoNLLDialect(try read(text: given.text).header.preserved).layout
    #expect(layout.token == given.token && layout.labels == given.labels && layout.width == given.width)
  }

  @Test func optionsNameTheColumns() throws {
    let text = "Ada B-NP B-PER\nmet O O\n"
    #expect(try read(text: text).entities(0) == ["PER Ada"])
    let both = try read(text: text, [("labels", "2+3")])
    #expect(both.entities(0) == ["NP Ada", "PER Ada"] && both.samples[0].tokens?.columns == [])
    #expect(try read(text: text, [("labels", "2")]).entities(0) == ["NP Ada"])
    let none = try read(text: text, [("labels", "none"), ("token", "3")])
    #expect(none.texts == ["B-PER O"] && none.samples[0].annotations.isEmpty)
    #expect(none.samples[0].tokens?.row(0) == ["B-PER", "Ada", "B-NP"])
    #expect(try read(text: text, [("labels", "4")]).rules == ["conll.file.columns"])
    #expect(try read(text: text, [("labels", "3"), ("token", "3")]).rules == ["conll.file.columns"])
    for wrong in ["0", "x", "2,3", "2++3", "2+2", "-1", "99999999999999999999"] {
      #expect(throws: (any Error).self, "\(wrong)") { try read(text: text, [("labels", wrong)]) }
    }
    #expect(throws: (any Error).self) { try read(text: text, [("token", "0")]) }
    #expect(try read(text: "a I-X\nb I-X\n", [("scheme", "iob2")]).rules == ["conll.tag.sequence"])
  }

  @Test func tokensArePartedBySpacesAndTabsAlone() throws {
    let data = try read(text: "a\u{A0}b O\nc\u{2003}d B-X\n\u{200B} I-X\n")
    #expect(data.diagnostics.isEmpty && data.samples[0].tokens?.text(0) == "a\u{A0}b")
    #expect(data.entities(0) == ["X c\u{2003}d \u{200B}"])
    let tabs = try read(text: "M & M\tB-X\nall\tO\n")
    #expect(tabs.samples[0].tokens?.text(0) == "M & M" && tabs.entities(0) == ["X M & M"])
    let mixed = try read(text: "a \t b  B-X\nc d O\n")
    #expect(mixed.samples[0].tokens?.row(0) == ["a", "b"] && mixed.kept(0).hasPrefix(#""rows":"a \t b  B-X\nc d O""#))
  }

  /// Rows are looked at eight bytes at once: words of any length may end anywhere.
  @Test(arguments: [" ", "\t"], ["\n", "\r\n"]) func wordsMayHaveAnyLength(_ mark: String, _ lineEnd: String) throws {
    let seed = testSeed(21)
    var dice = SeededNumbers(seed)
    for _ in 0..<60 {
      let rows = (0..<dice.below(7) + 1).map { _ in
        (0..<3).map { _ in String((0..<dice.below(21) + 1).map { _ in dice.pick(["a", "Q", "ü", "日", "~"] as [Character]) }) }
      }
      let tags = rows.map { _ in dice.pick(["O", "B-PER", "B-X"]) }
      var text = ""
      for (row, tag) in zip(rows, tags) { text += (row + [tag]).joined(separator: mark) + lineEnd }
      let last = "z" + mark + "y" + mark + "x" + mark + "O"
      let data = try read(text: text + lineEnd + last, [("labels", "4")])
      let found = try #require(data.samples.first?.tokens)
      #expect((0..<found.count).map(found.row) == rows && data.samples.count == 2, "seed \(seed): \(text)")
      #expect(data.texts == [rows.map { $0[0] }.joined(separator: " "), "z"], "seed \(seed)")
      let words = zip(rows, tags).filter { $0.1 != "O" }.map { "\($0.1.dropFirst(2)) \($0.0[0])" }
      #expect(data.entities(0) == words, "seed \(seed)")
      #expect(try write(data.header, data.samples).text == text + lineEnd + last, "seed \(seed)")
    }
  }

  @Test func manyRowsAndColumnsAreRead() throws {
    let wide = (1...60).map { "c\($0)" }.joined(separator: "\t") + "\tB-X\n"
    let data = try read(text: String(repeating: wide, count: 400) + "\n" + wide)
    #expect(data.samples.map { $0.tokens?.count } == [400, 1] && data.diagnostics.isEmpty)
    #expect(data.samples[0].tokens?.row(399) == (1...60).map { "c\($0)" })
  }

  @Test func aSampleTakesThePlaceOfAnother() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a.conll", "# id x\na B-X\nb I-X\n\nc O\n\nd E\ne O\n\nf O\n")
    func check<R: FormatReader>(_ reader: R) throws {
      let context = ReadContext(sources: SourceMap())
      let index = try reader.survey(Demand(), context)
      var sample = Sample(key: "", media: Media(.image))
      for position in [0, 1, 2, 0, 1] {
        sample.split = "train"
        let isRead = try reader.decode(position, in: index, into: &sample, context)
        #expect(isRead == (try reader.decode(position, in: index, context) != nil))
        if isRead { #expect(try reader.decode(position, in: index, context) == sample) }
      }
      #expect(try !reader.decode(9, in: index, into: &sample, context))
      #expect(sample.annotations.isEmpty && sample.tokens == nil && sample.split == nil)
    }
    try check(
      try CoNLLFormat.makeReader(
        DatasetInput(path: path), FormatOptions([], declared: CoNLLFormat.descriptor.readOptions, format: "conll")))
  }

  @Test func positionsAreScalars() throws {
    let data = try read(text: "😀é O\nü B-X\nb I-X\nc O\n\n日本 B-Y\n")
    #expect(data.samples[0].annotations[0].span == TextSpan(start: 3, end: 6, unit: .scalars))
    #expect(data.entities(0) == ["X ü b"] && data.entities(1) == ["Y 日本"])
  }

  @Test func labelsKeepTheirHyphens() throws {
    let data = try read(text: "a B-creative-work\nb I-creative-work\nc B--\nd B-x\n", demand: Demand(labels: true))
    #expect(data.entities(0) == ["creative-work a b", "- c", "x d"] && data.names == ["creative-work", "-", "x"])
  }

  @Test func commentsSayIDsTextsAndAttributes() throws {
    let data = try read(
      text:
        "# id a-1\tdomain=en\tx\nAda B-PER\n. O\n\n# text = Ada.\n# topic = a b\n# waybill_attributes = {\"n\":[1,null]}\nAda B-PER\n. O\n\n# sent_id = 7\n# text = other\nAda O\n\n#\thttps://x [1]\nAda O\n\n# waybill_id = \"7\"\n# waybill_key = \"k\"\nAda O\n\n"
    )
    #expect(data.keys == ["a-1", "2", "7", "4", "k"])
    #expect(data.samples.map(\.id) == [.string("a-1"), nil, .integer(7), nil, .string("7")])
    #expect(data.texts == ["Ada .", "Ada.", "Ada", "Ada", "Ada"] && data.entities(1) == ["PER Ada"])
    #expect(data.samples[1].tokens?.placement == .extents([.init(start: 0, end: 3), .init(start: 3, end: 4)], .scalars))
    #expect(data.samples[0].attributes == ["domain": .string("en")])
    #expect(data.samples[1].attributes == ["topic": .string("a b"), "n": .list([.integer(1), .null])])
    #expect(data.samples[3].attributes == ["source": .string("https://x [1]")])
    #expect(data.rules == ["conll.text.mismatch"] && data.samples[1].preserved.isEmpty && data.samples[4].preserved.isEmpty)
  }

  @Test func rowsThatBeginWithANumberSignAreRows() throws {
    let data = try read(text: "# # B-NP O\n7 CD I-NP B-MONEY\n# remark\n# a b c\nx NN I-NP O\n\n#now NN I-NP O\n")
    #expect(data.texts == ["# 7 x", "#now"] && data.diagnostics.isEmpty)
    #expect(data.kept(0).contains("# remark"))
  }

  @Test func documentsHaveNumbersOrNames() throws {
    let data = try read(
      text:
        "a O\n\n-DOCSTART- -X- O\nb O\n-DOCSTART-\n\n-DOCSTART- (x y)\n\nc O\n\n-DOCSTART- (12)\n\nd O\n\n-DOCSTART- ()\n\ne O\n\n-DOCSTART-X-\n\nf O\n\n-DOCSTART- O\n"
    )
    #expect(data.texts == ["a", "b", "c", "d", "e", "f"] && data.diagnostics.isEmpty)
    #expect(
      data.samples.map { $0.attributes["document"] } == [nil, .integer(1), .string("x y"), .integer(12), nil, .integer(6)])
  }

  static let faults: [(text: String, rule: String, offset: Int, length: Int)] = [
    ("a B-X\nb\nc O\n", "conll.row.columns", 6, 1), ("a O\nb O O\nc B-X\n", "conll.row.columns", 4, 5),
    ("1\ta\tb\n2\tc\td\n3\n", "conll.row.columns", 12, 1),
    ("a O\nb B-X\nc O\nd O\ne O\nf O\ng O\nh O\ni O\nj O\nk X\n", "conll.tag.syntax", 44, 1),
    ("a O\nb B-X\nc O\nd O\ne O\nf O\ng O\nh O\ni O\nj O\nk B-\n", "conll.tag.syntax", 44, 2),
  ]

  @Test(arguments: faults.indices) func faultsHavePlaces(_ position: Int) throws {
    let given = Self.faults[position]
    let data = try read(text: given.text)
    let item = try #require(data.diagnostics.items.first)
    #expect(item.rule == given.rule && item.severity == .error)
    #expect(item.range?.offset == given.offset && item.range?.length == given.length)
  }

  @Test func aBrokenSentenceLeavesTheOthers() throws {
    let data = try read(text: "a B-X\nb O\n\nc O\nd\n\ne O\n\n")
    #expect(data.texts == ["a b", "e"] && data.keys == ["1", "3"] && data.rules == ["conll.row.columns"])
  }

  @Test func whatIsNotUTF8IsRefused() throws {
    let folder = try TemporaryFolder()
    var bytes = Array("a O\n\nb".utf8)
    bytes += [0xE9] + Array(" B-X\n\nc B-Y\n".utf8)
    let path = try folder.write("a.conll", "")
    try bytes.withUnsafeBytes { try Array($0).write(to: path) }
    let data = try read(path, demand: Demand(labels: true))
    #expect(data.rules == ["conll.file.encoding"] && data.texts == ["a", "c"])
    #expect(data.diagnostics.items[0].range?.offset == 6)
  }

  @Test func aByteOrderMarkIsKept() throws {
    let data = try read(text: "\u{FEFF}a B-X\n")
    #expect(data.rules == ["conll.file.bom"] && data.texts == ["a"])
    #expect(try rewrite("\u{FEFF}a B-X\n").text == "\u{FEFF}a B-X\n")
  }

  @Test(arguments: ["", "\n\n", "# nothing\n", "-DOCSTART- O\n\n"]) func filesWithoutRowsAreEmpty(_ text: String) throws {
    let data = try read(text: text)
    #expect(data.samples.isEmpty && data.rules == ["conll.file.empty"])
  }

  @Test func aFolderIsOneDataset() throws {
    let folder = try TemporaryFolder()
    _ = try folder.write("set/b.conll", "c\tB-X\n\n")
    _ = try folder.write("set/a.conll", "a B-X\nb O\n\n-DOCSTART- O\n\nd O\n")
    _ = try folder.write("set/notes.txt", "nothing\n")
    let data = try read(folder.file("set"))
    #expect(data.texts == ["a b", "d", "c"] && data.keys == ["1", "2", "3"])
    #expect(data.kept(2) == #""rows":"c\tB-X","after":"\n\n""#)
    _ = try folder.write("other/train", "a B-X\nb O\n")
    _ = try folder.write("other/README.txt", "A text.\n")
    #expect(try read(folder.file("other")).texts == ["a b"])
    _ = try folder.write("none/README.txt", "A text.\n")
    #expect(throws: DatasetError.self) { try read(folder.file("none")) }
  }
}

extension [UInt8] {
  /// Writes the bytes to a file.
  fileprivate func write(to path: String) throws {
    try Data(self).write(to: URL(fileURLWithPath: path))
  }
}
