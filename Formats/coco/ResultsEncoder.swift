import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Turns samples into the records of a list of results.
struct ResultsEncoder: SampleEncoder {
  /// Writes the records, with nothing completed.
  let records: COCOEncoder
  /// The labels that have no id of their own, which a list of results cannot name.
  let unnamed: Set<LabelID>
  /// Whether the user asked for a list, and so for nothing but ids of the images.
  let isAskedFor: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let number = RecordID.integer(Int64(position) + 1)
    guard let id = records.renumbersIDs ? number : sample.id else {
      return context.diagnostics.report(
        .error, "coco.write.results-id",
        "The image \(terminalSafe(sample.key)) has no id, and a list of results has no other name for it; ids=renumber numbers it",
        at: sample.source)
    }
    if !isAskedFor, !sample.isBareID {
      return context.diagnostics.report(
        .error, "coco.write.bare",
        "The image \(terminalSafe(sample.key)) says more than its id, and the list of results it is from has no place for it; "
          + "kind=instances writes all of it, kind=results the id alone", at: sample.source)
    }
    if sample.annotations.isEmpty {
      context.diagnostics.report(
        .warning, "coco.write.no-results",
        "The image \(terminalSafe(sample.key)) has no annotations, and so no place in a list of results", at: sample.source)
    }
    var split = records.splits.count - 1
    if split > 0, let name = sample.split { split = records.splits.firstIndex(of: name) ?? split }
    sample.annotations.withUnsafeBufferPointer { annotations in
      for at in annotations.indices {
        guard isNamed(annotations[at], of: sample, context) else { continue }
        records.encode(annotations[at], of: sample, id, split, position, &batch, context)
      }
    }
  }

  /// Whether a category and a score are there; without an id of the category the record cannot be written.
  private func isNamed(_ annotation: borrowing Annotation, of sample: Sample, _ context: EncodeContext) -> Bool {
    if let label = annotation.label, unnamed.contains(label) {
      context.diagnostics.report(
        .error, "coco.write.results-id",
        "A label of \(terminalSafe(sample.key)) has no id, and a list of results has no other name for it; ids=renumber numbers it",
        at: sample.source)
      return false
    }
    if annotation.confidence == nil, annotation.label != nil {
      context.diagnostics.report(
        .warning, "coco.write.no-score",
        "An annotation of \(terminalSafe(sample.key)) has no confidence; tools expect a score in each result", at: sample.source)
    }
    return true
  }
}

extension Sample {
  /// Whether nothing is said of the image but an id, so that records alone can name it.
  var isBareID: Bool {
    media.location == nil && media.width == nil && media.height == nil && id != nil && preserved[COCOFormat.id].isEmpty
  }
}
