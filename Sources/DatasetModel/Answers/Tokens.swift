import WaybillBytes

/// The tokens of a text, for formats that label word by word: a table whose rows are tokens and whose cells are texts.
///
/// The first cell of a row is the token itself, the others are the values of ``columns``; a row may have fewer or more cells than there
/// are columns. All cells lie in one piece of memory: a sentence costs three allocations, not one for each word, or none where a reader fills
/// the tokens of the sentence before again; a copy costs none until it is changed.
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

  /// What the tokens are; shared by copies until one of them is changed.
  @usableFromInline var table: TokenTable

  /// No tokens yet.
  public init(columns: [String] = [], placement: Placement = .unknown) {
    table = TokenTable()
    table.columns = columns
    table.width = columns.count + 1
    table.placement = placement
  }

  /// Tokens in memory that was read as it is: `cells` are ranges of `bytes`, row by row.
  ///
  /// - Parameter rowEnds: The number of cells before the end of each row; empty when every row has one cell and one for each column.
  public init(
    columns: [String], bytes: [UInt8], cells: [Extent], rowEnds: [UInt32] = [], placement: Placement = .unknown
  ) {
    table = TokenTable()
    bytes.withUnsafeBufferPointer { bytes in
      table.fill(columns, bytes, cellCount: cells.count, rowEnds, placement) { room in
        for (index, cell) in cells.enumerated() { room[index] = cell }
      }
    }
  }

  /// Becomes other tokens, in the memory of these where nobody else holds them: for readers that go from sentence to sentence.
  ///
  /// - Parameters:
  ///   - bytes: The memory of the cells, which is copied.
  ///   - rowEnds: The number of cells before the end of each row; empty when every row has one cell and one for each column.
  ///   - fill: Sets all cells, row by row, as ranges of the memory.
  @inlinable public mutating func refill(
    columns: [String], bytes: UnsafeBufferPointer<UInt8>, cellCount: Int, rowEnds: [UInt32] = [], placement: Placement = .unknown,
    _ fill: (UnsafeMutablePointer<Extent>) -> Void
  ) {
    if !isKnownUniquelyReferenced(&table) { table = TokenTable() }
    table.fill(columns, bytes, cellCount: cellCount, rowEnds, placement, fill)
  }

  /// Names of the columns behind the token itself.
  public var columns: [String] {
    @inlinable get { table.columns }
    set {
      makeUnique()
      table.columns = newValue
      table.width = newValue.count + 1
    }
  }

  /// Where the tokens stand in the sample's text.
  public var placement: Placement {
    @inlinable get { table.placement }
    set {
      makeUnique()
      table.placement = newValue
    }
  }

  /// Whether the text is the tokens with one space between two.
  @inlinable public var isJoined: Bool { if case .joined = table.placement { true } else { false } }

  private mutating func makeUnique() {
    if !isKnownUniquelyReferenced(&table) { table = table.copy() }
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
  @inlinable public var count: Int { table.count }
  /// Whether there is no token.
  @inlinable public var isEmpty: Bool { table.count == 0 }

  /// Whether every token has a cell for itself and one for each column.
  @inlinable public var isEven: Bool { table.rowEnds.isEmpty }

  /// The positions of a token's cells among all cells.
  @inlinable public func cellRange(ofRow row: Int) -> Range<Int> {
    if table.rowEnds.isEmpty {
      let width = table.width
      return row &* width..<(row &+ 1) &* width
    }
    return (row == 0 ? 0 : Int(table.rowEnds[row &- 1]))..<Int(table.rowEnds[row])
  }

  /// The number of cells of a token, itself counted.
  @inlinable public func cellCount(ofRow row: Int) -> Int { cellRange(ofRow: row).count }

  /// Calls a closure with all cells: their memory, and where each lies in it, row by row.
  @inlinable public func withCells<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<Extent>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    // Held until the closure has returned, for nothing else says that the memory is in use.
    defer { withExtendedLifetime(table) {} }
    return try body(table.memory, table.allCells)
  }

  /// The text of a cell: 0 is the token itself; nil where the row has no such cell.
  public func text(_ row: Int, _ cell: Int = 0) -> String? {
    let range = cellRange(ofRow: row)
    guard cell >= 0, cell < range.count else { return nil }
    return table.text(of: range.lowerBound + cell)
  }

  /// The texts of a row: the token, then its values.
  public func row(_ row: Int) -> [String] { cellRange(ofRow: row).map(table.text) }

  /// Adds a cell to the last row, which ``endRow()`` ends.
  public mutating func append(cell: UnsafeBufferPointer<UInt8>) {
    makeUnique()
    table.append(cell)
  }

  /// Adds a cell to the last row, which ``endRow()`` ends.
  public mutating func append(cell: String) {
    var cell = cell
    cell.withUTF8 { append(cell: $0) }
  }

  /// Ends a row after its last cell.
  public mutating func endRow() {
    makeUnique()
    table.endRow()
  }

  /// The text the tokens make with one space between two.
  public var joinedText: String {
    withCells { memory, cells in
      var text: [UInt8] = []
      text.reserveCapacity(memory.count)
      for row in 0..<count {
        if row > 0 { text.append(UInt8(ascii: " ")) }
        let range = cellRange(ofRow: row)
        if range.isEmpty { continue }
        let cell = cells[range.lowerBound]
        text.append(contentsOf: memory[Int(cell.start)..<Int(cell.end)])
      }
      return String(decoding: text, as: UTF8.self)
    }
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
    if a.table === b.table { return true }
    guard a.count == b.count, samePlaces(a, b), a.columns.count == b.columns.count,
      zip(a.columns, b.columns).allSatisfy({ $0.utf8.elementsEqual($1.utf8) }),
      (0..<a.count).allSatisfy({ a.cellRange(ofRow: $0) == b.cellRange(ofRow: $0) })
    else { return false }
    return a.withCells { memory, cells in
      b.withCells { otherMemory, others in
        guard cells.count == others.count else { return false }
        return zip(cells, others).allSatisfy { first, second in
          memory[Int(first.start)..<Int(first.end)].elementsEqual(otherMemory[Int(second.start)..<Int(second.end)])
        }
      }
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
    withCells { memory, cells in
      for cell in cells {
        hasher.combine(cell.end - cell.start)
        for byte in memory[Int(cell.start)..<Int(cell.end)] { hasher.combine(byte) }
      }
    }
  }
}
