import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Counts positions of a text in scalars, UTF-16 units or bytes.
enum TextOffsets {
  /// The length of a text.
  static func length(of text: String, in unit: TextSpan.Unit) -> Int {
    text.withBytes { length(of: $0, in: unit) }
  }

  /// The length of a text in UTF-8.
  static func length(of bytes: UnsafeBufferPointer<UInt8>, in unit: TextSpan.Unit) -> Int {
    if unit == .utf8 { return bytes.count }
    // Every byte but those that continue a scalar begins one; those of four bytes are pairs in UTF-16.
    var count = bytes.count
    var at = 0
    if let base = bytes.baseAddress {
      while bytes.count &- at >= 8 {
        let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
        if word & ByteMarks.all != 0 {
          count &-= ByteMarks.count(word & ~(word &<< 1))
          if unit == .utf16 { count &+= ByteMarks.count(word & (word &<< 1) & (word &<< 2) & (word &<< 3)) }
        }
        at &+= 8
      }
    }
    while at < bytes.count {
      if bytes[at] & 0xC0 == 0x80 { count &-= 1 } else if unit == .utf16, bytes[at] >= 0xF0 { count &+= 1 }
      at &+= 1
    }
    return count
  }
}

/// Turns positions of one text from one unit into another; one per worker, made ready by the first use for a text.
struct OffsetConverter {
  private var positions = TextPositions()
  private var isReady = false
  /// The first unit of UTF-16 of each scalar, once it is asked for.
  private var units: [Int] = []

  /// Forgets the text.
  mutating func reset() { isReady = false }

  /// The same position counted in another unit; nil when it lies outside the text or inside a character.
  mutating func convert(_ position: Int, of text: String, from: TextSpan.Unit, to: TextSpan.Unit) -> Int? {
    text.withBytes { bytes in
      if !isReady {
        positions.use(bytes)
        units.removeAll(keepingCapacity: true)
        isReady = true
      }
      guard let byte = positions.byte(of: position, from) else { return nil }
      switch to {
      case .utf8: return byte
      case .scalars: return positions.scalar(ofByte: byte)
      case .utf16:
        if positions.isASCII { return byte }
        if units.isEmpty {
          var unit = 0
          for byte in bytes where byte & 0xC0 != 0x80 {
            units.append(unit)
            unit += byte >= 0xF0 ? 2 : 1
          }
          units.append(unit)
        }
        return units[positions.scalar(ofByte: byte)]
      }
    }
  }
}
