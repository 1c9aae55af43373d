import Testing

@testable import WaybillSyntax

@Suite("Text: encodings")
struct TextEncodingTests {
  static let unicode: [TextEncoding] = [
    .utf8, .markedUTF8, .utf16(bigEndian: false), .utf16(bigEndian: true), .utf16(bigEndian: false, hasMark: false),
    .utf16(bigEndian: true, hasMark: false), .utf32(bigEndian: false), .utf32(bigEndian: true),
    .utf32(bigEndian: false, hasMark: false), .utf32(bigEndian: true, hasMark: false),
  ]

  static let marks: [(bytes: [UInt8], name: String?)] = [
    ([], nil), ([0x61], nil), ([0xEF, 0xBB], nil), ([0xEF, 0xBB, 0xBF], "utf-8-bom"), ([0xFF], nil),
    ([0xFF, 0xFE], "utf-16le-bom"), ([0xFF, 0xFE, 0], "utf-16le-bom"), ([0xFF, 0xFE, 0x61, 0], "utf-16le-bom"),
    ([0xFF, 0xFE, 0, 0], "utf-32le-bom"), ([0xFE, 0xFF, 0, 0x61], "utf-16be-bom"), ([0, 0, 0xFE, 0xFF], "utf-32be-bom"),
    ([0, 0, 0xFE], nil), ([0x61, 0xEF, 0xBB, 0xBF], nil),
  ]

  @Test("a mark tells the encoding", arguments: marks.indices) func aMarkTells(_ index: Int) {
    let (bytes, name) = Self.marks[index]
    #expect(bytes.withUnsafeBytes { TextEncoding(markOf: $0)?.name } == name)
  }

  @Test("a name leads to the encoding it is the name of", arguments: unicode.map(\.name) + TextEncoding.others)
  func aNameLeads(_ name: String) throws {
    let encoding = try #require(TextEncoding(named: name))
    #expect(encoding.name == name)
    #expect(TextEncoding(named: name.uppercased()) == encoding)
    #expect(encoding.hasMark == !encoding.mark.isEmpty)
  }

  static let spellings: [(String, String?)] = [
    ("UTF8", "utf-8"), ("utf-16", "utf-16le-bom"), ("UTF-32", "utf-32le-bom"), ("cp1252", "windows-1252"), ("latin1", "iso-8859-1"),
    ("SJIS", "shift_jis"), ("Shift-JIS", "shift_jis"), ("cp936", "gbk"), ("ASCII", "us-ascii"), ("gbk-bom", nil), ("", nil),
    ("utf-7", nil), ("iso-2022-jp", nil), ("iso-8859-12", nil), ("windows-1259", nil), ("gbk//IGNORE", nil), ("-bom", nil),
  ]

  @Test("other spellings", arguments: spellings) func isUnderstood(_ name: String, _ expected: String?) {
    #expect(TextEncoding(named: name)?.name == expected)
  }

  @Test("units") func units() {
    #expect(Self.unicode.map(\.unitSize) == [1, 1, 2, 2, 2, 2, 4, 4, 4, 4])
    #expect(TextEncoding(named: "gbk")?.unitSize == 1)
  }
}
