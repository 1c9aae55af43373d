/// A pattern of keys, as shells have them: `*` any text, slashes included, `?` one character, `[a-z]` one of some, `[!a-z]` one of all others.
///
/// A backslash takes the meaning of what follows it; everything else stands for itself. Matching costs at most the product of the lengths, whatever the pattern.
public struct KeyPattern: Sendable, Equatable {
  /// One character of the pattern, or what stands for several.
  private enum Part: Equatable {
    case anyText
    case anyOne
    case one(Unicode.Scalar)
    case oneOf([ClosedRange<Unicode.Scalar>], isInverted: Bool)

    func takes(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .anyText: false
      case .anyOne: true
      case .one(let own): own == scalar
      case .oneOf(let ranges, let isInverted): ranges.contains { $0.contains(scalar) } != isInverted
      }
    }
  }

  /// The pattern as it was given.
  public let text: String
  private let parts: [Part]

  /// A pattern.
  ///
  /// A bracket that is not closed stands for itself.
  public init(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var rest = Array(text.unicodeScalars)[...]
    while let first = rest.popFirst() {
      switch first {
      case "*": if parts.last != .anyText { parts.append(.anyText) }
      case "?": parts.append(.anyOne)
      case "\\": parts.append(.one(rest.popFirst() ?? first))
      case "[":
        if let (part, after) = KeyPattern.bracket(rest) {
          parts.append(part)
          rest = after
        } else {
          parts.append(.one(first))
        }
      default: parts.append(.one(first))
      }
    }
    self.parts = parts
  }

  /// Reads what is behind an opening bracket; nil where none closes it.
  private static func bracket(_ text: ArraySlice<Unicode.Scalar>) -> (Part, ArraySlice<Unicode.Scalar>)? {
    var rest = text
    let isInverted = rest.first == "!" || rest.first == "^"
    if isInverted { rest.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    // A bracket that closes at once is one of the characters.
    while let first = rest.popFirst() {
      if first == "]", !ranges.isEmpty { return (.oneOf(ranges, isInverted: isInverted), rest) }
      if rest.first == "-", let last = rest.dropFirst().first, last != "]" {
        rest.removeFirst(2)
        ranges.append(min(first, last)...max(first, last))
      } else {
        ranges.append(first...first)
      }
    }
    return nil
  }

  /// Whether a whole key matches.
  public func matches(_ key: String) -> Bool {
    let key = Array(key.unicodeScalars)
    var at = 0
    var wanted = 0
    // Where to go on when a longer run for the last star is tried.
    var star: Int?
    var mark = 0
    while at < key.count {
      if wanted < parts.count, parts[wanted] == .anyText {
        star = wanted
        mark = at
        wanted += 1
      } else if wanted < parts.count, parts[wanted].takes(key[at]) {
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
    return parts[wanted...].allSatisfy { $0 == .anyText }
  }
}
