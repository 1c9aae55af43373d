import WaybillDatasetModel

/// Tells whether ranges of one text are the same, whatever their positions count; for one sample and one worker.
final class SpanRuler {
  private let text: String?
  /// Where each scalar begins, and where the text ends, counted in a unit; made at the first use.
  private var starts: [TextSpan.Unit: [Int]] = [:]

  /// A ruler for a text, when it is given inline.
  init(text: String?) { self.text = text }

  /// Whether two ranges are the same; without the text, ranges that count different things are not.
  func same(_ a: TextSpan, _ b: TextSpan) -> Bool {
    if a.unit == b.unit { return a == b }
    guard let first = scalars(a), let second = scalars(b) else { return false }
    return first == second
  }

  /// A range counted in scalars; nil where its ends fall between scalars, or where it counts something else and the text is not known.
  func scalars(_ span: TextSpan) -> Range<Int>? {
    guard span.start <= span.end else { return nil }
    if span.unit == .scalars { return span.start..<span.end }
    guard let start = scalar(at: span.start, span.unit), let end = scalar(at: span.end, span.unit) else { return nil }
    return start..<end
  }

  /// The number of the scalar that begins at a position; that after the last where the text ends.
  private func scalar(at position: Int, _ unit: TextSpan.Unit) -> Int? {
    guard let text else { return nil }
    let starts = starts[unit] ?? SpanRuler.starts(in: text, unit)
    self.starts[unit] = starts
    var low = 0
    var high = starts.count - 1
    while low < high {
      let middle = (low + high) / 2
      if starts[middle] < position { low = middle + 1 } else { high = middle }
    }
    return starts[low] == position ? low : nil
  }

  private static func starts(in text: String, _ unit: TextSpan.Unit) -> [Int] {
    var starts = [0]
    var position = 0
    for scalar in text.unicodeScalars {
      position += unit == .utf8 ? UTF8.width(scalar) : UTF16.width(scalar)
      starts.append(position)
    }
    return starts
  }
}
