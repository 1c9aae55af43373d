import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Counts and measures what a dataset holds, in one pass.
///
/// ```swift
/// let report = try Statistics(ScanRequest(input: "val.json"), registry: .all).run()
/// print(report[.boxArea].quantile(0.5) ?? 0, "square pixels in the middle")
/// ```
///
/// The result does not depend on the number of threads. Memory grows with the samples by the hashes of their keys alone.
public struct Statistics {
  /// How many of a kind of suspicion are kept in full.
  static let suspicionLimit = 5

  private let request: ScanRequest
  private let registry: FormatRegistry
  /// Folder of the media, when it is not where the labels say.
  public var mediaRoot: String?
  /// How many labeled pictures to bring along for show.
  public var exampleCount = 0
  /// Called now and then with the samples done and their total.
  public var progress: ((Int, Int) -> Void)?

  /// A look through an input.
  public init(_ request: ScanRequest, registry: FormatRegistry) {
    self.request = request
    self.registry = registry
  }

  /// Surveys the input, decodes every sample, counts and measures.
  public func run() throws(ScanFailure) -> StatisticsReport {
    let context = ReadContext(sources: SourceMap(), urlMap: request.urlMap, limitPerRule: request.limitPerRule)
    var report: StatisticsReport?
    do throws(DatasetError) {
      let (input, choice) = try DatasetScan.choose(request, registry, media: mediaRoot)
      let dataset = try Dataset.open(input, as: choice, demand: Demand(labels: true), context: context)
      var found = StatisticsReport(
        path: dataset.path, format: dataset.format.descriptor, diagnostics: DiagnosticList(limitPerRule: request.limitPerRule),
        sources: dataset.sources)
      found.name = dataset.header.name
      found.diagnostics.append(dataset.surveyDiagnostics)
      defer { report = found }
      try scan(dataset, &found)
      return found
    } catch {
      throw ScanFailure(error: error, diagnostics: report?.diagnostics ?? context.diagnostics, sources: context.sources)
    }
  }

  private func scan(_ dataset: Dataset, _ report: inout StatisticsReport) throws(DatasetError) {
    let media = MediaResolver(
      folders: (mediaRoot.map { [$0] } ?? []) + dataset.mediaFolders, urlMap: request.urlMap, files: dataset.files)
    if request.filter != nil { report.leftOut = (0, 0) }
    var sums = StatisticsSums()
    var duplicates = DuplicateKeyReport(dataset: dataset)
    var candidates = ExampleCandidates(limit: exampleCount)
    try DatasetScan(dataset: dataset, request: request, media: media).run(
      make: { StatisticsTally(media: media) }, progress: progress
    ) {
      (tally, found) throws(DatasetError) in
      report.diagnostics.append(found)
      for key in tally.keys { try duplicates.note(key.hash, at: key.position, &report.diagnostics) }
      sums.add(tally, to: &report)
      candidates.add(tally.examples)
    }
    sums.finish(dataset.header, &report)
    report.filterProblems = report.diagnostics.take(rulesBeginning: "filter.")
    request.filter?.reportUnknownLabels(in: dataset.header.labels, to: &report.filterProblems)
    report.examples = try candidates.examples(of: dataset, media)
  }
}
