import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// The text of a sentence as its rows say it, and where each row stands in a text.
struct CoNLLUSurface {
  let rows: CoNLLURows
  let base: UnsafePointer<UInt8>
  let columns: CoNLLUColumns

  /// Calls a closure with each row that stands in the text itself: ranges, words outside of them, no empty nodes.
  private func forEach(_ body: (_ row: Int, _ last: Int) -> Bool) {
    var row = 0
    while row < rows.count {
      var last = row
      switch rows.kinds[row] {
      case .empty:
        row += 1
        continue
      case .word: break
      case .range:
        while last + 1 < rows.count, rows.kinds[last + 1] != .range, rows.numbers[last + 1] <= rows.numbers[row] {
          // An empty node behind the last word of the range is none of its own.
          if rows.kinds[last + 1] == .empty, rows.numbers[last + 1] == rows.numbers[row] { break }
          last += 1
        }
      }
      if !body(row, last) { return }
      row = last + 1
    }
  }

  /// The forms with a space between two, but where `SpaceAfter=No` stands.
  func text() -> String {
    var out: [UInt8] = []
    var isFirst = true
    var hasSpace = false
    forEach { row, _ in
      if hasSpace, !isFirst { out.append(0x20) }
      isFirst = false
      out.append(contentsOf: rows.text(row, columns.token, base))
      hasSpace = columns.misc < 0 || !CoNLLUMisc.hasNoSpaceAfter(rows.text(row, columns.misc, base))
      return true
    }
    return String(decoding: out, as: UTF8.self)
  }

  /// Where each row stands in a text, in scalars; nil when it is not the text of the rows.
  ///
  /// The words of a range stand where the range does, and empty nodes nowhere.
  func places(in text: String, _ positions: inout TextPositions) -> [Tokens.Extent]? {
    var extents = Array(repeating: Tokens.Extent.unknown, count: rows.count)
    var isFound = true
    text.withBytes { bytes in
      var cursor = TextCursor(bytes)
      positions.use(bytes)
      forEach { row, last in
        guard let found = cursor.find(rows.text(row, columns.token, base)) else {
          isFound = false
          return false
        }
        let extent = Tokens.Extent(
          start: UInt32(truncatingIfNeeded: positions.scalar(ofByte: found.lowerBound)),
          end: UInt32(truncatingIfNeeded: positions.scalar(ofByte: found.upperBound)))
        for index in row...last where rows.kinds[index] != .empty { extents[index] = extent }
        return true
      }
      if !cursor.isAtEnd() { isFound = false }
    }
    return isFound ? extents : nil
  }
}
