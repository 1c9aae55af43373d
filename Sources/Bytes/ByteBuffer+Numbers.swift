/// Two decimal digits for each value below 100, so that two digits cost one division.
@usableFromInline let digitPairs: StaticString = """
  00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748495051525354555657585960616263646566676869707172737475767778798081828384858687888990919293949596979899
  """

extension ByteBuffer {
  /// Appends an unsigned integer in decimal.
  @inlinable public mutating func append(decimal value: UInt64) {
    write(atMost: 20) { out in
      writeDecimal(value, to: out)
    }
  }

  /// Appends an integer in decimal.
  @inlinable public mutating func append(decimal value: Int) {
    write(atMost: 21) { out in
      if value < 0 {
        out[0] = UInt8(ascii: "-")
        return 1 &+ writeDecimal(UInt64(value.magnitude), to: out + 1)
      }
      return writeDecimal(UInt64(value), to: out)
    }
  }

  /// Appends an integer in decimal, with zeros in front up to a width of at most 19.
  public mutating func append(decimal value: Int, width: Int) {
    let start = count
    append(decimal: value)
    var missing = width - (count - start)
    guard value >= 0, missing > 0 else { return }
    truncate(to: start)
    while missing > 0 {
      append(UInt8(ascii: "0"))
      missing -= 1
    }
    append(decimal: value)
  }

  /// Appends the shortest text that reads back as the same number; integers print without a fraction.
  ///
  /// Numbers with up to three decimals, nearly all coordinates, take a path of integer arithmetic. The value must be
  /// finite: formats check that before they come here, and a value that is not prints as `null` so the text stays valid JSON.
  @inlinable public mutating func append(_ value: Double) {
    let magnitude = value.magnitude
    if magnitude < 1e12 {
      // If it has three decimals or fewer, this is its thousandfold; the division tells.
      let rounded = Int64(magnitude * 1000 + 0.5)
      if Double(rounded) / 1000 == magnitude {
        let whole = UInt64(truncatingIfNeeded: rounded)
        write(atMost: 24) { out in
          var length = 0
          if value < 0 {
            out[0] = UInt8(ascii: "-")
            length = 1
          } else if whole == 0 && value.sign == .minus {
            return writeNegativeZero(out)
          }
          let integer = whole / 1000
          let fraction = Int(truncatingIfNeeded: whole &- integer &* 1000)
          length &+= writeDecimal(integer, to: out + length)
          if fraction != 0 {
            out[length] = UInt8(ascii: ".")
            let hundreds = fraction / 100
            let rest = fraction &- hundreds &* 100
            out[length &+ 1] = UInt8(truncatingIfNeeded: 48 &+ hundreds)
            length &+= 2
            if rest != 0 {
              let pair = digitPairs.utf8Start + rest &* 2
              out[length] = pair[0]
              length &+= 1
              if pair[1] != 48 {
                out[length] = pair[1]
                length &+= 1
              }
            }
          }
          return length
        }
        return
      }
    }
    appendSlowly(value)
  }

  @usableFromInline @inline(never) mutating func appendSlowly(_ value: Double) {
    guard value.isFinite else { return append("null") }
    if appendMillionths(value) { return }
    // The standard library gives integers a fraction below 2^54, and an exponent from there on.
    if value.magnitude < 18_014_398_509_481_984, value == value.rounded() { return append(decimal: Int(value)) }
    append(value.description)
  }
}

extension ByteBuffer {
  /// Appends a number with a fraction of six decimals or fewer; false, and nothing is appended, for all others.
  private mutating func appendMillionths(_ value: Double) -> Bool {
    let magnitude = value.magnitude
    // The shortest text of a smaller number has an exponent, and a larger one may have more digits than a double tells apart.
    guard magnitude >= 1e-4, magnitude < 1e9 else { return false }
    let rounded = UInt64(magnitude * 1_000_000 + 0.5)
    guard Double(rounded) / 1_000_000 == magnitude else { return false }
    let whole = rounded / 1_000_000
    var fraction = rounded &- whole &* 1_000_000
    guard fraction != 0 else { return false }
    var decimals = 6
    while fraction % 10 == 0 {
      fraction /= 10
      decimals &-= 1
    }
    write(atMost: 24) { out in
      var length = 0
      if value < 0 {
        out[0] = UInt8(ascii: "-")
        length = 1
      }
      length &+= writeDecimal(whole, to: out + length)
      out[length] = UInt8(ascii: ".")
      length &+= 1
      for place in stride(from: decimals - 1, through: 0, by: -1) {
        out[length &+ place] = UInt8(truncatingIfNeeded: 48 &+ fraction % 10)
        fraction /= 10
      }
      return length &+ decimals
    }
    return true
  }
}

@inlinable func writeNegativeZero(_ out: UnsafeMutablePointer<UInt8>) -> Int {
  out[0] = UInt8(ascii: "-")
  out[1] = UInt8(ascii: "0")
  out[2] = UInt8(ascii: ".")
  out[3] = UInt8(ascii: "0")
  return 4
}

/// Writes an integer in decimal, at most 20 bytes, and returns its length.
@inlinable public func writeDecimal(_ value: UInt64, to out: UnsafeMutablePointer<UInt8>) -> Int {
  if value < 10 {
    out[0] = UInt8(truncatingIfNeeded: value &+ 48)
    return 1
  }
  if value < 100 {
    let pair = digitPairs.utf8Start + Int(value) &* 2
    out[0] = pair[0]
    out[1] = pair[1]
    return 2
  }
  var length = 3
  var bound: UInt64 = 1000
  while length < 20 && value >= bound {
    length &+= 1
    let (next, overflow) = bound.multipliedReportingOverflow(by: 10)
    if overflow { break }
    bound = next
  }
  var rest = value
  var at = length
  while rest >= 100 {
    let quotient = rest / 100
    let pair = digitPairs.utf8Start + Int(rest &- quotient &* 100) &* 2
    at &-= 2
    out[at] = pair[0]
    out[at &+ 1] = pair[1]
    rest = quotient
  }
  if rest >= 10 {
    let pair = digitPairs.utf8Start + Int(rest) &* 2
    out[at &- 2] = pair[0]
    out[at &- 1] = pair[1]
  } else {
    out[at &- 1] = UInt8(truncatingIfNeeded: rest &+ 48)
  }
  return length
}
