import WaybillBytes

/// One field of a row, in place.
public struct CSVField: Equatable, Sendable {
  /// The bytes of its content, without the quotes around it.
  public var range: Range<Int>
  /// Whether quotes stand around it.
  public var isQuoted: Bool
  /// Whether doubled quotes occur inside quotes, so that the bytes differ from the text.
  public var hasDoubledQuotes: Bool

  /// A field.
  @inlinable public init(_ range: Range<Int>, isQuoted: Bool = false, hasDoubledQuotes: Bool = false) {
    self.range = range
    self.isQuoted = isQuoted
    self.hasDoubledQuotes = hasDoubledQuotes
  }

  /// The bytes of the field with the quotes around it.
  @inlinable public var outerRange: Range<Int> {
    isQuoted ? range.lowerBound &- 1..<range.upperBound &+ 1 : range
  }

  /// The text of the field.
  ///
  /// The bytes must be those that were scanned; invalid UTF-8 is repaired.
  @inlinable public func string(in bytes: UnsafeRawBufferPointer) -> String {
    let content = UnsafeRawBufferPointer(rebasing: bytes[range])
    if hasDoubledQuotes { return CSVText.unescaped(content) }
    return String(decoding: content, as: UTF8.self)
  }
}

/// One row of a table, in place.
public struct CSVRow: Equatable, Sendable {
  /// What ends a row.
  public enum Ending: Equatable, Sendable {
    /// The end of the bytes.
    case none
    /// A line feed.
    case lineFeed
    /// A carriage return and a line feed.
    case carriageReturnLineFeed
  }

  /// The bytes of the row without its ending.
  public var range: Range<Int>
  /// What ends it.
  public var ending: Ending

  /// A row.
  @inlinable public init(_ range: Range<Int>, _ ending: Ending) {
    self.range = range
    self.ending = ending
  }

  /// Whether nothing stands in the row: a blank line, whose one field is empty and has no quotes.
  @inlinable public var isBlank: Bool { range.isEmpty }
}
