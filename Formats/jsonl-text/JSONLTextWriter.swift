import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Writes records in the dataset's order: into one file, or in a folder into one for each split.
final class JSONLTextWriter: FormatWriter {
  private let options: FormatOptions
  private var outputs: SplitOutputs?
  private var layout = RecordLayout(.prodigy)

  let demand = Demand()

  init(_ options: FormatOptions) { self.options = options }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let observed = RecordLayout(header.preserved)
    let wanted = RecordLayout.Dialect(rawValue: options["dialect"])
    let follows = observed != nil && (wanted == nil || wanted == observed?.dialect)
    layout = follows ? observed ?? layout : RecordLayout(wanted ?? .prodigy)
    // Words with one space between need no places, and lists of them take a third of the room.
    if wanted == nil, observed == nil { layout.lists = TokenLists() }
    let hadArray = layout.prefix.contains("[")
    if let name = context.fileName { choose(container: name.lowercased().hasSuffix(".json")) }
    let isSameContainer = hadArray == layout.prefix.contains("[")
    if !follows, let observed { layout.files = observed.files }
    outputs = SplitOutputs(
      context.output, fileName: context.fileName, ending: layout.prefix.contains("[") ? ".json" : ".jsonl", names: layout.files)
    return JSONLTextEncoder(
      layout: layout, isForeign: observed == nil, isFolder: context.fileName == nil, keepsForms: follows,
      keepsLines: follows && isSameContainer)
  }

  /// Writes an array or lines, as the name of the file says.
  private func choose(container isArray: Bool) {
    if isArray == layout.prefix.contains("[") { return }
    (layout.prefix, layout.separator, layout.suffix) = RecordLayout.usualFrame(isArray: isArray)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let outputs else { return }
    let bytes = batch.bytes.bytes
    if outputs.isSingle {
      guard let first = batch.records.first, let last = batch.records.last else { return }
      let (file, isNew) = try outputs.file(of: nil)
      if isNew { try file.append(Array(layout.prefix.utf8)) }
      let start = isNew ? Int(first.id) : first.range.lowerBound
      return try file.append(UnsafeRawBufferPointer(rebasing: bytes[start..<last.range.upperBound]))
    }
    for record in batch.records {
      var split: String?
      if record.kind > 0 {
        split = String(decoding: bytes[(record.range.lowerBound - record.kind)..<record.range.lowerBound], as: UTF8.self)
      }
      let (file, isNew) = try outputs.file(of: split)
      if isNew { try file.append(Array(layout.prefix.utf8)) }
      let start = isNew ? Int(record.id) : record.range.lowerBound
      try file.append(UnsafeRawBufferPointer(rebasing: bytes[start..<record.range.upperBound]))
    }
  }

  func finish() throws(DatasetError) {
    let (prefix, suffix) = (Array(layout.prefix.utf8), Array(layout.suffix.utf8))
    try outputs?.close { (file, isNew) throws(DatasetError) in
      if isNew { try file.append(prefix) }
      // A file without records has nothing that a line feed could end.
      if !isNew || layout.prefix.contains("[") { try file.append(suffix) }
    }
    outputs = nil
  }
}

/// Turns samples into records, each with what stands before it.
struct JSONLTextEncoder: SampleEncoder {
  let layout: RecordLayout
  let isForeign: Bool
  let isFolder: Bool
  /// Whether records that still say the same keep their spelling.
  let keepsForms: Bool
  /// Whether what stood between records is kept, and records over several lines.
  let keepsLines: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let holder = context.scratch.thing(RecordEncoderHolder.self) { RecordEncoderHolder() }
    let encoder = holder.encoder(for: self, context)
    // The place alone: a closure that held the sample would copy all of it.
    let source = sample.source
    func report(_ rule: String, _ message: String) { context.diagnostics.report(.error, rule, message, at: source) }
    if isFolder, let split = sample.split {
      guard SplitFiles.stem(of: split) != nil else {
        return report("jsonl-text.write.split", "The split \"\(terminalSafe(split))\" cannot be the name of a file")
      }
      batch.bytes.append(split)
    }
    let start = batch.bytes.count
    encoder.prepare(sample)
    if keepsLines, let lead = encoder.lead, RecordLayout.isFrame(layout.prefix, lead, layout.suffix) {
      batch.bytes.append(lead)
    } else {
      batch.bytes.append(layout.separator)
    }
    let record = batch.bytes.count
    guard encoder.encode(sample, at: position, asRead: keepsForms, into: &batch.bytes, report) else {
      return batch.bytes.truncate(to: start)
    }
    batch.records.append(
      EncodedBatch.Record(
        kind: isFolder ? sample.split?.utf8.count ?? 0 : 0, range: start..<batch.bytes.count, id: Int64(record), position: position)
    )
  }
}

/// Holds a worker's encoder.
final class RecordEncoderHolder {
  private var current: RecordEncoder?

  func encoder(for settings: JSONLTextEncoder, _ context: EncodeContext) -> RecordEncoder {
    if let current, current.labels === context.labels { return current }
    let encoder = RecordEncoder(layout: settings.layout, labels: context.labels, isForeign: settings.isForeign)
    encoder.keepsLines = settings.keepsLines
    current = encoder
    return encoder
  }
}
