import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// One worker's way to ask a filter about samples: it remembers which labels fit, and how patterns match.
///
/// Not thread-safe: one for each worker.
public final class FilterEvaluator {
  /// The filter.
  public let filter: SampleFilter
  private let table: LabelTable
  private let condition: FilterCondition
  let matchers: PatternMatchers
  private var labels: [Label]
  /// For each test of label names and each label: 0 not asked yet, 1 does not fit, 2 fits.
  private var labelAnswers: [[UInt8]]
  /// The size of the picture of the sample that is asked about.
  var size: PixelSize?

  /// An evaluator for samples whose labels are those of a table, which may still grow.
  public init(_ filter: SampleFilter, labels: LabelTable) {
    self.filter = filter
    table = labels
    condition = filter.condition
    matchers = PatternMatchers(filter.programs)
    self.labels = labels.labels
    labelAnswers = Array(repeating: [], count: filter.labelTests)
  }

  /// Whether the filter fits a sample.
  ///
  /// - Parameter size: The size of the picture, where the file does not give it and the filter needs it.
  public func accepts(_ sample: borrowing Sample, size: PixelSize? = nil) -> Bool {
    self.size = PixelSize(sample.media) ?? size
    return holds(condition, sample)
  }

  private func holds(_ condition: FilterCondition, _ sample: borrowing Sample) -> Bool {
    switch condition {
    case .and(let parts):
      for part in parts where !holds(part, sample) { return false }
      return true
    case .or(let parts):
      for part in parts where holds(part, sample) { return true }
      return false
    case .not(let inner): return !holds(inner, sample)
    case .field(let test): return holds(test, sample)
    case .any(let inner): return hasAnnotation(sample) { holds(inner, sample, $0) }
    case .all(let inner): return !hasAnnotation(sample) { !holds(inner, sample, $0) }
    case .count(let inner, let test):
      guard let inner else { return test.fits(Double(sample.annotations.count)) }
      var count = 0
      _ = hasAnnotation(sample) {
        if holds(inner, sample, $0) { count &+= 1 }
        return false
      }
      return test.fits(Double(count))
    }
  }

  /// The condition about one annotation of a sample.
  private func holds(_ condition: FilterCondition, _ sample: borrowing Sample, _ annotation: UnsafePointer<Annotation>) -> Bool {
    switch condition {
    case .and(let parts):
      for part in parts where !holds(part, sample, annotation) { return false }
      return true
    case .or(let parts):
      for part in parts where holds(part, sample, annotation) { return true }
      return false
    case .not(let inner): return !holds(inner, sample, annotation)
    case .field(let test): return test.level == .sample ? sampleHolds(test, sample) : holds(test, annotation)
    // The parser lets none of these stand inside another.
    case .any, .all, .count: return false
    }
  }

  private func holds(_ test: FieldTest, _ sample: borrowing Sample) -> Bool {
    switch test.level {
    case .sample, .nearest: return sampleHolds(test, sample)
    case .annotation: return hasAnnotation(sample) { holds(test, $0) }
    case .both: return sampleHolds(test, sample) || hasAnnotation(sample) { holds(test, $0) }
    }
  }

  @inline(__always)
  private func hasAnnotation(_ sample: borrowing Sample, where holds: (UnsafePointer<Annotation>) -> Bool) -> Bool {
    sample.annotations.withUnsafeBufferPointer { all in
      guard var next = all.baseAddress else { return false }
      for _ in all.indices {
        if holds(next) { return true }
        next += 1
      }
      return false
    }
  }

  /// Whether the name of a label fits; each name is asked about once.
  @inline(__always) func labelFits(_ test: FieldTest, _ id: LabelID?) -> Bool {
    guard let id else { return false }
    let index = Int(id.index)
    if test.labelTest >= 0, index < labelAnswers[test.labelTest].count {
      let answer = labelAnswers[test.labelTest][index]
      if answer != 0 { return answer == 2 }
    }
    return askLabel(test, index)
  }

  @inline(never) private func askLabel(_ test: FieldTest, _ index: Int) -> Bool {
    if index >= labels.count { labels = table.labels }
    // A label that the table does not have is none.
    guard index < labels.count else { return false }
    let fits = test.fits(labels[index].name, matchers)
    guard test.labelTest >= 0 else { return fits }
    let missing = labels.count - labelAnswers[test.labelTest].count
    if missing > 0 { labelAnswers[test.labelTest] += Array(repeating: 0, count: missing) }
    labelAnswers[test.labelTest][index] = fits ? 2 : 1
    return fits
  }
}
