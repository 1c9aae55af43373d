import CWaybillMachine

/// The texts of short numbers: up to seven characters in the low bytes and their count in the highest.
private enum NumberTexts {
  /// The numbers below 10,000.
  static let wholes: [UInt64] = (0..<10_000).map { number in
    var word: UInt64 = 0
    var count: UInt64 = 0
    var rest = UInt64(number)
    repeat {
      word = word << 8 | (rest % 10 + 48)
      rest /= 10
      count += 1
    } while rest > 0
    return count << 56 | word
  }

  /// The point and digits of hundredths without trailing zeros, and a comma.
  static let fractions: [UInt64] = (0..<100).map { number in
    let comma = UInt64(UInt8(ascii: ","))
    if number == 0 { return 1 << 56 | comma }
    let point = UInt64(number / 10 + 48) << 8 | UInt64(UInt8(ascii: "."))
    if number % 10 == 0 { return 3 << 56 | comma << 16 | point }
    return 4 << 56 | comma << 24 | UInt64(number % 10 + 48) << 16 | point
  }
}

extension ByteBuffer {
  /// Appends numbers with commas between them, each as ``append(_:)-(Double)`` prints it; false when one of them is not finite.
  @discardableResult
  public mutating func append(numbers: UnsafeBufferPointer<Double>) -> Bool {
    guard let first = numbers.baseAddress, numbers.count > 0 else { return true }
    var isFinite = true
    var at = 0
    while true {
      reserve((numbers.count &- at) &* 8 &+ 8)
      at &+= NumberTexts.wholes.withUnsafeBufferPointer { wholes in
        NumberTexts.fractions.withUnsafeBufferPointer { fractions in
          var end: UnsafeMutablePointer<UInt8>? = base + length
          let count = waybill_write_numbers(
            &end, first + at, numbers.count &- at, wholes.baseAddress.unsafelyUnwrapped, fractions.baseAddress.unsafelyUnwrapped)
          length = end.unsafelyUnwrapped - base
          return count
        }
      }
      if at == numbers.count { break }
      let value = first[at]
      isFinite = isFinite && value.isFinite
      append(value)
      append(UInt8(ascii: ","))
      at &+= 1
      if at == numbers.count { break }
    }
    // The comma behind the last.
    length &-= 1
    return isFinite
  }
}
