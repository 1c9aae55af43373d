import WaybillBytes
import WaybillSyntax

/// Quotients of whole numbers and powers of ten, rounded once.
enum DecimalNumber {
  private static let wholePowers: [UInt64] = (0...18).map { exponent in (0..<exponent).reduce(1) { power, _ in power * 10 } }

  /// The double nearest to a number from 1 to 10^18 divided by a power of ten up to the 18th.
  static func quotient(_ dividend: UInt64, powerOfTen exponent: Int) -> Double {
    let divisor = wholePowers[exponent]
    if dividend <= 1 << 53 { return Double(dividend) / Double(divisor) }
    // Both are moved to the top of their words, the dividend one bit lower, so that the quotient has 63 bits or 64.
    let up = dividend.leadingZeroBitCount &- 1
    let divisorUp = divisor.leadingZeroBitCount
    let (quotient, remainder) = (divisor &<< UInt64(divisorUp)).dividingFullWidth((dividend &<< UInt64(up), 0))
    let drop = 11 &- quotient.leadingZeroBitCount
    let half: UInt64 = 1 &<< UInt64(drop &- 1)
    let rest = quotient & ((half &<< 1) &- 1)
    var mantissa = quotient &>> UInt64(drop)
    if rest > half || (rest == half && (remainder != 0 || mantissa & 1 == 1)) { mantissa &+= 1 }
    return Double(sign: .plus, exponent: drop &- 64 &+ divisorUp &- up, significand: Double(mantissa))
  }
}

extension JSONScanner {
  /// Reads a whole number of at most 18 digits before a comma, a bracket or white space; nil, with nothing read, for all else.
  @inline(__always) mutating func plainInteger(_ bytes: UnsafeRawBufferPointer) -> Int64? {
    let start = offset
    var at = start
    var value: Int64 = 0
    while at < bytes.count, bytes[at] &- 48 <= 9 {
      value = value &* 10 &+ Int64(bytes[at] &- 48)
      at &+= 1
      if at &- start > 18 { return nil }
    }
    guard at > start, at < bytes.count, bytes[start] != 48 || at == start &+ 1, Self.endsNumber(bytes[at]) else { return nil }
    offset = at
    return value
  }

  @inline(__always) private static func endsNumber(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") || byte == UInt8(ascii: "]") || byte <= 0x20
  }

  /// Reads a decimal number of at most 18 digits, such as `702.1057499999998`; nil, with nothing read, for all else.
  ///
  /// The digits as a whole number are divided by a power of ten in 128 bits and rounded once, to the nearest double, ties to even.
  @inline(__always) mutating func plainDecimal(_ bytes: UnsafeRawBufferPointer) -> Double? {
    let start = offset
    var at = start
    var digits: UInt64 = 0
    var point = -1
    while at < bytes.count, at &- start < 20 {
      let byte = bytes[at]
      if byte &- 48 <= 9 {
        digits = digits &* 10 &+ UInt64(byte &- 48)
      } else if byte == UInt8(ascii: "."), point < 0, at > start {
        point = at
      } else {
        break
      }
      at &+= 1
    }
    guard at < bytes.count, Self.endsNumber(bytes[at]), point > start, at > point &+ 1, at &- start <= 19,
      bytes[start] != 48 || point == start &+ 1
    else { return nil }
    guard digits > 0 else { return nil }
    offset = at
    return DecimalNumber.quotient(digits, powerOfTen: at &- point &- 1)
  }
}

extension ByteBuffer {
  /// Appends literal text.
  @inline(__always) mutating func put(_ text: StaticString) { append(text) }
}
