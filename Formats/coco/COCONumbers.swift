import WaybillBytes
import WaybillSyntax

/// 2^52: sums with it keep no fraction.
private let wholeBase = 4_503_599_627_370_496.0

/// Reads and writes short decimal numbers, nearly all coordinates, eight bytes at a time.
enum ShortNumber {
  /// Powers of ten up to the longest fraction in eight bytes.
  static let powers: [Double] = [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7]

  /// Reads a number of up to seven characters, such as `473.07`, before a comma, a bracket or a space; nil for any other.
  ///
  /// At least eight bytes must be readable; `powers` points at ``powers``. The result is exact: one division of two
  /// numbers that doubles hold exactly.
  @inline(__always)
  static func read(_ p: UnsafePointer<UInt8>, _ powers: UnsafePointer<Double>, _ length: inout Int) -> Double? {
    let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self).littleEndian
    // Bytes that are no digits get their high bit set.
    let digits = word ^ 0x3030_3030_3030_3030
    let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
    if others == 0 { return nil }
    let first = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) & 0x78
    if first == 0 || (first > 8 && digits & 0xFF == 0) { return nil }
    let stop = (word &>> first) & 0xFF
    if stop != 0x2E {
      guard stop == 0x2C || stop == 0x5D || stop == 0x20 else { return nil }
      length = Int(truncatingIfNeeded: first >> 3)
      return double(value(digits &<< (64 &- first)))
    }
    let rest = others & (others &- 1)
    if rest == 0 { return nil }
    let second = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount) & 0x78
    let next = (word &>> second) & 0xFF
    guard second > first &+ 8, next == 0x2C || next == 0x5D || next == 0x20 else { return nil }
    length = Int(truncatingIfNeeded: second >> 3)
    // Closes the gap of the point, then moves the digits to the end of the word.
    let whole = digits & ((1 &<< first) &- 1)
    let fraction = (digits &>> (first &+ 8)) &<< first
    let mantissa = value((whole | fraction) &<< (72 &- second))
    return double(mantissa) / powers[Int(truncatingIfNeeded: (second &- first) >> 3) &- 1]
  }

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

  /// A whole number below 2^52 as a double, which the sum with ``wholeBase`` has in its last bits.
  ///
  /// The processor's own conversion waits for the last use of the register it writes to, here the division before it.
  @inline(__always) private static func double(_ whole: UInt64) -> Double {
    Double(bitPattern: wholeBase.bitPattern | whole) - wholeBase
  }

  /// The number that eight digits spell, the first in the lowest byte.
  @inline(__always) private static func value(_ digits: UInt64) -> UInt64 {
    let pairs = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ (fours &>> 32)) & 0xFFFF_FFFF
  }

  /// The decimal digits of the numbers below 1,000, the first in the lowest byte, and their count in the highest byte.
  static let texts: [UInt32] = (0..<1000).map { number in
    let digits = Array("\(number)".utf8)
    var word = UInt32(digits.count) << 24
    for (at, digit) in digits.enumerated() { word |= UInt32(digit) << UInt32(at * 8) }
    return word
  }

  /// The point and digits of hundredths without trailing zeros, and the count of characters in the highest byte.
  static let fractions: [UInt32] = (0..<100).map { number in
    if number == 0 { return 0 }
    let tens = UInt32(number / 10 + 48)
    if number % 10 == 0 { return 2 << 24 | tens << 8 | 0x2E }
    return 3 << 24 | UInt32(number % 10 + 48) << 16 | tens << 8 | 0x2E
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
    return ShortNumber.quotient(digits, powerOfTen: at &- point &- 1)
  }
}

extension ByteBuffer {
  /// Appends literal text.
  @inline(__always) mutating func put(_ text: StaticString) { append(text) }

  /// Appends numbers with commas between them, as ``append(_:)-(Double)`` prints them.
  mutating func append(numbers: UnsafeBufferPointer<Double>) {
    ShortNumber.texts.withUnsafeBufferPointer { texts in
      ShortNumber.fractions.withUnsafeBufferPointer { fractions in
        append(numbers: numbers, texts, fractions)
      }
    }
  }

  @inline(__always)
  private mutating func append(
    numbers: UnsafeBufferPointer<Double>, _ texts: UnsafeBufferPointer<UInt32>, _ fractions: UnsafeBufferPointer<UInt32>
  ) {
    var at = 0
    while at < numbers.count {
      // A short number takes at most seven characters with its comma, and each store writes four bytes.
      var done = at
      write(atMost: (numbers.count &- at) &* 8 &+ 8) { start in
        var out = UnsafeMutableRawPointer(start)
        while done < numbers.count {
          let value = numbers[done]
          guard value >= 0, value < 999.995 else { break }
          // The sum has the hundredfold, rounded, in its last bits; the division tells whether it is exact.
          let sum = value * 100 + wholeBase
          guard (sum - wholeBase) / 100 == value, value > 0 || value.sign == .plus else { break }
          let hundredths = UInt32(truncatingIfNeeded: sum.bitPattern)
          if done > 0 {
            out.storeBytes(of: UInt8(ascii: ","), as: UInt8.self)
            out += 1
          }
          let whole = hundredths / 100
          let text = texts[Int(whole)]
          out.storeBytes(of: text, as: UInt32.self)
          out += Int(text >> 24)
          let fraction = fractions[Int(hundredths &- whole &* 100)]
          out.storeBytes(of: fraction, as: UInt32.self)
          out += Int(fraction >> 24)
          done &+= 1
        }
        return out - UnsafeMutableRawPointer(start)
      }
      at = done
      if at < numbers.count {
        if at > 0 { append(UInt8(ascii: ",")) }
        append(numbers[at])
        at &+= 1
      }
    }
  }
}
