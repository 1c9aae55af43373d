import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes one manifest: a header line, then a line for each sample in the dataset's order.
final class NativeWriter: FormatWriter {
  private var file: OutputFile?

  var demand: Demand { Demand() }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let file = try context.output.openFile(context.fileName ?? "dataset\(NativeFormat.ending)")
    self.file = file
    var line = ByteBuffer()
    line.appendLine(of: header)
    try file.append(line.bytes)
    return NativeEncoder()
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) { try file?.append(batch.bytes.bytes) }

  func finish() throws(DatasetError) {
    try file?.close()
    file = nil
  }
}

/// Turns samples into lines.
struct NativeEncoder: SampleEncoder {
  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let labels = context.scratch.thing(LabelTexts.self) { LabelTexts(context.labels) }
    var line = NativeLine(labels: labels)
    line.append(sample, to: &batch.bytes)
    if let problems = line.problems { context.diagnostics.append(problems) }
    if context.mediaMode != .none, let location = sample.media.location {
      try context.placeMedia(of: sample, at: NativeEncoder.place(of: location))
    }
  }

  /// Where media of a location is put: below `media`, under the path the location names there when it is looked for again.
  static func place(of location: String) -> String {
    "media/\(MediaPlace.below(location))"
  }
}

/// The members `label` and `label_number` of each label as they stand in a line, and the forms of annotations; one per worker.
final class LabelTexts {
  // One worker alone uses it.
  @exclusivity(unchecked) var forms = WrittenAnnotations(separator: UInt8(ascii: "T"))
  private let labels: LabelCache
  private var texts: [[UInt8]] = []
  private var counts: [String: Int] = [:]

  init(_ labels: LabelCache) { self.labels = labels }

  /// The text of a label's members; nil when the table has no such label.
  func text(_ id: LabelID) -> [UInt8]? {
    while texts.count <= Int(id.index) {
      guard let label = labels.label(LabelID(index: UInt32(texts.count))) else { return nil }
      var text = ByteBuffer(capacity: 64)
      text.append("\"label\":")
      text.appendJSON(label.name)
      let number = counts[label.name, default: 0] + 1
      counts[label.name] = number
      if number > 1 {
        text.append(",\"label_number\":")
        text.append(decimal: number)
      }
      texts.append(text.array())
    }
    return texts[Int(id.index)]
  }
}
