import WaybillDiagnostics
import WaybillFormatSupport

extension FilterParser {
  /// The field a word names; an attribute's name may follow in brackets.
  mutating func field(_ token: FilterToken) throws(FilterProblem) -> FilterField {
    guard token.kind == .word else {
      throw FilterProblem(at: token.position, "expected a field, such as label, \(token.asMet)")
    }
    for prefix in ["attr.", "attribute."] where token.text.hasPrefix(prefix) && token.text.utf8.count > prefix.utf8.count {
      return .attribute(String(token.text.dropFirst(prefix.count)))
    }
    if ["attr", "attribute"].contains(token.text), try peek().kind == .openBracket {
      _ = try take()
      let name = try take()
      guard name.kind == .quoted || name.kind == .word else {
        throw FilterProblem(at: name.position, "expected the name of an attribute, such as \"colour\", \(name.asMet)")
      }
      try expect(.closeBracket, "] after the name of the attribute")
      return .attribute(name.text)
    }
    if let found = FilterField.named.first(where: { $0.name == token.text }) { return found.field }
    throw FilterProblem(
      at: token.position, "there is no field \"\(terminalSafe(token.text))\"\(FilterParser.suggestion(token.text))")
  }

  private static func suggestion(_ name: String) -> String {
    if ["attr", "attribute", "attr.", "attribute."].contains(name) { return "; an attribute is attr.NAME or attribute[\"NAME\"]" }
    let names = FilterField.named.map(\.name) + ["any", "all", "count", "has", "not"]
    if let near = nearest(to: name, among: names) { return "; did you mean \(near)?" }
    return "; the fields are \(FilterField.named.map(\.name).joined(separator: ", ")) and attr.NAME"
  }

  /// What follows a field.
  mutating func comparison(of field: FilterField) throws(FilterProblem) -> FilterExpression {
    let token = try peek()
    switch token.kind {
    case .comparison(let comparison):
      _ = try take()
      return .comparison(try comparison.takesPattern ? pattern(field, comparison, token) : single(field, comparison, token))
    case .word where token.text == "is": return try missing(field)
    case .word where token.text == "like":
      _ = try take()
      return .comparison(try pattern(field, .like, token))
    case .word where token.text == "in":
      _ = try take()
      return .comparison(try list(field, .within, token))
    case .word where token.text == "not":
      _ = try take()
      let next = try take()
      if next.isWord("like") { return .comparison(try pattern(field, .notLike, token)) }
      if next.isWord("in") { return .comparison(try list(field, .notWithin, token)) }
      throw FilterProblem(at: next.position, "expected like or in after \(field.name) not, \(next.asMet)")
    default: break
    }
    if case .booleans = field.values { return .mark(field) }
    var message = "expected a comparison after \(field.name), such as \(field.example), \(token.asMet)"
    let hint = FilterParser.hint(token)
    if token.kind == .unknown && !hint.isEmpty {
      message += hint
    } else if token.kind == .word, let near = nearest(to: token.text, among: ["like", "in", "is", "not"]) {
      message += "; did you mean \(near)?"
    } else {
      message += "; has \(field.name) asks whether it is given"
    }
    throw FilterProblem(at: token.position, message)
  }

  /// `is missing` and `is not missing`.
  private mutating func missing(_ field: FilterField) throws(FilterProblem) -> FilterExpression {
    _ = try take()
    var token = try take()
    let isNegated = token.isWord("not")
    if isNegated { token = try take() }
    guard token.isWord("missing") else {
      throw FilterProblem(
        at: token.position, "expected missing\(isNegated ? "" : " or not missing") after is, \(token.asMet)")
    }
    return isNegated ? .given(field) : .not(.given(field))
  }

  private mutating func single(
    _ field: FilterField, _ comparison: FilterOperator, _ sign: FilterToken
  ) throws(FilterProblem) -> FilterComparison {
    let value = try value(after: comparison.rawValue, such: field.valueExample)
    return FilterComparison(field: field, comparison: comparison, literals: [value], position: sign.position)
  }

  private mutating func pattern(
    _ field: FilterField, _ comparison: FilterOperator, _ sign: FilterToken
  ) throws(FilterProblem) -> FilterComparison {
    let token = try takePattern()
    guard token.kind == .word || token.kind == .quoted else {
      let example = comparison == .like || comparison == .notLike ? "\"street/*\"" : "\"^street/\""
      throw FilterProblem(
        at: token.position, "expected a pattern in quotes after \(comparison.rawValue), such as \(example), \(token.asMet)")
    }
    let literal = FilterLiteral(text: token.text, isQuoted: token.kind == .quoted, position: token.position)
    noteValue(token)
    return FilterComparison(field: field, comparison: comparison, literals: [literal], position: sign.position)
  }

  private mutating func list(
    _ field: FilterField, _ comparison: FilterOperator, _ sign: FilterToken
  ) throws(FilterProblem) -> FilterComparison {
    try expect(.open, "a list in parentheses after \(comparison.rawValue), such as (\(field.valueExample))")
    var literals: [FilterLiteral] = []
    while true {
      literals.append(try value(after: literals.isEmpty ? "(" : ",", such: field.valueExample))
      let token = try take()
      if token.kind == .close { break }
      guard token.kind == .comma else { throw FilterProblem(at: token.position, "expected , or ) in the list, \(token.asMet)") }
    }
    noteValue(nil)
    return FilterComparison(field: field, comparison: comparison, literals: literals, position: sign.position)
  }

  /// A value: a bare word, or a text in quotes.
  mutating func value(after sign: String, such example: String) throws(FilterProblem) -> FilterLiteral {
    let token = try take()
    guard token.kind == .word || token.kind == .quoted else {
      throw FilterProblem(at: token.position, "expected a value after \(sign), such as \(example), \(token.asMet)")
    }
    if token.kind == .word, FilterLiteral.reserved.contains(token.text) {
      throw FilterProblem(
        at: token.position,
        "expected a value after \(sign), such as \(example), \(token.asMet); as a value the word stands in quotes")
    }
    noteValue(token)
    return FilterLiteral(text: token.text, isQuoted: token.kind == .quoted, position: token.position)
  }
}

extension FilterField {
  /// A value that the field can have, for messages.
  var valueExample: String {
    switch values {
    case .texts: self == .split ? "train" : self == .key || self == .path ? "street/0001.jpg" : "car"
    case .numbers: self == .confidence ? "0.5" : "3"
    case .times: "2.5"
    case .moments: "2026-01-31"
    case .booleans: "true"
    case .choices(let names): names.first ?? ""
    case .any: "7"
    }
  }
}
