import WaybillFormatSupport

/// Reads a filter.
///
/// ```
/// filter     = and { "or" and }
/// and        = not { "and" not }
/// not        = "not" not | condition
/// condition  = "(" filter ")" | "has" field | field "is" [ "not" ] "missing" | field comparison | field
///            | ( "any" | "all" ) "(" filter ")" | "count" "(" [ filter ] ")" comparison
/// ```
struct FilterParser {
  /// The deepest nesting of parentheses and `not`.
  static let depthLimit = 64
  /// The longest filter in bytes.
  static let lengthLimit = 65_536

  private var scanner: FilterScanner
  private var ahead: FilterToken?
  private var depth = 0
  /// Whether the conditions are about one annotation.
  private var isInside = false
  /// The value that was read last, to tell a name of several words from nonsense.
  private var lastValue: FilterToken?

  /// A parser of a text.
  private init(_ text: String) { scanner = FilterScanner(text) }

  /// Reads a whole filter.
  static func parse(_ text: String) throws(FilterProblem) -> FilterExpression {
    guard text.utf8.count <= lengthLimit else {
      throw FilterProblem(at: 0, "it has \(text.utf8.count) bytes, and a filter has at most \(lengthLimit)")
    }
    var parser = FilterParser(text)
    let expression = try parser.alternatives()
    let rest = try parser.take()
    guard rest.kind == .end else { throw parser.afterCondition(rest) }
    return expression
  }

  // MARK: - Tokens

  /// The next token, which stays.
  mutating func peek() throws(FilterProblem) -> FilterToken {
    if let ahead { return ahead }
    let token = try scanner.next()
    ahead = token
    return token
  }

  /// The next token.
  mutating func take() throws(FilterProblem) -> FilterToken {
    let token = try peek()
    ahead = nil
    return token
  }

  /// The next token as a pattern.
  mutating func takePattern() throws(FilterProblem) -> FilterToken {
    if let ahead {
      self.ahead = nil
      return ahead
    }
    return try scanner.nextPattern()
  }

  /// Takes a token of a kind.
  mutating func expect(_ kind: FilterToken.Kind, _ what: String) throws(FilterProblem) {
    let token = try take()
    guard token.kind == kind else { throw FilterProblem(at: token.position, "expected \(what), \(token.asMet)") }
  }

  /// Notes the value that was read last.
  mutating func noteValue(_ token: FilterToken?) { lastValue = token }

  // MARK: - Structure

  private mutating func alternatives() throws(FilterProblem) -> FilterExpression {
    var parts = [try conjunction()]
    while try peek().isWord("or") {
      _ = try take()
      parts.append(try conjunction())
    }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func conjunction() throws(FilterProblem) -> FilterExpression {
    var parts = [try negation()]
    while try peek().isWord("and") {
      _ = try take()
      parts.append(try negation())
    }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func negation() throws(FilterProblem) -> FilterExpression {
    guard try peek().isWord("not") else { return try condition() }
    try enter(try take())
    let inner = try negation()
    depth -= 1
    return .not(inner)
  }

  private mutating func enter(_ token: FilterToken) throws(FilterProblem) {
    depth += 1
    guard depth <= FilterParser.depthLimit else {
      throw FilterProblem(at: token.position, "it is nested more than \(FilterParser.depthLimit) deep")
    }
  }

  private mutating func condition() throws(FilterProblem) -> FilterExpression {
    lastValue = nil
    let token = try take()
    switch token.kind {
    case .open:
      try enter(token)
      let inner = try alternatives()
      depth -= 1
      try close()
      return inner
    case .word: break
    case .quoted:
      throw FilterProblem(
        at: token.position,
        "expected a condition, \(token.asMet); a field stands before the value, such as label = \(FilterLiteral.quoted(token.text))"
      )
    default:
      throw FilterProblem(
        at: token.position, "expected a condition, such as label = car, \(token.asMet)\(FilterParser.hint(token))")
    }
    switch token.text {
    case "any", "all", "count": return try quantified(token)
    case "has":
      let field = try self.field(try take())
      return .given(field)
    case "and", "or", "in", "like", "is":
      throw FilterProblem(at: token.position, "expected a condition, such as label = car, \(token.asMet)")
    default: return try comparison(of: try field(token))
    }
  }

  /// Takes the parenthesis that closes.
  private mutating func close() throws(FilterProblem) {
    let token = try take()
    guard token.kind == .close else { throw afterCondition(token, isInParentheses: true) }
  }

  /// `any(...)`, `all(...)` and `count(...) > 3`, the word itself taken.
  private mutating func quantified(_ word: FilterToken) throws(FilterProblem) -> FilterExpression {
    try expect(.open, "( after \(word.text), as in \(word.text)(label = car)\(word.text == "count" ? " > 1" : "")")
    guard !isInside else {
      throw FilterProblem(
        at: word.position, "\(word.text)() cannot stand inside any(), all() or count(), which are about one annotation")
    }
    if word.text == "count", try peek().kind == .close {
      _ = try take()
      return try counted(nil)
    }
    try enter(word)
    isInside = true
    let inner = try alternatives()
    isInside = false
    depth -= 1
    try close()
    switch word.text {
    case "any": return .any(inner)
    case "all": return .all(inner)
    default: return try counted(inner)
    }
  }

  private mutating func counted(_ inner: FilterExpression?) throws(FilterProblem) -> FilterExpression {
    let sign = try take()
    guard case .comparison(let comparison) = sign.kind, !comparison.takesPattern else {
      throw FilterProblem(
        at: sign.position, "expected =, !=, <, <=, > or >= after count(...), \(sign.asMet)\(FilterParser.hint(sign))")
    }
    let number = try value(after: comparison.rawValue, such: "3")
    return .count(inner, comparison, number)
  }

  /// The problem of a token that stands where a condition has ended.
  private func afterCondition(_ token: FilterToken, isInParentheses: Bool = false) -> FilterProblem {
    var message = "expected and, or\(isInParentheses ? " or )" : " or the end"), \(token.asMet)"
    if token.kind == .word, let lastValue, lastValue.kind == .word, FilterParser.nearWord(token.text) == nil {
      message += "; a value of several words stands in quotes, as in \(FilterLiteral.quoted("\(lastValue.text) \(token.text)"))"
    } else {
      message += FilterParser.hint(token)
    }
    return FilterProblem(at: token.position, message)
  }

  /// The word of the language that a sign or a word of another language stands for.
  static func hint(_ token: FilterToken) -> String {
    switch (token.kind, token.text) {
    case (.unknown, "&&"), (.unknown, "&"): "; did you mean and?"
    case (.unknown, "||"), (.unknown, "|"): "; did you mean or?"
    case (.unknown, "!"): "; did you mean not?"
    case (.unknown, "<>"): "; did you mean !=?"
    case (.unknown, "=~"): "; did you mean ~?"
    case (.unknown, "=<"): "; did you mean <=?"
    case (.unknown, "=>"): "; did you mean >=?"
    case (.word, _): nearWord(token.text).map { "; did you mean \($0)?" } ?? ""
    default: ""
    }
  }

  private static func nearWord(_ text: String) -> String? { nearest(to: text, among: ["and", "or"]) }
}
