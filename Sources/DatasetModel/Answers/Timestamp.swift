/// A moment as it was written: date, time of day, fraction and zone, each kept as given.
public struct Timestamp: Hashable, Sendable {
  /// Seconds from 1970-01-01 00:00:00 to the date and time as written, whatever the zone.
  public var seconds: Int64
  /// Nanoseconds after that.
  public var nanoseconds: UInt32
  /// How many digits of the fraction were written.
  public var fractionDigits: UInt8
  /// Minutes east of UTC; nil when none was written.
  public var zoneOffsetMinutes: Int16?

  /// A moment from its parts; a fraction has at most nine digits.
  public init(seconds: Int64, nanoseconds: UInt32 = 0, fractionDigits: UInt8 = 0, zoneOffsetMinutes: Int16? = nil) {
    self.seconds = seconds
    self.nanoseconds = nanoseconds
    self.fractionDigits = min(fractionDigits, 9)
    self.zoneOffsetMinutes = zoneOffsetMinutes
  }

  /// Reads `YYYY-MM-DD?HH:MM:SS[.fraction][Z|±HH:MM]`, where `?` is the given separator; nil for anything else, so what is read prints the same.
  public init?(_ text: UnsafeBufferPointer<UInt8>, separator: UInt8) {
    guard text.count >= 19, let base = text.baseAddress, base[4] == 45, base[7] == 45, base[10] == separator, base[13] == 58,
      base[16] == 58
    else { return nil }
    let year = Timestamp.two(base) * 100 + Timestamp.two(base + 2)
    let month = Timestamp.two(base + 5)
    let day = Timestamp.two(base + 8)
    let hour = Timestamp.two(base + 11)
    let minute = Timestamp.two(base + 14)
    let second = Timestamp.two(base + 17)
    // What is not a pair of digits is far beyond any of these bounds.
    guard year < 10_000, month >= 1, month <= 12, day >= 1, day <= 28 || day <= Timestamp.days(inMonth: month, of: year), hour < 24,
      minute < 60, second < 60
    else { return nil }
    var at = 19
    var nanoseconds: UInt32 = 0
    var fractionDigits: UInt8 = 0
    if at < text.count, text[at] == 46 {
      at += 1
      var scale: UInt32 = 100_000_000
      while at < text.count, text[at] &- 48 <= 9 {
        guard fractionDigits < 9 else { return nil }
        nanoseconds += UInt32(text[at] &- 48) * scale
        scale /= 10
        fractionDigits += 1
        at += 1
      }
      if fractionDigits == 0 { return nil }
    }
    var zone: Int16?
    if at < text.count {
      if text[at] == UInt8(ascii: "Z"), at + 1 == text.count {
        zone = 0
      } else {
        guard text[at] == 43 || text[at] == 45, at + 6 == text.count, text[at + 3] == 58 else { return nil }
        let hours = Timestamp.two(base + at + 1)
        let minutes = Timestamp.two(base + at + 4)
        guard hours < 24, minutes < 60, hours + minutes > 0 else { return nil }
        zone = Int16((hours * 60 + minutes) * (text[at] == 45 ? -1 : 1))
      }
    }
    let days = Timestamp.days(year: year, month: month, day: day)
    self.init(
      seconds: Int64(days) * 86400 + Int64(hour * 3600 + minute * 60 + second), nanoseconds: nanoseconds,
      fractionDigits: fractionDigits, zoneOffsetMinutes: zone)
  }

  /// Reads the 19 characters of `YYYY-MM-DD?HH:MM:SS` at an address, where `?` is the given separator; nil for anything else.
  public init?(plain text: UnsafePointer<UInt8>, separator: UInt8) {
    let raw = UnsafeRawPointer(text)
    let date = raw.loadUnaligned(as: UInt64.self)
    let time = raw.loadUnaligned(fromByteOffset: 11, as: UInt64.self)
    // The first eight bytes are `YYYY-MM-`, the last eight `HH:MM:SS`, lowest first; taking the marks away leaves digits alone.
    let dateDigits = (date ^ 0x2D00_002D_0000_0000) &- 0x0030_3000_3030_3030
    let timeDigits = (time ^ 0x0000_3A00_003A_0000) &- 0x3030_0030_3000_3030
    let high: UInt64 = 0xF0F0_F0F0_F0F0_F0F0
    let tooLarge = ((dateDigits &+ 0x0606_0606_0606_0606) | (timeDigits &+ 0x0606_0606_0606_0606)) & high
    let dayTens = Int(text[8] &- 48)
    let dayOnes = Int(text[9] &- 48)
    let marks = (dateDigits & 0xFF00_00FF_0000_0000) | (timeDigits & 0x0000_FF00_00FF_0000)
    guard (dateDigits | timeDigits) & high == 0, tooLarge == 0, marks == 0, dayTens <= 9, dayOnes <= 9, text[10] == separator else {
      return nil
    }
    // Pairs of digits: ten times the lower byte and the upper byte.
    let datePairs = dateDigits &* 10 &+ (dateDigits >> 8)
    let timePairs = timeDigits &* 10 &+ (timeDigits >> 8)
    let year = Int(datePairs & 0xFF) &* 100 &+ Int((datePairs >> 16) & 0xFF)
    let month = Int((datePairs >> 40) & 0xFF)
    let day = dayTens &* 10 &+ dayOnes
    let hour = Int(timePairs & 0xFF)
    let minute = Int((timePairs >> 24) & 0xFF)
    let second = Int((timePairs >> 48) & 0xFF)
    guard month >= 1, month <= 12, day >= 1, day <= 28 || day <= Timestamp.days(inMonth: month, of: year), hour < 24, minute < 60,
      second < 60
    else { return nil }
    let days = Timestamp.days(year: year, month: month, day: day)
    self.init(seconds: Int64(days) &* 86400 &+ Int64(hour &* 3600 &+ minute &* 60 &+ second))
  }

  /// The number of two digits; a million where one of them is none.
  @inline(__always) private static func two(_ at: UnsafePointer<UInt8>) -> Int {
    let first = Int(at[0] &- 48)
    let second = Int(at[1] &- 48)
    return first > 9 || second > 9 ? 1_000_000 : first &* 10 &+ second
  }

  /// Reads a moment from a string; see ``init(_:separator:)-(UnsafeBufferPointer<UInt8>,_)``.
  public init?(_ text: String, separator: UInt8 = UInt8(ascii: "T")) {
    var text = text
    guard let value = text.withUTF8({ Timestamp($0, separator: separator) }) else { return nil }
    self = value
  }

  /// The moment as text, in the order it was read.
  public func text(separator: UInt8 = UInt8(ascii: "T")) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(32)
    write(separator: separator) { bytes.append($0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Hands the bytes of the text to a closure, one by one.
  @inlinable public func write(separator: UInt8, _ put: (UInt8) -> Void) {
    let (year, month, day, secondOfDay) = civil
    func two(_ value: Int) {
      put(UInt8(truncatingIfNeeded: 48 &+ value / 10 % 10))
      put(UInt8(truncatingIfNeeded: 48 &+ value % 10))
    }
    two(year / 100)
    two(year % 100)
    put(45)
    two(month)
    put(45)
    two(day)
    put(separator)
    two(secondOfDay / 3600)
    put(58)
    two(secondOfDay / 60 % 60)
    put(58)
    two(secondOfDay % 60)
    if fractionDigits > 0 {
      put(46)
      var scale: UInt32 = 100_000_000
      for _ in 0..<min(fractionDigits, 9) {
        put(UInt8(truncatingIfNeeded: 48 &+ nanoseconds / scale % 10))
        scale /= 10
      }
    }
    if let zone = zoneOffsetMinutes {
      if zone == 0 {
        put(UInt8(ascii: "Z"))
      } else {
        put(zone < 0 ? 45 : 43)
        two(Int(zone.magnitude) / 60)
        put(58)
        two(Int(zone.magnitude) % 60)
      }
    }
  }

  /// Writes the text at an address with room for 32 bytes, and returns its length.
  public func write(separator: UInt8, to out: UnsafeMutablePointer<UInt8>) -> Int {
    // The second bound is the first moment of year 0.
    if fractionDigits != 0 || zoneOffsetMinutes != nil || seconds < -62_167_219_200 {
      var length = 0
      write(separator: separator) { byte in
        out[length] = byte
        length &+= 1
      }
      return length
    }
    let (year, month, day, secondOfDay) = civil
    let time = UInt32(truncatingIfNeeded: secondOfDay)
    let years = UInt32(truncatingIfNeeded: year)
    Timestamp.put(years / 100 % 100, out)
    Timestamp.put(years % 100, out + 2)
    out[4] = 45
    Timestamp.put(UInt32(truncatingIfNeeded: month), out + 5)
    out[7] = 45
    Timestamp.put(UInt32(truncatingIfNeeded: day), out + 8)
    out[10] = separator
    Timestamp.put(time / 3600, out + 11)
    out[13] = 58
    Timestamp.put(time / 60 % 60, out + 14)
    out[16] = 58
    Timestamp.put(time % 60, out + 17)
    return 19
  }

  @inline(__always) private static func put(_ value: UInt32, _ out: UnsafeMutablePointer<UInt8>) {
    out[0] = UInt8(truncatingIfNeeded: 48 &+ value / 10)
    out[1] = UInt8(truncatingIfNeeded: 48 &+ value % 10)
  }

  /// Year, month, day and second of the day, by the proleptic Gregorian calendar.
  @usableFromInline var civil: (year: Int, month: Int, day: Int, second: Int) {
    let secondsPerDay: Int64 = 86400
    var dayNumber = Int(seconds / secondsPerDay)
    var second = Int(seconds % secondsPerDay)
    if second < 0 {
      second += Int(secondsPerDay)
      dayNumber -= 1
    }
    // Days are counted from 1 March of year 0, so that the leap day is the last of its year.
    let shifted = dayNumber + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shiftedMonth + 2) / 5 + 1, second)
  }

  static func days(year: Int, month: Int, day: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  static func days(inMonth month: Int, of year: Int) -> Int {
    switch month {
    case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }
}
