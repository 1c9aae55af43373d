import Foundation
import TestSupport
import Testing

@testable import WaybillSyntax

/// Whoever reads a plain document, the scanner or libxml2, the tree is the same.
@Suite("XML reader: plain documents")
struct XMLPlainTests {
  private let scanner = XMLReader()
  private let parser = XMLReader()

  @Test(
    "what is plain",
    arguments: [
      "<a/>", "<a></a>", "<a>x</a>", "<a />", "<a  >x</a>", "<a>\n\t<b>1</b>\n\t<b/>\n</a>\n", "<a>1<b>2</b>3<c>4</c>5</a> \n\t",
      "<?xml version=\"1.0\"?><a/>", "<?xml version='1.0' encoding='UTF-8' standalone='no' ?>\n<a/>",
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\n<a>é 東京 😀</a>", "<?xml version='1.0' standalone=\"yes\"?><a/>",
      "<a b='1' c=\"it's\"  d=''/>", "<a_.-9 b-1='é'>]</a_.-9>", "<a b='1'  ><c/></a>", "<a>] ]> > ' \" \u{7F}</a>",
      "<a><a><a/></a></a>", "<_/>", "<a>\u{FFFD}\u{FFFC}\u{F000}</a>", "<a><b  /><b/>t<b></b></a>", "<a b='>' c='/'/>",
    ])
  func plain(_ text: String) {
    #expect(same(Array(text.utf8)), "this one is plain: \(text)")
  }

  @Test(
    "what is left to libxml2",
    arguments: [
      "", "<", "<a", "<a>", "</a>", "<a></b>", "<a></a", "<a><b></a></b>", " <a/>", "\u{FEFF}<a/>", "<a/><b/>", "<a/>x",
      "<a>&amp;</a>",
      "<a>&#65;</a>", "<a><!-- c --></a>", "<!-- c --><a/>", "<a/><!-- c -->", "<a><![CDATA[x]]></a>", "<a><?p i?></a>",
      "<!DOCTYPE a><a/>", "<a>]]></a>", "<a>]]</a>", "<a>\r\n</a>", "<a>\u{1}</a>", "<a>\0</a>", "<a/>\0", "<a\nb='1'/>",
      "<a\tb='1'/>",
      "<a b='1'c='2'/>", "<a b='1' b='2'/>", "<a b=1/>", "<a b/>", "<a b ='1'/>", "<a b= '1'/>", "<a b='<'/>", "<a b='&lt;'/>",
      "<a b='x\ny'/>", "<a b='x\ty'/>", "<a xml:space='preserve'/>", "<a xmlns='u'/>", "<p:a/>", "<a p:b='1'/>", "<é/>",
      "<a é='1'/>",
      "<1/>", "<a></a >", "< a/>", "<a / >", "<a>\u{FFFE}</a>", "<a>\u{FFFF}</a>", "<a b='\u{FFFF}'/>",
      "<?xml version='1.1'?><a/>", "<?xml version='1.0' encoding='latin1'?><a/>", "<?xml encoding='UTF-8'?><a/>", "<?xml?><a/>",
      "<?xml version='1.0' standalone='maybe'?><a/>", "<?xml version='1.0\"?><a/>", "<?xml version='1.0'  ?><a/>",
      "<?xml version='1.0'?>", "<?xml version='1.0'?>x<a/>", "<?xml version='1.0'standalone='no'?><a/>", "<?p?><a/>",
    ])
  func notPlain(_ text: String) {
    #expect(!same(Array(text.utf8)), "this one is not plain: \(text)")
  }

  @Test(
    "bytes that are not UTF-8 are left to libxml2", arguments: [[0x80], [0xC0, 0xAF], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xFF]])
  func notUTF8(_ bytes: [UInt8]) {
    #expect(!same(Array("<a>".utf8) + bytes + Array("</a>".utf8)))
    #expect(!same(Array("<a b='".utf8) + bytes + Array("'/>".utf8)))
    #expect(!same(Array("<a/>".utf8) + bytes))
  }

  @Test("depth, names and attributes beyond the scanner's limits are left to libxml2")
  func limits() {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "<a>", count: depth) + String(repeating: "</a>", count: depth)).utf8)
    }
    #expect(same(nested(128)) && !same(nested(129)) && !same(nested(300)))
    func named(_ length: Int) -> [UInt8] { Array("<\(String(repeating: "n", count: length))/>".utf8) }
    #expect(same(named(1024)) && !same(named(1025)))
    func attributed(_ count: Int) -> [UInt8] { Array("<a\((0..<count).map { " b\($0)='1'" }.joined())/>".utf8) }
    #expect(same(attributed(8)) && !same(attributed(9)))
    let many = XMLReader(maximumElements: 3)
    #expect(many.fault(Array("<a><b/><b/></a>".utf8)) == nil)
    #expect(many.fault(Array("<a><b/><b/><b/></a>".utf8))?.code == .tooLarge)
    #expect(many.fault(Array("<a><b/><b c='1'/><b/></a>".utf8))?.code == .tooLarge)
  }

  @Test("documents larger than the first memory")
  func large() {
    let rows = (0..<9000).map { "<object n='\($0)'>\n\t<name>café \($0)</name>\n</object>" }.joined(separator: "\n")
    #expect(same(Array("<annotation>\(rows)</annotation>\n".utf8)))
    #expect(same(Array("<annotation/>".utf8)))
    #expect(!same(Array("<annotation>\(String(repeating: "x", count: 4 << 20))</annotation>".utf8)))
  }

  @Test("a reader goes from plain to other documents and back")
  func turns() throws {
    let reader = XMLReader()
    for _ in 0..<3 {
      try reader.parse("<a>1<b x='2'/>3</a>")
      #expect(reader.outline() == "a(1b[x=2]()3)")
      try reader.parse("<!DOCTYPE a><a>&lt;<b x='&gt;'/></a>")
      #expect(reader.outline() == "a(<b[x=>]())")
      #expect(reader.fault(Array("<a><b></a>".utf8)) != nil && reader.count == 0)
    }
  }

  @Test("fixtures and real files")
  func files() throws {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "../../../Fixtures").standardized
    let walk = FileManager.default.enumerator(at: root, includingPropertiesForKeys: nil)
    let fixtures = (walk?.compactMap { $0 as? URL } ?? []).filter { $0.pathExtension == "xml" }
    #expect(!fixtures.isEmpty)
    var plain = 0
    for file in fixtures + corpusFiles([""]) where same([UInt8](try Data(contentsOf: file))) { plain += 1 }
    #expect(plain > 0)
  }

  @Test("cut and changed documents", arguments: [1, 2, 3, 4] as [UInt64])
  func mutations(seed: UInt64) {
    var numbers = SeededNumbers(seed: seed)
    let seeds = [
      smallVOC, smallVOC.replacing("&amp;", with: "and"),
      "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<a><b/></a>\n",
      "<a>1<b x='1' y=\"2\">東京</b>3<c/>]<d></d></a>", "<a b='1'\n/>",
    ].map { Array($0.utf8) }
    let pieces = [
      "<", ">", "/", "/>", "</", "&", "&amp;", "]", "]]>", "\"", "'", "=", " ", "\n", "\r", "\t", "\0", "é", "\u{FFFE}", "a", "<a>",
      "</a>", "<b/>",
      " x='1'", "<!--", "-->", "<?", "?>", "<![CDATA[", "xml", ":", "-", ".", "9", "\u{1}",
    ].map { Array($0.utf8) }
    // These leave most documents plain.
    let harmless = ["x", " ", "\n", "é", "😀", "<b/>", "<c d='1'>2</c>", "]"].map { Array($0.utf8) }
    var plain = 0
    for _ in 0..<6000 {
      var bytes = numbers.pick(seeds)
      for _ in 0...numbers.below(2) where !bytes.isEmpty {
        let at = numbers.below(bytes.count)
        switch numbers.below(20) {
        case 0: bytes.insert(contentsOf: numbers.pick(pieces), at: at)
        case 1: bytes.replaceSubrange(at..<min(at + 1 + numbers.below(3), bytes.count), with: numbers.pick(pieces))
        case 2: bytes.removeSubrange(at..<min(at + 1 + numbers.below(4), bytes.count))
        case 3: bytes[at] = UInt8(truncatingIfNeeded: numbers.next())
        case 4: bytes.removeSubrange(at...)
        default: bytes.insert(contentsOf: numbers.pick(harmless), at: at)
        }
      }
      if same(bytes) { plain += 1 }
    }
    #expect(plain > 300, "seed \(seed): the mutations must leave something to compare")
  }

  /// Whether a document is plain; if it is, libxml2 must read it and make the same tree.
  private func same(_ bytes: [UInt8]) -> Bool {
    let isPlain = bytes.withUnsafeBytes { scanner.parsePlain($0) }
    guard isPlain else {
      #expect(scanner.count == 0)
      return false
    }
    let fault = bytes.withUnsafeBytes { buffer -> XMLFault? in
      do throws(XMLFault) {
        try parser.parseAny(buffer)
        return nil
      } catch {
        return error
      }
    }
    let text = String(decoding: bytes.prefix(400), as: UTF8.self)
    #expect(fault == nil, "libxml2 refuses \(text)")
    #expect(scanner.count == parser.count, "\(text)")
    guard scanner.count == parser.count else { return true }
    for element in 0..<scanner.count where facts(element, scanner) != facts(element, parser) {
      Issue.record("element \(element) of \(text): \(facts(element, scanner)) is not \(facts(element, parser))")
    }
    scanner.checkInvariants(source: bytes)
    return true
  }

  /// All that a reader says about an element.
  private func facts(_ element: Int, _ reader: XMLReader) -> [String] {
    let item = reader[element]
    let attributes = item.attributes.flatMap { index -> [String] in
      let pair = reader.attribute(index)
      return [String(decoding: pair.name, as: UTF8.self), String(decoding: pair.value, as: UTF8.self)]
    }
    return [reader.name(of: element), reader.text(of: element), reader.tail(of: element)].map {
      String(decoding: $0, as: UTF8.self)
    }
      + [item.parent, item.firstChild, item.nextSibling, item.offset, item.line].map { String($0) } + attributes
  }
}
