/// A pattern of keys, as shells have them: `*` stands for any bytes, slashes too, `?` for one character, all else for itself.
///
/// Matching costs at most the product of the lengths, whatever the pattern.
public struct KeyPattern: Sendable, Equatable {
  private let pattern: [Unicode.Scalar]

  /// A pattern.
  public init(_ text: String) { pattern = Array(text.unicodeScalars) }

  /// Whether a whole key matches.
  public func matches(_ key: String) -> Bool {
    let key = Array(key.unicodeScalars)
    var at = 0
    var wanted = 0
    // Where to go on when a longer run for the last star is tried.
    var star: Int?
    var mark = 0
    while at < key.count {
      if wanted < pattern.count, pattern[wanted] == "*" {
        star = wanted
        mark = at
        wanted += 1
      } else if wanted < pattern.count, pattern[wanted] == "?" || pattern[wanted] == key[at] {
        wanted += 1
        at += 1
      } else if let star {
        wanted = star + 1
        mark += 1
        at = mark
      } else {
        return false
      }
    }
    return pattern[wanted...].allSatisfy { $0 == "*" }
  }
}
