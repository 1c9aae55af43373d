import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Looks through a dataset and counts what it holds.
///
/// ```swift
/// let report = try Inspection(ScanRequest(input: "val.json"), registry: .all).run()
/// print(report.counts.samples, "samples,", report.counts.annotations, "annotations")
/// ```
///
/// The counts do not depend on the number of threads; memory does not grow with the number of samples.
public struct Inspection {
  private let request: ScanRequest
  private let registry: FormatRegistry
  /// Called now and then with the samples done and their total.
  public var progress: ((Int, Int) -> Void)?

  /// A look through an input.
  public init(_ request: ScanRequest, registry: FormatRegistry) {
    self.request = request
    self.registry = registry
  }

  private final class Tally: ScanTally {
    var counts = SampleCounts()
    func note(_ sample: Sample?, at position: Int) { counts.add(sample) }
  }

  /// Surveys the input, decodes every sample and counts.
  public func run() throws(ScanFailure) -> InspectionReport {
    let context = ReadContext(sources: SourceMap(), urlMap: request.urlMap, limitPerRule: request.limitPerRule)
    var diagnostics = DiagnosticList(limitPerRule: request.limitPerRule)
    var isSurveyed = false
    do throws(DatasetError) {
      // Labels are demanded so that their order is the dataset's, with those no annotation carries.
      let (input, choice) = try DatasetScan.choose(request, registry)
      let dataset = try Dataset.open(input, as: choice, demand: Demand(labels: true), context: context)
      diagnostics.append(dataset.surveyDiagnostics)
      isSurveyed = true
      var counts = SampleCounts()
      try DatasetScan(dataset: dataset, request: request).run(make: { Tally() }, progress: progress) {
        (tally, found) throws(DatasetError) in
        counts.add(tally.counts)
        diagnostics.append(found)
      }
      counts.add(dataset.header.features)
      let labels = dataset.header.labels.labels
      for label in labels { counts.add(label.features) }
      return InspectionReport(
        path: dataset.path, format: dataset.format.descriptor, detection: dataset.detection, name: dataset.header.name,
        counts: counts,
        labels: labels.enumerated().map {
          InspectionReport.LabelCount(label: $0.element, annotations: counts.annotations(ofLabelAt: $0.offset))
        }, diagnostics: diagnostics, sources: dataset.sources)
    } catch {
      if !isSurveyed { diagnostics = context.diagnostics }
      throw ScanFailure(error: error, diagnostics: diagnostics, sources: context.sources)
    }
  }
}

/// What a dataset holds.
public struct InspectionReport: Sendable {
  /// A label and how many annotations carry it.
  public struct LabelCount: Sendable {
    /// The label.
    public var label: Label
    /// How many annotations carry it.
    public var annotations: Int
  }

  /// The path it was read from.
  public var path: String
  /// The format it was read as.
  public var format: FormatDescriptor
  /// Why that format, when it was found by content.
  public var detection: Detection?
  /// The dataset's name.
  public var name: String?
  /// The counts.
  public var counts: SampleCounts
  /// The labels in the dataset's order, those without annotations included.
  public var labels: [LabelCount]
  /// Problems found.
  public var diagnostics: DiagnosticList
  /// The files read.
  public var sources: SourceMap
}
