import CWaybillMachine

/// Walks over the bytes of a text that are 0x20 or below, one after the other: 64 bytes are looked at at once.
public struct ControlWalk {
  @usableFromInline let base: UnsafePointer<UInt8>
  @usableFromInline let limit: Int
  @usableFromInline let readable: Int
  @usableFromInline var block: Int
  /// A bit for each byte of the block that was not visited yet.
  @usableFromInline var marks: UInt64

  /// A walk from a place on up to a limit.
  ///
  /// - Parameter readable: How many bytes may be read, which may be more than the limit.
  @inlinable @inline(__always) public init(_ base: UnsafePointer<UInt8>, from start: Int, to limit: Int, readable: Int) {
    self.base = base
    self.limit = limit
    self.readable = readable
    block = start
    marks = 0
    if start < limit { marks = ControlWalk.marks(base, start, limit, readable) }
  }

  /// The next of these bytes, or the limit when there is none.
  @inlinable @inline(__always) public mutating func next() -> Int {
    while marks == 0 {
      block &+= 64
      guard block < limit else {
        // Nothing is left; the block stays where asking again finds the same.
        block = limit
        return limit
      }
      marks = ControlWalk.marks(base, block, limit, readable)
    }
    let at = block &+ marks.trailingZeroBitCount
    marks &= marks &- 1
    return at
  }

  @inlinable @inline(__always) static func marks(
    _ base: UnsafePointer<UInt8>, _ block: Int, _ limit: Int, _ readable: Int
  ) -> UInt64 {
    let left = limit &- block
    if left >= 64 { return waybill_control_marks(base + block) }
    // Bytes behind the limit may be looked at, and are none of the walk.
    let marks = readable &- block >= 64 ? waybill_control_marks(base + block) : lastMarks(base, block, limit)
    return marks & ((1 &<< UInt64(left)) &- 1)
  }

  /// The marks of a block that the memory ends in.
  @inline(never) @usableFromInline static func lastMarks(_ base: UnsafePointer<UInt8>, _ block: Int, _ limit: Int) -> UInt64 {
    var marks: UInt64 = 0
    for at in block..<limit where base[at] <= 0x20 { marks |= 1 << UInt64(at - block) }
    return marks
  }
}
