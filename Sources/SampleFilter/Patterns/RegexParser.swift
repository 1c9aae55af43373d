import WaybillDiagnostics

/// Reads a regular expression.
///
/// Literals, `.`, classes (`[a-z]`, `[^,]`, `\d \w \s \D \W \S`), `^` and `$`, groups, `|`, and `* + ? {n} {n,} {n,m}`; `(?i)` at the
/// beginning ignores case. What cannot be matched in linear time, such as back references, is refused.
struct RegexParser {
  /// The longest pattern in scalars.
  static let lengthLimit = 1_024
  /// The deepest nesting of groups.
  static let depthLimit = 64
  /// The greatest number in a repetition.
  static let repetitionLimit = 1_000

  private let scalars: [Unicode.Scalar]
  /// Where the pattern begins in the filter.
  private let offset: Int
  private var at = 0
  private var depth = 0
  private var ignoresCase = false

  private init(_ text: String, offset: Int) {
    scalars = Array(text.unicodeScalars)
    self.offset = offset
  }

  /// Reads a pattern that stands at a position of the filter.
  static func parse(_ text: String, at offset: Int) throws(FilterProblem) -> PatternNode {
    var parser = RegexParser(text, offset: offset)
    guard parser.scalars.count <= lengthLimit else {
      throw parser.problem(0, "the regular expression has \(parser.scalars.count) characters, and may have \(lengthLimit)")
    }
    if text.hasPrefix("(?i)") {
      parser.ignoresCase = true
      parser.at = 4
    }
    let node = try parser.alternatives()
    guard parser.at == parser.scalars.count else { throw parser.problem(parser.at, "the ) closes no group") }
    return node
  }

  private func problem(_ position: Int, _ message: String) -> FilterProblem { FilterProblem(at: offset + position, message) }

  private var next: Unicode.Scalar? { at < scalars.count ? scalars[at] : nil }

  private mutating func alternatives() throws(FilterProblem) -> PatternNode {
    var parts = [try sequence()]
    while next == "|" {
      at += 1
      parts.append(try sequence())
    }
    return parts.count == 1 ? parts[0] : .alternatives(parts)
  }

  private mutating func sequence() throws(FilterProblem) -> PatternNode {
    var parts: [PatternNode] = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let start = at
      parts.append(try quantified(try atom(), from: start))
    }
    return parts.count == 1 ? parts[0] : .sequence(parts)
  }

  private mutating func atom() throws(FilterProblem) -> PatternNode {
    let start = at
    let scalar = scalars[at]
    at += 1
    switch scalar {
    case ".": return .one(.notLineFeed)
    case "^": return .start
    case "$": return .end
    case "[": return .one(try characterClass(start))
    case "(": return try group(start)
    case "*", "+", "?": throw problem(start, "there is nothing for \(scalar) to repeat")
    case "{": throw problem(start, #"{ begins a repetition such as a{2,5}, and there is nothing to repeat; \{ is a brace"#)
    case "\\": return .one(try escaped(start))
    default: return .one(folded(ScalarSet(scalar)))
    }
  }

  private func folded(_ set: ScalarSet) -> ScalarSet { ignoresCase ? set.ignoringCase : set }

  private mutating func group(_ start: Int) throws(FilterProblem) -> PatternNode {
    depth += 1
    guard depth <= RegexParser.depthLimit else {
      throw problem(start, "groups are nested more than \(RegexParser.depthLimit) deep")
    }
    if next == "?" {
      guard at + 1 < scalars.count, scalars[at + 1] == ":" else {
        throw problem(start, "a group begins with ( or (?:; no other (? is known, but (?i) at the beginning of the pattern")
      }
      at += 2
    }
    let node = try alternatives()
    guard next == ")" else { throw problem(start, "the group is not closed by )") }
    at += 1
    depth -= 1
    return node
  }

  // MARK: - Repetition

  private mutating func quantified(_ node: PatternNode, from start: Int) throws(FilterProblem) -> PatternNode {
    let position = at
    let (least, most): (Int, Int?)
    switch next {
    case "*": (least, most) = (0, nil)
    case "+": (least, most) = (1, nil)
    case "?": (least, most) = (0, 1)
    case "{":
      at += 1
      (least, most) = try bounds(position)
    default: return node
    }
    at += 1
    if position - start == 1, scalars[start] == "^" || scalars[start] == "$" {
      throw problem(position, "\(scalars[start]) cannot be repeated")
    }
    // Whether as much or as little as possible is taken changes nothing about whether it fits.
    if next == "?" { at += 1 }
    if let scalar = next, scalar == "*" || scalar == "+" || scalar == "?" || scalar == "{" {
      throw problem(
        at, "\(scalar) follows another repetition; a group may be repeated, as in (a*)\(scalar == "{" ? "{2}" : "\(scalar)")")
    }
    return .repeated(node, least: least, most: most, position: offset + position)
  }

  /// The numbers of `{n}`, `{n,}`, `{,m}` or `{n,m}`; ends on the closing brace.
  private mutating func bounds(_ start: Int) throws(FilterProblem) -> (Int, Int?) {
    let first = try number(start)
    var (least, most) = (first ?? 0, first)
    if next == "," {
      at += 1
      most = try number(start)
      if first == nil, most == nil { least = -1 }
    } else if first == nil {
      least = -1
    }
    guard least >= 0, next == "}" else { throw problem(start, #"{ begins a repetition such as a{2,5}; \{ is a brace"#) }
    if let most, most < least { throw problem(start, "the repetition goes from \(least) down to \(most)") }
    return (least, most)
  }

  private mutating func number(_ start: Int) throws(FilterProblem) -> Int? {
    var value: Int?
    while let scalar = next, scalar.value &- 0x30 <= 9 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
      at += 1
      guard (value ?? 0) <= RegexParser.repetitionLimit else {
        throw problem(start, "a repetition goes up to \(RegexParser.repetitionLimit) times")
      }
    }
    return value
  }

  // MARK: - Sets

  /// What follows a backslash, which stands at a position.
  private mutating func escaped(_ start: Int) throws(FilterProblem) -> ScalarSet {
    guard let scalar = next else { throw problem(start, #"the pattern ends with a backslash; \\ is one"#) }
    at += 1
    switch scalar {
    case "d": return .digits
    case "D": return ScalarSet.digits.inverted
    case "w": return .wordCharacters
    case "W": return ScalarSet.wordCharacters.inverted
    case "s": return .spaces
    case "S": return ScalarSet.spaces.inverted
    case "n": return ScalarSet("\n")
    case "r": return ScalarSet("\r")
    case "t": return ScalarSet("\t")
    case "f": return ScalarSet("\u{0C}")
    case "v": return ScalarSet("\u{0B}")
    case "x": return try hexadecimal(start, digits: 2)
    case "u": return try hexadecimal(start, digits: 4)
    case "1"..."9": throw problem(start, "\\\(scalar) refers back to a group, which cannot be matched in linear time")
    case "a"..."z", "A"..."Z", "0":
      throw problem(start, "\\\(scalar) means nothing here; \\d, \\w, \\s, \\n, \\r, \\t, \\xHH and \\uHHHH do")
    default: return folded(ScalarSet(scalar))
    }
  }

  private mutating func hexadecimal(_ start: Int, digits: Int) throws(FilterProblem) -> ScalarSet {
    var value: UInt32 = 0
    for _ in 0..<digits {
      guard let digit = next?.hexDigit else {
        throw problem(start, "\\\(digits == 2 ? "x" : "u") is followed by \(digits) hexadecimal digits")
      }
      value = value << 4 | digit
      at += 1
    }
    guard let scalar = Unicode.Scalar(value) else { throw problem(start, "there is no character of this number") }
    return folded(ScalarSet(scalar))
  }

  /// A class, its opening bracket taken.
  private mutating func characterClass(_ start: Int) throws(FilterProblem) -> ScalarSet {
    let isInverted = next == "^"
    if isInverted { at += 1 }
    var set: [ClosedRange<UInt32>] = []
    var isFirst = true
    // A bracket that closes at once is one of the characters.
    while let scalar = next, isFirst || scalar != "]" {
      isFirst = false
      let position = at
      let low = try member()
      guard next == "-", at + 1 < scalars.count, scalars[at + 1] != "]" else {
        set += low.ranges
        continue
      }
      at += 1
      let high = try member()
      guard let first = low.single, let last = high.single else {
        throw problem(position, "a range goes from one character to another")
      }
      guard first <= last else { throw problem(position, "the range ends before it begins") }
      set.append(first...last)
    }
    guard next == "]" else { throw problem(start, #"the class is not closed by ]; \[ is a bracket"#) }
    at += 1
    let result = folded(ScalarSet(set))
    return isInverted ? result.inverted : result
  }

  /// One character of a class, or a set such as `\d`, case not yet ignored.
  private mutating func member() throws(FilterProblem) -> ScalarSet {
    let start = at
    let scalar = scalars[at]
    at += 1
    guard scalar == "\\" else { return ScalarSet(scalar) }
    let before = ignoresCase
    ignoresCase = false
    defer { ignoresCase = before }
    return try escaped(start)
  }
}

extension ScalarSet {
  /// The scalar of a set of one.
  var single: UInt32? {
    guard ranges.count == 1, ranges[0].lowerBound == ranges[0].upperBound else { return nil }
    return ranges[0].lowerBound
  }
}
