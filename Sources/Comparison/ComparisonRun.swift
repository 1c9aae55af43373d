import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSampleFilter

/// The steps that all comparisons share, however the samples that may differ are found.
struct ComparisonRun {
  let old: Dataset
  let new: Dataset
  let request: ComparisonRequest
  private(set) var rules: ComparisonRules
  private var renamed: [ExactText: String] = [:]

  /// A comparison of two datasets by some rules.
  init(old: Dataset, new: Dataset, request: ComparisonRequest, rules: ComparisonRules) {
    self.old = old
    self.new = new
    self.request = request
    self.rules = rules
  }

  /// Leaves out what one of two formats has no place for, or one of the datasets no use of, and says so in the report.
  mutating func narrow(_ oldCounts: SampleCounts, _ newCounts: SampleCounts, _ report: inout ComparisonReport) {
    let (oldAll, newAll) = (ComparisonRun.withHeader(oldCounts, old.header), ComparisonRun.withHeader(newCounts, new.header))
    rules = ComparisonRules(
      old: old.format.descriptor, new: new.format.descriptor, request.options,
      used: (FeatureSet(oldAll.features), FeatureSet(newAll.features)))
    guard rules.spansFormats else { return }
    let unasked = request.options.ignored.union(request.options.comparesAll ? [] : [.order])
    for feature in Feature.allCases where !rules.features.contains(feature) && !unasked.contains(feature) {
      let (before, after) = (oldAll[feature], newAll[feature])
      if before + after > 0 { report.leftOut.append(.init(feature: feature, old: before, new: after)) }
    }
  }

  private static func withHeader(_ counts: SampleCounts, _ header: DatasetHeader) -> SampleCounts {
    var counts = counts
    counts.add(header.features)
    for label in header.labels.labels { counts.add(label.features) }
    return counts
  }

  /// Compares what the datasets say about themselves, and hands the report on.
  mutating func begin(
    _ report: inout ComparisonReport, _ visit: (ComparisonEvent) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let header = HeaderComparison(old.header, new.header, rules)
    // Who asks for some samples asks for no more than these.
    if request.options.keys == nil, request.options.filter == nil { report.dataset = header.changes }
    report.old.listsLabels = old.header.labelsAreComplete
    report.new.listsLabels = new.header.labelsAreComplete
    renamed = header.renamed
    try visit(.begun(report))
  }

  /// Makes what each thread needs.
  func makeWorker() -> @Sendable () -> ComparisonWorker {
    let (old, new, rules, renamed, limit) = (old, new, rules, renamed, request.limitPerRule)
    let media = [new, old].map { dataset in
      MediaResolver(
        folders: (request.mediaRoot.map { [$0] } ?? []) + dataset.mediaFolders, urlMap: request.urlMap, files: dataset.files)
    }
    return {
      let comparison = SampleComparison(
        rules: rules,
        labels: LabelMatcher(
          old: old.header.labels, new: new.header.labels, renamed: renamed, countsNames: !rules.spansFormats)
      ) { sample in
        guard let location = sample.media.location else { return nil }
        for media in media {
          if let path = media.path(of: location), let size = media.imageSize(atPath: path) { return size }
        }
        return nil
      }
      return ComparisonWorker(old: old, new: new, comparison: comparison, limitPerRule: limit)
    }
  }

  /// What became of one batch.
  private final class Outcome: @unchecked Sendable {
    var changes: [SampleChange] = []
    var unchanged = 0
    var leftOutSamples = 0
    var leftOutAnnotations = 0
    var unreadable = (old: 0, new: 0)
    var diagnostics: (old: DiagnosticList, new: DiagnosticList) = (DiagnosticList(), DiagnosticList())
  }

  /// Samples a worker takes at once.
  private static let batchSize = 64

  /// Compares the samples that may differ, counts and hands them on; problems are noted where the samples have not been decoded before.
  func describe(
    _ differences: SampleDifferences, _ report: inout ComparisonReport, _ progress: inout ComparisonProgress, isFirstLook: Bool,
    _ visit: (ComparisonEvent) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let entries = differences.entries
    report.summary.samples.unchanged += differences.unchanged
    progress.expect(entries.count)
    let evaluators = request.options.filter.map {
      (FilterEvaluator($0, labels: old.header.labels), FilterEvaluator($0, labels: new.header.labels))
    }
    try OrderedPool.run(
      pieces: (entries.count + ComparisonRun.batchSize - 1) / ComparisonRun.batchSize, jobs: request.jobs, makeWorker: makeWorker(),
      produce: { (piece, worker: ComparisonWorker) throws(DatasetError) in
        let outcome = Outcome()
        let start = piece * ComparisonRun.batchSize
        for entry in entries[start..<min(start + ComparisonRun.batchSize, entries.count)] {
          try ComparisonRun.describe(entry, old, new, worker, outcome)
        }
        outcome.leftOutAnnotations = worker.takeLeftOut()
        outcome.diagnostics = worker.takeDiagnostics()
        return outcome
      },
      consume: { outcome throws(DatasetError) in
        try InterruptFlag.check()
        for change in outcome.changes {
          if let (before, after) = evaluators, !ComparisonRun.fits(change, before, after) {
            report.summary.samples.filteredOut += 1
            continue
          }
          report.summary.add(change)
          try visit(.sample(change))
        }
        report.summary.samples.unchanged += outcome.unchanged
        if isFirstLook {
          report.old.diagnostics.append(outcome.diagnostics.old)
          report.new.diagnostics.append(outcome.diagnostics.new)
          report.leftOutSamples += outcome.leftOutSamples
          report.leftOutAnnotations += outcome.leftOutAnnotations
          report.old.unreadable += outcome.unreadable.old
          report.new.unreadable += outcome.unreadable.new
          report.old.samples -= outcome.unreadable.old
          report.new.samples -= outcome.unreadable.new
        }
        progress.add(ComparisonRun.batchSize)
      })
    try InterruptFlag.check()
  }

  /// Whether a sample fits a filter, as it was or as it is.
  private static func fits(_ change: SampleChange, _ before: FilterEvaluator, _ after: FilterEvaluator) -> Bool {
    if let new = change.new, after.accepts(new) { return true }
    return change.old.map { before.accepts($0) } ?? false
  }

  private static func describe(
    _ entry: SampleDifferences.Entry, _ old: Dataset, _ new: Dataset, _ worker: ComparisonWorker, _ outcome: Outcome
  ) throws(DatasetError) {
    let before = entry.old >= 0 ? try old.sample(at: entry.old, worker.oldContext) : nil
    let after = entry.new >= 0 ? try new.sample(at: entry.new, worker.newContext) : nil
    if entry.old >= 0, before == nil { outcome.unreadable.old += 1 }
    if entry.new >= 0, after == nil { outcome.unreadable.new += 1 }
    let comparison = worker.comparison
    switch (before, after) {
    case (nil, nil): break
    case (let before?, let after?):
      if let change = comparison.change(from: before, to: after) { outcome.changes.append(change) } else { outcome.unchanged += 1 }
    // Without its partner, which cannot be read, a sample stands alone.
    case (let before?, nil):
      guard comparison.rules.features.contains(before.media.feature) else { return outcome.leftOutSamples += 1 }
      outcome.changes.append(comparison.removal(of: before))
    case (nil, let after?):
      guard comparison.rules.features.contains(after.media.feature) else { return outcome.leftOutSamples += 1 }
      outcome.changes.append(comparison.addition(of: after))
    }
  }
}
