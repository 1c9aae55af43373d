import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Pieces of what an encoder hands to the writer.
enum SegmentsPiece {
  /// Names of columns of attributes, as a JSON array, that rows behind it have at their end.
  static let names = 0
  /// Rows of one layout: `id` are the bits of the fixed columns they add, `position` is one more than that of their names among the records.
  static let rows = 1
}

/// Turns samples into rows.
struct SegmentsEncoder: SampleEncoder {
  let dialect: SegmentsDialect
  /// Whether everything goes to one file.
  let isFile: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let worker = context.scratch.thing(SegmentsRowWriter.self) { [dialect] in SegmentsRowWriter(dialect) }
    worker.begin(sample, context)
    let start = (batch.bytes.count, batch.records.count)
    let last = batch.records.last
    var isWritten = true
    if sample.annotations.isEmpty {
      isWritten = worker.append(nil, sample, into: &batch, context)
    } else {
      sample.annotations.withUnsafeBufferPointer { annotations in
        guard var next = annotations.baseAddress else { return }
        for _ in annotations.indices {
          if !worker.append(next, sample, into: &batch, context) { isWritten = false }
          next += 1
        }
      }
    }
    guard isWritten else {
      batch.bytes.truncate(to: start.0)
      batch.records.removeLast(batch.records.count - start.1)
      // Rows of this sample may have become part of the ones before.
      if let last { batch.records[batch.records.count - 1] = last }
      return
    }
    if context.mediaMode != .none, !isFile, let location = sample.media.location {
      try context.placeMedia(of: sample, at: MediaPlace.below(location))
    }
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    for annotation in sample.annotations {
      withUnsafePointer(to: annotation) { SegmentsRowWriter.noteLosses($0, sample, context) }
    }
  }
}
