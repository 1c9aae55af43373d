import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCoNLL

@Suite struct CoNLLWriterTests {
  /// Files that come back byte for byte.
  static let spellings = [
    "a B-X\nb O\n\n", "a B-X\nb O", "a B-X\nb O\n", "a B-X\r\nb O\r\n\r\n", "a B-X\r\nb O\n\n", "a B-X\n\n\n\nb O\n\n\n",
    "\n\na B-X\n",
    "a  B-X\nbb O \n\n", "\ta\tB-X\nb\tO\n", "-DOCSTART- O\n\na B-X\n\n-DOCSTART- O\n\nb O\n\n",
    "-DOCSTART- O\na B-X\n-DOCSTART-\n\nb O\n\n",
    "a B-X\n\n-DOCSTART- O\n", "a I-X\nb B-X\n\nc B-Y\nd I-X\n", "a I-X\nb O\n\nc B-X\n", "# id 5\na B-X\n\n#x y\n\n# z\nb O\n\n",
    "a B-X\n# in the middle\nb O\n# at the end\n\n", "a\tB-X\n\tO\n\n", "a B-X\n \t \nb O\n", "a|B-X b|O\nc|O\n",
    "a|B-X  b|O\n\n\nc|O",
    "a B-X\n\nb NN O\n\n", "1\ta\tB-X\tO\n2\tb\tO\tB-Y\n\n", "a S-X\nb B-X\nc O\n", "a B-X\nb M-X\nc E-X\nd S-X\n", "B\n",
    "a\u{FEFF}b B-X\n",
    "-DOCSTART- (x)\n\na B-X\n\n-DOCSTART- (7)\n\nb O\n\n-DOCSTART- ()\n\nc O\n\n", "a O\nb O\n\n", "a\u{0B}b\u{0}\tB-X\n",
    "a b\tB-X\nc\tO\n",
  ]

  @Test(arguments: spellings) func filesComeBackAsTheyWere(_ text: String) throws {
    let written = try rewrite(text)
    #expect(written.text == text && !written.diagnostics.hasErrors && written.losses.isEmpty)
  }

  static let schemes: [(String, String)] = [
    ("iob1", "a I-X\nb I-X\nc B-X\nd I-Y\ne O\nf I-X\n\n"), ("iob2", "a B-X\nb I-X\nc B-X\nd B-Y\ne O\nf B-X\n\n"),
    ("iobes", "a B-X\nb E-X\nc S-X\nd S-Y\ne O\nf S-X\n\n"), ("bilou", "a B-X\nb L-X\nc U-X\nd U-Y\ne O\nf U-X\n\n"),
    ("bmes", "a B-X\nb E-X\nc S-X\nd S-Y\ne O\nf S-X\n\n"),
  ]

  @Test(arguments: schemes.indices, schemes.indices) func schemesBecomeOneAnother(_ from: Int, _ to: Int) throws {
    let (source, target) = (Self.schemes[from], Self.schemes[to])
    #expect(try rewrite(source.1, [("scheme", target.0)], reading: [("scheme", source.0)]).text == target.1)
    // Without M, tags of BMES are those of IOBES.
    if source.0 != "bmes" { #expect(try rewrite(source.1).text == source.1) }
  }

  @Test func brokenSequencesAreMendedInAnotherScheme() throws {
    let text = "a B-X\nb I-X\nc I-Y\nd O\ne I-X\nf B-Y\n\n"
    #expect(try rewrite(text).text == text)
    #expect(try rewrite(text, [("scheme", "iob2")]).text == "a B-X\nb I-X\nc B-Y\nd O\ne B-X\nf B-Y\n\n")
    #expect(try rewrite(text, [("scheme", "iobes")]).text == "a B-X\nb E-X\nc S-Y\nd O\ne S-X\nf S-Y\n\n")
  }

  @Test func keptRowsTakeNewTags() throws {
    var data = try read(text: "a   NN   I-X\nbb  NN   O\n# c\nc   NN   B-Y  \n\n")
    #expect(try write(data.header, data.samples, [("scheme", "iobes")]).text == "a   NN   S-X\nbb  NN   O\n# c\nc   NN   S-Y  \n\n")
    data.samples[0].annotations.removeLast()
    #expect(try write(data.header, data.samples).text == "a   NN   B-X\nbb  NN   O\n# c\nc   NN   O  \n\n")
    var tokens = Tokens(columns: ["column2"], rows: [["a", "NN"], ["x", "NN"]], placement: .joined)
    data.samples[0].tokens = tokens
    data.samples[0].media.text = "a x"
    #expect(try write(data.header, data.samples).text == "a NN B-X\nx NN O\n\n")
    tokens.columns = ["POS"]
    data.samples[0].tokens = tokens
    let named = try write(data.header, data.samples).text
    #expect(
      named
        == "# waybill_columns = {\"width\":3,\"token\":1,\"labels\":[3],\"names\":[\"POS\"],\"separator\":\"space\"}\na NN B-X\nx NN O\n\n"
    )
    #expect(try rewrite(named).text == named)
    #expect(try read(text: named).samples[0].tokens == tokens)
  }

  @Test func textsAreTokenised() throws {
    let given = sample("Ada's  friend, Zoë (28)\nmet日本人 don't", [(0, 0, 3), (1, 15, 18), (0, 28, 29), (1, 31, 34)])
    let written = try write(header("P", "Q"), [given])
    #expect(
      written.text
        == "# waybill_text = \"Ada's  friend, Zoë (28)\\nmet日本人 don't\"\nAda\tB-P\n'\tO\ns\tO\nfriend\tO\n,\tO\nZoë\tB-Q\n(\tO\n28\tO\n)\tO\nmet\tO\n日\tO\n本\tB-P\n人\tO\ndon\tB-Q\n'\tO\nt\tO\n\n"
    )
    let back = try read(text: written.text)
    #expect(back.samples[0].media == given.media && back.samples[0].annotations.map(\.span) == given.annotations.map(\.span))
    let plain = try write(header("P"), [sample("Ada met", [(0, 1, 2)]), sample("all of it", [(nil, 0, 9)], key: "2")]).text
    #expect(plain == "# text = Ada met\nA\tO\nd\tB-P\na\tO\nmet\tO\n\nall\tB\nof\tI\nit\tI\n\n")
  }

  @Test func positionsOfOtherUnitsAreUnderstood() throws {
    let written = try write(
      header("P"), [sample("😀 Ada", [(0, 3, 6)], unit: .utf16), sample("é Ada", [(0, 3, 6)], key: "2", unit: .utf8)])
    #expect(written.text == "😀\tO\nAda\tB-P\n\né\tO\nAda\tB-P\n\n" && written.losses.isEmpty)
    // Half a pair is no place.
    #expect(try write(header("P"), [sample("😀 Ada", [(0, 1, 6)], unit: .utf16)]).losses.count == 1)
  }

  @Test func whatOneColumnCannotHoldIsLostAndSaid() throws {
    let nested = sample("New York City", [(0, 0, 13), (1, 0, 8), (0, 9, 13)])
    let written = try write(header("P", "Q"), [nested])
    #expect(written.text == "New\tB-P\nYork\tI-P\nCity\tI-P\n\n")
    #expect(written.losses == Array(repeating: EncodingLoss(.span, isApproximated: false), count: 2))
    let two = try write(header("P", "Q"), [nested], [("layers", "2")])
    #expect(two.text.hasSuffix("\nNew\tB-P\tB-Q\nYork\tI-P\tI-Q\nCity\tI-P\tB-P\n\n") && two.losses.isEmpty)
    #expect(try read(text: two.text).entities(0) == ["P New York City", "Q New York", "P City"])
    for (start, end) in [(3, 4), (0, 99), (-1, 3), (5, 5), (7, 3), (0, 4)] {
      #expect(try write(header("P"), [sample("New York", [(0, start, end)])]).losses.count == 1, "\(start)..\(end)")
    }
    var inside = sample("New York", [(0, 0, 2)])
    inside.tokens = Tokens(columns: [], rows: [["New"], ["York"]], placement: .joined)
    #expect(try write(header("P"), [inside]).losses.count == 1)
    #expect(throws: (any Error).self) { try write(header("P"), [nested], [("layers", "0")]) }
  }

  @Test func placesThatDoNotFollowFromTheTextAreWritten() throws {
    var given = sample("du chat", [(0, 0, 2)])
    given.tokens = Tokens(
      columns: [], rows: [["du"], ["de"], ["le"], ["chat"]],
      placement: .extents([.init(start: 0, end: 2), .init(start: 0, end: 2), .unknown, .init(start: 3, end: 7)], .utf16))
    var unknown = given
    unknown.annotations = []
    unknown.key = "2"
    unknown.tokens?.placement = .unknown
    var joined = sample("a b", [], key: "3")
    joined.tokens = Tokens(columns: [], rows: [["a"], ["b"]])
    let written = try write(header("P"), [given, unknown, joined])
    #expect(written.losses.isEmpty)
    let back = try read(text: written.text)
    #expect(back.samples.map(\.tokens) == [given.tokens, unknown.tokens, joined.tokens])
    #expect(back.samples.map(\.media) == [given.media, unknown.media, joined.media] && back.diagnostics.isEmpty)
    #expect(back.samples[0].annotations[0].span == given.annotations[0].span)
  }

  @Test func keysIDsAndAttributesComeBack() throws {
    var samples = [sample("a"), sample("b", key: "x"), sample("c", key: "k e y"), sample("d", key: "5"), sample("e", key: "n")]
    samples[3].id = .integer(5)
    samples[4].id = .string("12")
    samples[0].attributes = ["document": .string("d 1"), "topic": .string("music"), "n": .number(1.5), "id": .string("q")]
    samples[1].attributes = ["document": .string("d 1"), "waybill_x": .string(" "), "a b": .string("c\nd")]
    samples[2].attributes = ["document": .integer(2)]
    samples[3].attributes = ["document": .string("2")]
    let written = try write(header(), samples)
    let back = try read(text: written.text)
    #expect(back.keys == samples.map(\.key) && back.samples.map(\.attributes) == samples.map(\.attributes))
    #expect(back.samples.map(\.id) == [nil, nil, nil, .integer(5), .string("12")])
    #expect(try rewrite(written.text).text == written.text)
    let bare = try write(header(), samples, [("comments", "no")])
    #expect(!bare.text.contains("#") && bare.rules.allSatisfy { $0 == "conll.write.comments" } && !bare.rules.isEmpty)
  }

  @Test func keysSurviveASubset() throws {
    let data = try read(text: "a B-X\n\nb O\n\nc O\n\nd O\n\n")
    let written = try write(data.header, [data.samples[0], data.samples[2], data.samples[3]], positions: [0, 2, 3])
    #expect(written.text == "a B-X\n\n# waybill_key = \"3\"\nc O\n\n# waybill_key = \"4\"\nd O\n\n")
    #expect(try read(text: written.text).keys == ["1", "3", "4"])
    #expect(try rewrite(written.text).text == written.text)
  }

  @Test func documentsOfASubsetKeepTheirNumbers() throws {
    let data = try read(text: "-DOCSTART- O\n\na B-X\n\n-DOCSTART- O\n\n-DOCSTART- O\n\nb O\n\n-DOCSTART- O\n\nc O")
    let all = try write(data.header, data.samples)
    #expect(all.text == "-DOCSTART- O\n\na B-X\n\n-DOCSTART- O\n\n-DOCSTART- O\n\nb O\n\n-DOCSTART- O\n\nc O")
    let turned = try write(data.header, [data.samples[2], data.samples[1]], positions: [2, 1])
    let back = try read(text: turned.text)
    #expect(back.texts == ["c", "b"] && back.samples.map { $0.attributes["document"] } == [.integer(4), .integer(3)])
  }

  @Test func emptyTextsAreSentencesWithoutRows() throws {
    let samples = [sample(""), sample("a", key: "2"), sample(" \n", key: "3"), sample("b", key: "4")]
    let written = try write(header(), samples)
    #expect(written.text == "# waybill_text = \"\"\n\na\tO\n\n# waybill_text = \" \\n\"\n\nb\tO\n\n")
    #expect(try read(text: written.text).texts == ["", "a", " \n", "b"])
    #expect(try rewrite(written.text).text == written.text)
  }

  static let refused: [(Sample, [String], [(String, String)], String)] = {
    func tokens(_ rows: [[String]], _ columns: [String] = []) -> Sample {
      var given = sample("x")
      given.media.text = nil
      given.tokens = Tokens(columns: columns, rows: rows, placement: .joined)
      return given
    }
    return [
      (Sample(key: "1", media: Media(.text, location: "a.txt")), [], [], "conll.write.no-text"),
      (tokens([["a\tb"]]), [], [], "conll.write.cell"), (tokens([["a\nb"]]), [], [], "conll.write.cell"),
      (tokens([["a b"]]), [], [("separator", "space")], "conll.write.cell"),
      (tokens([[""]]), [], [("separator", "space")], "conll.write.cell"),
      (tokens([["a", "b"], ["c"]], ["POS"]), [], [], "conll.write.columns"),
      (sample("a", [(0, 0, 1)]), ["a\tb"], [], "conll.write.label"), (sample("a", [(0, 0, 1)]), [""], [], "conll.write.label"),
      (sample("a", [(0, 0, 1)]), ["a b"], [("separator", "space")], "conll.write.label"),
      (sample("a", [(0, 0, 1)]), ["a "], [], "conll.write.label"),
    ]
  }()

  @Test(arguments: refused.indices) func whatIsNoRowIsAnError(_ position: Int) throws {
    let (given, labels, options, rule) = Self.refused[position]
    let written = try write(DatasetHeader(labels: LabelTable(labels.map { Label(name: $0) })), [given], options)
    #expect(written.rules == [rule] && written.diagnostics.hasErrors && written.text.isEmpty)
  }

  @Test func separatorsAreChosen() throws {
    #expect(try rewrite("a NN B-X\nb NN O\n\n", [("separator", "tab")]).text == "a\tNN\tB-X\nb\tNN\tO\n\n")
    #expect(try rewrite("a  NN B-X\nb NN O\n\n", [("separator", "tab")]).text == "a\tNN\tB-X\nb\tNN\tO\n\n")
    #expect(try rewrite("1\ta\tB-X\tO\n2\tb\tO\tO\n\n", [("separator", "space")]).text == "1 a B-X O\n2 b O O\n\n")
  }

  @Test func columnsThatWouldNotBeFoundAgainAreNamed() throws {
    // Without the other sentences, the column would not be one of tags, or tabs would part nothing.
    let data = try read(text: "a b\tO\nc d\tO\n\ne O\tX\nf\tg\n", [("labels", "none")])
    let some = try write(data.header, [data.samples[0]])
    #expect(
      some.text.hasPrefix(
        "# waybill_columns = {\"width\":2,\"token\":1,\"labels\":[],\"names\":[\"column2\"],\"separator\":\"tab\"}\n"))
    #expect(try read(text: some.text).samples == [data.samples[0]])
    #expect(try rewrite(some.text).text == some.text)
  }

  @Test func whatIsSaidInCommentsIsNoRow() throws {
    // Without tags any line of four fields may be a row, and these lines have four.
    let columns = "# waybill_columns = {\"width\":2,\"token\":1,\"labels\":[],\"names\":[\"x\"]}\n"
    let text = columns + "# waybill_key = \"k\"\n1 a b c\n2 d\n\ne O\nf\n\n"
    let data = try read(text: text)
    #expect(data.diagnostics.isEmpty && data.samples.map(\.key) == ["k", "2"])
    #expect(try read(text: "# waybill_x = y\n1 a b c\n\n").samples.first?.tokens?.count == 2)
  }

  @Test func aDrawerThatLiesIsNotPrinted() throws {
    var data = try read(text: "a  B-X\nb O\n\n\n")
    let drawers = [
      #""rows":"a B-X\n\nb O""#, #""rows":"a B-X""#, #""rows":"a B-X\nb O\n""#, #""rows":"a B-X\nb XX""#, #""after":"x\n\n""#,
      #""after":"\nmore O\n\n""#, #""rows":7"#, ##""before":"# x""##, ##""before":"# waybill_text = \"\"\n\n""##,
      ##""after":"\n\n# waybill_text = \"\"\n\n""##, #""before":"c O\n\n""#, ##""before":"# id 9\n""##, #""before":"c O\n""#,
    ]
    for drawer in drawers {
      data.samples[0].preserved = Preserved("conll", members: Array(drawer.utf8))
      #expect(try write(data.header, data.samples).text == "a B-X\nb O\n\n", "\(drawer)")
    }
  }
}
