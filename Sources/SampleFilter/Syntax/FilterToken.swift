import WaybillDiagnostics

/// One word or sign of a filter.
struct FilterToken {
  /// What it is.
  enum Kind: Equatable {
    /// A bare word: a field, a word of the language or a value.
    case word
    /// A text in quotes, its escapes taken away.
    case quoted
    /// A comparison.
    case comparison(FilterOperator)
    case open, close, openBracket, closeBracket, comma
    /// A sign that the language does not have.
    case unknown
    /// The end of the filter.
    case end
  }

  /// What it is.
  var kind: Kind
  /// The word, the text in the quotes, or the sign.
  var text: String
  /// Where it begins.
  var position: Int

  /// How a message names it: `not "x"`.
  var asMet: String { kind == .end ? "and the filter ends" : "not \"\(terminalSafe(text))\"" }

  /// Whether it is a word of the language, written bare.
  func isWord(_ word: String) -> Bool { kind == .word && text == word }
}

/// How a field is compared with a value.
enum FilterOperator: String, CaseIterable, Sendable {
  case equal = "="
  case notEqual = "!="
  case less = "<"
  case lessOrEqual = "<="
  case greater = ">"
  case greaterOrEqual = ">="
  case matches = "~"
  case matchesNot = "!~"
  case like = "like"
  case notLike = "not like"
  case within = "in"
  case notWithin = "not in"

  /// Whether the value is a pattern.
  var takesPattern: Bool { self == .matches || self == .matchesNot || self == .like || self == .notLike }
  /// Whether the value is a list.
  var takesList: Bool { self == .within || self == .notWithin }
  /// Whether it asks which of two comes first.
  var isOrder: Bool { self == .less || self == .lessOrEqual || self == .greater || self == .greaterOrEqual }
  /// Whether it fits values that differ.
  var isNegated: Bool { self == .notEqual || self == .matchesNot || self == .notLike || self == .notWithin }

  /// Whether it holds for a value that comes before (-1), with (0) or after (1) another.
  @inline(__always) func holds(order: Int) -> Bool {
    switch self {
    case .equal, .within, .matches, .like: order == 0
    case .notEqual, .notWithin, .matchesNot, .notLike: order != 0
    case .less: order < 0
    case .lessOrEqual: order <= 0
    case .greater: order > 0
    case .greaterOrEqual: order >= 0
    }
  }
}
