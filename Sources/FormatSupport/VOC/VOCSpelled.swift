import WaybillBytes

/// Values as Pascal VOC files spell them.
enum VOCSpelled {
  /// A yes-or-no mark: 0, 1, a number that is one of them, true, false, yes, no; nil for anything else.
  static func flag(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool? {
    if bytes.count == 1 { return bytes[0] == 48 ? false : bytes[0] == 49 ? true : nil }
    if bytes.count > 8 || bytes.isEmpty { return nil }
    switch String(decoding: bytes, as: UTF8.self).lowercased() {
    case "true", "yes": return true
    case "false", "no": return false
    default:
      guard let value = number(bytes) else { return nil }
      return value == 0 ? false : value == 1 ? true : nil
    }
  }

  /// Whether a mark is spelled 0 or 1.
  @inline(__always) static func isCanonical(flag text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.count == 1 && (text[0] == 48 || text[0] == 49)
  }

  /// A finite number in decimal, such as `12`, `12.`, `.5`, `+1e3`; nil for anything else.
  @inline(__always) static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return nil }
    let end = start + bytes.count
    var value = 0.0
    if NumberParser.double(start, end, &value) == end { return value }
    return slowNumber(bytes)
  }

  private static func slowNumber(_ bytes: UnsafeBufferPointer<UInt8>) -> Double? {
    for byte in bytes where !(byte &- 48 <= 9 || byte == 0x2B || byte == 0x2D || byte == 0x2E || byte | 0x20 == 0x65) { return nil }
    guard bytes.count <= 400, let value = Double(String(decoding: bytes, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }

  /// Whether a number is spelled as it is written: the shortest text that reads back the same, with `.0` behind whole numbers on demand.
  @inline(__always) static func isCanonical(
    _ text: UnsafeBufferPointer<UInt8>, _ value: Double, fraction: Bool = false, _ scratch: inout ByteBuffer
  ) -> Bool {
    if !fraction, let first = text.first, text.count <= 8 {
      var isInteger = first != 48 || text.count == 1
      for byte in text where byte &- 48 > 9 { isInteger = false }
      if isInteger { return true }
    }
    scratch.removeAll()
    append(value, fraction: fraction, to: &scratch)
    return scratch.bytes.elementsEqual(text)
  }

  /// Appends a number.
  static func append(_ value: Double, fraction: Bool, to out: inout ByteBuffer) {
    out.append(value)
    if fraction, value == value.rounded(), value.magnitude < 9e15, !(value == 0 && value.sign == .minus) { out.append(".0") }
  }

  /// Lengths of images are below this.
  static let pixelLimit = 1_000_000_000

  /// A whole number from zero up to the limit; nil for anything else.
  static func pixels(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
    guard let value = number(bytes), value == value.rounded(), value >= 0, value < Double(pixelLimit) else { return nil }
    return Int(value)
  }

  /// Whether a text may be the name of an element; stricter than XML: letters, digits, `_`, `-`, `.` and all beyond ASCII.
  static func isElementName(_ name: String) -> Bool {
    guard let first = name.utf8.first, first &- 48 > 9, first != 0x2D, first != 0x2E else { return false }
    for scalar in name.unicodeScalars {
      switch scalar.value {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F, 0x2D, 0x2E, 0xC0...0xD6, 0xD8...0xF6, 0xF8...0x2FF, 0x370...0x37D,
        0x37F...0x1FFF,
        0x3001...0xD7FF, 0xF900...0xFDCF:
        continue
      default: return false
      }
    }
    return first >= 0x80 || name.utf8.count < 3 || !name.lowercased().hasPrefix("xml")
  }

  /// Whether a `pose` says nothing.
  static func isSilent(pose: UnsafeBufferPointer<UInt8>) -> Bool {
    pose.isEmpty || pose.equals("Unspecified") || pose.equals("unspecified") || pose.equals("0")
  }
}
