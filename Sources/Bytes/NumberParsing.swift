/// Powers of ten that a double holds exactly.
@usableFromInline let exactPowersOfTen: [Double] = [
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
]

/// A number as its text says it.
public enum ParsedNumber: Equatable, Sendable {
  /// Digits only, and it fits.
  case integer(Int64)
  /// Anything else; correctly rounded.
  case double(Double)

  /// The value as a double.
  @inlinable public var doubleValue: Double {
    switch self {
    case .integer(let value): Double(value)
    case .double(let value): value
    }
  }
}

/// Reads numbers from bytes, in the grammar of JSON (RFC 8259, section 6).
public enum NumberParser {
  /// Reads the number that begins at a pointer and returns where it ends, or nil if there is none.
  ///
  /// Up to 19 digits with a small exponent are exact without leaving integer arithmetic (mantissa at most 2^53, power
  /// of ten at most 22: one correctly rounded operation); the rest goes through the standard library's exact parser.
  @inlinable @inline(__always)
  public static func double(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var p = start
    var isNegative = false
    if p < end, p.pointee == UInt8(ascii: "-") {
      isNegative = true
      p += 1
    }
    let digits = p
    var mantissa: UInt64 = 0
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    var digitCount = p - digits
    if digitCount == 0 || (digitCount > 1 && digits.pointee == 48) { return nil }
    var exponent = 0
    if p < end, p.pointee == UInt8(ascii: ".") {
      p += 1
      let fraction = p
      while p < end {
        let digit = p.pointee &- 48
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
      }
      let length = p - fraction
      if length == 0 { return nil }
      exponent = 0 &- length
      digitCount &+= length
    }
    if p < end, p.pointee | 0x20 == UInt8(ascii: "e") {
      return slowDouble(start, p, end, &value)
    }
    if digitCount <= 19, mantissa <= 1 << 53, exponent >= -22 {
      let magnitude = exponent == 0 ? Double(mantissa) : Double(mantissa) / powerOfTen(0 &- exponent)
      value = isNegative ? 0 - magnitude : magnitude
      if isNegative && mantissa == 0 { value = -0.0 }
      return p
    }
    return exactDouble(start, p, &value)
  }

  @inlinable @inline(__always) static func powerOfTen(_ exponent: Int) -> Double {
    exactPowersOfTen.withUnsafeBufferPointer { $0.baseAddress.unsafelyUnwrapped[exponent] }
  }

  /// Finishes a number that has an exponent; `mark` stands on the `e`.
  @usableFromInline @inline(never)
  static func slowDouble(
    _ start: UnsafePointer<UInt8>, _ mark: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var p = mark + 1
    if p < end, p.pointee == UInt8(ascii: "+") || p.pointee == UInt8(ascii: "-") { p += 1 }
    let digits = p
    while p < end, p.pointee &- 48 <= 9 { p += 1 }
    if p == digits { return nil }
    return exactDouble(start, p, &value)
  }

  @usableFromInline @inline(never)
  static func exactDouble(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    let text = String(decoding: UnsafeBufferPointer(start: start, count: end - start), as: UTF8.self)
    guard let parsed = Double(text), parsed.isFinite else { return nil }
    value = parsed
    return end
  }

  /// Reads a whole buffer as a number in JSON's grammar, with an optional leading plus sign; nil if it is anything else.
  public static func number(_ bytes: UnsafeBufferPointer<UInt8>) -> ParsedNumber? {
    guard var start = bytes.baseAddress, bytes.count > 0 else { return nil }
    let end = start + bytes.count
    if start.pointee == UInt8(ascii: "+") {
      start += 1
      guard start < end, start.pointee &- 48 <= 9 else { return nil }
    }
    if let integer = integer(start, end) { return .integer(integer) }
    var value = 0.0
    guard double(start, end, &value) == end else { return nil }
    return .double(value)
  }

  /// Reads a whole buffer as a decimal integer; nil if it is anything else or does not fit.
  public static func integer(_ bytes: UnsafeBufferPointer<UInt8>) -> Int64? {
    guard let start = bytes.baseAddress else { return nil }
    return integer(start, start + bytes.count)
  }

  /// Reads a range as a decimal integer; nil if it is anything else or does not fit.
  ///
  /// `-0` is not an integer here.
  @inlinable public static func integer(_ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Int64? {
    var p = start
    let isNegative = p < end && p.pointee == UInt8(ascii: "-")
    if isNegative { p += 1 }
    let count = end - p
    if count < 1 || count > 19 || (p.pointee == 48 && (count > 1 || isNegative)) { return nil }
    var magnitude: UInt64 = 0
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { return nil }
      magnitude = magnitude &* 10 &+ UInt64(digit)
      p += 1
    }
    if isNegative { return magnitude <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- magnitude) : nil }
    return magnitude < 1 << 63 ? Int64(magnitude) : nil
  }
}
