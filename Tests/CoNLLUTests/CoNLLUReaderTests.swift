import Foundation
import TestSupport
import Testing
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

@testable import WaybillCoNLLU

@Suite struct CoNLLUReaderTests {
  @Test func readsRowsTextsAndComments() throws {
    let data = try read(
      text: "# newdoc id = d\n# newpar\n# sent_id = s1\n# text = Hi, Ada.\n# topic = a b\n"
        + rows("1 Hi hi INTJ UH _ 0 root _ SpaceAfter=No", "2 , , PUNCT , _ 1 punct", "3 Ada Ada PROPN NNP Number=Sing 1 vocative _ SpaceAfter=No", "4 . . PUNCT . _ 1 punct")
        + "# sent_id = 7\n" + rows("1 No no INTJ UH _ 0 root"))
    #expect(data.diagnostics.isEmpty && data.keys == ["s1", "7"] && data.texts == ["Hi, Ada.", "No"])
    #expect(data.samples.map(\.id) == [.string("s1"), .integer(7)])
    #expect(data.samples[0].attributes == ["document": .string("d"), "paragraph": .integer(1), "topic": .string("a b")])
    #expect(data.samples[1].attributes == ["document": .string("d"), "paragraph": .integer(1)])
    let tokens = try #require(data.samples[0].tokens)
    #expect(tokens.columns == ["ID", "LEMMA", "UPOS", "XPOS", "FEATS", "HEAD", "DEPREL", "DEPS", "MISC"])
    #expect(tokens.row(2) == ["Ada", "3", "Ada", "PROPN", "NNP", "Number=Sing", "1", "vocative", "_", "SpaceAfter=No"])
    let places = [(0, 2), (2, 3), (4, 7), (7, 8)].map { Tokens.Extent(start: $0.0, end: $0.1) }
    #expect(tokens.placement == .extents(places, .scalars))
  }

  @Test func rangesAndEmptyNodesHavePlaces() throws {
    let data = try read(
      text: rows("1-2 du", "1 de _ ADP _ _ 3 case", "2 le _ DET _ _ 3 det", "3 chat _ NOUN _ _ 0 root 0:root", "3.1 dort _ VERB _ _ _ _ 3:x|3.1:y".replacingOccurrences(of: "|3.1:y", with: ""), "4 ! _ PUNCT _ _ 3 punct 3.1:punct"))
    #expect(data.diagnostics.isEmpty && data.texts == ["du chat !"])
    let du = Tokens.Extent(start: 0, end: 2)
    #expect(
      data.samples[0].tokens?.placement
        == .extents([du, du, du, .init(start: 3, end: 7), .unknown, .init(start: 8, end: 9)], .scalars))
  }

  @Test func entitiesStandInMISC() throws {
    let tags = try read(
      text: rows("1 Ada _ _ _ _ _ _ _ NER=B-PER", "2 Byron _ _ _ _ _ _ _ X=1|NER=I-PER|SpaceAfter=No", "3 , _ _ _ _ _ _ _ NER=O", "4 Rome _ _ _ _ _ _ _ NER=I-a-b"),
      demand: Demand(labels: true))
    #expect(tags.entities(0) == ["PER Ada Byron", "a-b Rome"] && tags.rules.contains("conllu.tag.sequence") && tags.names == ["PER", "a-b"])
    let ends = try read(text: rows("1 Ada _ _ _ _ _ _ _ NE=B-PER", "2 Byron _ _ _ _ _ _ _ NE=E-PER"))
    #expect(ends.entities(0) == ["PER Ada Byron"] && !ends.rules.contains("conllu.tag.sequence"))
    let other = try read(text: rows("1 Ada _ _ _ _ _ _ _ NE=Person_1"))
    #expect(other.samples[0].annotations.isEmpty && other.diagnostics.isEmpty)
    let brackets = try read(
      text: "# global.Entity = eid-etype-x\n"
        + rows("1 Ada _ _ _ _ _ _ _ Entity=(e1-person-1", "2 of _ _ _ _ _ _ _ _", "3 Rome _ _ _ _ _ _ _ Entity=(e2-place)e1)", "4 x _ _ _ _ _ _ _ Entity=e9)(e7-y-"))
    #expect(brackets.entities(0) == ["person Ada of Rome", "place Rome"])
    #expect(brackets.rules == ["conllu.entity.bracket"] && brackets.diagnostics.counts.first?.count == 1)
  }

  @Test func columnsOfPlusHaveTheirNames() throws {
    let data = try read(text: "# global.columns = ID FORM FREE:X MISC\n1\ta b\tx y\tSpaceAfter=No\n2\tc\t_\t_\n\n")
    #expect(data.diagnostics.isEmpty && data.texts == ["a bc"] && data.samples[0].tokens?.columns == ["ID", "FREE:X", "MISC"])
    #expect(data.samples[0].tokens?.row(0) == ["a b", "1", "x y", "SpaceAfter=No"])
    let bare = try read(text: "# global.columns = FORM TAG\na\tx\nb\ty\n\n")
    #expect(bare.texts == ["a b"] && bare.samples[0].tokens?.row(1) == ["b", "y"])
    #expect(try read(text: "# global.columns = ID FORM ID\n1\ta\tb\n\n").rules.first == "conllu.file.columns")
  }

  @Test func whatIsSaidAboutTheTextIsCompared() throws {
    let data = try read(text: "# text = other\n" + rows("1 a _ _ _ _ 0 root") + "# text = b  c\n" + rows("1 b _ _ _ _ 0 root", "2 c _ _ _ _ 1 dep"))
    #expect(data.rules == ["conllu.text.mismatch"] && data.texts == ["a", "b  c"])
  }

  static let faults: [(rule: String, text: String)] = [
    ("conllu.row.columns", "1\ta\t_\n\n"), ("conllu.row.columns", rows("1 a _ _ _ _ 0 root _ _ x")), ("conllu.line.syntax", "words\n\n"),
    ("conllu.line.syntax", rows("1 a").dropLast() + "\t\t\n\n"), ("conllu.comment.place", rows("1 a").dropLast() + "# late\n\n"),
    ("conllu.comment.place", rows("1 a").dropLast() + "# late\n" + rows("2 b")), ("conllu.comment.twice", "# sent_id = 1\n# sent_id = 2\n" + rows("1 a")),
    ("conllu.sentence.empty", "# sent_id = 1\n\n" + rows("1 a")), ("conllu.field.empty", rows("1 a  ")), ("conllu.field.space", rows("1 a~")),
    ("conllu.field.space", rows("1 ~a")), ("conllu.field.space", rows("1 a~~b")), ("conllu.field.space", rows("1 a _ _ X~Y")),
    ("conllu.field.space", rows("1 a\u{A0}")), ("conllu.field.space", rows("1 \u{3000}a")),
    ("conllu.id.syntax", rows("01 a")), ("conllu.id.syntax", rows("1-x a")), ("conllu.id.syntax", rows("0 a")), ("conllu.id.syntax", rows("1.0 a")),
    ("conllu.id.syntax", rows("99999999999999999999 a")), ("conllu.id.sequence", rows("2 a")), ("conllu.id.sequence", rows("1 a", "1 b")),
    ("conllu.id.range", rows("1-3 ab", "1 a", "2 b")), ("conllu.id.range", rows("2-1 ab", "1 a", "2 b")), ("conllu.id.range", rows("1 a", "1-2 ab", "2 b")),
    ("conllu.id.range", rows("1-2 ab", "1 a", "2-3 bc", "2 b", "3 c")), ("conllu.id.empty-node", rows("1 a", "1.2 b")),
    ("conllu.id.empty-node", rows("2.1 b", "1 a")), ("conllu.range.value", rows("1-2 ab x", "1 a", "2 b")),
    ("conllu.range.value", rows("1-2 ab _ _ _ _ 0", "1 a", "2 b")), ("conllu.upos.syntax", rows("1 a _ noun")),
    ("conllu.feats.order", rows("1 a _ _ _ B=X|A=Y")), ("conllu.feats.order", rows("1 a _ _ _ A=X|A=Y")), ("conllu.feats.syntax", rows("1 a _ _ _ A=X=Y")),
    ("conllu.feats.syntax", rows("1 a _ _ _ a=X")), ("conllu.feats.syntax", rows("1 a _ _ _ A=x")), ("conllu.feats.syntax", rows("1 a _ _ _ A=X,X")),
    ("conllu.feats.syntax", rows("1 a _ _ _ A[]=X")), ("conllu.feats.order", rows("1 a _ _ _ A[b]=X|A=Y")), ("conllu.head.value", rows("1 a _ _ _ _ 1 dep")),
    ("conllu.head.value", rows("1 a _ _ _ _ 2 dep")), ("conllu.head.value", rows("1 a _ _ _ _ x dep")), ("conllu.head.cycle", rows("1 a _ _ _ _ 2 x", "2 b _ _ _ _ 1 x")),
    ("conllu.head.empty-node", rows("1 a", "1.1 b _ _ _ _ 1")), ("conllu.deprel.root", rows("1 a _ _ _ _ 0 dep")),
    ("conllu.deprel.root", rows("1 a _ _ _ _ 0 root", "2 b _ _ _ _ 1 root")), ("conllu.deps.syntax", rows("1 a _ _ _ _ _ _ x")),
    ("conllu.deps.head", rows("1 a _ _ _ _ _ _ 2:x")), ("conllu.deps.head", rows("1 a _ _ _ _ _ _ 1:x")), ("conllu.deps.head", rows("1 a _ _ _ _ _ _ 1.1:x")),
    ("conllu.deps.order", rows("1 a", "2 b", "3 c _ _ _ _ _ _ 2:x|1:y")), ("conllu.deps.order", rows("1 a", "2 b _ _ _ _ _ _ 1:x|1:x")),
    ("conllu.deps.empty-node", rows("1 a _ _ _ _ _ _ 0:root", "1.1 b _ _ _ _ _ _ 1:x")),
  ]

  @Test(arguments: faults.indices) func eachFaultIsAnError(_ position: Int) throws {
    let (rule, text) = Self.faults[position]
    let data = try read(text: text)
    let item = try #require(data.diagnostics.items.first { $0.severity == .error }, "\(text)")
    #expect(item.rule == rule && item.range != nil, "\(item.rule): \(text)")
  }

  @Test func lookingAtTheFormatAloneIsMilder() throws {
    for (rule, text) in Self.faults where ["upos", "feats", "head", "deps", "deprel"].contains(rule.split(separator: ".")[1]) {
      #expect(try read(text: text, [("check", "format")]).diagnostics.count(atLeast: .error) == 0, "\(rule)")
    }
  }

  static let fine = [
    rows("1 a _ _ _ A=X|B[psor]=Y|Case=Nom,Acc|Number=1"), rows("1 a _ X _ _ 0 ROOT"), rows("1 a _ _ _ _ 0 root:x 0:root|0:x:y"),
    rows("0.1 a", "1 b"), rows("1-2 ab _ _ _ Typo=Yes _ _ _ X=1", "1 a", "2 b"), rows("1 a~b a~b", "2 c _ _ _ _ _ _ _ X=a~b"), "\n\n" + rows("1 a"),
    rows("1 a") + "\n\n", String(rows("1 a").dropLast()), String(rows("1 a").dropLast(2)), rows("1 a").replacingOccurrences(of: "\n", with: "\r\n"),
    rows("1 a").dropLast() + "   \n" + rows("1 b"), "# newdoc\n# x\n#y\n" + rows("1 a"), "",
  ]

  @Test(arguments: fine) func whatIsAllowedIsNoError(_ text: String) throws {
    #expect(try read(text: text).diagnostics.count(atLeast: .error) == 0)
    #expect(try rewrite(text).text == text)
  }
}
