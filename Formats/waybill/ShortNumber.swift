import WaybillBytes

/// The fast path of coordinates: at most four digits before the point and three after it, without a loop or a table.
enum ShortNumber {
  /// Room that ``write(_:to:)`` needs.
  static let room = 16

  /// Writes the shortest text of a number and returns its length; 0, having written nothing of use, for a number that is not short.
  ///
  /// The text is that of `ByteBuffer.append(Double)`.
  @inline(__always) static func write(_ value: Double, to out: UnsafeMutablePointer<UInt8>) -> Int {
    let magnitude = value.magnitude
    guard magnitude < 10000 else { return 0 }
    let scaled = (magnitude * 1000).rounded(.toNearestOrEven)
    // Zero goes the long way for its sign.
    guard scaled / 1000 == magnitude, scaled > 0 else { return 0 }
    let thousandths = UInt32(truncatingIfNeeded: Int(scaled))
    let whole = thousandths / 1000
    let fraction = thousandths &- whole &* 1000
    let raw = UnsafeMutableRawPointer(out)
    var length = 0
    if value < 0 {
      out[0] = UInt8(ascii: "-")
      length = 1
    }
    let zeros = (whole < 1000 ? 1 : 0) &+ (whole < 100 ? 1 : 0) &+ (whole < 10 ? 1 : 0)
    raw.storeBytes(
      of: (digits(whole) >> UInt32(truncatingIfNeeded: zeros &* 8)).littleEndian, toByteOffset: length, as: UInt32.self)
    length &+= 4 &- zeros
    if fraction == 0 { return length }
    // Four digits of which the first is always 0: the point takes its place.
    let places = digits(fraction) & 0xFFFF_FF00 | UInt32(UInt8(ascii: "."))
    raw.storeBytes(of: places.littleEndian, toByteOffset: length, as: UInt32.self)
    let used = 4 &- (places >> 24 == 48 ? 1 : 0) &- (places >> 16 == 0x3030 ? 1 : 0)
    return length &+ used
  }

  /// Four decimal digits as text, the first in the lowest byte.
  @inline(__always) private static func digits(_ value: UInt32) -> UInt32 {
    let hundreds = (value &* 5243) >> 19
    let pairs = hundreds | (value &- hundreds &* 100) << 16
    let tens = ((pairs &* 103) >> 10) & 0x000F_000F
    return (tens | (pairs &- tens &* 10) << 8) &+ 0x3030_3030
  }
}

extension ByteBuffer {
  /// Appends a coordinate: as `append(Double)` does, faster for short ones.
  @inline(__always) mutating func appendCoordinate(_ value: Double) {
    let before = count
    write(atMost: ShortNumber.room) { ShortNumber.write(value, to: $0) }
    if count == before { append(value) }
  }

  /// Appends a range of numbers as an array; false when one of them is not finite.
  mutating func appendRing(_ coordinates: [Double], _ range: Range<Int>) -> Bool {
    append(UInt8(ascii: "["))
    let isFinite = coordinates.withUnsafeBufferPointer { all in
      append(numbers: UnsafeBufferPointer(rebasing: all[range.clamped(to: all.indices)]))
    }
    append(UInt8(ascii: "]"))
    return isFinite
  }
}
