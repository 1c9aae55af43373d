import WaybillBytes
import WaybillDatasetModel

/// The rows of one sentence as fields; one per worker, reused.
final class CoNLLURows {
  /// What a row is.
  enum Kind: UInt8 {
    case word, range, empty
  }

  /// Where each field lies in the bytes, row by row.
  @exclusivity(unchecked) var fields: [Tokens.Extent] = []
  /// Where each row begins and ends.
  @exclusivity(unchecked) var lines: [Tokens.Extent] = []
  /// What each row is.
  @exclusivity(unchecked) var kinds: [Kind] = []
  /// For a range the last word it covers; for a word its number.
  @exclusivity(unchecked) var numbers: [Int] = []
  /// The number of columns.
  private(set) var width = 10
  /// Whether all lines end as the dialect says.
  private(set) var isRegular = true
  /// Where the rows end: behind the last field, before its line end.
  private(set) var end = 0

  /// How many rows there are.
  var count: Int { lines.count }

  /// The field of a row.
  @inline(__always) func field(_ row: Int, _ column: Int) -> Tokens.Extent { fields[row &* width &+ column] }

  /// The bytes of a field.
  @inline(__always) func text(_ row: Int, _ column: Int, _ base: UnsafePointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let field = field(row, column)
    return UnsafeBufferPointer(start: base + Int(field.start), count: Int(field.end &- field.start))
  }

  /// Reads rows up to a blank line or the end; a row of another number of columns ends it, and is given back.
  func read(_ base: UnsafePointer<UInt8>, from start: Int, to limit: Int, width: Int, isCRLF: Bool) -> (line: Range<Int>, columns: Int)? {
    fields.removeAll(keepingCapacity: true)
    lines.removeAll(keepingCapacity: true)
    kinds.removeAll(keepingCapacity: true)
    numbers.removeAll(keepingCapacity: true)
    self.width = width
    isRegular = true
    end = start
    var at = start
    while at < limit {
      let lineStart = at
      let first = fields.count
      var fieldStart = at
      while at < limit, base[at] != 0x0A {
        if base[at] == 0x09 {
          push(fieldStart, at)
          fieldStart = at &+ 1
        }
        at &+= 1
      }
      var lineEnd = at
      let hasReturn = at < limit && lineEnd > lineStart && base[lineEnd &- 1] == 0x0D
      if hasReturn { lineEnd &-= 1 }
      if lineEnd == lineStart || base[lineStart] == 0x20 || base[lineStart] == UInt8(ascii: "#") {
        fields.removeSubrange(first...)
        return nil
      }
      push(fieldStart, lineEnd)
      if at < limit, hasReturn != isCRLF { isRegular = false }
      let columns = fields.count - first
      guard columns == width else { return (lineStart..<lineEnd, columns) }
      lines.append(Tokens.Extent(start: UInt32(truncatingIfNeeded: lineStart), end: UInt32(truncatingIfNeeded: lineEnd)))
      end = lineEnd
      at = min(at + 1, limit)
    }
    return nil
  }

  @inline(__always) private func push(_ start: Int, _ end: Int) {
    fields.append(Tokens.Extent(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: max(start, end))))
  }
}
