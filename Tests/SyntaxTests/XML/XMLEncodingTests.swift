import Foundation
import Testing

@testable import WaybillSyntax

@Suite("XML reader: encodings")
struct XMLEncodingTests {
  static let body = "<a>\n<b x='é'>ñ</b>\n<c/></a>"
  static let outline = "a(\nb[x=é](ñ)\nc())"

  static func declared(_ name: String, _ encoding: String.Encoding, _ text: String = body) -> [UInt8] {
    [UInt8]("<?xml version=\"1.0\" encoding=\"\(name)\"?>".utf8) + (text.data(using: encoding).map { [UInt8]($0) } ?? [])
  }

  static let documents: [(String, [UInt8])] = [
    ("UTF-8", Array(body.utf8)),
    ("UTF-8 mark", [0xEF, 0xBB, 0xBF] + Array(body.utf8)),
    ("UTF-8 mark, other declared", [0xEF, 0xBB, 0xBF] + declared("ISO-8859-1", .utf8)),
    ("UTF-16LE mark", body.encodedUTF16(bigEndian: false)),
    ("UTF-16BE mark", body.encodedUTF16(bigEndian: true)),
    ("UTF-16LE", body.encodedUTF16(bigEndian: false, mark: false)),
    ("UTF-16BE", body.encodedUTF16(bigEndian: true, mark: false)),
    ("UTF-16 declared", ("<?xml version='1.0' encoding='UTF-16'?>" + body).encodedUTF16(bigEndian: false)),
    ("UTF-16 declared as UTF-8", ("<?xml version='1.0' encoding='UTF-8'?>" + body).encodedUTF16(bigEndian: true)),
    ("ISO-8859-1", declared("ISO-8859-1", .isoLatin1)),
    ("iso-8859-1", declared("iso-8859-1", .isoLatin1)),
    ("windows-1252", declared("windows-1252", .windowsCP1252)),
    ("Windows-1252", declared("Windows-1252", .windowsCP1252)),
    ("ISO-8859-15", declared("ISO-8859-15", .isoLatin1)),
  ]

  @Test("the same document in each encoding", arguments: documents.map(\.0))
  func encodings(_ name: String) throws {
    let bytes = try #require(XMLEncodingTests.documents.first { $0.0 == name }?.1)
    let reader = XMLReader()
    try reader.parse(bytes)
    #expect(reader.outline() == XMLEncodingTests.outline)
    #expect(reader.elements.map(\.line) == [1, 2, 3])
    // Offsets lead to the start tags in the source, whatever the width of its characters.
    let unit = name.hasPrefix("UTF-16") ? 2 : 1
    for (index, letter) in [(0, 0x61), (1, 0x62), (2, 0x63)] as [(Int, UInt8)] {
      let tag = bytes[reader[index].offset...].prefix(2 * unit).filter { $0 != 0 }
      #expect(tag == [0x3C, letter])
    }
  }

  @Test("characters beyond the Basic Multilingual Plane", arguments: [false, true])
  func surrogates(_ bigEndian: Bool) throws {
    let reader = XMLReader()
    try reader.parse("<a>😀</a>".encodedUTF16(bigEndian: bigEndian))
    #expect(reader.outline() == "a(😀)")
  }

  @Test(
    "Chinese encodings",
    arguments: [("GBK", [0xC3, 0xA8]), ("gb2312", [0xC3, 0xA8]), ("GB18030", [0xC3, 0xA8])] as [(String, [UInt8])])
  func chinese(_ name: String, _ cat: [UInt8]) throws {
    let bytes = Array("<?xml version='1.0' encoding='\(name)'?>\n<a><b>".utf8) + cat + Array("</b><c/></a>".utf8)
    let reader = XMLReader()
    try reader.parse(bytes)
    #expect(reader.outline() == "a(b(猫)c())")
    for element in reader.elements { #expect(bytes[element.offset] == 0x3C) }
  }

  @Test("windows-1252 has the euro sign where ISO-8859-1 has a control character")
  func euro() throws {
    let reader = XMLReader()
    let open = Array("<?xml version='1.0' encoding='windows-1252'?><a>".utf8)
    try reader.parse(open + [0x80] + Array("</a>".utf8))
    #expect(reader.outline() == "a(€)")
    #expect(reader.fault(open + [0x81] + Array("</a>".utf8))?.code == .encoding)
  }

  static let broken: [(String, [UInt8], Int)] = [
    ("byte 0xFF in UTF-8", Array("<a>".utf8) + [0xFF] + Array("</a>".utf8), 3),
    ("Latin-1 undeclared", Array("<a>".utf8) + [0xE9] + Array("</a>".utf8), 3),
    ("overlong", Array("<a>".utf8) + [0xC0, 0xAF] + Array("</a>".utf8), 3),
    ("surrogate in UTF-8", Array("<a>".utf8) + [0xED, 0xA0, 0x80] + Array("</a>".utf8), 3),
    ("UTF-16 odd", "<a/>".encodedUTF16(bigEndian: false) + [0x20], 10),
    ("lone high surrogate", [0xFF, 0xFE, 0x3C, 0, 0x00, 0xD8, 0x3E, 0], 4),
    ("lone low surrogate", [0xFF, 0xFE, 0x3C, 0, 0x00, 0xDC, 0x3E, 0], 4),
    ("high surrogate at the end", [0xFF, 0xFE, 0x3C, 0, 0x00, 0xD8], 4),
    ("UTF-16 declared, bytes are not", Array("<?xml version='1.0' encoding='utf-16'?><a/>".utf8), 31),
    ("unknown name", Array("<?xml version='1.0' encoding='x-unknown'?><a/>".utf8), 31),
    ("UTF-7", Array("<?xml version='1.0' encoding='UTF-7'?><a/>".utf8), 31),
    ("a name for iconv to stumble on", Array("<?xml version='1.0' encoding='iso-8859-1//IGNORE'?><a/>".utf8), 31),
    ("a family without this member", Array("<?xml version='1.0' encoding='iso-8859-99'?><a/>".utf8), 31),
    ("GBK cut", Array("<?xml version='1.0' encoding='GBK'?><a>".utf8) + [0xC3], 40),
  ]

  @Test("bytes that are not the encoding", arguments: broken.map(\.0))
  func brokenEncodings(_ name: String) throws {
    let (_, bytes, offset) = try #require(XMLEncodingTests.broken.first { $0.0 == name })
    let fault = XMLReader().fault(bytes)
    #expect(fault?.code == .encoding)
    #expect(abs((fault?.offset ?? -99) - offset) <= 1, "\(fault.map { "\($0) at \($0.offset)" } ?? "none")")
  }

  @Test("UTF-32 and EBCDIC are refused")
  func wideEncodings() {
    #expect(XMLReader().fault([0, 0, 0, 0x3C, 0, 0, 0, 0x61]) != nil)
    #expect(XMLReader().fault([0x3C, 0, 0, 0, 0x61, 0, 0, 0]) != nil)
    #expect(XMLReader().fault([0xFF, 0xFE, 0, 0, 0x3C, 0, 0, 0]) != nil)
    #expect(XMLReader().fault([0x4C, 0x6F, 0xA7, 0x94, 0x93, 0x40]) != nil)
  }

  @Test("faults in converted files name the line and the tag before")
  func faultPlace() {
    let fault = XMLReader().fault("<a>\né<b></a>".encodedUTF16(bigEndian: true))
    #expect(fault?.code == .syntax)
    #expect(fault?.line == 2)
    #expect(fault?.offset == 18)
  }
}
