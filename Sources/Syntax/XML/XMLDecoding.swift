internal import CWaybillXML2
import Glibc

/// Brings the bytes of a document to UTF-8, the one encoding the parser is given.
///
/// UTF-8 is passed on as it is. A byte order mark wins over the declaration. Only encodings in which the byte `<` means
/// nothing else are converted, so the nth `<` of the text is the nth `<` of the file: that is how places are found again.
struct XMLDecoding {
  private(set) var text: [UInt8] = []
  /// Bytes to a code unit of the source.
  private var unit = 1
  private var isBigEndian = false

  private static let multibyte: Set<String> = [
    "gb2312", "gbk", "gb18030", "big5", "big5-hkscs", "shift_jis", "euc-jp", "euc-kr", "euc-tw", "euc-cn",
  ]
  private static let families = ["iso-8859-", "windows-125", "cp125", "koi8-"]

  /// Converts the source into ``text`` and returns true, or returns false for UTF-8, which needs no conversion.
  mutating func decode(_ source: UnsafeRawBufferPointer) throws(XMLFault) -> Bool {
    text.removeAll(keepingCapacity: true)
    unit = 1
    isBigEndian = false
    if source.starts(with: [0xEF, 0xBB, 0xBF]) { return false }
    if source.count >= 2 {
      switch (source[0], source[1]) {
      case (0xFF, 0xFE): return try decodeUTF16(source, from: 2, bigEndian: false)
      case (0xFE, 0xFF): return try decodeUTF16(source, from: 2, bigEndian: true)
      case (0x3C, 0): return try decodeUTF16(source, from: 0, bigEndian: false)
      case (0, 0x3C): return try decodeUTF16(source, from: 0, bigEndian: true)
      default: break
      }
    }
    guard let name = XMLDecoding.declaredName(in: source) else { return false }
    if XMLDecoding.isUTF8(source, name) { return false }
    return try decodeDeclared(source, String(decoding: source[name], as: UTF8.self), at: name.lowerBound)
  }

  /// Range of the encoding's name in the XML declaration at the front, if there is one.
  static func declaredName(in source: UnsafeRawBufferPointer) -> Range<Int>? {
    guard let base = source.baseAddress, source.count > 20, source.starts(with: [0x3C, 0x3F, 0x78, 0x6D, 0x6C]),
      isXMLSpace(source[5])
    else { return nil }
    let limit = min(source.count, 1024)
    let word: StaticString = "encoding"
    var index = 5
    while index &+ 8 < limit, source[index] != 0x3F {
      guard source[index] == 0x65, memcmp(base + index, word.utf8Start, 8) == 0 else {
        index &+= 1
        continue
      }
      index &+= 8
      while index < limit, isXMLSpace(source[index]) || source[index] == 0x3D { index &+= 1 }
      guard index < limit, source[index] == 0x22 || source[index] == 0x27 else { return nil }
      let quote = source[index]
      let start = index &+ 1
      index = start
      while index < limit, source[index] != quote { index &+= 1 }
      return index < limit ? start..<index : nil
    }
    return nil
  }

  /// Whether the name means UTF-8, or ASCII, which is part of it.
  private static func isUTF8(_ source: UnsafeRawBufferPointer, _ name: Range<Int>) -> Bool {
    func means(_ word: StaticString) -> Bool {
      guard name.count == word.utf8CodeUnitCount else { return false }
      for index in 0..<name.count {
        let byte = source[name.lowerBound &+ index]
        let lower = byte >= 0x41 && byte <= 0x5A ? byte | 0x20 : byte
        if lower != word.utf8Start[index] { return false }
      }
      return true
    }
    return means("utf-8") || means("utf8") || means("us-ascii") || means("ascii")
  }

  private mutating func decodeDeclared(
    _ source: UnsafeRawBufferPointer, _ name: String, at place: Int
  ) throws(XMLFault) -> Bool {
    let lower = name.lowercased()
    if lower == "iso-8859-1" || lower == "latin1" || lower == "iso8859-1" {
      text.reserveCapacity(source.count &+ source.count / 8)
      for byte in source {
        if byte < 0x80 {
          text.append(byte)
        } else {
          text.append(0xC0 | byte >> 6)
          text.append(0x80 | byte & 0x3F)
        }
      }
      return true
    }
    let isPlain = name.utf8.allSatisfy { $0 > 0x2C && $0 < 0x7B && $0 != 0x2F }
    let isKnown = XMLDecoding.multibyte.contains(lower) || XMLDecoding.families.contains { lower.hasPrefix($0) }
    guard isPlain, isKnown else {
      let known =
        lower.hasPrefix("utf-16") ? "is declared, but the bytes are not UTF-16" : "is not supported; save the file as UTF-8"
      throw XMLFault(.encoding, "The encoding '\(name.prefix(40))' \(known).", offset: place)
    }
    return try convert(source, name, at: place)
  }

  private mutating func convert(
    _ source: UnsafeRawBufferPointer, _ name: String, at place: Int
  ) throws(XMLFault) -> Bool {
    let converter = iconv_open("UTF-8", name)
    guard waybill_iconv_failed(converter) == 0 else {
      throw XMLFault(.encoding, "The encoding '\(name)' is not known to this system; save the file as UTF-8.", offset: place)
    }
    defer { iconv_close(converter) }
    var input = UnsafeMutablePointer<CChar>(
      mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
    var remaining = source.count
    while remaining > 0 {
      let room = remaining &* 2 &+ 64
      var written = 0
      var code: Int32 = 0
      text.append(
        contentsOf: [UInt8](unsafeUninitializedCapacity: room) { buffer, count in
          var output = UnsafeMutableRawPointer(buffer.baseAddress)?.assumingMemoryBound(to: CChar.self)
          var free = room
          if iconv(converter, &input, &remaining, &output, &free) == -1 { code = errno }
          written = room &- free
          count = written
        })
      if remaining > 0, code != E2BIG || written == 0 {
        throw fault("The bytes are not text in the declared encoding '\(name)'.", at: source.count &- remaining)
      }
    }
    return true
  }

  private mutating func decodeUTF16(
    _ source: UnsafeRawBufferPointer, from start: Int, bigEndian: Bool
  ) throws(XMLFault) -> Bool {
    unit = 2
    isBigEndian = bigEndian
    text.reserveCapacity(source.count)
    var index = start
    while index &+ 1 < source.count {
      var scalar = UInt32(code(source, index))
      if scalar & 0xF800 == 0xD800 {
        let low = index &+ 3 < source.count ? UInt32(code(source, index &+ 2)) : 0
        guard scalar < 0xDC00, low & 0xFC00 == 0xDC00 else {
          throw fault("The bytes are not UTF-16: a surrogate stands alone.", at: index)
        }
        scalar = 0x10000 &+ ((scalar & 0x3FF) << 10 | low & 0x3FF)
        index &+= 2
      }
      index &+= 2
      append(scalar)
    }
    if index < source.count { throw fault("The bytes are not UTF-16: half a code unit is left over.", at: index) }
    return true
  }

  private func code(_ source: UnsafeRawBufferPointer, _ index: Int) -> UInt16 {
    let (first, second) = (UInt16(source[index]), UInt16(source[index &+ 1]))
    return isBigEndian ? first << 8 | second : second << 8 | first
  }

  private mutating func append(_ scalar: UInt32) {
    func tail(_ shift: UInt32) -> UInt8 { 0x80 | UInt8(truncatingIfNeeded: scalar >> shift) & 0x3F }
    if scalar < 0x80 {
      text.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      text.append(0xC0 | UInt8(truncatingIfNeeded: scalar >> 6))
      text.append(tail(0))
    } else if scalar < 0x10000 {
      text.append(0xE0 | UInt8(truncatingIfNeeded: scalar >> 12))
      text.append(tail(6))
      text.append(tail(0))
    } else {
      text.append(0xF0 | UInt8(truncatingIfNeeded: scalar >> 18))
      text.append(tail(12))
      text.append(tail(6))
      text.append(tail(0))
    }
  }

  /// A fault at a source offset, with line and column counted in what was converted up to there.
  private func fault(_ message: String, at offset: Int) -> XMLFault {
    var fault = XMLFault(.encoding, message, offset: text.count)
    text.withUnsafeBytes { fault.locate(in: $0) }
    fault.offset = offset
    return fault
  }

  /// The source offset of the `<` at or last before a place in ``text``; call with rising places.
  struct Places {
    private var textIndex = 0
    private var sourceIndex = 0
    private var found = 0

    /// Where the source has the last `<` that ``text`` has at or before `place`.
    mutating func source(of place: Int, in decoding: XMLDecoding, _ source: UnsafeRawBufferPointer) -> Int {
      while textIndex <= place, textIndex < decoding.text.count {
        if decoding.text[textIndex] == 0x3C {
          while sourceIndex &+ decoding.unit <= source.count, !decoding.isTagStart(source, sourceIndex) {
            sourceIndex &+= decoding.unit
          }
          found = min(sourceIndex, source.count)
          sourceIndex &+= decoding.unit
        }
        textIndex &+= 1
      }
      return found
    }
  }

  private func isTagStart(_ source: UnsafeRawBufferPointer, _ index: Int) -> Bool {
    unit == 1 ? source[index] == 0x3C : code(source, index) == 0x3C
  }
}
