/// What ``Tokens`` hold; changed only while one value of them has it.
@usableFromInline final class TokenTable: @unchecked Sendable {
  // Nobody changes it while another looks, so an access is never checked against another.
  @exclusivity(unchecked) @usableFromInline var columns: [String] = []
  @exclusivity(unchecked) @usableFromInline var placement = Tokens.Placement.unknown
  /// One for the token, and one for each column.
  @exclusivity(unchecked) @usableFromInline var width = 1
  /// How many rows have ended.
  @exclusivity(unchecked) @usableFromInline var count = 0
  /// The number of cells before the end of each row; empty while every row has one cell for itself and each column.
  @exclusivity(unchecked) @usableFromInline var rowEnds: [UInt32] = []
  /// The memory the cells lie in; what lies between them means nothing.
  @exclusivity(unchecked) @usableFromInline var bytes: UnsafeMutablePointer<UInt8>
  @exclusivity(unchecked) @usableFromInline var byteCount = 0
  @exclusivity(unchecked) @usableFromInline var byteRoom: Int
  /// Where each cell lies, row by row.
  @exclusivity(unchecked) @usableFromInline var cells: UnsafeMutablePointer<Tokens.Extent>
  @exclusivity(unchecked) @usableFromInline var cellCount = 0
  @exclusivity(unchecked) @usableFromInline var cellRoom: Int

  /// No tokens, and room for a short sentence.
  @usableFromInline init(byteRoom: Int = 128, cellRoom: Int = 32) {
    self.byteRoom = byteRoom
    self.cellRoom = cellRoom
    bytes = .allocate(capacity: byteRoom)
    cells = .allocate(capacity: cellRoom)
  }

  deinit {
    bytes.deallocate()
    cells.deallocate()
  }

  /// The memory of the cells.
  @inlinable var memory: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(start: bytes, count: byteCount) }
  /// Where all cells lie.
  @inlinable var allCells: UnsafeBufferPointer<Tokens.Extent> { UnsafeBufferPointer(start: cells, count: cellCount) }

  /// The same once more.
  func copy() -> TokenTable {
    let copy = TokenTable(byteRoom: max(byteCount, 1), cellRoom: max(cellCount, 1))
    copy.fill(columns, memory, cellCount: cellCount, rowEnds, placement) { $0.update(from: cells, count: cellCount) }
    copy.count = count
    return copy
  }

  /// Becomes other tokens.
  @inlinable func fill(
    _ columns: [String], _ memory: UnsafeBufferPointer<UInt8>, cellCount: Int, _ rowEnds: [UInt32], _ placement: Tokens.Placement,
    _ body: (UnsafeMutablePointer<Tokens.Extent>) -> Void
  ) {
    self.columns = columns
    width = columns.count &+ 1
    self.placement = placement
    // Asked first: nearly always both are empty, and to store one would count references.
    if !(self.rowEnds.isEmpty && rowEnds.isEmpty) { self.rowEnds = rowEnds }
    if byteRoom < memory.count || cellRoom < cellCount { makeRoom(memory.count, cellCount) }
    if let start = memory.baseAddress { bytes.update(from: start, count: memory.count) }
    byteCount = memory.count
    self.cellCount = cellCount
    body(cells)
    count = rowEnds.isEmpty ? cellCount / width : rowEnds.count
    assert(allCells.allSatisfy { $0.start <= $0.end && $0.end <= byteCount })
    assert(rowEnds.isEmpty ? cellCount % width == 0 : Int(rowEnds.last ?? 0) == cellCount)
  }

  /// Takes memory for at least so many bytes and cells; what was in it is lost.
  @usableFromInline @inline(never) func makeRoom(_ bytes: Int, _ cells: Int) {
    if byteRoom < bytes {
      byteRoom = bytes + bytes / 2
      self.bytes.deallocate()
      self.bytes = .allocate(capacity: byteRoom)
    }
    if cellRoom < cells {
      cellRoom = cells + cells / 2
      self.cells.deallocate()
      self.cells = .allocate(capacity: cellRoom)
    }
  }

  // MARK: Cell by cell

  /// Adds a cell to the last row.
  func append(_ cell: UnsafeBufferPointer<UInt8>) {
    if byteRoom - byteCount < cell.count {
      byteRoom = max(byteRoom * 2, byteCount + cell.count)
      let wider = UnsafeMutablePointer<UInt8>.allocate(capacity: byteRoom)
      wider.update(from: bytes, count: byteCount)
      bytes.deallocate()
      bytes = wider
    }
    if cellCount == cellRoom {
      cellRoom *= 2
      let wider = UnsafeMutablePointer<Tokens.Extent>.allocate(capacity: cellRoom)
      wider.update(from: cells, count: cellCount)
      cells.deallocate()
      cells = wider
    }
    let start = UInt32(truncatingIfNeeded: byteCount)
    if let from = cell.baseAddress { (bytes + byteCount).update(from: from, count: cell.count) }
    byteCount += cell.count
    cells[cellCount] = Tokens.Extent(start: start, end: UInt32(truncatingIfNeeded: byteCount))
    cellCount += 1
  }

  /// Ends a row after its last cell.
  func endRow() {
    if rowEnds.isEmpty {
      // All rows before have the usual width, or there would be a list of their ends.
      if cellCount == (count + 1) * width {
        count += 1
        return
      }
      for row in 0..<count { rowEnds.append(UInt32((row + 1) * width)) }
    }
    rowEnds.append(UInt32(cellCount))
    count += 1
  }

  /// The text of a cell.
  func text(of cell: Int) -> String {
    let place = cells[cell]
    return String(decoding: memory[Int(place.start)..<Int(place.end)], as: UTF8.self)
  }
}
