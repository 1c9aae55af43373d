import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes rows in the dataset's order: into one file, or in a folder into one for each split.
final class TextClassificationWriter: FormatWriter {
  private let options: FormatOptions
  private var outputs: SplitOutputs?
  private var results: SplitOutputs?
  private var layout = RowLayout()
  /// Whether the line written last to a file of a pair holds nothing.
  private var endsEmpty: [ObjectIdentifier: Bool] = [:]
  /// Whether a reader finds out what the rows are, for neither a header nor an option says it.
  private var areFoundOut = false
  /// The first rows of each file, where they are.
  private var heads: [String?: [UInt8]] = [:]
  private var fileName: String?

  let demand = Demand()

  init(_ options: FormatOptions) { self.options = options }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let observed = RowLayout(header.preserved)
    let wanted = options["layout"]
    let name = context.fileName?.lowercased() ?? ""
    if wanted == "keep", let observed {
      layout = observed
    } else {
      guard wanted != "keep" || !name.hasSuffix(".txt") else {
        throw DatasetError(
          .usage, "A .txt file is written with --to text-classification:layout=fasttext or layout=modelarts-combined")
      }
      layout = RowLayout(named: wanted == "keep" && name.hasSuffix(".tsv") ? "tsv" : wanted)
      if !options["prefix"].isEmpty { layout.prefix = options["prefix"] }
    }
    fileName = context.fileName
    var follows = wanted == "keep" && observed != nil
    areFoundOut = follows && layout.kind == .table && layout.header == nil && !layout.isGiven && layout.encoding.form == .utf8
    if follows, layout.kind == .table, changesDelimiter(name) { follows = false }
    guard layout.kind != .pair || context.fileName == nil else {
      throw DatasetError(.usage, "Texts and labels in two files are written into a folder")
    }
    outputs = SplitOutputs(context.output, fileName: context.fileName, ending: layout.ending, names: layout.files)
    if layout.kind == .pair {
      results = SplitOutputs(
        context.output, fileName: nil, ending: TextClassificationReader.resultEnding,
        names: layout.files.mapValues { FileName.withoutExtension($0) + TextClassificationReader.resultEnding })
    }
    return TextClassificationEncoder(
      layout: layout, isForeign: observed == nil, isFolder: context.fileName == nil, keepsRows: follows || observed == nil)
  }

  /// Takes the delimiter that the name of a file asks for; false when it is that of the layout.
  private func changesDelimiter(_ name: String) -> Bool {
    let delimiter: UInt8
    if name.hasSuffix(".tsv") {
      delimiter = 9
    } else if name.hasSuffix(".csv") {
      delimiter = UInt8(ascii: ",")
    } else {
      return false
    }
    if let ending = layout.sourceEnding, name.hasSuffix(ending) { return false }
    // Files with semicolons are called .csv as well.
    if layout.delimiter == delimiter || (layout.delimiter != 9 && delimiter != 9) { return false }
    layout.delimiter = delimiter
    layout.isQuoting = true
    layout.skipsSpace = false
    layout.quoted = []
    if layout.header != nil {
      var row = ByteBuffer()
      for (index, name) in layout.names.enumerated() {
        if index > 0 { row.append(delimiter) }
        row.appendCSV(name, delimiter: delimiter)
      }
      layout.header = row.string()
    }
    return true
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let outputs else { return }
    let bytes = batch.bytes.bytes
    var split: String?
    for record in batch.records {
      if record.kind == RowRecord.split {
        split = String(decoding: bytes[record.range], as: UTF8.self)
        continue
      }
      let target = record.kind == RowRecord.result ? results : outputs
      guard let (file, isNew) = try target?.file(of: split) else { continue }
      if isNew { try begin(file, isResult: record.kind == RowRecord.result) }
      let start = isNew ? Int(record.id) : record.range.lowerBound
      try file.append(UnsafeRawBufferPointer(rebasing: bytes[start..<record.range.upperBound]))
      if areFoundOut {
        let split = outputs.isSingle ? nil : split
        if heads[split]?.count ?? 0 < TableSniffer.headSize {
          heads[split, default: []] += bytes[start..<record.range.upperBound]
        }
      }
      if layout.kind == .pair { endsEmpty[ObjectIdentifier(file)] = Int(record.id) == record.range.upperBound }
      // The labels of a text come before it, in the same split.
      if record.kind == RowRecord.row { split = nil }
    }
  }

  /// Sees that what is left of rows without a header is not taken for rows of another kind.
  private func checkHeads() throws(DatasetError) {
    let files = heads.keys.map { split in
      SplitFiles.Item(path: layout.files[split ?? ""] ?? "\(SplitFiles.stem(of: split) ?? "")\(layout.ending)", split: split)
    }
    guard let first = files.min(by: SplitFiles.isBefore), let head = heads[first.split] else { return }
    let isCut = head.count >= TableSniffer.headSize
    let found = head.withUnsafeBytes { try? TableSniffer($0, RowOptions(), name: fileName ?? first.path, isCut: isCut).layout() }
    let isSame =
      found?.kind == .table && found?.header == nil && found?.columns == layout.columns && found?.text == layout.text
      && found?.labels == layout.labels && (layout.columns == 1 || found?.delimiter == layout.delimiter)
    guard isSame else {
      throw DatasetError(
        .invalidInput,
        "These rows without a header would be read as something else than they are; --to text-classification:layout=csv names their columns"
      )
    }
  }

  private func begin(_ file: OutputFile, isResult: Bool) throws(DatasetError) {
    try file.append(layout.encoding.mark)
    guard !isResult else { return }
    try append(layout.lead + (layout.header.map { $0 + layout.headerEnd } ?? ""), to: file)
  }

  private func append(_ text: String, to file: OutputFile) throws(DatasetError) {
    var out = ByteBuffer()
    do throws(TextFault) {
      try layout.encoding.withoutMark.encode(text, into: &out)
    } catch {
      throw DatasetError(.invalidInput, "The header cannot be written: \(error.message)")
    }
    try file.append(out.bytes)
  }

  func finish() throws(DatasetError) {
    try checkHeads()
    let tail = layout.tail
    try outputs?.close { (file, isNew) throws(DatasetError) in
      if isNew { try begin(file, isResult: false) } else { try append(end(of: file, tail), to: file) }
    }
    try results?.close { (file, isNew) throws(DatasetError) in if !isNew { try append(end(of: file, tail), to: file) } }
    outputs = nil
  }

  /// What ends a file: a line that holds nothing is none without its end.
  private func end(of file: OutputFile, _ tail: String) -> String {
    tail.isEmpty && endsEmpty[ObjectIdentifier(file)] == true ? layout.between : tail
  }
}

/// What the ranges of a batch are.
enum RowRecord {
  /// A row with the line end before it.
  static let row = 0
  /// The line of labels of the row that follows, with the line end before it.
  static let result = 1
  /// The split of the row that follows.
  static let split = 2
}

/// Turns samples into rows in the encoding of the file, each with the line end before it.
struct TextClassificationEncoder: SampleEncoder {
  let layout: RowLayout
  let isForeign: Bool
  let isFolder: Bool
  /// Whether rows that still say the same keep their spelling.
  let keepsRows: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let holder = context.scratch.thing(RowEncoderHolder.self) { RowEncoderHolder() }
    let worker = holder.worker(for: self, context)
    func report(_ rule: String, _ message: String) { context.diagnostics.report(.error, rule, message, at: sample.source) }
    if isFolder, let split = sample.split, SplitFiles.stem(of: split) == nil {
      return report("text-classification.write.split", "The split \"\(terminalSafe(split))\" cannot be the name of a file")
    }
    let (start, count) = (batch.bytes.count, batch.records.count)
    let encoder = worker.encoder
    encoder.prepare(sample)
    worker.row.removeAll()
    guard encoder.encode(sample, at: position, asRead: keepsRows, into: &worker.row, report) else { return }
    if isFolder, let split = sample.split {
      batch.bytes.append(split)
      batch.records.append(EncodedBatch.Record(kind: RowRecord.split, range: start..<batch.bytes.count))
    }
    do throws(TextFault) {
      if layout.kind == .pair { try append(RowRecord.result, layout.between, encoder.result.bytes, &batch) }
      try append(RowRecord.row, (keepsRows ? encoder.lead : nil) ?? layout.between, worker.row.bytes, &batch)
    } catch {
      batch.bytes.truncate(to: start)
      batch.records.removeLast(batch.records.count - count)
      report("text-classification.write.encoding", "The sample \"\(terminalSafe(sample.key))\" cannot be written: \(error.message)")
    }
  }

  private func append(
    _ kind: Int, _ lead: String, _ row: UnsafeRawBufferPointer, _ batch: inout EncodedBatch
  ) throws(TextFault) {
    let start = batch.bytes.count
    let isUTF8 = layout.encoding.form == .utf8
    if isUTF8 {
      batch.bytes.append(lead)
    } else {
      try layout.encoding.withoutMark.encode(lead, into: &batch.bytes)
    }
    let content = batch.bytes.count
    if isUTF8 { batch.bytes.append(row) } else { try layout.encoding.withoutMark.encode(row, into: &batch.bytes) }
    batch.records.append(EncodedBatch.Record(kind: kind, range: start..<batch.bytes.count, id: Int64(content)))
  }
}

/// Holds a worker's encoder and the row it is at.
final class RowEncoderHolder {
  private var current: RowEncoderWorker?

  func worker(for settings: TextClassificationEncoder, _ context: EncodeContext) -> RowEncoderWorker {
    if let current, current.encoder.labels === context.labels { return current }
    let worker = RowEncoderWorker(
      RowEncoder(layout: settings.layout, labels: context.labels, isForeign: settings.isForeign))
    current = worker
    return worker
  }
}

/// A worker's encoder and the row it is at.
final class RowEncoderWorker {
  let encoder: RowEncoder
  @exclusivity(unchecked) var row = ByteBuffer(capacity: 4096)

  init(_ encoder: RowEncoder) { self.encoder = encoder }
}

extension TextEncoding {
  /// The same without a mark, for what does not begin a file.
  fileprivate var withoutMark: TextEncoding { hasMark ? TextEncoding(named: String(name.dropLast(4))) ?? .utf8 : self }

  /// Appends a text.
  fileprivate func encode(_ text: String, into out: inout ByteBuffer) throws(TextFault) {
    var plain = ByteBuffer()
    plain.append(text)
    try encode(plain.bytes, into: &out)
  }
}
