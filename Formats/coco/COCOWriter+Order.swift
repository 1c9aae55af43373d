/// How a batch's record tells that an annotation has no number for an id.
enum EncodedID {
  /// It is to be given one.
  static let missing: Int64 = 1
  /// It has a text, or stays without.
  static let none: Int64 = 0
}

/// The order of pieces by their place in the file they came from.
enum PieceOrder {
  /// Positions of the pieces in order; pieces without a place come last, and equals stay as they were.
  static func positions(_ pieces: [COCOPart.Piece]) -> [UInt32] {
    var highest: UInt32 = 0
    var placed = 0
    var isRising = true
    var previous: UInt32 = 0
    for piece in pieces {
      if piece.ordinal < previous { isRising = false }
      previous = piece.ordinal
      if piece.ordinal == .max { continue }
      highest = max(highest, piece.ordinal)
      placed += 1
    }
    let all = 0..<UInt32(truncatingIfNeeded: pieces.count)
    if isRising { return Array(all) }
    // Places are dense but for annotations left out, so that a table of places is smaller than a sort is long.
    if Int(highest) < placed * 4 + 1024 {
      var slots = [UInt32](repeating: .max, count: Int(highest) + 1)
      var isUnique = true
      for (position, piece) in pieces.enumerated() where piece.ordinal != .max {
        if slots[Int(piece.ordinal)] != .max { isUnique = false }
        slots[Int(piece.ordinal)] = UInt32(truncatingIfNeeded: position)
      }
      if isUnique {
        var order: [UInt32] = []
        order.reserveCapacity(pieces.count)
        for slot in slots where slot != .max { order.append(slot) }
        for (position, piece) in pieces.enumerated() where piece.ordinal == .max {
          order.append(UInt32(truncatingIfNeeded: position))
        }
        return order
      }
    }
    return all.sorted {
      let (a, b) = (pieces[Int($0)].ordinal, pieces[Int($1)].ordinal)
      return a == b ? $0 < $1 : a < b
    }
  }
}
