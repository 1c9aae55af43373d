import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport

/// What one worker keeps for the whole comparison.
final class ComparisonWorker {
  /// For reading the old dataset.
  let oldContext: ReadContext
  /// For reading the new dataset.
  let newContext: ReadContext
  /// Compares samples.
  let comparison: SampleComparison
  private var leftOut = 0

  /// A worker with contexts of its own.
  init(old: Dataset, new: Dataset, comparison: SampleComparison, limitPerRule: Int) {
    oldContext = ReadContext(sources: old.sources, urlMap: old.urlMap, limitPerRule: limitPerRule)
    newContext = ReadContext(sources: new.sources, urlMap: new.urlMap, limitPerRule: limitPerRule)
    self.comparison = comparison
  }

  /// How many annotations were left out since this was asked last.
  func takeLeftOut() -> Int {
    defer { leftOut = comparison.leftOut }
    return comparison.leftOut - leftOut
  }

  /// The problems found since this was asked last.
  func takeDiagnostics() -> (old: DiagnosticList, new: DiagnosticList) {
    defer {
      oldContext.diagnostics = DiagnosticList(limitPerRule: oldContext.diagnostics.limitPerRule)
      newContext.diagnostics = DiagnosticList(limitPerRule: newContext.diagnostics.limitPerRule)
    }
    return (oldContext.diagnostics, newContext.diagnostics)
  }
}
