import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSampleFilter

/// One worker's look at whether samples fit a filter: where it needs pixel sizes that files do not give, pictures are asked.
package final class FilterStation {
  /// A sample whose answer may be wrong, for a size could not be found out.
  package static let unknownSize = "filter.size-unknown"

  private let evaluator: FilterEvaluator
  private let media: MediaResolver

  /// A worker's filter over samples whose labels are those of a table.
  package init(_ filter: SampleFilter, labels: LabelTable, media: MediaResolver) {
    evaluator = FilterEvaluator(filter, labels: labels)
    self.media = media
  }

  /// Whether a sample fits; where a size that counts cannot be found, that is reported.
  package func accepts(_ sample: borrowing Sample, _ context: ReadContext) -> Bool {
    guard evaluator.filter.needsSize(of: sample) else { return evaluator.accepts(sample) }
    if let location = sample.media.location, let path = media.path(of: location), let size = media.imageSize(atPath: path) {
      return evaluator.accepts(sample, size: PixelSize(width: size.width, height: size.height))
    }
    context.report(
      .warning, FilterStation.unknownSize,
      "The size of \"\(terminalSafe(sample.media.location ?? sample.key))\" is not known, so that the filter takes what is measured in pixels as not given",
      at: sample.source)
    return evaluator.accepts(sample)
  }
}

extension SampleFilter {
  /// Reports the labels it asks for that a dataset does not have, once every sample was decoded.
  package func reportUnknownLabels(in table: LabelTable, to diagnostics: inout DiagnosticList) {
    for name in unknownLabels(in: table) {
      let hint = nearest(to: name, among: table.labels.map(\.name)).map { "; did you mean \(terminalSafe($0))?" } ?? ""
      diagnostics.report(
        .warning, "filter.label-unknown",
        "The filter asks for the label \"\(terminalSafe(name))\", which the dataset does not have\(hint)",
        at: nil)
    }
  }
}
