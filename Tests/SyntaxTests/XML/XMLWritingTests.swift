import TestSupport
import Testing

@testable import WaybillSyntax

@Suite("XML writing")
struct XMLWritingTests {
  func escaped(_ text: String, attribute: Bool = false) -> String {
    var output: [UInt8] = []
    var copy = text
    copy.withUTF8 { attribute ? appendXMLEscapedAttribute($0, to: &output) : appendXMLEscaped($0, to: &output) }
    return String(decoding: output, as: UTF8.self)
  }

  @Test(
    "escapes",
    arguments: [
      ("", "", ""),
      ("plain", "plain", "plain"),
      ("a<b>&c", "a&lt;b&gt;&amp;c", "a&lt;b&gt;&amp;c"),
      ("<", "&lt;", "&lt;"),
      ("]]>", "]]&gt;", "]]&gt;"),
      ("\"it's\"", "\"it's\"", "&quot;it&#39;s&quot;"),
      ("a\r\n\tb", "a&#13;\n\tb", "a&#13;&#10;&#9;b"),
      ("é😀&猫", "é😀&amp;猫", "é😀&amp;猫"),
      ("&amp;", "&amp;amp;", "&amp;amp;"),
    ])
  func escapes(_ text: String, _ content: String, _ value: String) {
    #expect(escaped(text) == content)
    #expect(escaped(text, attribute: true) == value)
  }

  @Test("what is escaped is read back equal", arguments: [7, 8] as [UInt64])
  func escapeRoundTrip(_ seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    let alphabet = Array("ab<>&\"'\r\n\t ]=éß猫😀\u{85}\u{2028}\u{7F}")
    let reader = XMLReader()
    for round in 0..<500 {
      let text = String(
        (0..<Int.random(in: 0..<30, using: &random)).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &random)] })
      try reader.parse("<a x=\"\(escaped(text, attribute: true))\" y='\(escaped(text, attribute: true))'>\(escaped(text))</a>")
      #expect(Array(reader.text(of: 0)) == Array(text.utf8), "seed \(seed), round \(round)")
      for index in reader[0].attributes {
        #expect(Array(reader.attribute(index).value) == Array(text.utf8), "seed \(seed), round \(round)")
      }
    }
  }

  @Test(
    "text that XML cannot hold",
    arguments: [
      ([], nil), (Array("plain \t\r\n é 猫 😀 \u{7F} \u{85} \u{FFFD}".utf8), nil), (Array("\u{E000}\u{10FFFF}".utf8), nil),
      ([0], 0), ([0x61, 0x1B], 1), ([0x61, 0x1F, 0x62], 1), ([0x0B], 0), ([0x08], 0),
      ([0xEF, 0xB7, 0x90], nil), ([0x61, 0xEF, 0xBF, 0xBE], 1), ([0xEF, 0xBF, 0xBF], 0),
      ([0x80], 0), ([0xC3], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x9F, 0xBF], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xF0, 0x8F, 0xBF, 0xBF], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xE7, 0x8C], 0), ([0xFF], 0),
    ] as [([UInt8], Int?)])
  func validity(_ bytes: [UInt8], _ invalid: Int?) {
    bytes.withUnsafeBufferPointer {
      #expect(firstInvalidXMLByte(in: $0) == invalid)
      #expect(isValidXMLText($0) == (invalid == nil))
    }
  }

  @Test("the check agrees with the parser for every character up to U+FFFF and some beyond")
  func validityAgainstParser() {
    let reader = XMLReader()
    for value in Array(UInt32(1)...0xFFFF) + [0x10000, 0x1F600, 0x10FFFF] {
      guard let scalar = Unicode.Scalar(value), scalar != "<", scalar != "&" else { continue }
      let bytes = Array(String(scalar).utf8)
      let isValid = bytes.withUnsafeBufferPointer(isValidXMLText)
      let isRead = reader.fault(Array("<a>".utf8) + bytes + Array("</a>".utf8)) == nil
      if isValid != isRead { Issue.record("U+\(String(value, radix: 16)): check \(isValid), parser \(isRead)") }
    }
  }

  @Test(
    "elements as they were read",
    arguments: [
      ("<a/>", "<a/>"), ("<a></a>", "<a/>"), ("<a>x</a>", "<a>x</a>"), ("<a> </a>", "<a> </a>"),
      ("<a>1<b>2</b>3<c/>4</a>", "<a>1<b>2</b>3<c/>4</a>"),
      ("<a>\n <b/>\n</a>", "<a>\n <b/>\n</a>"),
      ("<a y='2' x='&quot;&#9;'/>", "<a y=\"2\" x=\"&quot;&#9;\"/>"),
      ("<a><![CDATA[<&]]></a>", "<a>&lt;&amp;</a>"),
      ("<a>1<!-- c -->2<?p?>3</a>", "<a>123</a>"),
      ("<p:a xmlns:p='u'><p:b/></p:a>", "<p:a xmlns:p=\"u\"><p:b/></p:a>"),
      ("<a>x&#13;y\r\nz</a>", "<a>x&#13;y\nz</a>"),
      ("<ö>猫</ö>", "<ö>猫</ö>"),
    ])
  func asRead(_ xml: String, _ written: String) throws {
    let reader = XMLReader()
    try reader.parse(xml)
    #expect(reader.xml() == written)
    let outline = reader.outline()
    try reader.parse(written)
    #expect(reader.outline() == outline)
    #expect(reader.xml() == written)
  }

  @Test(
    "elements laid out anew",
    arguments: [
      ("<a><b>1</b><c/></a>", "<a>\n\t<b>1</b>\n\t<c/>\n</a>"),
      ("<a>\n     <b>\n<c> 1 </c></b></a>", "<a>\n\t<b>\n\t\t<c> 1 </c>\n\t</b>\n</a>"),
      ("<a><b>1<c/> <d/></b></a>", "<a>\n\t<b>1<c/> <d/></b>\n</a>"),
      ("<a><b>1<c> <d/></c></b></a>", "<a>\n\t<b>1<c> <d/></c></b>\n</a>"),
      ("<a xml:space='preserve'> <b/></a>", "<a xml:space=\"preserve\"> <b/></a>"),
      ("<a>  </a>", "<a>  </a>"),
    ])
  func indented(_ xml: String, _ written: String) throws {
    let reader = XMLReader()
    try reader.parse(xml)
    #expect(reader.xml(layout: .indented(level: 0)) == written)
    let deeper = written.contains("preserve") || !written.contains("\n") ? written : written.replacing("\n", with: "\n\t\t")
    #expect(reader.xml(layout: .indented(level: 2)) == deeper)
    try reader.parse(written)
    #expect(reader.xml(layout: .indented(level: 0)) == written)
  }

  @Test("a subtree alone")
  func subtree() throws {
    let reader = XMLReader()
    try reader.parse("<a>1<b x='1'>2<c>3</c>4</b>5</a>")
    #expect(reader.xml(of: 1) == "<b x=\"1\">2<c>3</c>4</b>")
    #expect(reader.xml(of: 2) == "<c>3</c>")
  }

  @Test("random trees are read back equal", arguments: [11, 12, 13] as [UInt64])
  func randomTrees(_ seed: UInt64) throws {
    var random = SeededNumbers(seed: seed)
    func text() -> String { ["", " ", "x", "a & b", "<tag>", "猫\n", "\r", "]]>"].randomElement(using: &random) ?? "" }
    func tree(_ depth: Int) -> String {
      let name = ["a", "b", "x:y", "é"].randomElement(using: &random) ?? "a"
      var xml = "<\(name)"
      for index in 0..<Int.random(in: 0..<3, using: &random) { xml += " k\(index)='\(escaped(text(), attribute: true))'" }
      xml += ">" + escaped(text())
      if depth < 6 {
        for _ in 0..<Int.random(in: 0..<4, using: &random) { xml += tree(depth + 1) + escaped(text()) }
      }
      return xml + "</\(name)>"
    }
    let (reader, again) = (XMLReader(), XMLReader())
    for round in 0..<200 {
      try reader.parse(tree(0))
      try again.parse(reader.xml())
      #expect(again.outline() == reader.outline(), "seed \(seed), round \(round)")
      #expect(again.xml() == reader.xml(), "seed \(seed), round \(round)")
    }
  }
}
