import WaybillBytes

/// A moment of a recording or a length of time, in seconds, exactly as its decimal digits say it.
///
/// `12.50` stays `12.50`, and `0.1` is a tenth: nothing goes through a binary fraction. A time that was written on a clock
/// (`00:01:02.500`) keeps that form beside its value, so that it can be written the same way.
///
/// Two times are equal when they are worth the same; ``isWritten(like:)`` asks whether they also look the same.
public struct MediaTime: Sendable {
  /// How a time is written.
  public enum Form: UInt8, Sendable {
    /// Seconds as one decimal number: `62.5`.
    case seconds
    /// Minutes and seconds: `01:02.5`.
    case minutes
    /// Hours, minutes and seconds: `00:01:02.5`.
    case hours
  }

  /// The digits without their point, below 10^18 in magnitude; the value is this many units of ten to minus ``fractionDigits``.
  public let units: Int64
  /// How many digits stand behind the point, at most 38.
  public let fractionDigits: UInt8
  /// How it is written.
  public let form: Form

  /// The most digits a time can have, without zeros in front.
  public static let digitLimit = 18
  /// The most digits behind the point.
  public static let fractionLimit = 38

  /// No time at all has passed.
  public static let zero = MediaTime(checked: 0, fractionDigits: 0, form: .seconds)

  @usableFromInline init(checked units: Int64, fractionDigits: UInt8, form: Form) {
    self.units = units
    self.fractionDigits = fractionDigits
    self.form = form
  }

  /// A time from its digits; nil when there are more of them than a time can have.
  public init?(units: Int64, fractionDigits: Int = 0, form: Form = .seconds) {
    guard units.magnitude < 1_000_000_000_000_000_000, fractionDigits >= 0, fractionDigits <= MediaTime.fractionLimit else {
      return nil
    }
    self.init(checked: units, fractionDigits: UInt8(fractionDigits), form: form)
  }

  /// A time from a number of seconds, with the fewest digits that read back as that number; nil when it is not finite or has too many digits.
  public init?(seconds: Double) {
    let thousandths = seconds * 1000
    if thousandths.magnitude < 9e15, thousandths == thousandths.rounded(), thousandths / 1000 == seconds {
      var units = Int64(thousandths)
      var digits: UInt8 = 3
      while digits > 0, units % 10 == 0 {
        units /= 10
        digits -= 1
      }
      self.init(checked: units, fractionDigits: digits, form: .seconds)
      return
    }
    var text = seconds.description
    guard let time = text.withUTF8({ MediaTime(decimal: $0) }) else { return nil }
    self = time
  }

  /// What it is worth in seconds, correctly rounded.
  public var seconds: Double {
    if units.magnitude <= 1 << 53, fractionDigits <= 22 {
      return fractionDigits == 0 ? Double(units) : Double(units) / MediaTime.power(Int(fractionDigits))
    }
    return Double("\(units)e-\(fractionDigits)") ?? 0
  }

  private static func power(_ exponent: Int) -> Double {
    var value = 1.0
    // Exact up to 22.
    for _ in 0..<exponent { value *= 10 }
    return value
  }

  /// The digits for a clock of so many decimals, when none that counts is cut off: `12.5` has the digits 12500 at three decimals.
  public func units(fractionDigits wanted: Int) -> Int64? {
    var value = units
    var digits = Int(fractionDigits)
    while digits > wanted {
      guard value % 10 == 0 else { return nil }
      value /= 10
      digits -= 1
    }
    while digits < wanted {
      let (next, overflow) = value.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      value = next
      digits += 1
    }
    return value
  }

  /// The same value in another form.
  public func written(as form: Form) -> MediaTime { MediaTime(checked: units, fractionDigits: fractionDigits, form: form) }

  /// The value without zeros at the end of its fraction, in seconds: equal for all that are worth the same.
  public var normalized: MediaTime {
    var value = units
    var digits = fractionDigits
    while digits > 0, value % 10 == 0 {
      value /= 10
      digits -= 1
    }
    return MediaTime(checked: value, fractionDigits: digits, form: .seconds)
  }

  /// Whether both have the same digits in the same form.
  public func isWritten(like other: MediaTime) -> Bool {
    units == other.units && fractionDigits == other.fractionDigits && form == other.form
  }

  /// Compares what two times are worth: negative when this one is less, zero when both are the same.
  public func order(to other: MediaTime) -> Int {
    if fractionDigits == other.fractionDigits { return units < other.units ? -1 : units == other.units ? 0 : 1 }
    // Whole seconds first, so that the rest fits: a fraction has at most 38 digits.
    let (mine, theirs) = (parts, other.parts)
    if mine.whole != theirs.whole { return mine.whole < theirs.whole ? -1 : 1 }
    let digits = max(fractionDigits, other.fractionDigits)
    let a = MediaTime.scaled(mine.rest, by: Int(digits - fractionDigits))
    let b = MediaTime.scaled(theirs.rest, by: Int(digits - other.fractionDigits))
    return a < b ? -1 : a == b ? 0 : 1
  }

  private var parts: (whole: Int64, rest: Int64) {
    guard fractionDigits < 18 else { return (0, units) }
    var power: Int64 = 1
    for _ in 0..<fractionDigits { power *= 10 }
    return (units / power, units % power)
  }

  private static func scaled(_ value: Int64, by digits: Int) -> Int128 {
    var value = Int128(value)
    for _ in 0..<digits { value *= 10 }
    return value
  }

  /// How long it is from this time to a later one, exactly; nil when the difference has too many digits.
  public func distance(to other: MediaTime) -> MediaTime? {
    let digits = Int(max(fractionDigits, other.fractionDigits))
    guard let a = units(fractionDigits: digits), let b = other.units(fractionDigits: digits) else { return nil }
    let (difference, overflow) = b.subtractingReportingOverflow(a)
    return overflow ? nil : MediaTime(units: difference, fractionDigits: digits)
  }

  /// A time so much later, exactly; nil when the sum has too many digits.
  public func advanced(by length: MediaTime) -> MediaTime? {
    let digits = Int(max(fractionDigits, length.fractionDigits))
    guard let a = units(fractionDigits: digits), let b = length.units(fractionDigits: digits) else { return nil }
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? nil : MediaTime(units: sum, fractionDigits: digits)
  }
}

extension MediaTime: Hashable, Comparable {
  /// Whether both are worth the same.
  public static func == (a: MediaTime, b: MediaTime) -> Bool {
    a.fractionDigits == b.fractionDigits ? a.units == b.units : a.order(to: b) == 0
  }

  /// Whether one comes before the other.
  public static func < (a: MediaTime, b: MediaTime) -> Bool { a.order(to: b) < 0 }

  /// Hashes what it is worth.
  public func hash(into hasher: inout Hasher) {
    let value = normalized
    hasher.combine(value.units)
    hasher.combine(value.fractionDigits)
  }
}

extension MediaTime: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// A time as it is written in a program; one that cannot be held is zero.
  public init(floatLiteral value: Double) { self = MediaTime(seconds: value) ?? .zero }

  /// A time as it is written in a program; one that cannot be held is zero.
  public init(integerLiteral value: Int64) { self = MediaTime(units: value) ?? .zero }
}
