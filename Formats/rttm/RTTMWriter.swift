import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Writes one file, or into a folder the files that recordings were in; rows of scattered recordings get their places back.
final class RTTMWriter: FormatWriter {
  /// The file of a folder for recordings that were in none.
  static let usualName = "labels.rttm"

  let demand = Demand()
  private let joinsWords: Bool
  private var rows: RowFiles?
  private var name = usualName
  /// Files without records that are made all the same.
  private var empty: [String] = []

  init(joinsWords: Bool) { self.joinsWords = joinsWords }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let kept = RTTMDialect.files(header.preserved)
    var dialects: [ExactText: RTTMDialect] = [:]
    for file in kept { if let name = file.name { dialects[ExactText(name)] = file } }
    let isFile = context.fileName != nil
    name = context.fileName ?? RTTMWriter.usualName
    var usual = kept.first { $0.name == nil } ?? RTTMDialect()
    if !isFile, let named = dialects[ExactText(name)] { usual = named }
    let usualFile = name
    empty = isFile ? [name] : kept.filter(\.isEmpty).map { $0.name ?? usualFile }
    rows = RowFiles(context.output) { name in
      let dialect = name == usualFile ? usual : dialects[ExactText(name)] ?? RTTMDialect()
      return RowFiles.Shape(head: dialect.head, endsWithLineFeed: dialect.endsWithLineFeed)
    }
    return RTTMEncoder(isFile: isFile, joinsWords: joinsWords, dialects: dialects, usual: usual)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    var file = name
    for record in batch.records {
      let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[record.range])
      if record.kind == RTTMPiece.file {
        file = bytes.isEmpty ? name : String(decoding: bytes, as: UTF8.self)
      } else {
        try rows?.append(bytes, to: file, ordinal: record.ordinal == .max ? nil : record.ordinal)
      }
    }
  }

  func finish() throws(DatasetError) {
    guard let rows else { return }
    // A folder of nothing still holds a file.
    try rows.finish(making: rows.fileNames.isEmpty && empty.isEmpty ? [name] : empty)
    self.rows = nil
  }
}
