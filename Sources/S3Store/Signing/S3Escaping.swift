/// Percent escapes as Signature Version 4 wants them: upper-case digits, and nothing but letters, digits, `-`, `_`, `.` and `~` left alone.
enum S3Escaping {
  /// A key as the path of a URL has it; slashes stay.
  static func path(_ key: String) -> String { escaped(key, keepsSlashes: true) }

  /// The query of a URL in the order it is signed in.
  static func query(_ items: [(name: String, value: String)]) -> String {
    let parts = items.map { (name: escaped($0.name), value: escaped($0.value)) }
    return parts.sorted { a, b in
      a.name == b.name ? a.value.utf8.lexicographicallyPrecedes(b.value.utf8) : a.name.utf8.lexicographicallyPrecedes(b.name.utf8)
    }
    .map { "\($0.name)=\($0.value)" }.joined(separator: "&")
  }

  /// A text with its escapes.
  static func escaped(_ text: String, keepsSlashes: Bool = false) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: bytes.append(byte)
      case 0x2F where keepsSlashes: bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A text without its escapes, as listings with `encoding-type=url` have it; nil when an escape is none.
  static func unescaped(_ text: some Sequence<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var iterator = text.makeIterator()
    while let byte = iterator.next() {
      switch byte {
      // A listing writes a space as a plus sign, and a plus sign as an escape.
      case 0x2B: bytes.append(0x20)
      case 0x25:
        guard let high = digit(iterator.next()), let low = digit(iterator.next()) else { return nil }
        bytes.append(high << 4 | low)
      default: bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func digit(_ byte: UInt8?) -> UInt8? {
    switch byte {
    case let byte? where (0x30...0x39).contains(byte): byte - 0x30
    case let byte? where (0x61...0x66).contains(byte | 0x20): (byte | 0x20) - 0x61 + 10
    default: nil
    }
  }
}
