/// A filter as it was written: a tree of conditions.
indirect enum FilterExpression: Sendable {
  /// Holds when all hold.
  case and([FilterExpression])
  /// Holds when one holds.
  case or([FilterExpression])
  /// Holds when it does not.
  case not(FilterExpression)
  /// A field compared with values.
  case comparison(FilterComparison)
  /// A field of yes or no, alone.
  case mark(FilterField)
  /// Whether a field is given.
  case given(FilterField)
  /// Whether there is an annotation for which it holds.
  case any(FilterExpression)
  /// Whether it holds for every annotation.
  case all(FilterExpression)
  /// How many annotations there are for which it holds.
  case count(FilterExpression?, FilterOperator, FilterLiteral)
}

/// A field compared with a value, or with several of a list.
struct FilterComparison: Sendable {
  /// What is compared.
  var field: FilterField
  /// How.
  var comparison: FilterOperator
  /// With what.
  var literals: [FilterLiteral]
  /// Where the comparison sign stands.
  var position: Int
}

/// A value as it was written.
struct FilterLiteral: Sendable {
  /// The word, or the text in the quotes.
  var text: String
  /// Whether it stood in quotes.
  var isQuoted: Bool
  /// Where it begins.
  var position: Int

  /// Words that mean something where a value may stand.
  static let reserved: Set<String> = ["and", "or", "not", "in", "like", "is", "has"]

  /// Whether a word can stand without quotes.
  static func isPlain(_ text: String) -> Bool {
    !text.isEmpty && !reserved.contains(text) && !text.unicodeScalars.contains { FilterScanner.endsWord($0) || $0 == "\\" }
  }

  /// A text in quotes with escapes.
  static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      default:
        if scalar.value < 0x20 || scalar.value == 0x7F {
          result += "\\u{\(String(scalar.value, radix: 16))}"
        } else {
          result.unicodeScalars.append(scalar)
        }
      }
    }
    return result + "\""
  }

  /// How it is written.
  var written: String { !isQuoted && FilterLiteral.isPlain(text) ? text : FilterLiteral.quoted(text) }

  /// How it is written as a pattern, whose backslashes are its own.
  var writtenAsPattern: String {
    // Within one kind of quote, those of the kind stand behind backslashes already.
    var isEscaped = false
    var hasBareQuote = false
    for scalar in text.unicodeScalars {
      if scalar == "\"", !isEscaped { hasBareQuote = true }
      isEscaped = scalar == "\\" && !isEscaped
    }
    // A backslash at the end, which a bare pattern can have, would take the quote for its own.
    let body = isEscaped ? text + "\\" : text
    return hasBareQuote ? "'\(body)'" : "\"\(body)\""
  }
}

extension FilterExpression: CustomStringConvertible {
  /// The filter in one spelling: read again, it says the same.
  var description: String {
    switch self {
    case .and(let parts): parts.map { $0.part(inAnd: true) }.joined(separator: " and ")
    case .or(let parts): parts.map { $0.part(inAnd: false) }.joined(separator: " or ")
    case .not(let inner):
      switch inner {
      case .and, .or: "not (\(inner))"
      default: "not \(inner)"
      }
    case .comparison(let comparison): comparison.description
    case .mark(let field): field.name
    case .given(let field): "has \(field.name)"
    case .any(let inner): "any(\(inner))"
    case .all(let inner): "all(\(inner))"
    case .count(let inner, let comparison, let number):
      "count(\(inner.map { "\($0)" } ?? "")) \(comparison.rawValue) \(number.written)"
    }
  }

  private func part(inAnd: Bool) -> String {
    switch self {
    case .or: "(\(self))"
    case .and: inAnd ? "(\(self))" : "\(self)"
    default: "\(self)"
    }
  }
}

extension FilterComparison: CustomStringConvertible {
  /// The comparison in one spelling.
  var description: String {
    let values = literals.map { comparison.takesPattern ? $0.writtenAsPattern : $0.written }.joined(separator: ", ")
    return "\(field.name) \(comparison.rawValue) " + (comparison.takesList ? "(\(values))" : values)
  }
}
