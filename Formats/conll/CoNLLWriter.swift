import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What the writer's options say.
struct CoNLLWriteOptions: Sendable {
  /// The scheme; nil for that of the source.
  var scheme: TagScheme?
  /// What stands between columns; nil for that of the source.
  var separator: CoNLLDialect.Separator?
  /// How many columns of tags there are; nil for those of the source.
  var layers: Int?
  /// Whether lines that begin with `#` are written.
  var hasComments = true
}

/// Writes one column file.
///
/// What depends on the sentence before is written here: the beginnings of documents, changes of columns, and keys that are not the number.
final class CoNLLWriter: FormatWriter {
  private let options: CoNLLWriteOptions
  private var file: OutputFile?
  private var dialect = CoNLLDialect.standard
  // The pipeline calls its writer from one thread, one call after the other.
  /// How many sentences were written.
  @exclusivity(unchecked) private var count = 0
  /// How many documents have begun.
  @exclusivity(unchecked) private var documentCount = 0
  @exclusivity(unchecked) private var document = CoNLLDocument.none
  /// The line that names the columns as they are now; empty for those of the dialect, nil while they are to be named.
  @exclusivity(unchecked) private var columns: [UInt8]? = []
  /// Line ends that are missing before another sentence.
  @exclusivity(unchecked) private var missing = 0
  @exclusivity(unchecked) private var between = ByteBuffer()
  /// The first lines, held back until it is known whether the columns are found in them.
  private var head = ByteBuffer(capacity: 1 << 16)
  private var isAtHead = true
  /// Whether a line before the first rows names the columns.
  private var namesColumns = false
  @exclusivity(unchecked) private var hasRows = false

  init(options: CoNLLWriteOptions) { self.options = options }

  var demand: Demand { Demand() }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    dialect = CoNLLDialect(header.preserved)
    let source = dialect
    if let separator = options.separator { dialect.separator = separator }
    if let layers = options.layers, layers != dialect.layout.labels.count {
      dialect.layout = CoNLLLayout(names: dialect.layout.names, labelCount: layers)
      dialect.docstart = nil
    }
    columns = dialect.layout.hasUsualNames ? [] : nil
    let file = try context.output.openFile(context.fileName ?? (dialect.isLinewise ? "dataset.iob" : "dataset.conll"))
    self.file = file
    return CoNLLEncoder(
      dialect: dialect, scheme: options.scheme ?? dialect.scheme ?? .iob2, keepsTags: options.scheme == nil,
      keepsRows: source.layout == dialect.layout && source.separator == dialect.separator, hasComments: options.hasComments)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    let bytes = batch.bytes.bytes
    // Sentences that follow one another with nothing between them are written at once.
    var from = 0
    var to = 0
    var name = ""
    var layout: [UInt8] = []
    for record in batch.records {
      guard let kind = CoNLLRecord(rawValue: record.kind & 0xF) else { continue }
      switch kind {
      case .name: name = String(decoding: bytes[record.range], as: UTF8.self)
      case .columns: layout = Array(bytes[record.range])
      case .passed: documentCount += Int(record.ordinal)
      case .sentence:
        let flags = CoNLLRecordFlags(rawValue: record.kind >> 4)
        between.removeAll()
        separate(record, flags, name, layout, bytes)
        if !between.isEmpty || record.range.lowerBound != to {
          if to > from { try put(UnsafeRawBufferPointer(rebasing: bytes[from..<to])) }
          if !between.isEmpty { try put(between.bytes) }
          from = record.range.lowerBound
        }
        to = record.range.upperBound
        count += 1
        missing = flags.contains(.lacksTwo) ? 2 : flags.contains(.lacksOne) ? 1 : 0
        name = ""
        layout = []
      }
    }
    if to > from { try put(UnsafeRawBufferPointer(rebasing: bytes[from..<to])) }
  }

  /// Appends what stands between the sentence before and one that comes now.
  private func separate(
    _ record: EncodedBatch.Record, _ flags: CoNLLRecordFlags, _ name: String, _ layout: [UInt8], _ bytes: UnsafeRawBufferPointer
  ) {
    let begun = Int(record.ordinal == .max ? 0 : record.ordinal)
    let now: CoNLLDocument = flags.contains(.hasName) ? .name(name) : record.hasID ? .number(record.id) : .none
    // The line that begins a document ends a sentence as a blank line does.
    let endsSentence = begun == 0 ? now != document : bytes[record.range].starts(with: "-DOCSTART-".utf8)
    for _ in 0..<(endsSentence ? max(0, missing - 1) : missing) { between.append(dialect.lineEnd) }
    if begun > 0 {
      documentCount += begun
      document = now
      // The lines of the sentence begin documents themselves, and the last of them is to be this one.
      if case .number(let number) = now, number != Int64(documentCount) { begin(now) }
    } else if now != document {
      begin(now)
    }
    guard options.hasComments else { return }
    if layout != columns, !flags.contains(.hasNoRows) {
      columns = layout
      if !hasRows { namesColumns = true }
      if layout.isEmpty {
        SentenceComment.append(
          CoNLLComments.columnsName, json: dialect.json(of: dialect.layout), lineEnd: dialect.lineEnd, to: &between)
      } else {
        between.append(layout)
      }
    }
    if !flags.contains(.hasNoRows) { hasRows = true }
    if flags.contains(.isNumbered), record.position != count {
      SentenceComment.append(
        SentenceComment.keyName, json: .string("\(record.position + 1)"), lineEnd: dialect.lineEnd, to: &between)
    }
  }

  private func begin(_ now: CoNLLDocument) {
    document = now
    documentCount += 1
    switch now {
    case .none: between.append(dialect.documentStart(named: ""))
    case .number(let number) where number == Int64(documentCount): between.append(dialect.documentStart)
    case .number(let number): between.append(dialect.documentStart(named: "\(number)"))
    case .name(let name): between.append(dialect.documentStart(named: name))
    }
  }

  /// Writes bytes, the first of them when it is known whether a reader finds the columns in them.
  private func put(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    guard isAtHead else {
      try file?.append(bytes)
      return
    }
    head.append(bytes)
    if head.count >= CoNLLLayoutFinder.byteLimit { try endHead(isWhole: false) }
  }

  /// Writes the first lines: before them the columns, where a reader would find others in what is there now.
  private func endHead(isWhole: Bool) throws(DatasetError) {
    isAtHead = false
    if dialect.hasMark { try file?.append([0xEF, 0xBB, 0xBF]) }
    let lines = UnsafeRawBufferPointer(rebasing: head.bytes.prefix(CoNLLLayoutFinder.byteLimit))
    if options.hasComments, !namesColumns, !dialect.isFound(in: lines, isWhole: isWhole && lines.count == head.count) {
      var line = ByteBuffer()
      SentenceComment.append(CoNLLComments.columnsName, json: dialect.json(of: dialect.layout), lineEnd: dialect.lineEnd, to: &line)
      try file?.append(line.bytes)
    }
    try file?.append(head.bytes)
    head = ByteBuffer(capacity: 32)
  }

  func finish() throws(DatasetError) {
    if isAtHead { try endHead(isWhole: true) }
    try file?.close()
    file = nil
  }
}

/// The document that sentences belong to.
enum CoNLLDocument: Equatable {
  case none, number(Int64), name(String)
}

/// What a record of a batch is.
enum CoNLLRecord: Int {
  /// The lines of a sentence.
  case sentence
  /// The name of the document of the next sentence.
  case name
  /// The line that names the columns of the next sentence.
  case columns
  /// Documents that begin behind the sentence before.
  case passed
}

/// What is special about the lines of a sentence.
struct CoNLLRecordFlags: OptionSet {
  let rawValue: Int
  /// The document has a name, given before.
  static let hasName = CoNLLRecordFlags(rawValue: 1)
  /// The key is the number of the sentence in the source.
  static let isNumbered = CoNLLRecordFlags(rawValue: 2)
  /// A line end is missing before another sentence may follow.
  static let lacksOne = CoNLLRecordFlags(rawValue: 4)
  /// Two line ends are missing.
  static let lacksTwo = CoNLLRecordFlags(rawValue: 8)
  /// There is no token, so that no column matters.
  static let hasNoRows = CoNLLRecordFlags(rawValue: 16)
}
