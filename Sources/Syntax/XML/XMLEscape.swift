/// Appends UTF-8 as XML character data: `&`, `<`, `>` and carriage return are escaped.
///
/// What ``isValidXMLText(_:)`` refuses cannot be escaped and must not be passed.
public func appendXMLEscaped(_ utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
  appendEscaped(utf8, to: &output) { byte in
    switch byte {
    case 0x26: "&amp;"
    case 0x3C: "&lt;"
    case 0x3E: "&gt;"
    // A reader would turn a bare carriage return into a line feed.
    case 0x0D: "&#13;"
    default: nil
    }
  }
}

/// Appends UTF-8 as an attribute's value for double or single quotes: quotes, tab and line feed are escaped as well.
///
/// What ``isValidXMLText(_:)`` refuses cannot be escaped and must not be passed.
public func appendXMLEscapedAttribute(_ utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
  appendEscaped(utf8, to: &output) { byte in
    switch byte {
    case 0x26: "&amp;"
    case 0x3C: "&lt;"
    case 0x3E: "&gt;"
    case 0x22: "&quot;"
    case 0x27: "&#39;"
    case 0x09: "&#9;"
    case 0x0A: "&#10;"
    case 0x0D: "&#13;"
    default: nil
    }
  }
}

/// Appends runs of harmless bytes at once and a replacement for each of the others.
@inline(__always)
private func appendEscaped(
  _ utf8: UnsafeBufferPointer<UInt8>, to output: inout [UInt8], _ replacement: (UInt8) -> StaticString?
) {
  var start = 0
  for index in 0..<utf8.count {
    guard utf8[index] <= 0x3E, let word = replacement(utf8[index]) else { continue }
    output.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start..<index]))
    output.append(contentsOf: UnsafeBufferPointer(start: word.utf8Start, count: word.utf8CodeUnitCount))
    start = index &+ 1
  }
  output.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[start...]))
}

/// Whether the bytes can be written in an XML 1.0 document at all.
///
/// False for control characters other than tab, line feed and carriage return, for U+FFFE and U+FFFF, and for bytes that
/// are not UTF-8. No escape exists for these.
public func isValidXMLText(_ utf8: UnsafeBufferPointer<UInt8>) -> Bool {
  firstInvalidXMLByte(in: utf8) == nil
}

/// Position of the first byte that keeps the text out of an XML 1.0 document, or nil.
public func firstInvalidXMLByte(in utf8: UnsafeBufferPointer<UInt8>) -> Int? {
  var index = 0
  while index < utf8.count {
    let byte = utf8[index]
    if byte < 0x20 {
      guard byte == 0x09 || byte == 0x0A || byte == 0x0D else { return index }
      index &+= 1
    } else if byte < 0x80 {
      index &+= 1
    } else {
      let length = utf8ScalarLength(utf8, at: index)
      if length == 0 || length == 3 && isNoncharacter(utf8, at: index) { return index }
      index &+= length
    }
  }
  return nil
}

/// Whether the three bytes are U+FFFE or U+FFFF, which XML leaves out.
private func isNoncharacter(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Bool {
  utf8[index] == 0xEF && utf8[index &+ 1] == 0xBF && utf8[index &+ 2] >= 0xBE
}

/// Bytes of the non-ASCII character at `index`, or 0 when it is not UTF-8.
func utf8ScalarLength(_ utf8: UnsafeBufferPointer<UInt8>, at index: Int) -> Int {
  func byte(_ distance: Int) -> UInt8 { index &+ distance < utf8.count ? utf8[index &+ distance] : 0 }
  func isTail(_ distance: Int) -> Bool { byte(distance) & 0xC0 == 0x80 }
  let (first, second) = (byte(0), byte(1))
  switch first {
  case 0xC2...0xDF:
    return isTail(1) ? 2 : 0
  case 0xE0...0xEF:
    guard isTail(1), isTail(2) else { return 0 }
    // Overlong forms and surrogates.
    return first == 0xE0 && second < 0xA0 || first == 0xED && second > 0x9F ? 0 : 3
  case 0xF0...0xF4:
    guard isTail(1), isTail(2), isTail(3) else { return 0 }
    return first == 0xF0 && second < 0x90 || first == 0xF4 && second > 0x8F ? 0 : 4
  default:
    return 0
  }
}
