import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Compares two datasets of any formats: which samples were added, removed and changed, and what became of each annotation.
///
/// ```swift
/// let request = ComparisonRequest(old: "V001.waybill.jsonl", new: "V002.waybill.jsonl")
/// let report = try DatasetComparison(request, registry: .all).run { event in
///   if case .sample(let change) = event { print(change.kind, change.key) }
/// }
/// print(report.summary.annotations.moved, "annotations moved")
/// ```
///
/// The result does not depend on the number of threads. Two native manifests in the order of their keys are walked side by side, and only
/// samples whose bytes differ are decoded; any other two are joined by a hash of their keys, at about twenty bytes a sample. The samples that
/// differ are found first, put in the order of their keys, and handed on one by one.
public struct DatasetComparison {
  private let request: ComparisonRequest
  private let registry: FormatRegistry
  /// Called now and then with the samples of both sides looked at and their total, which may still grow.
  public var progress: ((Int, Int) -> Void)?

  /// A comparison to run.
  public init(_ request: ComparisonRequest, registry: FormatRegistry) {
    self.request = request
    self.registry = registry
  }

  /// Compares the datasets; what differs is handed on while it is found.
  ///
  /// Records that cannot be read are among the problems of the report; the comparison goes on without them.
  ///
  /// - Throws: ``ComparisonFailure`` when a dataset cannot be read at all, or `visit` throws.
  public func run(
    _ visit: (ComparisonEvent) throws(DatasetError) -> Void = { _ in }
  ) throws(ComparisonFailure) -> ComparisonReport {
    var report = ComparisonReport(
      old: ComparedDataset(path: request.old, limitPerRule: request.limitPerRule),
      new: ComparedDataset(path: request.new, limitPerRule: request.limitPerRule))
    var opensOld = true
    do throws(DatasetError) {
      if request.old == "-", request.new == "-" {
        throw DatasetError(.usage, "Standard input can be one of the two datasets, not both")
      }
      let old = try open(request.old, request.oldFiles, request.oldFormat, &report.old)
      opensOld = false
      let new = try open(request.new, request.newFiles, request.newFormat, &report.new)
      try compare(old, new, &report, visit)
      return report
    } catch {
      throw ComparisonFailure(error: error, report: report, sources: opensOld ? report.old.sources : report.new.sources)
    }
  }

  private func open(
    _ path: String, _ files: InputFiles, _ format: FormatChoice?, _ side: inout ComparedDataset
  ) throws(DatasetError) -> (dataset: Dataset, choice: FormatChoice) {
    var input = try DatasetInput(path: path, in: files)
    let choice: FormatChoice
    if let format { choice = format } else { choice = try registry.detect(input) }
    input = input.rooted(for: choice.format)
    side.path = input.path
    side.format = choice.format.descriptor
    let context = ReadContext(sources: side.sources, urlMap: request.urlMap, limitPerRule: request.limitPerRule)
    defer { side.diagnostics.append(context.diagnostics) }
    return (try Dataset.open(input, as: choice, context: context), choice)
  }

  private func compare(
    _ first: (dataset: Dataset, choice: FormatChoice), _ second: (dataset: Dataset, choice: FormatChoice),
    _ report: inout ComparisonReport, _ visit: (ComparisonEvent) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let (old, new) = (first.dataset, second.dataset)
    var progress = ComparisonProgress(progress)
    let usesRecords = DatasetComparison.haveRecords(first, second)
    progress.expect(old.count + new.count)
    var run = ComparisonRun(
      old: old, new: new, request: request,
      rules: ComparisonRules(old: old.format.descriptor, new: new.format.descriptor, request.options))
    if usesRecords {
      var (oldSide, newSide) = (report.old, report.new)
      if let differences = try RecordMerge(old: old, new: new, keys: request.options.keys).run(&oldSide, &newSide, &progress) {
        (report.old, report.new) = (oldSide, newSide)
        try run.begin(&report, visit)
        try run.describe(differences, &report, &progress, isFirstLook: true, visit)
        return
      }
      progress.expect(old.count + new.count)
    }
    // The keys of both sides, and the samples of the old one with their partners.
    progress.expect(old.count + new.count)
    let seed = UInt64.random(in: .min ... .max)
    let scans = [old, new].map {
      KeyScan(
        dataset: $0, seed: seed, keys: request.options.keys, jobs: request.jobs,
        countsFeatures: old.format.descriptor.id != new.format.descriptor.id)
    }
    let foundOld = try usesRecords ? scans[0].reading(&report.old, &progress) : scans[0].decoding(&report.old, &progress)
    let foundNew = try usesRecords ? scans[1].reading(&report.new, &progress) : scans[1].decoding(&report.new, &progress)
    if !usesRecords { run.narrow(foundOld.counts, foundNew.counts, &report) }
    try run.begin(&report, visit)
    let join = KeyJoin(
      old: old, new: new, oldTable: foundOld.table, newTable: foundNew.table, usesRecords: usesRecords, jobs: request.jobs,
      makeWorker: run.makeWorker())
    let differences = try join.run(&report, &progress)
    try run.describe(differences, &report, &progress, isFirstLook: usesRecords, visit)
  }

  /// Whether records of both sides with the same bytes are the same sample.
  private static func haveRecords(
    _ old: (dataset: Dataset, choice: FormatChoice), _ new: (dataset: Dataset, choice: FormatChoice)
  ) -> Bool {
    guard old.choice.format.descriptor.id == new.choice.format.descriptor.id,
      old.choice.options.elementsEqual(new.choice.options, by: { $0.name == $1.name && $0.value == $1.value })
    else { return false }
    // A side without samples says nothing against it, as long as the other one has records.
    let haveRecords = [old.dataset, new.dataset].filter { $0.count > 0 }.map { $0.record(at: 0) != nil }
    return !haveRecords.isEmpty && haveRecords.allSatisfy { $0 }
  }
}
