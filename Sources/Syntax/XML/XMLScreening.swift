import Glibc

/// Cheap checks of UTF-8 text before the parser sees it, for what libxml2 does slowly or lets pass.
enum XMLScreening {
  /// libxml2 compares each attribute of an element with all before it, so a flood of them costs quadratic time.
  static let attributeLimit = 256

  /// The fault that rules the text out, or nil.
  static func fault(in text: UnsafeRawBufferPointer) -> XMLFault? {
    guard let base = text.baseAddress else { return XMLFault(.empty, "The file is empty.") }
    var first = text.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while first < text.count, isXMLSpace(text[first]) { first &+= 1 }
    if first == text.count { return XMLFault(.empty, "The file is empty or holds white space only.") }
    guard text[first] == 0x3C else {
      return XMLFault(.syntax, "The text does not begin with '<'; this is not an XML document.", offset: first)
    }
    // libxml2 takes a NUL for the end and would not miss what follows.
    if let nul = memchr(base, 0, text.count) {
      return XMLFault(
        .syntax, "The text holds a NUL character, which XML does not allow.", offset: nul - UnsafeMutableRawPointer(mutating: base))
    }
    if let offset = attributeFlood(in: text) {
      return XMLFault(.tooLarge, "An element has more than \(attributeLimit) attributes.", offset: offset)
    }
    return nil
  }

  /// The fault that bytes up to a little after `offset` are not UTF-8; asked when the parser's own words were vague.
  static func encodingFault(in text: UnsafeRawBufferPointer, before offset: Int) -> XMLFault? {
    let bytes = text.bindMemory(to: UInt8.self)
    var index = 0
    while index < bytes.count, index <= offset &+ 4 {
      let length = bytes[index] < 0x80 ? 1 : utf8ScalarLength(bytes, at: index)
      if length == 0 {
        return XMLFault(.encoding, "The bytes are not UTF-8, and no other encoding is declared.", offset: index)
      }
      index &+= length
    }
    return nil
  }

  /// Offset of the first start tag with too many attributes.
  ///
  /// `<` cannot stand inside a tag, so a tag ends before the next one; the shortest attribute, ` a=""`, is five bytes,
  /// so only the rare long run is looked at byte by byte.
  private static func attributeFlood(in text: UnsafeRawBufferPointer) -> Int? {
    let shortest = (attributeLimit &+ 1) &* 5
    guard text.count >= shortest, let base = text.baseAddress else { return nil }
    var start = 0
    while text.count &- start >= shortest {
      guard text[start] == 0x3C else {
        guard let found = memchr(base + start, 0x3C, text.count &- start) else { return nil }
        start = UnsafeRawPointer(found) - base
        continue
      }
      // All tags before the last '<' within reach of the shortest flood are shorter than it.
      var next = start &+ shortest &- 1
      while next > start, text[next] != 0x3C { next &-= 1 }
      if next > start {
        start = next
        continue
      }
      if countAttributes(in: text, at: start) > attributeLimit { return start }
      start &+= 1
    }
    return nil
  }

  private static func countAttributes(in text: UnsafeRawBufferPointer, at start: Int) -> Int {
    var index = start &+ 1
    var count = 0
    var quote: UInt8 = 0
    guard index < text.count, text[index] != 0x21, text[index] != 0x3F, text[index] != 0x2F else { return 0 }
    while index < text.count {
      let byte = text[index]
      index &+= 1
      if byte == 0x3C { break }
      if quote != 0 {
        if byte == quote { quote = 0 }
      } else if byte == 0x3E {
        break
      } else if byte == 0x3D {
        while index < text.count, isXMLSpace(text[index]) { index &+= 1 }
        guard index < text.count, text[index] == 0x22 || text[index] == 0x27 else { continue }
        quote = text[index]
        index &+= 1
        count &+= 1
        if count > attributeLimit { break }
      }
    }
    return count
  }
}

/// Whether the byte is white space in XML: space, tab, line feed or carriage return.
@inlinable
func isXMLSpace(_ byte: UInt8) -> Bool {
  byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D
}
