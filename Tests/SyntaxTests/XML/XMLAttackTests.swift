import TestSupport
import Foundation
import Testing

@testable import WaybillSyntax

@Suite("XML reader: hostile documents")
struct XMLAttackTests {
  static let laughs: String = {
    var declarations = "<!ENTITY l0 \"lol\">"
    for level in 1..<10 {
      declarations += "<!ENTITY l\(level) \"" + String(repeating: "&l\(level - 1);", count: 10) + "\">"
    }
    return declarations
  }()

  static let attacks: [(name: String, xml: String, code: XMLFault.Code)] = [
    ("billion laughs in text", "<!DOCTYPE a [\(laughs)]><a>&l9;</a>", .entity),
    ("billion laughs in an attribute", "<!DOCTYPE a [\(laughs)]><a x='&l9;'/>", .entity),
    (
      "quadratic blow-up",
      "<!DOCTYPE a [<!ENTITY b \"\(String(repeating: "x", count: 50_000))\">]><a>\(String(repeating: "&b;", count: 50_000))</a>",
      .entity
    ),
    ("external entity", "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>", .entity),
    ("unparsed entity", "<!DOCTYPE a [<!NOTATION n SYSTEM 'n'><!ENTITY x SYSTEM '/etc/passwd' NDATA n>]><a/>", .entity),
    ("external DTD", "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>", .doctype),
    ("external DTD over the network", "<!DOCTYPE a PUBLIC '-//X' 'http://127.0.0.1:1/a.dtd'><a>&x;</a>", .doctype),
    ("parameter entity", "<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/passwd'> %p;]><a/>", .entity),
    ("parameter entity undeclared", "<!DOCTYPE a [%p;]><a/>", .entity),
    ("parameter entity that declares", "<!DOCTYPE a [<!ENTITY % p '<!ENTITY x \"y\">'>%p;]><a>&x;</a>", .entity),
    ("harmless entity", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", .entity),
    ("predefined entity redeclared", "<!DOCTYPE a [<!ENTITY lt '&#38;#60;'>]><a>&lt;</a>", .entity),
    ("undeclared entity in text", "<a>&x;</a>", .entity),
    ("undeclared entity in an attribute", "<a><b y='&x;'/></a>", .entity),
    ("attribute default", "<!DOCTYPE a [<!ATTLIST a x CDATA 'y'>]><a/>", .doctype),
    ("attribute default out of a list", "<!DOCTYPE a [<!ATTLIST a x (y|z) 'y'>]><a/>", .doctype),
    ("fixed attribute", "<!DOCTYPE a [<!ATTLIST a x CDATA #FIXED 'y'>]><a/>", .doctype),
    ("depth 300", String(repeating: "<a>", count: 300) + String(repeating: "</a>", count: 300), .tooDeep),
    ("depth without an end", String(repeating: "<a>", count: 1_000_000), .tooDeep),
    ("attribute flood", "<a><b \((0..<300_000).map { "a\($0)=''" }.joined(separator: " "))/></a>", .tooLarge),
    (
      "attribute flood in single quotes with spaces", "<b \((0..<9000).map { "a\($0) = '>'" }.joined(separator: "\n"))/>", .tooLarge
    ),
    ("namespace flood", "<b \((0..<300_000).map { "xmlns:a\($0)='u'" }.joined(separator: " "))/>", .tooLarge),
    ("many elements", String(repeating: "<a/>", count: 10) + String(repeating: "<a", count: 100_000), .syntax),
    ("a name without end", "<" + String(repeating: "n", count: 1_000_000), .tooLarge),
  ]

  @Test("each is refused at once, with a place", arguments: attacks.map(\.name))
  func refused(_ name: String) throws {
    let attack = try #require(XMLAttackTests.attacks.first { $0.name == name })
    for bytes in [Array(attack.xml.utf8), attack.xml.encodedUTF16(bigEndian: false)] {
      let reader = XMLReader()
      var fault: XMLFault?
      #expect(processorSeconds { fault = reader.fault(bytes) } < 5)
      #expect(fault?.code == attack.code, "\(fault.map { "\($0)" } ?? "accepted")")
      #expect(fault.map { $0.line >= 1 && $0.column >= 1 && $0.offset <= bytes.count } == true)
      #expect(reader.count == 0)
      #expect(reader.fault(Array("<a>ok</a>".utf8)) == nil)
      #expect(reader.outline() == "a(ok)")
    }
  }

  @Test("nothing is loaded from outside")
  func nothingLoaded() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: "waybill-xml-\(UUID().uuidString).dtd")
    try Data("<!ENTITY x 'LOADED'>".utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    for xml in [
      "<!DOCTYPE a [<!ENTITY x SYSTEM '\(file.path)'>]><a>&x;</a>",
      "<!DOCTYPE a SYSTEM '\(file.path)'><a>&x;</a>",
      "<!DOCTYPE a [<!ENTITY % p SYSTEM '\(file.path)'>%p;]><a>&x;</a>",
      "<?xml-stylesheet href='\(file.path)'?><a xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='\(file.path)'/></a>",
    ] {
      let reader = XMLReader()
      if reader.fault(Array(xml.utf8)) == nil { #expect(!reader.outline().contains("LOADED")) }
    }
  }

  @Test("depth up to 256 and 256 attributes are read", arguments: [1, 255, 256, 257])
  func limits(_ number: Int) throws {
    let reader = XMLReader()
    let nested = String(repeating: "<a>", count: number) + String(repeating: "</a>", count: number)
    let attributes = (0..<number).map { "a\($0)='='" }.joined(separator: " ")
    if number <= 256 {
      try reader.parse(nested)
      #expect(reader.count == number)
      try reader.parse("<r><a \(attributes)/></r>")
      #expect(reader[1].attributes.count == number)
    } else {
      #expect(reader.fault(Array(nested.utf8))?.code == .tooDeep)
      let fault = reader.fault(Array("<r><a \(attributes)/></r>".utf8))
      #expect(fault?.code == .tooLarge)
      #expect(fault?.offset == 3)
    }
  }

  @Test("text full of equals signs is no flood")
  func equalsSigns() throws {
    let signs = String(repeating: "= \"\" ", count: 10_000)
    let reader = XMLReader()
    for xml in [
      "<a>\(signs)</a>", "<a><!-- \(signs) --></a>", "<a><![CDATA[\(signs)]]></a>", "<a><?p \(signs)?></a>",
      "<a x='\(signs.replacing("\"", with: ""))'/>",
    ] {
      try reader.parse(xml)
      #expect(reader.count == 1)
    }
  }

  @Test("names that never come again do not fill the reader")
  func dictionary() throws {
    let reader = XMLReader()
    for round in 0..<400 {
      let elements = (0..<1000).map { "<n\(round)_\($0)_padding_padding_padding/>" }.joined()
      try reader.parse("<a>\(elements)</a>")
      #expect(reader.count == 1001)
    }
  }

  @Test("a document cut at every byte")
  func truncated() {
    let bytes = Array(smallVOC.utf8)
    let reader = XMLReader()
    for length in 0..<bytes.count {
      let fault = reader.fault(Array(bytes[..<length]))
      #expect(fault != nil, "cut at \(length)")
      #expect(fault?.code == (length == 0 ? .empty : fault?.code == .encoding ? .encoding : .syntax))
    }
    #expect(reader.fault(bytes) == nil)
    let wide = smallVOC.encodedUTF16(bigEndian: false)
    for length in 0..<wide.count { #expect(reader.fault(Array(wide[..<length])) != nil, "cut at \(length)") }
  }

  @Test("damaged documents are read or refused, never worse", arguments: [1, 2, 3, 20_251] as [UInt64])
  func mutations(_ seed: UInt64) {
    var random = SeededNumbers(seed: seed)
    let pieces = [
      "<", ">", "</", "/>", "&", ";", "<![CDATA[", "]]>", "<!--", "-->", "<?", "?>", "<!DOCTYPE a [", "]>", "'", "\"", "=", "\0",
      "&#x", "<!ENTITY x '",
    ]
    let sources = [
      Array(smallVOC.utf8), Array("<?xml version='1.0' encoding='gbk'?>".utf8) + Array(smallVOC.utf8),
      smallVOC.encodedUTF16(bigEndian: true),
    ]
    let reader = XMLReader()
    for round in 0..<4000 {
      var bytes = sources[round % sources.count]
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch Int.random(in: 0..<4, using: &random) {
        case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: Array((pieces.randomElement(using: &random) ?? "<").utf8), at: place)
        default: bytes.insert(contentsOf: bytes[place...].prefix(40), at: Int.random(in: 0..<bytes.count, using: &random))
        }
      }
      if let fault = reader.fault(bytes) {
        #expect((0...bytes.count).contains(fault.offset), "seed \(seed), round \(round)")
        #expect(reader.count == 0)
      } else {
        reader.checkInvariants()
        let outline = reader.outline()
        let again = XMLReader()
        #expect(again.fault(Array(reader.xml().utf8)) == nil, "seed \(seed), round \(round)")
        #expect(again.outline() == outline, "seed \(seed), round \(round)")
      }
    }
  }
}
