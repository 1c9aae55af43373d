import Glibc

/// Finds the values in the text of a TextGrid as Praat does: free-standing numbers, quoted texts and flags.
///
/// Everything else is for people: words that begin with anything else, and from a `!` to the end of the line.
struct GridScanner {
  /// What a value is.
  enum Kind {
    case number, text, flag
  }

  /// A value and the bytes before it that mean nothing.
  struct Token {
    var kind: Kind
    /// Where the value stands; of a text, between its quotes.
    var range: Range<Int>
    /// Where the bytes before it begin.
    var before: Int
    /// Whether a text holds doubled quotes.
    var hasQuotes = false

    /// Where the value stands with its quotes or brackets.
    var outer: Range<Int> { kind == .number ? range : (range.lowerBound - 1)..<(range.upperBound + 1) }
    /// The bytes before it.
    var filler: Range<Int> { before..<outer.lowerBound }
  }

  /// What can be wrong between values.
  enum Fault: Error {
    /// A text or a flag is not closed.
    case unclosed(Int)
    /// Something stands right behind a quote.
    case behindQuote(Int)
  }

  let text: UnsafeRawBufferPointer
  /// Where the next value is looked for.
  private(set) var at = 0

  init(_ text: UnsafeRawBufferPointer) { self.text = text }

  @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte <= 0x20 && (byte == 0x20 || (byte >= 9 && byte <= 13)) }

  /// The next value; nil at the end.
  mutating func next() throws(Fault) -> Token? {
    let before = at
    let count = text.count
    while at < count {
      let byte = text[at]
      if GridScanner.isSpace(byte) {
        at &+= 1
      } else if byte == 0x22 {
        return try quoted(before)
      } else if byte &- 0x30 <= 9 || byte == 0x2D || byte == 0x2B {
        let start = at
        while at < count, !GridScanner.isSpace(text[at]) { at &+= 1 }
        return Token(kind: .number, range: start..<at, before: before)
      } else if byte == 0x3C {
        let start = at &+ 1
        while at < count, text[at] != 0x3E { at &+= 1 }
        guard at < count else { throw .unclosed(start &- 1) }
        at &+= 1
        return Token(kind: .flag, range: start..<(at &- 1), before: before)
      } else if byte == 0x21 {
        while at < count, text[at] != 0x0A, text[at] != 0x0D { at &+= 1 }
      } else {
        while at < count, !GridScanner.isSpace(text[at]) { at &+= 1 }
      }
    }
    return nil
  }

  private mutating func quoted(_ before: Int) throws(Fault) -> Token {
    guard let base = text.baseAddress else { throw .unclosed(at) }
    let start = at &+ 1
    var end = start
    var hasQuotes = false
    while let found = end < text.count ? memchr(base + end, 0x22, text.count &- end) : nil {
      end = UnsafeRawPointer(found) - base
      if end &+ 1 < text.count, text[end &+ 1] == 0x22 {
        hasQuotes = true
        end &+= 2
        continue
      }
      at = end &+ 1
      if at < text.count, !GridScanner.isSpace(text[at]) { throw .behindQuote(at) }
      return Token(kind: .text, range: start..<end, before: before, hasQuotes: hasQuotes)
    }
    throw .unclosed(start &- 1)
  }
}
