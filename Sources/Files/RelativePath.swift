/// A path below some root that cannot leave it: no NUL, not absolute, no way out through `..`, never empty.
///
/// Names that come from files pass through here before anything is opened or written. The text is normalised: no empty
/// and no `.` components, `..` resolved by text. Backslashes and colons are ordinary characters.
public struct RelativePath: Hashable, Sendable, CustomStringConvertible {
  /// Why a name is no safe relative path.
  public enum Problem: Error, Sendable, Equatable, CaseIterable {
    /// Nothing is left of the name.
    case empty
    /// The name holds a zero byte.
    case zeroByte
    /// The name begins with a slash.
    case absolute
    /// The name leads out of the folder through `..`.
    case leavesRoot

    /// What is wrong, as the end of a sentence.
    public var phrase: String {
      switch self {
      case .empty: "is an empty path"
      case .zeroByte: "holds a zero byte"
      case .absolute: "is an absolute path"
      case .leavesRoot: "leads out of the folder"
      }
    }
  }

  /// The normalised path.
  public let text: String

  /// Checks and normalises a name; costs one pass over its bytes where it is clean already.
  public init(_ name: String) throws(Problem) {
    if let problem = Self.obviousProblem(name) { throw problem }
    guard !Self.isNormal(name) else {
      text = name
      return
    }
    var components: [Substring] = []
    for component in name.utf8.split(separator: 0x2F) {
      switch Substring(component) {
      case ".": continue
      case "..":
        guard components.popLast() != nil else { throw .leavesRoot }
      case let other: components.append(other)
      }
    }
    guard !components.isEmpty else { throw .empty }
    text = components.joined(separator: "/")
  }

  private static func obviousProblem(_ name: String) -> Problem? {
    if name.isEmpty { return .empty }
    if name.utf8.first == 0x2F { return .absolute }
    return name.utf8.contains(0) ? .zeroByte : nil
  }

  /// Whether no component is empty, `.` or `..`.
  private static func isNormal(_ name: String) -> Bool {
    var length = 0
    var dots = 0
    for byte in name.utf8 {
      if byte == 0x2F {
        if length == dots && length <= 2 { return false }
        length = 0
        dots = 0
      } else {
        length += 1
        if byte == 0x2E { dots += 1 }
      }
    }
    return !(length == dots && length <= 2)
  }

  /// The path below a root folder.
  public func joined(to root: String) -> String { joinedPath(root, text) }

  /// The normalised path.
  public var description: String { text }
}

/// A path below a folder, with one slash between; the folder may be empty (the current one).
public func joinedPath(_ folder: String, _ path: String) -> String {
  if folder.isEmpty { return path }
  return folder.utf8.last == 0x2F ? folder + path : folder + "/" + path
}
