import WaybillDatasetModel

/// How intervals fill the time of recordings and films, in seconds.
public struct TimeUse: Sendable, Equatable {
  /// Time that at least one interval covers.
  public internal(set) var covered = 0.0
  /// Time that two intervals or more cover.
  public internal(set) var overlapped = 0.0
  /// Time that none covers: up to the length of the recording where it is known, else between the first interval and the last.
  public internal(set) var gaps = 0.0

  /// Whether there was any interval.
  public var isEmpty: Bool { covered == 0 && overlapped == 0 && gaps == 0 }

  mutating func add(_ other: TimeUse) {
    covered += other.covered
    overlapped += other.overlapped
    gaps += other.gaps
  }

  /// Adds the intervals of one recording, and calls a closure with the length of each gap; the list is sorted.
  mutating func add(
    _ intervals: inout [(start: Double, end: Double)], length: Double?, gap: (Double) -> Void
  ) {
    guard !intervals.isEmpty else { return }
    intervals.sort { ($0.start, $0.end) < ($1.start, $1.end) }
    var empty = 0.0
    func note(_ seconds: Double) {
      guard seconds > 0 else { return }
      empty += seconds
      gap(seconds)
    }
    // `end` is where what is covered ends so far, `second` where what is covered twice does.
    var end = length == nil ? intervals[0].start : 0
    var second = end
    for interval in intervals where interval.end > interval.start {
      if interval.start > end { note(interval.start - end) }
      covered += max(0, interval.end - max(interval.start, end))
      let shared = min(interval.end, end)
      overlapped += max(0, shared - max(interval.start, second))
      second = max(second, shared)
      end = max(end, interval.end)
    }
    if let length { note(length - end) }
    gaps += empty
  }
}
