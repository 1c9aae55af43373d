import Glibc

/// A moment in the spellings that S3 uses.
struct S3Time: Sendable, Equatable {
  /// Seconds since 1970.
  let seconds: Int64

  init(seconds: Int64) { self.seconds = seconds }

  /// The system's time.
  static var now: S3Time { S3Time(seconds: Int64(time(nil))) }

  private var fields: tm {
    var time = time_t(seconds)
    var fields = tm()
    gmtime_r(&time, &fields)
    return fields
  }

  /// `20260131T235959Z`.
  var stamp: String {
    let fields = fields
    return date + "T" + Self.two(fields.tm_hour) + Self.two(fields.tm_min) + Self.two(fields.tm_sec) + "Z"
  }

  /// `20260131`.
  var date: String {
    let fields = fields
    return "\(1900 + Int(fields.tm_year))" + Self.two(fields.tm_mon + 1) + Self.two(fields.tm_mday)
  }

  private static func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }

  /// Reads `Sat, 31 Jan 2026 23:59:59 GMT`, as the headers of HTTP spell it (RFC 9110, 5.6.7).
  init?(header text: String) {
    let words = text.split(separator: " ")
    guard words.count == 6, let day = Int(words[1]), let month = Self.months.firstIndex(of: String(words[2])),
      let year = Int(words[3])
    else { return nil }
    let clock = words[4].split(separator: ":").compactMap { Int($0) }
    guard clock.count == 3 else { return nil }
    self.init(year, month + 1, day, clock)
  }

  /// Reads `2026-01-31T23:59:59.000Z`, as listings and credentials spell it (ISO 8601); parts of seconds are left out.
  init?(iso text: String) {
    let parts = text.split(separator: "T")
    guard parts.count == 2 else { return nil }
    let date = parts[0].split(separator: "-").compactMap { Int($0) }
    let clock = parts[1].prefix(8).split(separator: ":").compactMap { Int($0) }
    guard date.count == 3, clock.count == 3, parts[1].hasSuffix("Z") || parts[1].hasSuffix("+00:00") else { return nil }
    self.init(date[0], date[1], date[2], clock)
  }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

  private init?(_ year: Int, _ month: Int, _ day: Int, _ clock: [Int]) {
    guard (1900...9999).contains(year), (1...12).contains(month), (1...31).contains(day), (0...23).contains(clock[0]),
      (0...59).contains(clock[1]), (0...60).contains(clock[2])
    else { return nil }
    var fields = tm()
    fields.tm_year = Int32(year - 1900)
    fields.tm_mon = Int32(month - 1)
    fields.tm_mday = Int32(day)
    fields.tm_hour = Int32(clock[0])
    fields.tm_min = Int32(clock[1])
    fields.tm_sec = Int32(clock[2])
    self.init(seconds: Int64(timegm(&fields)))
  }
}
