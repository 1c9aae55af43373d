import Glibc
import WaybillFiles

/// The names of uploads that are under way: `.waybill-upload-<pid>-<16 random hexadecimal digits>`.
enum UploadName {
  private static let prefix = ".waybill-upload-"

  /// A name that nobody has.
  static func new() -> String { prefix + "\(getpid())-" + randomName() }

  /// Whether a name is exactly one of an upload.
  static func matches(_ name: String) -> Bool {
    guard name.utf8.starts(with: prefix.utf8) else { return false }
    let parts = name.utf8.dropFirst(prefix.utf8.count).split(separator: 0x2D, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].count == 16 else { return false }
    return parts[0].allSatisfy { (0x30...0x39).contains($0) }
      && parts[1].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}
