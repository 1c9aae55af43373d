import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Splits the rows of one sentence into fields; one per worker, reused.
final class CoNLLRows {
  /// Where each field lies in the bytes, row by row.
  @exclusivity(unchecked) private(set) var fields: UnsafeMutablePointer<Tokens.Extent>
  @exclusivity(unchecked) private var room: Int
  /// How many fields there are.
  @exclusivity(unchecked) private(set) var fieldCount = 0
  /// The number of fields before the end of each row, where they do not all have as many as the first.
  @exclusivity(unchecked) private var rowEnds: UnsafeMutablePointer<Int32>
  @exclusivity(unchecked) private var rowRoom: Int
  /// How many fields the first row has.
  @exclusivity(unchecked) private(set) var width = 0
  /// How many rows there are.
  @exclusivity(unchecked) private(set) var count = 0
  /// Whether the rows are spelled just as the dialect would spell them.
  @exclusivity(unchecked) private(set) var isRegular = true
  /// Whether all rows have as many fields as the first.
  @exclusivity(unchecked) private(set) var isEven = true
  /// Where the rows end: behind the last field, before the line end.
  @exclusivity(unchecked) private(set) var end = 0
  /// Where the lines begin that follow the rows.
  @exclusivity(unchecked) private(set) var next = 0

  init() {
    room = 1024
    fields = .allocate(capacity: room)
    rowRoom = 256
    rowEnds = .allocate(capacity: rowRoom)
  }

  deinit {
    fields.deallocate()
    rowEnds.deallocate()
  }

  /// The fields of a row.
  func range(ofRow row: Int) -> Range<Int> {
    isEven ? row * width..<(row + 1) * width : (row == 0 ? 0 : Int(rowEnds[row - 1]))..<Int(rowEnds[row])
  }

  /// The first field of the row behind one, whose first field is given.
  @inline(__always) func firstField(behind row: Int, _ first: Int) -> Int { isEven ? first &+ width : Int(rowEnds[row]) }

  @inline(__always) private func push(_ start: Int, _ end: Int) {
    if fieldCount == room { grow() }
    fields[fieldCount] = Tokens.Extent(start, end)
    fieldCount &+= 1
  }

  @inline(never) private func grow() {
    let wider = UnsafeMutablePointer<Tokens.Extent>.allocate(capacity: room * 2)
    wider.update(from: fields, count: fieldCount)
    fields.deallocate()
    fields = wider
    room *= 2
  }

  /// Ends a row of so many fields after the last of them.
  @inline(__always) private func endRow(_ added: Int) {
    if count == 0 { width = added }
    if added != width || !isEven { noteEnd() }
    count &+= 1
  }

  /// Notes the end of a row that has more or fewer fields than the first, or comes behind one.
  @inline(never) private func noteEnd() {
    while rowRoom <= count {
      let wider = UnsafeMutablePointer<Int32>.allocate(capacity: rowRoom * 2)
      if !isEven { wider.update(from: rowEnds, count: count) }
      rowEnds.deallocate()
      rowEnds = wider
      rowRoom *= 2
    }
    if isEven {
      for row in 0..<count { rowEnds[row] = Int32(truncatingIfNeeded: (row + 1) * width) }
      isEven = false
    }
    rowEnds[count] = Int32(truncatingIfNeeded: fieldCount)
  }

  /// Reads rows from an offset up to a blank line, or up to the end.
  ///
  /// The bytes hold one sentence, so that offsets fit in 32 bits; `readable` bytes may be looked at.
  func read(
    _ bytes: UnsafeRawBufferPointer, from start: Int, readable: Int, _ dialect: CoNLLDialect, _ layout: CoNLLLayout
  ) {
    fieldCount = 0
    count = 0
    width = 0
    isRegular = true
    isEven = true
    end = start
    next = start
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    if dialect.isLinewise {
      readLine(base, start, bytes.count, dialect)
    } else if dialect.separator == .tab {
      readRows(base, start, bytes.count, readable, 0x09, dialect, layout)
    } else {
      readRows(base, start, bytes.count, readable, 0x20, dialect, layout)
    }
  }

  @inline(__always) private func readRows(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, _ readable: Int, _ mark: UInt8, _ dialect: CoNLLDialect,
    _ layout: CoNLLLayout
  ) {
    var at = start
    let width = layout.width
    let isCRLF = dialect.isCRLF
    while at < limit {
      if !isCRLF { at = readQuickly(base, at, limit, readable, mark, width) }
      guard at < limit else { break }
      let lineStart = at
      while room &- fieldCount < width { grow() }
      let row = fields + fieldCount
      var fieldStart = at
      // Fields beyond the usual number are only counted: such a row is read again.
      var found = 0
      var isPlain = base[at] > 0x20 && base[at] != UInt8(ascii: "#")
      var byte: UInt8
      while true {
        at = ControlBytes.first(in: base, from: at, to: limit)
        byte = at < limit ? base[at] : 0x0A
        if byte == mark {
          if at == fieldStart { isPlain = false }
          if found < width { row[found] = Tokens.Extent(fieldStart, at) }
          found &+= 1
          at &+= 1
          fieldStart = at
        } else if byte == 0x0A || (byte == 0x0D && (at &+ 1 == limit || base[at &+ 1] == 0x0A)) {
          break
        } else {
          if mark == 0x20, byte == 0x09 { isPlain = false }
          at &+= 1
        }
      }
      let lineEnd = at
      if lineEnd == lineStart {
        next = lineStart
        return
      }
      if found < width { row[found] = Tokens.Extent(fieldStart, lineEnd) }
      found &+= 1
      if lineEnd == fieldStart { isPlain = false }
      if at < limit {
        if (byte == 0x0D) != isCRLF { isRegular = false }
        at &+= byte == 0x0D ? 2 : 1
        if at > limit { at = limit }
      }
      let first = fieldCount
      if isPlain, found == width {
        fieldCount &+= width
      } else {
        switch readSlowly(UnsafeBufferPointer(start: base, count: lineEnd), lineStart, dialect, layout) {
        case .row: break
        case .comment: continue
        case .blank:
          next = lineStart
          return
        }
      }
      endRow(fieldCount &- first)
      end = lineEnd
      next = at
    }
    next = at
  }

  /// Reads rows as long as they are as usual, and returns where the first begins that is not, or the limit.
  private func readQuickly(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, _ readable: Int, _ mark: UInt8, _ width: Int
  ) -> Int {
    var at = start
    while true {
      // A row takes two bytes a field at least; where there is no room for all of them, there is for a part.
      while room &- fieldCount < width { grow() }
      let split = RowSplit(
        base, from: at, to: limit, readable: readable, mark, width, into: fields + fieldCount, rows: (room &- fieldCount) / width)
      if split.rows > 0 {
        if count == 0 { self.width = width }
        fieldCount &+= split.rows &* width
        if isEven, self.width == width {
          count &+= split.rows
        } else {
          fieldCount &-= split.rows &* width
          for _ in 0..<split.rows {
            fieldCount &+= width
            endRow(width)
          }
        }
        at = split.next
        end = at &- 1
        next = at
      }
      if !split.isFull { return at }
      grow()
    }
  }

  private enum LineKind {
    case row, comment, blank
  }

  /// Reads a line that is not as usual: a comment, runs of separators, or more or fewer columns.
  @inline(never) private func readSlowly(
    _ text: UnsafeBufferPointer<UInt8>, _ start: Int, _ dialect: CoNLLDialect, _ layout: CoNLLLayout
  ) -> LineKind {
    let line = UnsafeBufferPointer(rebasing: text[start...])
    if CoNLLLines.isBlank(line) { return .blank }
    if line[0] == UInt8(ascii: "#"), CoNLLLines.isComment(line, dialect, layout) {
      isRegular = false
      return .comment
    }
    let split = CoNLLLines.split(line, dialect, width: layout.width)
    if !split.isRegular || split.fields.count != layout.width { isRegular = false }
    for field in split.fields { push(start + field.lowerBound, start + field.upperBound) }
    return .row
  }

  /// Reads a sentence of one line, its tokens with bars between the columns.
  private func readLine(_ base: UnsafePointer<UInt8>, _ start: Int, _ limit: Int, _ dialect: CoNLLDialect) {
    var stop = start
    while stop < limit, base[stop] != 0x0A { stop += 1 }
    next = min(stop + 1, limit)
    let hasReturn = stop > start && base[stop - 1] == 0x0D && stop < limit
    if stop < limit, hasReturn != dialect.isCRLF { isRegular = false }
    if hasReturn { stop -= 1 }
    end = stop
    var at = start
    while at < stop {
      if base[at] == 0x20 || base[at] == 0x09 {
        // One space stands between two tokens, and none at the ends.
        if base[at] == 0x09 || at == start || at + 1 == stop || base[at + 1] == 0x20 { isRegular = false }
        at += 1
        continue
      }
      var tokenEnd = at
      while tokenEnd < stop, base[tokenEnd] != 0x20, base[tokenEnd] != 0x09 { tokenEnd += 1 }
      let first = fieldCount
      var fieldStart = at
      for index in at..<tokenEnd where base[index] == UInt8(ascii: "|") {
        push(fieldStart, index)
        fieldStart = index + 1
      }
      push(fieldStart, tokenEnd)
      endRow(fieldCount - first)
      at = tokenEnd
    }
  }
}

extension Tokens.Extent {
  /// A range of a sentence, which is less than 2 GiB long.
  @inline(__always) fileprivate init(_ start: Int, _ end: Int) {
    self.init(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))
  }
}
