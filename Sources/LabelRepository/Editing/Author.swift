import Glibc
import WaybillDatasetModel

/// Who changes labels.
public enum Author {
  /// The author of a new annotation: `--by`, else `WAYBILL_AUTHOR`, else the user of the system, as `human/NAME`.
  public static func name(given: String?) -> String {
    let name = given ?? getenv("WAYBILL_AUTHOR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? systemUser()
    guard let name else { return "human" }
    return name.contains("/") ? name : "human/\(name)"
  }

  /// The moment of a change: `SOURCE_DATE_EPOCH` where it is set, else the clock's, in whole seconds.
  public static func now() -> Timestamp {
    let given = getenv("SOURCE_DATE_EPOCH").flatMap { Int64(String(cString: $0)) }
    return Timestamp(seconds: given ?? Int64(time(nil)), zoneOffsetMinutes: 0)
  }

  /// The name of the user who runs the program.
  static func systemUser() -> String? {
    if let user = getpwuid(getuid()), let name = user.pointee.pw_name { return String(cString: name) }
    return getenv("USER").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
