/// Reads a pattern as shells have it: what `like` compares with, and what `--keys` takes.
///
/// `*` is any text, slashes included (`**` too), `?` one character, `[a-z]` one of some, `[!a-z]` one of all others; a backslash takes the
/// meaning of what follows it. A bracket that is not closed stands for itself. The whole text must fit.
enum GlobParser {
  /// The longest pattern in scalars.
  static let lengthLimit = RegexParser.lengthLimit

  /// Reads a pattern that stands at a position of the filter.
  static func parse(_ text: String, at offset: Int) throws(FilterProblem) -> PatternNode {
    var rest = Array(text.unicodeScalars)[...]
    guard rest.count <= lengthLimit else {
      throw FilterProblem(at: offset, "the pattern has \(rest.count) characters, and may have \(lengthLimit)")
    }
    var parts: [PatternNode] = [.start]
    var wasStar = false
    while let first = rest.popFirst() {
      if first == "*" {
        if !wasStar { parts.append(.repeated(.one(.all), least: 0, most: nil, position: offset)) }
        wasStar = true
        continue
      }
      wasStar = false
      switch first {
      case "?": parts.append(.one(.all))
      case "\\": parts.append(.one(ScalarSet(rest.popFirst() ?? first)))
      case "[":
        if let (set, after) = bracket(rest) {
          parts.append(.one(set))
          rest = after
        } else {
          parts.append(.one(ScalarSet(first)))
        }
      default: parts.append(.one(ScalarSet(first)))
      }
    }
    parts.append(.end)
    return .sequence(parts)
  }

  /// Reads what is behind an opening bracket; nil where none closes it.
  private static func bracket(_ text: ArraySlice<Unicode.Scalar>) -> (ScalarSet, ArraySlice<Unicode.Scalar>)? {
    var rest = text
    let isInverted = rest.first == "!" || rest.first == "^"
    if isInverted { rest.removeFirst() }
    var ranges: [ClosedRange<UInt32>] = []
    // A bracket that closes at once is one of the characters.
    while let first = rest.popFirst() {
      if first == "]", !ranges.isEmpty {
        let set = ScalarSet(ranges)
        return (isInverted ? set.inverted : set, rest)
      }
      if rest.first == "-", let last = rest.dropFirst().first, last != "]" {
        rest.removeFirst(2)
        ranges.append(min(first, last).value...max(first, last).value)
      } else {
        ranges.append(first.value...first.value)
      }
    }
    return nil
  }
}
