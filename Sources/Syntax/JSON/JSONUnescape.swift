/// Turns the escapes of a JSON string that a scanner has accepted into the text they stand for.
public enum JSONUnescape {
  /// The text of a string's raw bytes.
  public static func string(_ raw: UnsafeBufferPointer<UInt8>) -> String {
    var bytes: [UInt8] = []
    append(raw, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Appends the UTF-8 of a string's raw bytes.
  ///
  /// Never longer than the raw bytes.
  public static func append(_ raw: UnsafeBufferPointer<UInt8>, to bytes: inout [UInt8]) {
    bytes.reserveCapacity(bytes.count + raw.count)
    var at = 0
    while at < raw.count {
      let byte = raw[at]
      guard byte == UInt8(ascii: "\\"), at + 1 < raw.count else {
        bytes.append(byte)
        at += 1
        continue
      }
      switch raw[at + 1] {
      case UInt8(ascii: "b"): bytes.append(0x08)
      case UInt8(ascii: "f"): bytes.append(0x0C)
      case UInt8(ascii: "n"): bytes.append(0x0A)
      case UInt8(ascii: "r"): bytes.append(0x0D)
      case UInt8(ascii: "t"): bytes.append(0x09)
      case UInt8(ascii: "u"):
        var unit = codeUnit(raw, at + 2)
        if unit >= 0xD800, unit < 0xDC00, at + 11 < raw.count {
          unit = 0x10000 + ((unit - 0xD800) << 10) + ((codeUnit(raw, at + 8) &- 0xDC00) & 0x3FF)
          at += 6
        }
        let scalar = Unicode.Scalar(unit) ?? "\u{FFFD}"
        bytes.append(contentsOf: UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter)
        at += 4
      default: bytes.append(raw[at + 1])
      }
      at += 2
    }
  }

  private static func codeUnit(_ raw: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt32 {
    var unit: UInt32 = 0
    for index in at..<min(at + 4, raw.count) { unit = unit << 4 | (hexDigit(raw[index]) ?? 0) }
    return unit
  }
}
