/// How far a comparison is, in samples of both sides looked at.
struct ComparisonProgress {
  private let report: ((Int, Int) -> Void)?
  private var done = 0
  private var shown = 0
  private var total = 0

  /// Reports to a closure, now and then.
  init(_ report: ((Int, Int) -> Void)?) { self.report = report }

  /// Says that more samples will be looked at.
  mutating func expect(_ count: Int) { total += count }

  /// Says that samples have been looked at.
  mutating func add(_ count: Int) {
    done += count
    guard let report, done - shown >= 4096 else { return }
    shown = done
    report(min(done, total), total)
  }
}
