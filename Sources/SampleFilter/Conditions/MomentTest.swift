import WaybillDatasetModel

/// Compares moments with those of a filter: what is not written of a moment is open, so that a date is its whole day.
struct MomentTest: Sendable {
  /// A year, month, day or moment as a filter has it: from one nanosecond up to, and without, another.
  struct Period: Sendable {
    /// The first nanosecond, from 1970 on.
    var start: Int128
    /// The first nanosecond after it.
    var end: Int128
    /// Whether a zone is written: then both are in UTC, else as written wherever that is.
    var hasZone: Bool
  }

  /// How the moments are compared.
  var comparison: FilterOperator
  /// With what.
  var periods: [Period]

  /// Whether a moment fits.
  func fits(_ moment: Timestamp) -> Bool {
    var isComparable = false
    for period in periods {
      guard let value = MomentTest.nanoseconds(moment, inUTC: period.hasZone) else { continue }
      isComparable = true
      let order = value < period.start ? -1 : value < period.end ? 0 : 1
      switch comparison {
      case .notEqual, .notWithin: if order == 0 { return false }
      default: if comparison.holds(order: order) { return true }
      }
    }
    return comparison.isNegated && isComparable
  }

  /// A moment as a number; nil where UTC is asked for and no zone is known.
  private static func nanoseconds(_ moment: Timestamp, inUTC: Bool) -> Int128? {
    var seconds = Int128(moment.seconds)
    if inUTC {
      guard let offset = moment.zoneOffsetMinutes else { return nil }
      seconds -= Int128(offset) * 60
    }
    return seconds * 1_000_000_000 + Int128(moment.nanoseconds)
  }
}

extension MomentTest.Period {
  /// Reads `2026`, `2026-01`, `2026-01-31` or `2026-01-31T12:00:00` with a fraction and a zone, with a `T` or a space in the middle.
  init?(_ text: String) {
    let bytes = Array(text.utf8)
    switch bytes.count {
    case 4, 7:
      guard let first = Timestamp(text + (bytes.count == 4 ? "-01-01" : "-01") + "T00:00:00") else { return nil }
      self.init(from: first, seconds: 86_400, hasZone: false)
      // The first day of the next year or month lies so many days on.
      let longest: Int64 = bytes.count == 4 ? 366 : 31
      for days in stride(from: longest, to: longest - 4, by: -1) {
        let last = Timestamp(seconds: first.seconds + (days - 1) * 86_400)
        guard last.text().hasPrefix(text + "-") else { continue }
        self.init(from: first, seconds: days * 86_400, hasZone: false)
        return
      }
    case 10:
      guard let day = Timestamp(text + "T00:00:00") else { return nil }
      self.init(from: day, seconds: 86_400, hasZone: false)
    case 11...:
      let separator = bytes[10] == UInt8(ascii: " ") ? bytes[10] : UInt8(ascii: "T")
      guard let moment = Timestamp(text, separator: separator) else { return nil }
      self.init(from: moment, seconds: 1, hasZone: moment.zoneOffsetMinutes != nil)
      var step: Int128 = 1_000_000_000
      for _ in 0..<moment.fractionDigits { step /= 10 }
      end = start + step
    default: return nil
    }
  }

  private init(from moment: Timestamp, seconds: Int64, hasZone: Bool) {
    let offset = Int128(moment.zoneOffsetMinutes ?? 0) * 60
    start = (Int128(moment.seconds) - offset) * 1_000_000_000 + Int128(moment.nanoseconds)
    end = start + Int128(seconds) * 1_000_000_000
    self.hasZone = hasZone
  }
}
