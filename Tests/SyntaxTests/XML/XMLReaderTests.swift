import Foundation
import Testing

@testable import WaybillSyntax

@Suite("XML reader: documents")
struct XMLReaderTests {
  @Test(
    "well-formed documents",
    arguments: [
      ("<a/>", "a()"),
      ("<a></a>", "a()"),
      ("<a>x</a>", "a(x)"),
      (" \n<a/>\n ", "a()"),
      ("<?xml version='1.0'?><a/>", "a()"),
      ("<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\n<a/>", "a()"),
      ("<?xml version=\"1.0\" encoding = 'UTF-8'?><a>é</a>", "a(é)"),
      ("<?xml version='1.0' encoding='US-ASCII'?><a/>", "a()"),
      ("<a><b/><b>1</b><c>2</c></a>", "a(b()b(1)c(2))"),
      ("<a>1<b>2</b>3<c>4</c>5</a>", "a(1b(2)3c(4)5)"),
      ("<a>\n  <b/>\n</a>", "a(\n  b()\n)"),
      ("<a x='1' y=\"2\"/>", "a[x=1,y=2]()"),
      ("<a x = '1'\n y='a\tb\nc'/>", "a[x=1,y=a b c]()"),
      ("<a x='&lt;&#10;&quot;&apos;'/>", "a[x=<\n\"']()"),
      ("<a x=''/>", "a[x=]()"),
      ("<a>&lt;&gt;&amp;&quot;&apos;</a>", "a(<>&\"')"),
      ("<a>&#65;&#x42;&#x1F600;</a>", "a(AB😀)"),
      ("<a><![CDATA[<b>&amp;]]></a>", "a(<b>&amp;)"),
      ("<a>1<![CDATA[2]]>3<![CDATA[]]>4</a>", "a(1234)"),
      ("<a>1<!-- no -->2<?pi no?>3</a>", "a(123)"),
      ("<!-- c --><?pi x?><a/><!-- d --><?pi y?>", "a()"),
      ("<a>\r\nx\ry</a>", "a(\nx\ny)"),
      ("<a>x&#13;y</a>", "a(x\ry)"),
      ("<été ünï='ö'>ß</été>", "été[ünï=ö](ß)"),
      ("<名前>東京😀</名前>", "名前(東京😀)"),
      ("<p:a xmlns:p='u' p:x='1'><p:b/></p:a>", "p:a[xmlns:p=u,p:x=1](p:b())"),
      ("<p:a q:x='1'/>", "p:a[q:x=1]()"),
      ("<a xmlns='u' b='1'/>", "a[xmlns=u,b=1]()"),
      ("<!DOCTYPE a><a/>", "a()"),
      ("<!DOCTYPE a []><a>&amp;</a>", "a(&)"),
      ("<!DOCTYPE a [<!ELEMENT a (b*)><!ELEMENT b EMPTY><!ATTLIST b x CDATA #IMPLIED y (u|v) #REQUIRED>]><a/>", "a()"),
      ("<!DOCTYPE boost_serialization><a>1</a>", "a(1)"),
      ("<a>====================================================</a>", "a(====================================================)"),
    ])
  func wellFormed(_ xml: String, _ outline: String) throws {
    let reader = XMLReader()
    try reader.parse(xml)
    #expect(reader.outline() == outline)
    reader.checkInvariants(source: Array(xml.utf8))
  }

  @Test(
    "documents that are not well-formed",
    arguments: [
      ("", XMLFault.Code.empty, 1, 1),
      (" \n\t ", .empty, 1, 1),
      ("\u{FEFF}", .empty, 1, 1),
      ("hello", .syntax, 1, 1),
      ("\n  {}", .syntax, 2, 3),
      ("<a>", .syntax, 1, 4),
      ("<a><b></a>", .syntax, 1, 11),
      ("<a>\n<b>\n</a>", .syntax, 3, 5),
      ("<a/><b/>", .syntax, 1, 5),
      ("<a/>x", .syntax, 1, 5),
      ("<a x=1/>", .syntax, 1, 6),
      ("<a x='1' x='2'/>", .syntax, 1, 15),
      ("<a x/>", .syntax, 1, 5),
      ("<a x='<'/>", .syntax, 1, 7),
      ("<a>&</a>", .syntax, 1, 5),
      ("<a>&amp</a>", .syntax, 1, 8),
      ("<a>&#0;</a>", .syntax, 1, 8),
      ("<a>&#xFFFF;</a>", .syntax, 1, 12),
      ("<a>é\n\u{1}</a>", .syntax, 2, 1),
      ("<a>]]></a>", .syntax, 1, 4),
      ("<a><!-- -- --></a>", .syntax, 1, 9),
      ("<a/>\0<b>", .syntax, 1, 5),
      ("<a><1/></a>", .syntax, 1, 5),
      ("<!DOCTYPE a", .syntax, 1, 12),
      ("<?xml version='1.0'?>", .empty, 1, 22),
      ("<!DOCTYPE a> hello", .syntax, 1, 14),
      ("<a>&nbsp;</a>", .entity, 1, 10),
    ])
  func malformed(_ xml: String, _ code: XMLFault.Code, _ line: Int, _ column: Int) {
    let reader = XMLReader()
    let fault = reader.fault(Array(xml.utf8))
    #expect(fault?.code == code)
    #expect(fault?.line == line)
    #expect(abs((fault?.column ?? 99) - column) <= 1, "\(xml): \(fault.map { "\($0)" } ?? "none")")
    #expect(fault?.message.isEmpty == false)
    #expect((0...xml.utf8.count).contains(fault?.offset ?? -1))
    #expect(reader.count == 0)
    // The reader goes on with the next document.
    #expect(reader.fault(Array(smallVOC.utf8)) == nil)
    #expect(reader.count == 11)
  }

  @Test("offsets and lines of start tags")
  func places() throws {
    let xml = "\u{FEFF}<a>\n  <b\n    x='1>2'\n    y=\"3\"/>\r\n <c   >t</c><d/>\n</a>"
    let reader = XMLReader()
    try reader.parse(xml)
    reader.checkInvariants(source: Array(xml.utf8))
    #expect(reader.elements.map(\.offset) == [3, 9, 38, 49])
    #expect(reader.elements.map(\.line) == [1, 2, 5, 5])
  }

  @Test("offsets hold through long tags, texts and many elements")
  func placesFarIn() throws {
    var xml = "<root>"
    for index in 0..<3000 {
      xml +=
        "<e i='\(index)' long='\(String(repeating: "v", count: index % 700))'>\(String(repeating: "é\n", count: index % 900))</e>\n"
    }
    xml += "</root>"
    let reader = XMLReader()
    try reader.parse(xml)
    let source = Array(xml.utf8)
    for element in reader.elements { #expect(source[element.offset] == 0x3C) }
    reader.elements.indices.dropFirst().forEach { #expect(reader.firstAttributeNumber($0) == $0 - 1) }
    var line = 1
    var places = reader.elements.makeIterator()
    var next = places.next()
    for (offset, byte) in source.enumerated() {
      if offset == next?.offset {
        #expect(next?.line == line)
        next = places.next()
      }
      if byte == 0x0A { line += 1 }
    }
    #expect(next == nil)
  }

  @Test("accessors")
  func accessors() throws {
    let reader = XMLReader()
    try reader.parse(smallVOC)
    #expect(reader.isNamed(0, "annotation"))
    #expect(!reader.isNamed(0, "annotatio"))
    #expect(!reader.isNamed(0, "annotations"))
    #expect(Array(reader.children(of: 0)).count == 4)
    let object = try #require(reader.firstChild(of: 0, named: "object"))
    #expect(reader.firstChild(of: 0, named: "objec") == nil)
    #expect(reader.attribute(of: object, named: "id").map { Array($0) } == [0x31])
    #expect(reader.attribute(of: object, named: "x") == nil)
    let name = try #require(reader.firstChild(of: object, named: "name"))
    #expect(reader.trimmedString(of: name) == "ñandú")
    #expect(reader[name].parent == object)
    #expect(reader[reader.count - 1].firstChild == XMLElement.none)
    #expect(reader.isMixed(object) == false)

    try reader.parse("<a> \t\n</a>")
    #expect(reader.trimmedText(of: 0).isEmpty)
    #expect(reader.text(of: 0).count == 3)
    try reader.parse("<a>\n x y \n</a>")
    #expect(reader.trimmedString(of: 0) == "x y")
    try reader.parse("<a>1<b>no</b>2<c/>3</a>")
    var text: [UInt8] = []
    reader.appendText(of: 0, to: &text)
    #expect(text == Array("123".utf8))
    #expect(reader.isMixed(0))
    #expect(reader.isNamed(1, "b"))
  }

  @Test("limits")
  func limits() {
    #expect(XMLReader(maximumBytes: 10).fault(Array("<a>123456</a>".utf8))?.code == .tooLarge)
    #expect(XMLReader(maximumBytes: 13).fault(Array("<a>123456</a>".utf8)) == nil)
    let reader = XMLReader(maximumElements: 3)
    #expect(reader.fault(Array("<a><b/><c/></a>".utf8)) == nil)
    let fault = reader.fault(Array("<a><b/><c/><d/></a>".utf8))
    #expect(fault?.code == .tooLarge)
    #expect(fault?.line == 1)
    #expect(XMLReader(maximumBytes: -1, maximumElements: -1).fault([])?.code == .empty)
  }

  @Test("one reader, many documents")
  func reuse() throws {
    let reader = XMLReader()
    try reader.parse("<a><b>1</b></a>")
    #expect(reader.fault(Array("<a><b>".utf8)) != nil)
    try reader.parse("<c/>")
    #expect(reader.outline() == "c()")
    let giant = "<a>" + String(repeating: "<b x='1'>text</b>", count: 300_000) + "</a>"
    try reader.parse(giant)
    #expect(reader.count == 300_001)
    try reader.parse("<c>2</c>")
    #expect(reader.outline() == "c(2)")
  }

  @Test("readers on several threads")
  func threads() {
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      let reader = XMLReader()
      for round in 0..<500 {
        #expect(reader.fault(Array("<a><w>\(worker)</w><r>\(round)</r></a>".utf8)) == nil)
        #expect(reader.outline() == "a(w(\(worker))r(\(round)))")
        #expect(reader.fault(Array("<a><w>\(worker)</a>".utf8)) != nil)
      }
    }
  }

  @Test("real files", arguments: corpusFiles(["pascal-voc", "modelarts-manifest", "cvat-xml", "kitti", "imagenet", "elan-eaf"]))
  func corpus(_ file: URL) throws {
    let source = try [UInt8](Data(contentsOf: file))
    let reader = XMLReader()
    if source.isEmpty {
      #expect(reader.fault(source)?.code == .empty)
      return
    }
    try reader.parse(source)
    let outline = reader.outline()
    if source.count < 100_000 { reader.checkInvariants(source: source) }
    let again = XMLReader()
    try again.parse(reader.xml())
    #expect(again.outline() == outline)
  }
}

extension XMLReader {
  fileprivate func firstAttributeNumber(_ element: Int) -> Int? {
    self[element].attributes.first.flatMap { Int(String(decoding: attribute($0).value, as: UTF8.self)) }
  }
}
