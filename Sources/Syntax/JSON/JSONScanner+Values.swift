import WaybillBytes

extension JSONScanner {
  /// Marks the quotes, backslashes and control characters among eight bytes; bytes before the first mark are none of these.
  @inlinable @inline(__always) static func specialBytes(_ bytes: UnsafeBufferPointer<UInt8>, _ at: Int) -> UInt64 {
    specialBytes(UnsafeRawPointer(bytes.baseAddress.unsafelyUnwrapped + at).loadUnaligned(as: UInt64.self))
  }

  /// Marks the quotes, backslashes and control characters of a word; bytes before the first mark are none of these.
  @inlinable @inline(__always) static func specialBytes(_ word: UInt64) -> UInt64 {
    let quotes = word ^ 0x2222_2222_2222_2222
    let slashes = word ^ 0x5C5C_5C5C_5C5C_5C5C
    let found =
      ((quotes &- 0x0101_0101_0101_0101) & ~quotes)
      | ((slashes &- 0x0101_0101_0101_0101) & ~slashes)
      | ((word &- 0x2020_2020_2020_2020) & ~word)
    return found & 0x8080_8080_8080_8080
  }

  /// Reads a string; the result points into the buffer.
  @inlinable public mutating func string() throws(JSONFault) -> JSONString {
    skipWhitespace()
    guard p < end, p.pointee == UInt8(ascii: "\"") else { throw valueFault(.string) }
    let start = p + 1
    var q = start
    // Eight bytes at a time: a byte that is a quote, a backslash or a control makes one of the three tests non-zero.
    while end - q >= 8 {
      let mask = JSONScanner.specialBytes(UnsafeRawPointer(q).loadUnaligned(as: UInt64.self))
      if mask != 0 {
        q += mask.trailingZeroBitCount >> 3
        break
      }
      q += 8
    }
    while q < end {
      let byte = q.pointee
      if byte == UInt8(ascii: "\"") {
        p = q + 1
        return JSONString(start: start, end: q, hasEscape: false)
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(start: start, firstEscape: q) }
      if byte < 0x20 { throw JSONFault(.controlCharacter, at: q - base) }
      q += 1
    }
    throw JSONFault(.truncated, at: q - base)
  }

  /// Reads the rest of a string that holds an escape, checking each.
  @usableFromInline @inline(never)
  mutating func escapedString(start: UnsafePointer<UInt8>, firstEscape: UnsafePointer<UInt8>) throws(JSONFault) -> JSONString {
    var q = firstEscape
    /// The escape of a high surrogate, until its partner has come.
    var highSurrogate: UnsafePointer<UInt8>?
    while q < end {
      let byte = q.pointee
      if byte == UInt8(ascii: "\\") {
        guard end - q >= 2 else { break }
        switch q[1] {
        case UInt8(ascii: "u"):
          var unit: UInt32 = 0
          for index in 2..<6 {
            guard index < end - q else { throw JSONFault(.truncated, at: end - base) }
            guard let digit = hexDigit(q[index]) else { throw JSONFault(.escape, at: q - base) }
            unit = unit << 4 | digit
          }
          let isLow = unit >= 0xDC00 && unit < 0xE000
          if isLow != (highSurrogate != nil) { throw JSONFault(.loneSurrogate, at: (highSurrogate ?? q) - base) }
          highSurrogate = unit >= 0xD800 && unit < 0xDC00 ? q : nil
          q += 6
          continue
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"), UInt8(ascii: "n"),
          UInt8(ascii: "r"), UInt8(ascii: "t"):
          if let highSurrogate { throw JSONFault(.loneSurrogate, at: highSurrogate - base) }
          q += 2
          continue
        default:
          throw JSONFault(.escape, at: q - base)
        }
      }
      if let highSurrogate { throw JSONFault(.loneSurrogate, at: highSurrogate - base) }
      if byte == UInt8(ascii: "\"") {
        p = q + 1
        return JSONString(start: start, end: q, hasEscape: true)
      }
      if byte < 0x20 { throw JSONFault(.controlCharacter, at: q - base) }
      q += 1
    }
    throw JSONFault(.truncated, at: end - base)
  }

  /// Reads a number as a double.
  @inlinable @inline(__always) public mutating func double() throws(JSONFault) -> Double {
    skipWhitespace()
    var value = 0.0
    guard let next = NumberParser.double(p, end, &value) else { throw numberFault() }
    p = next
    return value
  }

  /// Reads a number, keeping integers that fit 64 bits exact.
  @inlinable public mutating func number() throws(JSONFault) -> ParsedNumber {
    skipWhitespace()
    let start = p
    let value = try double()
    if let integer = NumberParser.integer(start, p) { return .integer(integer) }
    return .double(value)
  }

  /// Reads an integer that fits 64 bits; `1.0` counts as one.
  @inlinable public mutating func integer() throws(JSONFault) -> Int64 {
    skipWhitespace()
    let start = p
    let value = try double()
    if let integer = NumberParser.integer(start, p) { return integer }
    if value == value.rounded(), value.magnitude < 9_007_199_254_740_992 { return Int64(value) }
    throw JSONFault(.expected(.integer), at: start - base)
  }

  /// Reads `true` or `false`.
  @inlinable public mutating func boolean() throws(JSONFault) -> Bool {
    skipWhitespace()
    if literal("true") { return true }
    if literal("false") { return false }
    throw valueFault(.boolean)
  }

  /// Passes over `null` if it is next.
  @inlinable public mutating func skipNull() -> Bool {
    skipWhitespace()
    return literal("null")
  }

  /// Passes over a literal word if it is next.
  @inlinable mutating func literal(_ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard end - p >= count, compareBytes(p, word.utf8Start, count) else { return false }
    p += count
    return true
  }

  /// The fault for a value that is not what was expected: names NaN and cut-off text apart from the rest.
  @usableFromInline @inline(never) func valueFault(_ expected: JSONFault.Expectation = .value) -> JSONFault {
    if p >= end { return JSONFault(.truncated, at: p - base) }
    if isNotANumber() { return JSONFault(.notANumber, at: p - base) }
    if isCutOff("true") || isCutOff("false") || isCutOff("null") { return JSONFault(.truncated, at: end - base) }
    return JSONFault(.expected(expected), at: p - base)
  }

  /// Whether the rest of the text is the beginning of a word.
  @usableFromInline func isCutOff(_ word: StaticString) -> Bool {
    end - p < word.utf8CodeUnitCount && compareBytes(p, word.utf8Start, end - p)
  }

  @usableFromInline func isNotANumber() -> Bool {
    var copy = self
    return copy.literal("NaN") || copy.literal("Infinity") || copy.literal("-Infinity") || copy.literal("-NaN")
      || copy.literal("nan") || copy.literal("inf")
  }

  /// The fault for something that is not a number JSON knows.
  @usableFromInline @inline(never) func numberFault() -> JSONFault {
    guard p < end else { return JSONFault(.truncated, at: p - base) }
    if isNotANumber() { return JSONFault(.notANumber, at: p - base) }
    let byte = p.pointee
    guard byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+") || byte == UInt8(ascii: ".") || (byte >= 48 && byte <= 57) else {
      return JSONFault(.expected(.number), at: p - base)
    }
    var copy = self
    if copy.skipNumberSyntax() { return JSONFault(.numberTooLarge, at: p - base) }
    let digits = byte == UInt8(ascii: "-") ? p + 1 : p
    let hasLeadingZero = end - digits > 1 && digits[0] == 48 && digits[1] &- 48 <= 9
    if copy.p >= end && !hasLeadingZero { return JSONFault(.truncated, at: copy.p - base) }
    return JSONFault(.number, at: p - base)
  }

  /// Passes over a number by grammar alone, without its value; false if it is not one.
  @inlinable mutating func skipNumberSyntax() -> Bool {
    if p < end, p.pointee == UInt8(ascii: "-") { p += 1 }
    let digits = p
    while p < end, p.pointee &- 48 <= 9 { p += 1 }
    let count = p - digits
    if count == 0 || (count > 1 && digits.pointee == 48) { return false }
    if p < end, p.pointee == UInt8(ascii: ".") {
      p += 1
      let fraction = p
      while p < end, p.pointee &- 48 <= 9 { p += 1 }
      if p == fraction { return false }
    }
    if p < end, p.pointee | 0x20 == UInt8(ascii: "e") {
      p += 1
      if p < end, p.pointee == UInt8(ascii: "+") || p.pointee == UInt8(ascii: "-") { p += 1 }
      let exponent = p
      while p < end, p.pointee &- 48 <= 9 { p += 1 }
      if p == exponent { return false }
    }
    return true
  }
}

@inlinable func hexDigit(_ byte: UInt8) -> UInt32? {
  switch byte {
  case 48...57: UInt32(byte &- 48)
  case 65...70: UInt32(byte &- 55)
  case 97...102: UInt32(byte &- 87)
  default: nil
  }
}
