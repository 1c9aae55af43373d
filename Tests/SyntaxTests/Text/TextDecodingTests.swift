import Testing
import TestSupport
import WaybillBytes

@testable import WaybillSyntax

/// Bytes in an encoding, made by the standard library alone.
private func encoded(_ text: String, _ name: String) -> [UInt8] {
  func wide<Unit: FixedWidthInteger>(_ units: [Unit], _ isBig: Bool) -> [UInt8] {
    units.flatMap { unit in withUnsafeBytes(of: isBig ? unit.bigEndian : unit.littleEndian) { Array($0) } }
  }
  let isMarked = name.hasSuffix("-bom")
  let text = isMarked ? "\u{FEFF}" + text : text
  switch isMarked ? String(name.dropLast(4)) : name {
  case "utf-16le": return wide(Array(text.utf16), false)
  case "utf-16be": return wide(Array(text.utf16), true)
  case "utf-32le": return wide(text.unicodeScalars.map(\.value), false)
  case "utf-32be": return wide(text.unicodeScalars.map(\.value), true)
  default: return Array(text.utf8)
  }
}

@Suite("Text: decoding")
struct TextDecodingTests {
  static let names = TextEncodingTests.unicode.map(\.name)
  static let texts = ["", "a", "a\r\nb\n", "añ€😀\u{10FFFF}\n\u{7FF}\u{800}\u{FFFF}\0z", "\n\n"]

  private func decode(_ bytes: [UInt8], as name: String? = nil) throws -> String {
    try bytes.withUnsafeBytes { source in
      let decoding = TextDecoding()
      try decoding.decode(source, as: name.flatMap { TextEncoding(named: $0) })
      return String(decoding: decoding.text, as: UTF8.self)
    }
  }

  @Test("the same text from each encoding of Unicode, and back", arguments: names) func unicode(_ name: String) throws {
    let encoding = try #require(TextEncoding(named: name))
    for text in Self.texts {
      let bytes = encoded(text, name)
      #expect(try decode(bytes, as: encoding.hasMark ? nil : name) == text)
      // A mark wins over what the user says.
      if encoding.hasMark { #expect(try decode(bytes, as: "gbk") == text) }
      var out = ByteBuffer()
      try Array(text.utf8).withUnsafeBytes { try encoding.encode($0, into: &out) }
      #expect(out.array() == bytes)
    }
  }

  @Test("UTF-8 is not copied") func isNotCopied() throws {
    for bytes in [Array("abc".utf8), [0xEF, 0xBB, 0xBF, 0x61]] {
      try bytes.withUnsafeBytes { source in
        let decoding = TextDecoding()
        try decoding.decode(source)
        #expect(decoding.text.baseAddress == source.baseAddress.map { $0 + decoding.encoding.mark.count })
        #expect(decoding.sourceOffset(of: 1) == 1 + decoding.encoding.mark.count)
      }
    }
  }

  static let others: [(String, String, [UInt8])] = [
    ("gbk", "猫\n", [0xC3, 0xA8, 0x0A]), ("gb18030", "😀", [0x94, 0x39, 0xFC, 0x36]), ("gb2312", "猫", [0xC3, 0xA8]),
    ("big5", "貓", [0xBF, 0xDF]), ("shift_jis", "猫", [0x94, 0x4C]), ("euc-jp", "猫", [0xC7, 0xAD]), ("euc-kr", "한", [0xC7, 0xD1]),
    ("windows-1252", "“é€”", [0x93, 0xE9, 0x80, 0x94]), ("windows-1251", "кот", [0xEA, 0xEE, 0xF2]),
    ("windows-1255", "שלום", [0xF9, 0xEC, 0xE5, 0xED]), ("iso-8859-1", "é", [0xE9]), ("iso-8859-15", "€", [0xA4]),
    ("koi8-r", "кот", [0xCB, 0xCF, 0xD4]), ("macintosh", "é", [0x8E]), ("us-ascii", "a", [0x61]),
  ]

  @Test("encodings by name, both ways", arguments: others.indices) func named(_ index: Int) throws {
    let (name, text, bytes) = Self.others[index]
    #expect(try decode(bytes, as: name) == text)
    var out = ByteBuffer()
    try Array(text.utf8).withUnsafeBytes { try #require(TextEncoding(named: name)).encode($0, into: &out) }
    #expect(out.array() == bytes)
  }

  @Test("every byte or pair that an encoding has goes back where it came from", arguments: TextEncoding.others)
  func isKnownToTheSystem(_ name: String) throws {
    for first in UInt8.min...UInt8.max {
      guard let text = try? decode([first, 0x41], as: name) else { continue }
      var out = ByteBuffer()
      let encoding = try #require(TextEncoding(named: name))
      if (try? Array(text.utf8).withUnsafeBytes({ try encoding.encode($0, into: &out) })) != nil {
        #expect(try decode(out.array(), as: name) == text)
      }
    }
    #expect(try decode(Array("az 09\n".utf8), as: name) == "az 09\n")
  }

  static let faults: [([UInt8], String?, TextFault.Problem, Int)] = [
    ([0x61, 0xFF], nil, .invalidUTF8, 1), ([0xEF, 0xBB, 0xBF, 0x61, 0xC3], nil, .invalidUTF8, 4),
    ([0xED, 0xA0, 0x80], nil, .invalidUTF8, 0),
    ([0xFF, 0xFE, 0x61, 0, 0x00, 0xD8], nil, .loneSurrogate, 4), ([0xFF, 0xFE, 0x00, 0xDC, 0x61, 0], nil, .loneSurrogate, 2),
    ([0xFE, 0xFF, 0xD8, 0, 0, 0x61], nil, .loneSurrogate, 2), ([0xFE, 0xFF, 0, 0x61, 0], nil, .cutUnit, 4),
    ([0xFF, 0xFE, 0, 0, 0x61, 0, 0, 0, 0, 0, 0x11, 0], nil, .noCharacter, 8),
    ([0, 0, 0xFE, 0xFF, 0, 0, 0xD8, 0], nil, .noCharacter, 4), ([0, 0, 0xFE, 0xFF, 0, 0, 0], nil, .cutUnit, 4),
    ([0xFF, 0xFE, 0, 0, 0, 0, 0, 0xFF], nil, .noCharacter, 4),
    ([0x61, 0xC3], "gbk", .invalid("gbk"), 1), ([0x61, 0x0A, 0x81], "windows-1252", .invalid("windows-1252"), 2),
    ([0x80], "us-ascii", .invalid("us-ascii"), 0),
  ]

  @Test("what is no text is refused, with its place", arguments: faults.indices) func isRefused(_ index: Int) {
    let (bytes, name, problem, offset) = Self.faults[index]
    do {
      _ = try decode(bytes, as: name)
      Issue.record("it was read")
    } catch let fault as TextFault {
      #expect(fault == TextFault(problem, at: offset))
      #expect(!fault.message.isEmpty)
    } catch {
      Issue.record(error)
    }
  }

  static let lacking: [(String, String, Int)] = [
    ("us-ascii", "aé", 1), ("windows-1252", "ab\n猫", 3), ("gbk", "😀", 0), ("iso-8859-1", "€", 0), ("shift_jis", "a한", 1),
    // Decomposed letters would come back composed.
    ("windows-1258", "ae\u{0301}", 1),
  ]

  @Test("characters that an encoding lacks are refused, with their place", arguments: lacking.indices) func lacks(_ index: Int)
    throws
  {
    let (name, text, offset) = Self.lacking[index]
    let encoding = try #require(TextEncoding(named: name))
    var out = ByteBuffer()
    out.append("x")
    #expect(throws: TextFault(.lacks(name), at: offset)) {
      try Array(text.utf8).withUnsafeBytes { try encoding.encode($0, into: &out) }
    }
    #expect(out.string() == "x")
  }

  @Test("bytes that are no UTF-8 are not written", arguments: TextEncodingTests.unicode) func invalid(_ encoding: TextEncoding) {
    var out = ByteBuffer()
    #expect(throws: TextFault(.invalidUTF8, at: 1)) {
      try [UInt8](arrayLiteral: 0x61, 0xF0).withUnsafeBytes { try encoding.encode($0, into: &out) }
    }
    #expect(out.array().isEmpty)
  }

  @Test("offsets lead back into the file", arguments: names + ["gb18030", "shift_jis", "windows-1252", "windows-1255"])
  func places(_ name: String) throws {
    let seed = testSeed(71)
    var dice = SeededNumbers(seed)
    let encoding = try #require(TextEncoding(named: name))
    let letters: [String] =
      switch name {
      case "windows-1252": ["a", "é", "\n", "€"]
      case "windows-1255": ["a", "ש", "\n", "ו"]
      case "shift_jis": ["a", "猫", "\n", "ア"]
      default: ["a", "é", "猫", "😀", "\n", "\r\n"]
      }
    for _ in 0..<50 {
      // Where each character begins, in the text and in the file.
      var text = ByteBuffer()
      var file = ByteBuffer()
      file.append(encoding.mark)
      var places: [(Int, Int)] = []
      let plain = encoding.unmarked
      for _ in 0..<dice.below(60) {
        let letter = Array(dice.pick(letters).utf8)
        places.append((text.count, file.count))
        text.append(letter)
        try letter.withUnsafeBytes { try plain.encode($0, into: &file) }
      }
      places.append((text.count, file.count))
      let decoding = TextDecoding()
      try decoding.decode(file.bytes, as: encoding)
      #expect(decoding.text.elementsEqual(text.bytes))
      for (offset, place) in places + places.reversed() + (0..<20).map({ _ in dice.pick(places) }) {
        #expect(decoding.sourceOffset(of: offset) == place, "\(offset), seed \(seed)")
      }
      if let first = places.first, let last = places.last {
        #expect(decoding.sourceRange(of: first.0..<last.0) == first.1..<last.1)
        #expect(decoding.sourceOffset(of: last.0 + 9) == last.1 && decoding.sourceOffset(of: -1) == first.1)
      }
    }
  }

  @Test("memory is used again from file to file") func reuse() throws {
    let decoding = TextDecoding()
    for name in Self.names + Self.names.reversed() {
      try encoded("é\(name)", name).withUnsafeBytes { source in
        try decoding.decode(source, as: TextEncoding(named: name))
        #expect(String(decoding: decoding.text, as: UTF8.self) == "é\(name)")
        #expect(decoding.sourceOffset(of: decoding.text.count) == source.count)
      }
    }
  }

  @Test("lines and columns of wide files are those of their text", arguments: names) func widePlaces(_ name: String) throws {
    let text = "aé\n\n猫😀b\r\nz"
    try encoded(text, name).withUnsafeBytes { source in
      let encoding = try #require(TextEncoding(named: name))
      guard let wide = WidePlaces(source) else {
        #expect(!encoding.hasMark || encoding.unitSize == 1)
        return
      }
      let decoding = TextDecoding()
      try decoding.decode(source)
      var line = (number: 1, start: 0)
      var (number, start) = (1, 0)
      for (offset, byte) in Array(text.utf8).enumerated() where byte & 0xC0 != 0x80 {
        let place = wide.place(of: decoding.sourceOffset(of: offset), after: &line)
        #expect(place == (number, offset - start + 1))
        if byte == 0x0A { (number, start) = (number + 1, offset + 1) }
      }
    }
  }
}
