import Glibc

/// Who changes labels.
public enum Author {
  /// The author of a new annotation: `--by`, else `WAYBILL_AUTHOR`, else the user of the system, as `human/NAME`.
  public static func name(given: String?) -> String {
    let name = given ?? getenv("WAYBILL_AUTHOR").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 } ?? systemUser()
    guard let name else { return "human" }
    return name.contains("/") ? name : "human/\(name)"
  }

  /// The name of the user who runs the program.
  static func systemUser() -> String? {
    if let user = getpwuid(getuid()), let name = user.pointee.pw_name { return String(cString: name) }
    return getenv("USER").map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
  }
}
