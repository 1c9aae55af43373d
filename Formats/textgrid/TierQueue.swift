import WaybillDatasetModel

/// Tiers by the end of their last interval, for labels with very many that overlap.
struct TierQueue {
  /// As many tiers are looked through one by one.
  static let limit = 32
  private var heap: [(end: MediaTime, tier: Int)] = []

  private func precedes(_ a: Int, _ b: Int) -> Bool {
    let order = heap[a].end.order(to: heap[b].end)
    return order != 0 ? order < 0 : heap[a].tier < heap[b].tier
  }

  mutating func insert(_ end: MediaTime, _ tier: Int) {
    heap.append((end, tier))
    var at = heap.count - 1
    while at > 0, precedes(at, (at - 1) / 2) {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  /// Takes out the tier that is free first, if it is free by then.
  mutating func takeFree(_ start: MediaTime) -> Int? {
    guard let first = heap.first, first.end <= start, let last = heap.popLast() else { return nil }
    if heap.isEmpty { return first.tier }
    heap[0] = last
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < heap.count && precedes(child, least) { least = child }
      if least == at { return first.tier }
      heap.swapAt(at, least)
      at = least
    }
  }
}

extension MediaTime {
  /// Whether this time comes before another; told at once where both have as many digits behind their points, as they nearly always do.
  @inline(__always) func isBefore(_ other: MediaTime) -> Bool {
    fractionDigits == other.fractionDigits ? units < other.units : order(to: other) < 0
  }
}
