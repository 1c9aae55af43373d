import TestSupport
import Testing

@testable import WaybillConversion

@Suite struct TimeUseTests {
  private typealias Interval = (start: Double, end: Double)

  private func use(_ intervals: [Interval], length: Double? = nil) -> (TimeUse, gaps: [Double]) {
    var use = TimeUse()
    var gaps: [Double] = []
    var intervals = intervals
    use.add(&intervals, length: length) { gaps.append($0) }
    return (use, gaps)
  }

  @Test func timeIsSharedOut() {
    let (found, gaps) = use([(1, 3), (2, 5), (7, 8), (7, 7)])
    #expect(found.covered == 5 && found.overlapped == 1 && found.gaps == 2 && gaps == [2])
  }

  @Test func theLengthBoundsTheGaps() {
    let (found, gaps) = use([(7, 8), (1, 3)], length: 10)
    #expect(found.covered == 3 && found.overlapped == 0 && found.gaps == 7 && gaps == [1, 4, 2])
    // What lies behind the end of the recording is no gap.
    #expect(use([(1, 12)], length: 10).0.gaps == 1)
  }

  @Test(arguments: [
    ([(0.0, 4.0), (0, 4), (0, 4)], 4.0, 4.0), ([(0, 10), (1, 2), (3, 4)], 10, 2), ([(0, 4), (1, 3), (2, 6)], 6, 3),
    ([(0, 2), (2, 4)], 4, 0), ([(0, 9), (1, 8), (2, 7)], 9, 7),
  ]) func overlapIsCountedOnce(_ intervals: [(Double, Double)], covered: Double, overlapped: Double) {
    let found = use(intervals.map { ($0.0, $0.1) }).0
    #expect(found.covered == covered && found.overlapped == overlapped && found.gaps == 0)
  }

  @Test func nothingIsNothing() {
    #expect(use([]).0.isEmpty && use([(3, 3)]).0.isEmpty && use([(3, 1)]).0.isEmpty)
    #expect(use([], length: 10).0.isEmpty)
  }

  /// Small whole numbers, second by second.
  @Test func agreesWithCountingSeconds() {
    let seed = testSeed(43)
    var generator = SampleGenerator(seed: seed)
    for _ in 0..<400 {
      let intervals: [Interval] = (0..<generator.integer(1...6)).map { _ in
        let start = generator.integer(0...20)
        return (Double(start), Double(start + generator.integer(0...8)))
      }
      let isKnown = generator.integer(0...1) == 1
      let (found, gaps) = use(intervals, length: isKnown ? 30 : nil)
      let counts = (0..<30).map { second in intervals.count { $0.start <= Double(second) && $0.end > Double(second) } }
      let first = isKnown ? 0 : Int(intervals.map(\.start).min() ?? 0)
      let last = isKnown ? 30 : Int(intervals.filter { $0.end > $0.start }.map(\.end).max() ?? Double(first))
      #expect(found.covered == Double(counts.count { $0 > 0 }), "seed \(seed)")
      #expect(found.overlapped == Double(counts.count { $0 > 1 }), "seed \(seed)")
      #expect(found.gaps == Double(first < last ? counts[first..<last].count { $0 == 0 } : 0), "seed \(seed) \(intervals)")
      #expect(gaps.reduce(0, +) == found.gaps, "seed \(seed)")
    }
  }
}
