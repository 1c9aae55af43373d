import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes one file.
///
/// What depends on the sentence before is written here: the beginnings of documents and paragraphs, and keys that are not the number.
final class CoNLLUWriter: FormatWriter {
  private let scheme: TagScheme?
  private let isStrict: Bool
  private var file: OutputFile?
  private var dialect = CoNLLUDialect()
  /// How many sentences, documents and paragraphs were written.
  private var count = 0
  private var documentCount = 0
  private var paragraphCount = 0
  /// The document and the paragraph as JSON; nil where there is none.
  private var document: [UInt8]?
  private var paragraph: [UInt8]?
  private var missing = 0
  private var between = ByteBuffer()

  init(scheme: TagScheme?, isStrict: Bool) {
    self.scheme = scheme
    self.isStrict = isStrict
  }

  var demand: Demand { Demand() }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    dialect = CoNLLUDialect(header.preserved)
    let file = try context.output.openFile(context.fileName ?? "dataset.conllu")
    self.file = file
    if dialect.hasMark { try file.append([0xEF, 0xBB, 0xBF]) }
    try file.append(Array(dialect.preamble.utf8))
    return CoNLLUEncoder(
      dialect: dialect, scheme: scheme ?? dialect.scheme ?? .iob2, keepsTags: scheme == nil || scheme == dialect.scheme, isStrict: isStrict)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    let bytes = batch.bytes.bytes
    var from = 0
    var to = 0
    var newDocument: [UInt8]?
    var newParagraph: [UInt8]?
    for record in batch.records {
      guard let kind = CoNLLURecord(rawValue: record.kind & 0xF) else { continue }
      switch kind {
      case .document: newDocument = Array(bytes[record.range])
      case .paragraph: newParagraph = Array(bytes[record.range])
      case .sentence:
        let flags = CoNLLURecordFlags(rawValue: record.kind >> 4)
        between.removeAll()
        separate(record, flags, newDocument, newParagraph)
        if !between.isEmpty || record.range.lowerBound != to {
          if to > from { try file?.append(UnsafeRawBufferPointer(rebasing: bytes[from..<to])) }
          if !between.isEmpty { try file?.append(between.bytes) }
          from = record.range.lowerBound
        }
        to = record.range.upperBound
        count += 1
        missing = flags.contains(.lacksTwo) ? 2 : flags.contains(.lacksOne) ? 1 : 0
        newDocument = nil
        newParagraph = nil
      }
    }
    if to > from { try file?.append(UnsafeRawBufferPointer(rebasing: bytes[from..<to])) }
  }

  /// Appends what stands between the sentence before and one that comes now.
  private func separate(_ record: EncodedBatch.Record, _ flags: CoNLLURecordFlags, _ newDocument: [UInt8]?, _ newParagraph: [UInt8]?) {
    for _ in 0..<missing { between.append(dialect.lineEnd) }
    let documents = Int(record.id >> 32)
    let paragraphs = Int(record.id & 0xFFFF_FFFF)
    documentCount += documents
    paragraphCount += paragraphs
    var begins = documents > 0
    if documents == 0, newDocument != document {
      documentCount += 1
      begins = true
      CoNLLUWriter.append(border: "newdoc", CoNLLUWriter.value(newDocument), documentCount, dialect.lineEnd, to: &between)
    }
    document = newDocument
    // A document begins without a paragraph.
    if begins { paragraph = nil }
    if paragraphs == 0, newParagraph != paragraph {
      paragraphCount += 1
      CoNLLUWriter.append(border: "newpar", CoNLLUWriter.value(newParagraph), paragraphCount, dialect.lineEnd, to: &between)
    }
    paragraph = newParagraph
    if flags.contains(.isNumbered), record.position != count {
      SentenceComment.append(
        SentenceComment.keyName, json: .string("\(record.position + 1)"), lineEnd: dialect.lineEnd, to: &between)
    }
  }

  private static func value(_ json: [UInt8]?) -> AttributeValue? {
    guard let json else { return nil }
    return json.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributeValue()
    }
  }

  /// Appends the line that begins a document or a paragraph: without a name where that is its number.
  static func append(
    border: StaticString, _ value: AttributeValue?, _ number: Int, _ lineEnd: StaticString, to out: inout ByteBuffer
  ) {
    let name: String
    switch value {
    case .integer(let given) where given == Int64(number): name = ""
    case .integer(let given): name = "\(given)"
    case .string(let text): name = text
    default:
      out.append(border.utf8Start[3] == UInt8(ascii: "d") ? CoNLLUComments.endOfDocument : CoNLLUComments.endOfParagraph)
      return out.append(lineEnd)
    }
    out.append("# ")
    out.append(border)
    if !name.isEmpty {
      out.append(" id = ")
      out.append(name)
    }
    out.append(lineEnd)
  }

  func finish() throws(DatasetError) {
    try file?.close()
    file = nil
  }
}

/// What a record of a batch is.
enum CoNLLURecord: Int {
  /// The lines of a sentence.
  case sentence
  /// The document, and the paragraph, of the next sentence as JSON.
  case document, paragraph
}

/// What is special about the lines of a sentence.
struct CoNLLURecordFlags: OptionSet {
  let rawValue: Int
  /// The key is the number of the sentence in the source.
  static let isNumbered = CoNLLURecordFlags(rawValue: 1)
  /// A line end is missing before another sentence may follow.
  static let lacksOne = CoNLLURecordFlags(rawValue: 2)
  /// Two line ends are missing.
  static let lacksTwo = CoNLLURecordFlags(rawValue: 4)
}
