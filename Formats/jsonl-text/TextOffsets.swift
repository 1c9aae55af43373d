import WaybillBytes
import WaybillDatasetModel

/// Counts positions of a text in scalars, UTF-16 units or bytes.
enum TextOffsets {
  /// The length of a text.
  static func length(of text: String, in unit: TextSpan.Unit) -> Int {
    text.withBytes { length(of: $0, in: unit) }
  }

  /// The length of a text in UTF-8.
  static func length(of bytes: UnsafeBufferPointer<UInt8>, in unit: TextSpan.Unit) -> Int {
    switch unit {
    case .utf8: return bytes.count
    case .scalars:
      // Every byte but those that continue a scalar begins one.
      var count = 0
      for byte in bytes where byte & 0xC0 != 0x80 { count &+= 1 }
      return count
    case .utf16:
      var count = 0
      for byte in bytes where byte & 0xC0 != 0x80 { count &+= byte >= 0xF0 ? 2 : 1 }
      return count
    }
  }

  /// The same position counted in another unit; nil when it lies outside the text or inside a scalar.
  static func convert(_ position: Int, of text: String, from: TextSpan.Unit, to: TextSpan.Unit) -> Int? {
    if from == to { return position >= 0 && position <= length(of: text, in: from) ? position : nil }
    return text.withBytes { bytes in
      var (before, after) = (0, 0)
      for byte in bytes where byte & 0xC0 != 0x80 {
        if before >= position { break }
        before += width(byte, from)
        after += width(byte, to)
      }
      return before == position ? after : nil
    }
  }

  private static func width(_ lead: UInt8, _ unit: TextSpan.Unit) -> Int {
    switch unit {
    case .scalars: 1
    case .utf16: lead >= 0xF0 ? 2 : 1
    case .utf8: lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 1
    }
  }
}
