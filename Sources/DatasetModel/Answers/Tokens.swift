import WaybillBytes

/// The tokens of a text, for formats that label word by word: a table whose rows are tokens and whose cells are texts.
///
/// The first cell of a row is the token itself, the others are the values of ``columns``; a row may have fewer or more cells than there
/// are columns. All cells lie in one piece of memory: a sentence costs two or three allocations, not one for each word.
public struct Tokens: Sendable {
  /// A range of positions: bytes of a cell, or the place of a token in the text.
  public struct Extent: Hashable, Sendable {
    /// The first position.
    public var start: UInt32
    /// The position after the last.
    public var end: UInt32

    /// A range of positions.
    @inlinable public init(start: UInt32, end: UInt32) {
      self.start = start
      self.end = end
    }

    /// The place of a token whose place is not known.
    public static let unknown = Extent(start: .max, end: .max)
  }

  /// Where the tokens stand in the sample's text.
  public enum Placement: Hashable, Sendable {
    /// Nobody said.
    case unknown
    /// The text is the tokens with one space between two.
    case joined
    /// Each has its place, counted in a unit; ``Extent/unknown`` where it has none.
    case extents([Extent], TextSpan.Unit)
  }

  /// Names of the columns behind the token itself.
  public var columns: [String]
  /// Where the tokens stand in the sample's text.
  public var placement: Placement
  /// The memory the cells lie in; what lies between them means nothing.
  @usableFromInline var bytes: [UInt8]
  /// Where each cell lies, row by row.
  @usableFromInline var cells: [Extent]
  /// The number of cells before the end of each row; empty while every row has one cell for itself and each column.
  @usableFromInline var rowEnds: [UInt32]

  /// No tokens yet.
  public init(columns: [String] = [], placement: Placement = .unknown) {
    self.columns = columns
    self.placement = placement
    bytes = []
    cells = []
    rowEnds = []
  }

  /// Tokens in memory that was read as it is: `cells` are ranges of `bytes`, row by row.
  ///
  /// - Parameter rowEnds: The number of cells before the end of each row; empty when every row has one cell and one for each column.
  @inlinable public init(
    columns: [String], bytes: [UInt8], cells: [Extent], rowEnds: [UInt32] = [], placement: Placement = .unknown
  ) {
    self.columns = columns
    self.placement = placement
    self.bytes = bytes
    self.cells = cells
    self.rowEnds = rowEnds
    endedRows = rowEnds.isEmpty ? cells.count / (columns.count &+ 1) : rowEnds.count
    assert(cells.allSatisfy { $0.start <= $0.end && $0.end <= bytes.count })
    assert(rowEnds.isEmpty ? cells.count % (columns.count + 1) == 0 : Int(rowEnds.last ?? 0) == cells.count)
  }

  /// Tokens from texts: of each row first the token, then its values.
  public init(columns: [String], rows: [[String]], placement: Placement = .unknown) {
    self.init(columns: columns, placement: placement)
    for row in rows {
      for cell in row { append(cell: cell) }
      endRow()
    }
  }

  /// The number of tokens.
  @inlinable public var count: Int { rowEnds.isEmpty ? cells.count / (columns.count &+ 1) : rowEnds.count }
  /// Whether there is no token.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Whether every token has a cell for itself and one for each column.
  @inlinable public var isEven: Bool { rowEnds.isEmpty }

  /// The positions of a token's cells among all cells.
  @inlinable public func cellRange(ofRow row: Int) -> Range<Int> {
    if rowEnds.isEmpty {
      let width = columns.count &+ 1
      return row &* width..<(row &+ 1) &* width
    }
    return (row == 0 ? 0 : Int(rowEnds[row &- 1]))..<Int(rowEnds[row])
  }

  /// The number of cells of a token, itself counted.
  @inlinable public func cellCount(ofRow row: Int) -> Int { cellRange(ofRow: row).count }

  /// Calls a closure with all cells: their memory, and where each lies in it, row by row.
  @inlinable public func withCells<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<Extent>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try bytes.withUnsafeBufferPointer { (memory) throws(Failure) in
      try cells.withUnsafeBufferPointer { (cells) throws(Failure) in try body(memory, cells) }
    }
  }

  /// The text of a cell: 0 is the token itself; nil where the row has no such cell.
  public func text(_ row: Int, _ cell: Int = 0) -> String? {
    let range = cellRange(ofRow: row)
    guard cell >= 0, cell < range.count else { return nil }
    return text(of: cells[range.lowerBound + cell])
  }

  private func text(of cell: Extent) -> String { String(decoding: bytes[Int(cell.start)..<Int(cell.end)], as: UTF8.self) }

  /// The texts of a row: the token, then its values.
  public func row(_ row: Int) -> [String] { cells[cellRange(ofRow: row)].map(text) }

  /// Adds a cell to the last row, which ``endRow()`` ends.
  @inlinable public mutating func append(cell: UnsafeBufferPointer<UInt8>) {
    let start = UInt32(truncatingIfNeeded: bytes.count)
    bytes.append(contentsOf: cell)
    cells.append(Extent(start: start, end: UInt32(truncatingIfNeeded: bytes.count)))
  }

  /// Adds a cell to the last row, which ``endRow()`` ends.
  public mutating func append(cell: String) {
    var cell = cell
    cell.withUTF8 { append(cell: $0) }
  }

  /// Ends a row after its last cell.
  public mutating func endRow() {
    let width = columns.count + 1
    if rowEnds.isEmpty {
      // All rows before have the usual width, or there would be a list of their ends.
      if cells.count == (endedRows + 1) * width {
        endedRows += 1
        return
      }
      for row in 0..<endedRows { rowEnds.append(UInt32((row + 1) * width)) }
    }
    rowEnds.append(UInt32(cells.count))
    endedRows += 1
  }

  /// Rows that ``endRow()`` has ended.
  @usableFromInline var endedRows = 0

  /// The text the tokens make with one space between two.
  public var joinedText: String {
    var text: [UInt8] = []
    text.reserveCapacity(bytes.count)
    for row in 0..<count {
      if row > 0 { text.append(UInt8(ascii: " ")) }
      guard let cell = cells[cellRange(ofRow: row)].first else { continue }
      text.append(contentsOf: bytes[Int(cell.start)..<Int(cell.end)])
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Where each token stands in the text, and what the positions count; nil when nobody said.
  public func extents() -> (extents: [Extent], unit: TextSpan.Unit)? {
    switch placement {
    case .unknown: return nil
    case .extents(let extents, let unit): return (extents, unit)
    case .joined: return (joinedExtents(), .scalars)
    }
  }
}

extension Tokens {
  /// Where the tokens stand, in scalars, in the text they make with one space between two.
  private func joinedExtents() -> [Extent] {
    withCells { memory, cells in
      Array(unsafeUninitializedCapacity: count) { extents, filled in
        var at: UInt32 = 0
        for row in 0..<count {
          let range = cellRange(ofRow: row)
          let length = range.isEmpty ? 0 : Tokens.countScalars(of: cells[range.lowerBound], in: memory)
          extents[row] = Extent(start: at, end: at &+ length)
          at = at &+ length &+ 1
        }
        filled = count
      }
    }
  }

  /// How many scalars a cell has: every byte but those that continue a scalar begins one.
  @inline(__always) private static func countScalars(of cell: Extent, in memory: UnsafeBufferPointer<UInt8>) -> UInt32 {
    guard let base = memory.baseAddress else { return 0 }
    let length = Int(cell.end &- cell.start)
    // Nearly all words are eight bytes or fewer: shifting leaves their bytes alone.
    if length > 0, length <= 8, memory.count &- Int(cell.start) >= 8 {
      let word = UnsafeRawPointer(base + Int(cell.start)).loadUnaligned(as: UInt64.self) &<< UInt64(64 &- length &* 8)
      let continued = word & ~(word &<< 1) & 0x8080_8080_8080_8080
      return UInt32(truncatingIfNeeded: length &- continued.nonzeroBitCount)
    }
    var count: UInt32 = 0
    for at in Int(cell.start)..<Int(cell.end) where base[at] & 0xC0 != 0x80 { count &+= 1 }
    return count
  }
}

extension Tokens: Hashable {
  /// Whether all cells have the same bytes, wherever they lie.
  public static func == (a: Tokens, b: Tokens) -> Bool {
    guard a.count == b.count, samePlaces(a, b), a.cells.count == b.cells.count,
      a.columns.count == b.columns.count, zip(a.columns, b.columns).allSatisfy({ $0.utf8.elementsEqual($1.utf8) }),
      (0..<a.count).allSatisfy({ a.cellRange(ofRow: $0) == b.cellRange(ofRow: $0) })
    else { return false }
    return zip(a.cells, b.cells).allSatisfy { first, second in
      a.bytes[Int(first.start)..<Int(first.end)].elementsEqual(b.bytes[Int(second.start)..<Int(second.end)])
    }
  }

  /// Whether the tokens stand at the same places, listed or said to be joined.
  private static func samePlaces(_ a: Tokens, _ b: Tokens) -> Bool {
    if a.placement == b.placement { return true }
    guard let first = a.extents(), let second = b.extents() else { return false }
    return first.unit == second.unit && first.extents == second.extents
  }

  /// Hashes what ``==`` compares, but for the places and the widths of the rows.
  public func hash(into hasher: inout Hasher) {
    hasher.combine(count)
    for cell in cells {
      hasher.combine(cell.end - cell.start)
      for byte in bytes[Int(cell.start)..<Int(cell.end)] { hasher.combine(byte) }
    }
  }
}
