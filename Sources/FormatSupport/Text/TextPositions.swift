import WaybillBytes
import WaybillDatasetModel

/// Turns positions in a text from scalars or UTF-16 units into bytes and back; one per worker, reused.
///
/// A text of ASCII costs one look at its bytes; any other one a table for each unit that is asked for.
public struct TextPositions {
  private var scalars: [UInt32] = []
  private var units: [UInt32] = []
  private var bytes: [UInt8] = []
  private var count = 0
  /// Whether every character is one byte.
  public private(set) var isASCII = true

  /// No text.
  public init() {}

  /// Begins a text.
  public mutating func use(_ text: UnsafeBufferPointer<UInt8>) {
    count = text.count
    isASCII = UTF8Check.isASCII(UnsafeRawBufferPointer(text))
    scalars.removeAll(keepingCapacity: true)
    units.removeAll(keepingCapacity: true)
    bytes.removeAll(keepingCapacity: true)
    if !isASCII { bytes.append(contentsOf: text) }
  }

  /// The byte a position of a unit begins at; nil when it is outside of the text or inside of a character.
  public mutating func byte(of position: Int, _ unit: TextSpan.Unit) -> Int? {
    guard position >= 0, position <= count else { return nil }
    if isASCII { return position }
    switch unit {
    case .utf8: return position == count || bytes[position] & 0xC0 != 0x80 ? position : nil
    case .scalars:
      if scalars.isEmpty { countScalars() }
      return position < scalars.count ? Int(scalars[position]) : nil
    case .utf16:
      if units.isEmpty { countUnits() }
      guard position < units.count, units[position] != .max else { return nil }
      return Int(units[position])
    }
  }

  /// How many scalars begin before a byte.
  public mutating func scalar(ofByte byte: Int) -> Int {
    if isASCII { return byte }
    if scalars.isEmpty { countScalars() }
    var low = 0
    var high = scalars.count - 1
    while low < high {
      let middle = (low + high) / 2
      if Int(scalars[middle]) < byte { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private mutating func countScalars() {
    scalars = Array(unsafeUninitializedCapacity: bytes.count + 1) { out, count in
      var next = 0
      bytes.withUnsafeBufferPointer { bytes in
        for index in bytes.indices {
          out[next] = UInt32(truncatingIfNeeded: index)
          // The bytes that continue a scalar are written over.
          if bytes[index] & 0xC0 != 0x80 { next &+= 1 }
        }
      }
      out[next] = UInt32(truncatingIfNeeded: bytes.count)
      count = next + 1
    }
  }

  private mutating func countUnits() {
    for (index, byte) in bytes.enumerated() where byte & 0xC0 != 0x80 {
      units.append(UInt32(truncatingIfNeeded: index))
      // The second half of a pair is no place a character begins at.
      if byte >= 0xF0 { units.append(.max) }
    }
    units.append(UInt32(truncatingIfNeeded: bytes.count))
  }
}
