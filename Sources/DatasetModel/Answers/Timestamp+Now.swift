import Glibc

extension Timestamp {
  /// The moment at which something is made: `SOURCE_DATE_EPOCH` where it is set, else the clock's, in whole seconds of UTC.
  public static func now() -> Timestamp {
    let given = getenv("SOURCE_DATE_EPOCH").flatMap { Int64(String(cString: $0)) }
    return Timestamp(seconds: given ?? Int64(time(nil)), zoneOffsetMinutes: 0)
  }
}
