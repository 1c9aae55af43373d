import WaybillBytes
import WaybillDatasetModel

/// How cues are written in a subtitle format.
public struct CueSyntax: Sendable {
  /// The format.
  public var format: RecordingFormat
  /// What stands before the fraction of a second: a point, or a comma.
  public var mark: UInt8
  /// Whether the line before the times is the number of the cue; otherwise it is a name.
  public var isNumbered: Bool
  /// Whether a file begins with a line of its own, and blocks without times have a meaning.
  public var hasHead: Bool

  /// A syntax.
  public init(format: RecordingFormat, mark: UInt8, isNumbered: Bool, hasHead: Bool) {
    self.format = format
    self.mark = mark
    self.isNumbered = isNumbered
    self.hasHead = hasHead
  }

  /// The rules of cues.
  public var rules: [FormatRule] {
    let id = format.id
    return [
      FormatRule("\(id).cue.time", .error, "The line with an arrow has two times, each with minutes, seconds and thousandths."),
      FormatRule(
        "\(id).cue.time-spelling", .warning, "Times have their usual mark and three digits behind it; others are kept as they are."),
      FormatRule("\(id).cue.order", .error, "A cue ends after it begins."),
      FormatRule("\(id).cue.no-blank-line", .warning, "An empty line stands between two cues."),
      FormatRule(
        "\(id).block.unknown", .warning, "What stands between cues is known to the format; other text is kept and means nothing."),
      FormatRule(
        "\(id).write.time", .error, "An annotation is an interval that begins no earlier than 0 and ends after it begins."),
      FormatRule("\(id).write.rounded", .warning, "Times are rounded to thousandths of a second."),
      FormatRule("\(id).write.text", .error, "The text of a cue has no empty line and nothing that would be read as times."),
    ]
  }
}

/// One cue, by where it stands in the text.
public struct Cue: Sendable {
  /// What stands between the cue before and this one.
  public var before: Range<Int>
  /// Its number or name, without white space around it.
  public var name: Range<Int>?
  /// When it begins.
  public var start: MediaTime
  /// When it ends.
  public var end: MediaTime
  /// The rest of the line behind the times.
  public var settings: Range<Int>
  /// Its lines of text, without the end of the last one; empty when it has none.
  public var payload: Range<Int>
  /// All of it, without the end of its last line.
  public var whole: Range<Int>
}

/// The lines of a text that end with a line feed, a carriage return or both.
struct CueLines {
  let text: UnsafeRawBufferPointer
  /// Where the next line begins.
  var at = 0

  init(_ text: UnsafeRawBufferPointer, from start: Int = 0) {
    self.text = text
    at = start
  }

  /// The next line without its end; nil at the end.
  ///
  /// A rest without a line end is a line, an empty one is none.
  mutating func next() -> Range<Int>? {
    guard at < text.count else { return nil }
    let start = at
    var end = start
    while end < text.count, text[end] != 0x0A, text[end] != 0x0D { end &+= 1 }
    at = end
    if at < text.count { at &+= text[at] == 0x0D && at &+ 1 < text.count && text[at &+ 1] == 0x0A ? 2 : 1 }
    return start..<end
  }

  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 9 || byte == 12 }

  /// The range without white space around it.
  func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high, CueLines.isBlank(text[low]) { low &+= 1 }
    while low < high, CueLines.isBlank(text[high &- 1]) { high &-= 1 }
    return low..<high
  }
}
