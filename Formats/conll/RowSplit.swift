import WaybillBytes
import WaybillDatasetModel

/// Rows that are all as usual: so many fields, one mark between two, a line feed behind; what comes first otherwise ends them.
///
/// A loop of its own, so that all it needs stays in registers.
struct RowSplit {
  /// How many rows were split.
  private(set) var rows = 0
  /// Where the first row begins that was not.
  private(set) var next: Int
  /// Whether there was no room for more.
  private(set) var isFull = false

  /// Splits rows from an offset on, at most so many, and sets where each field lies.
  @inline(never) init(
    _ base: UnsafePointer<UInt8>, from start: Int, to limit: Int, readable: Int, _ mark: UInt8, _ width: Int,
    into fields: UnsafeMutablePointer<Tokens.Extent>, rows room: Int
  ) {
    next = start
    guard start < limit, room > 0, RowSplit.beginsRow(base[start]) else {
      isFull = start < limit && room == 0
      return
    }
    var walk = ControlWalk(base, from: start, to: limit, readable: readable)
    var row = fields
    var column = 0
    var fieldStart = start
    while true {
      let at = walk.next()
      // An empty field is none of a usual row, nor is a line that the bytes end in.
      guard at < limit, at > fieldStart, column < width else { return }
      row[column] = Tokens.Extent(start: UInt32(truncatingIfNeeded: fieldStart), end: UInt32(truncatingIfNeeded: at))
      column &+= 1
      fieldStart = at &+ 1
      if base[at] == mark { continue }
      guard base[at] == 0x0A, column == width else { return }
      rows &+= 1
      next = fieldStart
      row += width
      column = 0
      guard rows < room else {
        isFull = fieldStart < limit
        return
      }
      guard fieldStart < limit, RowSplit.beginsRow(base[fieldStart]) else { return }
    }
  }

  /// Whether a line that begins with a byte can be a row: it is no blank one, and no comment.
  @inline(__always) private static func beginsRow(_ byte: UInt8) -> Bool { byte > 0x20 && byte != UInt8(ascii: "#") }
}
