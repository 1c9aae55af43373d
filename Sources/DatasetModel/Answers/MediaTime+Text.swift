import WaybillBytes

extension MediaTime {
  /// Reads a decimal number of seconds, such as `12.50`, `-3`, `.5` or `1.5e-05`; nil for anything else and for too many digits.
  ///
  /// A point as well as a comma may stand before the fraction when `allowsComma`; an exponent moves the point.
  public init?(decimal text: UnsafeBufferPointer<UInt8>, allowsComma: Bool = false) {
    var at = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative || (text.count > 0 && text[0] == UInt8(ascii: "+")) { at = 1 }
    var digits = DigitReader()
    let first = at
    guard digits.read(text, &at) else { return nil }
    var count = at - first
    var fraction = 0
    if at < text.count, text[at] == UInt8(ascii: ".") || (allowsComma && text[at] == UInt8(ascii: ",")) {
      at += 1
      let start = at
      guard let read = digits.readFraction(text, &at) else { return nil }
      fraction = read
      count += at - start
    }
    guard count > 0 else { return nil }
    var value = digits.value
    if at < text.count, text[at] | 0x20 == UInt8(ascii: "e") {
      guard let exponent = MediaTime.exponent(text, &at) else { return nil }
      fraction -= exponent
      while fraction < 0 {
        guard value < 100_000_000_000_000_000 else { return nil }
        value *= 10
        fraction += 1
      }
    }
    guard at == text.count, let time = MediaTime(units: isNegative ? -value : value, fractionDigits: fraction) else { return nil }
    self = time
  }

  private static func exponent(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
    at += 1
    let isNegative = at < text.count && text[at] == UInt8(ascii: "-")
    if isNegative || (at < text.count && text[at] == UInt8(ascii: "+")) { at += 1 }
    let start = at
    var value = 0
    while at < text.count, text[at] &- 48 <= 9, at - start < 4 {
      value = value * 10 + Int(text[at] &- 48)
      at += 1
    }
    return at == start ? nil : isNegative ? -value : value
  }

  /// Reads a time on a clock: `hh:mm:ss`, `mm:ss` or `ss`, each with a fraction behind a point or a comma or none; nil for anything else.
  ///
  /// Minutes and seconds behind another part are two digits below 60, as on a clock; what leads may have any number of digits.
  public init?(clock text: UnsafeBufferPointer<UInt8>) {
    var at = 0
    let isNegative = text.count > 0 && text[0] == UInt8(ascii: "-")
    if isNegative { at = 1 }
    var whole: Int64 = 0
    var parts = 0
    while true {
      let start = at
      var part = DigitReader()
      guard part.read(text, &at), at > start, part.value < 1_000_000_000_000_000 else { return nil }
      if parts > 0, part.value > 59 || at - start != 2 { return nil }
      whole = whole * 60 + part.value
      parts += 1
      guard at < text.count, text[at] == UInt8(ascii: ":") else { break }
      guard parts < 3 else { return nil }
      at += 1
    }
    var digits = DigitReader(value: whole)
    var fraction = 0
    if at < text.count {
      guard text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: ",") else { return nil }
      at += 1
      let start = at
      guard let read = digits.readFraction(text, &at), at > start, at == text.count else { return nil }
      fraction = read
    }
    let form: Form = parts == 3 ? .hours : parts == 2 ? .minutes : .seconds
    guard let time = MediaTime(units: isNegative ? -digits.value : digits.value, fractionDigits: fraction, form: form) else {
      return nil
    }
    self = time
  }

  /// Its text: a decimal number, or a clock time with two digits for hours, minutes and seconds.
  public var text: String {
    var out = ByteBuffer(capacity: 64)
    append(to: &out)
    return out.string()
  }

  /// Appends its text in its own form.
  public func append(to out: inout ByteBuffer) {
    switch form {
    case .seconds: appendDecimal(to: &out)
    case .minutes, .hours: appendClock(form, to: &out)
    }
  }

  /// Appends the number of seconds, whatever the form, with the digits that were given.
  public func appendDecimal(to out: inout ByteBuffer) {
    if fractionDigits == 0 { return out.append(decimal: Int(units)) }
    appendParts(to: &out) { whole, out in out.append(decimal: whole) }
  }

  /// Appends a clock time, whatever the form; hours above 99 get more digits, and minutes without hours too.
  ///
  /// - Parameters:
  ///   - mark: What stands before the fraction.
  ///   - decimals: At least so many digits of fraction.
  public func appendClock(
    _ form: Form = .hours, mark: UInt8 = UInt8(ascii: "."), decimals: Int = 0, to out: inout ByteBuffer
  ) {
    appendParts(mark: mark, decimals: decimals, to: &out) { whole, out in
      if form == .hours {
        out.append(decimal: whole / 3600, width: 2)
        out.append(UInt8(ascii: ":"))
        out.append(decimal: whole / 60 % 60, width: 2)
      } else {
        out.append(decimal: whole / 60, width: 2)
      }
      out.append(UInt8(ascii: ":"))
      out.append(decimal: whole % 60, width: 2)
    }
  }

  private func appendParts(
    mark: UInt8 = UInt8(ascii: "."), decimals: Int = 0, to out: inout ByteBuffer, _ writeWhole: (Int, inout ByteBuffer) -> Void
  ) {
    if units < 0 { out.append(UInt8(ascii: "-")) }
    var rest = units.magnitude
    var whole: UInt64 = 0
    let digits = Int(fractionDigits)
    if digits < 19 {
      var power: UInt64 = 1
      for _ in 0..<digits { power *= 10 }
      whole = rest / power
      rest %= power
    }
    writeWhole(Int(whole), &out)
    guard digits > 0 || decimals > 0 else { return }
    out.append(mark)
    if digits > 18 {
      for _ in 18..<digits { out.append(UInt8(ascii: "0")) }
      out.append(decimal: Int(rest), width: 18)
    } else if digits > 0 {
      out.append(decimal: Int(rest), width: digits)
    }
    var written = digits
    while written < decimals {
      out.append(UInt8(ascii: "0"))
      written += 1
    }
  }
}

/// Collects decimal digits until there are too many.
private struct DigitReader {
  var value: Int64 = 0

  /// Reads digits from a position on; false when they are too many.
  @inline(__always) mutating func read(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Bool {
    while at < text.count {
      let digit = text[at] &- 48
      if digit > 9 { return true }
      guard value < 100_000_000_000_000_000 else { return false }
      value = value &* 10 &+ Int64(digit)
      at += 1
    }
    return true
  }

  /// Reads the digits behind a point and returns how many of them count; nil when they are too many.
  ///
  /// Zeros that a form asks for behind as many digits as a time has say nothing, and do not count.
  mutating func readFraction(_ text: UnsafeBufferPointer<UInt8>, _ at: inout Int) -> Int? {
    let start = at
    if read(text, &at) { return at - start }
    let count = at - start
    while at < text.count, text[at] == UInt8(ascii: "0") { at += 1 }
    return at < text.count && text[at] &- 48 <= 9 ? nil : count
  }
}
