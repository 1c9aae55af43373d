import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCoNLLU

@Suite struct CoNLLUWriterTests {
  /// Files that come back byte for byte.
  static let spellings = [
    "\u{FEFF}" + rows("1 a"), "# text = a\n" + rows("1 a") + rows("1 b"), rows("1 a") + "# text = b\n" + rows("1 b"),
    "# text = a  b\n" + rows("1 a", "2 b"), "# text = x\n" + rows("1 a"), "#text=a\n# sent_id=1\n" + rows("1 a"),
    "# newdoc id = a\n# sent_id = 1\n" + rows("1 a") + "# newdoc id = a\n# newpar\n" + rows("1 b") + "# newpar\n" + rows("1 c"),
    "# newdoc\n# newpar id = 7\n" + rows("1 a") + "# newdoc\n" + rows("1 b") + "# newpar id = 7\n# newpar\n" + rows("1 c"),
    "# sent_id = 1\n# x = y\n# text = a\n" + rows("1 a"), "# a remark\n" + rows("1 a _ _ _ _ _ _ _ NER=I-X"), rows("1 a") + "\n \n" + rows("1 b"),
    "# global.columns = FORM X\na\tb\n\nc\td\n\n", "# global.columns = ID FORM MISC\n# text = ab\n1\ta\tSpaceAfter=No|NER=B-X\n2\tb\tNER=L-X\n\n",
    "# global.Entity = eid-etype\n" + rows("1 a _ _ _ _ _ _ _ Entity=(1-x(2-y", "2 b _ _ _ _ _ _ _ Entity=2)1)"),
    rows("1 a").replacingOccurrences(of: "\n", with: "\r\n") + "1\tb" + String(repeating: "\t_", count: 8) + "\n\r\n",
  ]

  @Test(arguments: spellings) func filesComeBackAsTheyWere(_ text: String) throws {
    let written = try rewrite(text)
    #expect(written.text == text && !written.diagnostics.hasErrors && written.losses.isEmpty)
  }

  @Test func textsBecomeWords() throws {
    let written = try write(header("P"), [sample("Ada, in Rome", [(0, 0, 3), (0, 8, 12)]), sample("a\nb", key: "x")])
    #expect(
      written.text == "# text = Ada, in Rome\n"
        + rows("1 Ada _ _ _ _ _ _ _ SpaceAfter=No|NER=B-P", "2 ,", "3 in", "4 Rome _ _ _ _ _ _ _ NER=B-P") + "# waybill_key = \"x\"\n# waybill_text = \"a\\nb\"\n" + rows("1 a", "2 b"))
    let back = try read(text: written.text)
    #expect(back.texts == ["Ada, in Rome", "a\nb"] && back.keys == ["1", "x"] && back.entities(0) == ["P Ada", "P Rome"])
    #expect(try rewrite(written.text).text == written.text)
  }

  @Test func otherColumnsStandInMISC() throws {
    var given = sample("a=b |")
    given.tokens = Tokens(columns: ["tag", "a b"], rows: [["a=b", "x|y", ""], ["|", " \\=", "é"]], placement: .joined)
    let written = try write(header(), [given])
    #expect(written.text.contains("tag=x\\py|a\\sb=\t") == false && written.text.contains("tag=x\\py|a\\sb="))
    let back = try read(text: written.text)
    #expect(back.samples[0].tokens == given.tokens && back.diagnostics.isEmpty)
    #expect(try rewrite(written.text).text == written.text)
  }

  @Test func tagsAreConvertedAndReplaced() throws {
    let text = "# text = a b c\n" + rows("1 a _ _ _ _ _ _ _ NER=B-X", "2 b _ _ _ _ _ _ _ Y=1|NER=I-X", "3 c")
    #expect(try rewrite(text, [("scheme", "iobes")]).text == "# text = a b c\n" + rows("1 a _ _ _ _ _ _ _ NER=B-X", "2 b _ _ _ _ _ _ _ Y=1|NER=E-X", "3 c"))
    var data = try read(text: text)
    data.samples[0].annotations = []
    #expect(try write(data.header, data.samples).text == "# text = a b c\n" + rows("1 a", "2 b _ _ _ _ _ _ _ Y=1", "3 c"))
    var brackets = try read(text: "# text = a b\n" + rows("1 a _ _ _ _ _ _ _ Entity=(1-x(2-y)", "2 b _ _ _ _ _ _ _ Entity=1)"))
    brackets.samples[0].annotations.removeLast()
    let one = try write(brackets.header, brackets.samples)
    #expect(one.text == "# text = a b\n" + rows("1 a _ _ _ _ _ _ _ NER=B-x", "2 b _ _ _ _ _ _ _ NER=I-x") && one.losses.isEmpty)
    let nested = try write(header("P"), [sample("a b", [(0, 0, 3), (0, 0, 1)])])
    #expect(nested.losses == [EncodingLoss(.span, isApproximated: false)])
  }

  @Test func keysDocumentsAndParagraphsComeBack() throws {
    var samples = (1...5).map { sample("t\($0)", key: "\($0)") }
    samples[0].attributes = ["document": .string("a"), "paragraph": .integer(4), "z": .boolean(true)]
    samples[1].attributes = ["document": .string("a")]
    samples[2].attributes = ["document": .string("7"), "sent_id": .string("x")]
    samples[4].attributes = ["paragraph": .string("p")]
    samples[3].id = .string("3")
    let written = try write(header(), samples)
    let back = try read(text: written.text)
    #expect(back.keys == samples.map(\.key) && back.samples.map(\.attributes) == samples.map(\.attributes))
    #expect(back.samples[3].id == .string("3") && back.diagnostics.isEmpty)
    #expect(try rewrite(written.text).text == written.text)
    let some = try write(header(), [samples[1], samples[3]], positions: [1, 3])
    #expect(try read(text: some.text).keys == ["2", "4"])
  }

  @Test func placesAndEmptyTextsComeBack() throws {
    var given = sample("a b", [(0, 0, 1)])
    given.tokens = Tokens(columns: ["q"], rows: [["a", "1"], ["b", "2"]], placement: .extents([.init(start: 0, end: 1), .unknown], .utf16))
    var unknown = sample("z", key: "2")
    unknown.tokens = Tokens(columns: ["q"], rows: [["a", "1"]])
    let samples = [given, unknown, sample("", key: "3"), sample(" ", key: "4")]
    let written = try write(header("P"), samples)
    let back = try read(text: written.text)
    #expect(back.samples.map(\.media) == samples.map(\.media) && back.samples.map(\.tokens) == samples.map(\.tokens))
    #expect(back.samples[0].annotations.map(\.span) == given.annotations.map(\.span))
    #expect(try rewrite(written.text).text == written.text)
  }

  @Test func whatCannotBeReadAgainIsRefused() throws {
    func tokens(_ columns: [String], _ rows: [[String]]) -> Sample {
      var given = sample("x")
      given.media.text = nil
      given.tokens = Tokens(columns: columns, rows: rows, placement: .joined)
      return given
    }
    let all = ["ID", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"]
    let refused: [(Sample, [String], String)] = [
      (Sample(key: "1", media: Media(.text, location: "a")), [], "conllu.write.no-text"), (tokens([], [["a\tb"]]), [], "conllu.write.row"),
      (tokens([], [[""]]), [], "conllu.write.row"), (tokens([], [["a "]]), [], "conllu.write.row"), (tokens(["q"], [["a", "b"], ["c"]]), [], "conllu.write.columns"),
      (tokens(all, [["a", "2", "_", "_", "_", "_", "_", "_", "_", "_"]]), [], "conllu.write.row"),
      (tokens(all, [["a", "1", "_", "noun", "_", "_", "_", "_", "_", "_"]]), [], "conllu.write.row"), (sample("a", [(0, 0, 1)]), ["a|b"], "conllu.write.label"),
    ]
    for (given, labels, rule) in refused {
      let written = try write(DatasetHeader(labels: LabelTable(labels.map { Label(name: $0) })), [given])
      #expect(written.rules == [rule] && written.text.isEmpty)
    }
    let milder = tokens(all, [["a", "1", "_", "noun", "_", "_", "_", "_", "_", "_"]])
    #expect(try write(header(), [milder], [("check", "format")]).diagnostics.isEmpty)
  }

  @Test func aDrawerThatLiesIsNotPrinted() throws {
    var data = try read(text: "# text = a\n" + rows("1 a"))
    for drawer in [
      #""rows":"1\tb\t_\t_\t_\t_\t_\t_\t_\t_""#, #""after":"x\n\n""#, #""before":"1\tb\n""#, ##""before":"# text = b\n\n# c\n""##, ##""before":"# sent_id = 4\n# text = a\n""##,
    ] {
      data.samples[0].preserved = Preserved("conllu", members: Array(drawer.utf8))
      #expect(try write(data.header, data.samples).text == "# text = a\n" + rows("1 a"), "\(drawer)")
    }
  }
}
