/// Takes the text of a filter apart into words and signs.
struct FilterScanner {
  private let scalars: [Unicode.Scalar]
  private var at = 0

  /// A scanner of a text.
  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  /// The next word or sign.
  mutating func next() throws(FilterProblem) -> FilterToken {
    skipSpace()
    let start = at
    guard at < scalars.count else { return FilterToken(kind: .end, text: "", position: start) }
    switch scalars[at] {
    case "(": return sign(.open, 1)
    case ")": return sign(.close, 1)
    case "[": return sign(.openBracket, 1)
    case "]": return sign(.closeBracket, 1)
    case ",": return sign(.comma, 1)
    case "\"", "'": return try quoted()
    case "=", "!", "<", ">", "~", "&", "|": return comparison()
    default:
      while at < scalars.count, !FilterScanner.endsWord(scalars[at]) { at += 1 }
      return token(.word, from: start)
    }
  }

  /// The next token where a pattern is expected: in quotes, every character but the quote stands for itself; bare, a pattern goes on to
  /// the next space, parenthesis, comma or quote.
  mutating func nextPattern() throws(FilterProblem) -> FilterToken {
    skipSpace()
    let start = at
    guard at < scalars.count else { return FilterToken(kind: .end, text: "", position: start) }
    let quote = scalars[at]
    if quote == "\"" || quote == "'" {
      at += 1
      while at < scalars.count, scalars[at] != quote {
        // What follows a backslash, a quote too, belongs to the pattern.
        at += scalars[at] == "\\" ? 2 : 1
      }
      guard at < scalars.count else { throw FilterProblem(at: start, "the text in quotes does not end") }
      at += 1
      return FilterToken(kind: .quoted, text: text(start + 1, at - 1), position: start)
    }
    while at < scalars.count, !FilterScanner.endsPattern(scalars[at]) { at += 1 }
    return at == start ? try next() : token(.word, from: start)
  }

  private mutating func skipSpace() {
    while at < scalars.count, scalars[at].properties.isWhitespace { at += 1 }
  }

  private mutating func sign(_ kind: FilterToken.Kind, _ length: Int) -> FilterToken {
    at += length
    return token(kind, from: at - length)
  }

  private func token(_ kind: FilterToken.Kind, from start: Int) -> FilterToken {
    FilterToken(kind: kind, text: text(start, at), position: start)
  }

  private func text(_ start: Int, _ end: Int) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars[start..<end])
    return String(text)
  }

  /// Signs of comparison, and those of other languages that stand for words of this one.
  private mutating func comparison() -> FilterToken {
    let pair = at + 1 < scalars.count ? text(at, at + 2) : ""
    switch pair {
    case "==": return sign(.comparison(.equal), 2)
    case "!=": return sign(.comparison(.notEqual), 2)
    case "<=": return sign(.comparison(.lessOrEqual), 2)
    case ">=": return sign(.comparison(.greaterOrEqual), 2)
    case "!~": return sign(.comparison(.matchesNot), 2)
    case "<>", "=~", "&&", "||", "=<", "=>": return sign(.unknown, 2)
    default: break
    }
    switch scalars[at] {
    case "=": return sign(.comparison(.equal), 1)
    case "<": return sign(.comparison(.less), 1)
    case ">": return sign(.comparison(.greater), 1)
    case "~": return sign(.comparison(.matches), 1)
    default: return sign(.unknown, 1)
    }
  }

  private mutating func quoted() throws(FilterProblem) -> FilterToken {
    let start = at
    let quote = scalars[at]
    var text = String.UnicodeScalarView()
    at += 1
    while at < scalars.count, scalars[at] != quote {
      if scalars[at] == "\\" {
        text.append(try escape())
      } else {
        text.append(scalars[at])
        at += 1
      }
    }
    guard at < scalars.count else { throw FilterProblem(at: start, "the text in quotes does not end") }
    at += 1
    return FilterToken(kind: .quoted, text: String(text), position: start)
  }

  /// The scalar an escape stands for.
  private mutating func escape() throws(FilterProblem) -> Unicode.Scalar {
    let start = at
    at += 2
    switch at <= scalars.count ? scalars[at - 1] : " " {
    case "\"": return "\""
    case "'": return "'"
    case "\\": return "\\"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u":
      var value: UInt32 = 0
      var digits = 0
      if at < scalars.count, scalars[at] == "{" {
        at += 1
        while at < scalars.count, digits < 6, let digit = scalars[at].hexDigit {
          value = value << 4 | digit
          digits += 1
          at += 1
        }
        if digits > 0, at < scalars.count, scalars[at] == "}", let scalar = Unicode.Scalar(value) {
          at += 1
          return scalar
        }
      }
      throw FilterProblem(at: start, "\\u is followed by a character's number, such as \\u{e9}")
    default:
      throw FilterProblem(
        at: start, #"a backslash is followed by ", ', \, n, r, t or u{...} in a text; \\ stands for a backslash"#)
    }
  }

  /// Whether a bare word ends before a scalar.
  static func endsWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "(", ")", "[", "]", ",", "\"", "'", "=", "!", "<", ">", "~", "&", "|": true
    default: scalar.properties.isWhitespace
    }
  }

  private static func endsPattern(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "(", ")", ",", "\"", "'": true
    default: scalar.properties.isWhitespace
    }
  }
}

extension Unicode.Scalar {
  /// The value of a hexadecimal digit.
  var hexDigit: UInt32? {
    switch self {
    case "0"..."9": value - 0x30
    case "a"..."f": value - 0x57
    case "A"..."F": value - 0x37
    default: nil
    }
  }
}
