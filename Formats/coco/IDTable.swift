import WaybillBytes

/// From numeric ids to their positions: open addressing over flat arrays, 4 to 8 bytes an id beside the ids themselves.
struct IDTable {
  private let ids: [Int64]
  private var slots: [UInt32]
  private let mask: Int

  /// A pair of positions that hold the same id.
  struct Duplicate {
    var first: Int
    var second: Int
  }

  /// Fills a table; where an id stands twice, the first position counts and the pair is handed to the closure.
  init(_ ids: [Int64], _ duplicate: (Duplicate) -> Void) {
    self.ids = ids
    var capacity = 16
    while capacity < ids.count &* 3 / 2 + 1 { capacity &*= 2 }
    mask = capacity &- 1
    slots = [UInt32](repeating: 0, count: capacity)
    let mask = mask
    slots.withUnsafeMutableBufferPointer { slots in
      ids.withUnsafeBufferPointer { ids in
        for position in 0..<ids.count {
          var at = Self.slot(ids[position]) & mask
          while true {
            let entry = slots[at]
            if entry == 0 {
              slots[at] = UInt32(truncatingIfNeeded: position &+ 1)
              break
            }
            if ids[Int(entry) &- 1] == ids[position] {
              duplicate(Duplicate(first: Int(entry) - 1, second: position))
              break
            }
            at = (at &+ 1) & mask
          }
        }
      }
    }
  }

  private static func slot(_ id: Int64) -> Int {
    Int(truncatingIfNeeded: Hash64.fold(UInt64(bitPattern: id)) & 0x7FFF_FFFF_FFFF_FFFF)
  }

  /// The position of an id.
  func position(of id: Int64) -> Int? {
    var at = Self.slot(id) & mask
    while slots[at] != 0 {
      let position = Int(slots[at]) - 1
      if ids[position] == id { return position }
      at = (at &+ 1) & mask
    }
    return nil
  }

  /// Whether ids rise from each to the next, so that none stands twice.
  static func isRising(_ ids: [Int64]) -> Bool {
    ids.withUnsafeBufferPointer { ids in
      var at = 1
      while at < ids.count {
        if ids[at] <= ids[at &- 1] { return false }
        at &+= 1
      }
      return true
    }
  }
}
