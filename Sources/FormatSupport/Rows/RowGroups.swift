/// The rows of a file, or of several laid end to end, by what they belong to; rows of one group keep their order.
///
/// Rows that already lie together are not moved and have no ordinals. Memory: eight bytes a row, twelve where they are scattered.
public struct RowGroups: Sendable {
  /// The owner of a row that belongs to nothing and is left out.
  public static let nobody = UInt32.max

  /// For each group the position of its first row; one more at the end.
  private var firsts: [UInt32]
  /// Where each row begins, group by group.
  public private(set) var starts: [Int]
  /// The position of each row among all rows; empty when that is the order of the groups.
  private var ordinals: [UInt32]

  /// No rows.
  public init() {
    firsts = [0]
    starts = []
    ordinals = []
  }

  /// Sorts rows by their owners, which are numbers below a count.
  public init(owners: [UInt32], starts: [Int], count: Int) {
    firsts = [UInt32](repeating: 0, count: count + 1)
    var previous: UInt32 = 0
    var isSorted = true
    for owner in owners {
      guard Int(owner) < count else {
        isSorted = false
        continue
      }
      firsts[Int(owner) + 1] += 1
      if owner < previous { isSorted = false }
      previous = owner
    }
    for group in 0..<count { firsts[group + 1] += firsts[group] }
    ordinals = []
    if isSorted {
      self.starts = starts
      return
    }
    let kept = Int(firsts[count])
    self.starts = [Int](repeating: 0, count: kept)
    var isScattered = false
    previous = 0
    for owner in owners where Int(owner) < count {
      if owner < previous { isScattered = true }
      previous = owner
    }
    if isScattered { ordinals = [UInt32](repeating: 0, count: kept) }
    var next = firsts
    for (row, owner) in owners.enumerated() where Int(owner) < count {
      let place = Int(next[Int(owner)])
      next[Int(owner)] += 1
      self.starts[place] = starts[row]
      if isScattered { ordinals[place] = UInt32(truncatingIfNeeded: row) }
    }
  }

  /// Whether the rows of a group do not all lie together.
  public var isScattered: Bool { !ordinals.isEmpty }

  /// The positions of a group's rows in ``starts``; none where there is no such group.
  public func rows(of group: Int) -> Range<Int> {
    guard group >= 0, group + 1 < firsts.count else { return 0..<0 }
    return Int(firsts[group])..<Int(firsts[group + 1])
  }

  /// The position of a row among all rows, where groups are scattered.
  @inline(__always) public func ordinal(_ row: Int) -> UInt32? { ordinals.isEmpty ? nil : ordinals[row] }
}
