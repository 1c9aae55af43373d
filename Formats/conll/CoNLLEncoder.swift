import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns samples into the lines of sentences.
struct CoNLLEncoder: SampleEncoder {
  let dialect: CoNLLDialect
  let scheme: TagScheme
  /// Whether tags that the scheme would not give are kept where the entities are still the same.
  let keepsTags: Bool
  /// Whether rows can be spelled as they were.
  let keepsRows: Bool
  let hasComments: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let worker = context.scratch.thing(CoNLLRowWriter.self) { CoNLLRowWriter() }
    let start = batch.bytes.count
    let records = batch.records.count
    if !write(sample, position, worker, &batch, context) {
      batch.bytes.truncate(to: start)
      batch.records.removeSubrange(records...)
    }
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    var batch = EncodedBatch(capacity: 1024)
    try? encode(sample, at: 0, into: &batch, context)
  }

  private func report(_ rule: String, _ message: String, _ sample: Sample, _ context: EncodeContext) {
    context.diagnostics.report(.error, rule, message, at: sample.source)
  }

  /// Writes the lines of a sample; false, and an error, when that cannot be.
  private func write(
    _ sample: Sample, _ position: Int, _ worker: CoNLLRowWriter, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) -> Bool {
    guard worker.spans.use(sample) else {
      report(
        "conll.write.no-text", "The text of \"\(terminalSafe(sample.key))\" is not in the dataset, and it has no tokens", sample,
        context)
      return false
    }
    let tokens = worker.spans.tokens(of: sample)
    let fit = worker.spans.fit
    let isUsualLayout = tokens.isEmpty || fit.areFound || hasNames(of: tokens)
    let layout =
      isUsualLayout ? dialect.layout : CoNLLLayout(names: tokens.columns, labelCount: max(1, dialect.layout.labels.count))
    let hasLostNone = worker.placeEntities(of: sample, layout.labels.count, context)
    var kept = CoNLLKept()
    if !sample.preserved.isEmpty { kept = CoNLLKept(sample.preserved) }
    var flags: CoNLLRecordFlags = tokens.isEmpty ? [.hasNoRows] : []
    var number: Int64?
    addDocument(of: sample, &flags, &number, &batch)
    if !isUsualLayout {
      let start = batch.bytes.count
      SentenceComment.append(CoNLLComments.columnsName, json: dialect.json(of: layout), lineEnd: dialect.lineEnd, to: &batch.bytes)
      batch.records.append(.init(kind: CoNLLRecord.columns.rawValue, range: start..<batch.bytes.count))
    }
    let start = batch.bytes.count
    let begun = addComments(of: sample, position, kept, fit, &flags, &batch, context)
    guard addRows(of: sample, tokens, fit, layout, kept, hasLostNone, worker, &batch, context) else { return false }
    let passed = addEnd(kept, isEmpty: tokens.isEmpty, &flags, &batch)
    batch.records.append(
      .init(
        kind: flags.rawValue << 4 | CoNLLRecord.sentence.rawValue, range: start..<batch.bytes.count, id: number,
        ordinal: UInt32(truncatingIfNeeded: begun), position: position))
    if passed > 0 {
      batch.records.append(
        .init(
          kind: CoNLLRecord.passed.rawValue, range: batch.bytes.count..<batch.bytes.count,
          ordinal: UInt32(truncatingIfNeeded: passed)))
    }
    return true
  }

  private func hasNames(of tokens: Tokens) -> Bool {
    let names = dialect.layout.names
    guard tokens.columns.count == names.count else { return false }
    for index in names.indices where tokens.columns[index] != names[index] { return false }
    return true
  }

  /// Notes the document of a sample: a number, or a name that stands before its lines.
  private func addDocument(
    of sample: Sample, _ flags: inout CoNLLRecordFlags, _ number: inout Int64?, _ batch: inout EncodedBatch
  ) {
    if sample.attributes.isEmpty { return }
    switch CoNLLEncoder.document(of: sample) {
    case .integer(let value): number = value
    case .string(let name):
      flags.insert(.hasName)
      let start = batch.bytes.count
      batch.bytes.append(name)
      batch.records.append(.init(kind: CoNLLRecord.name.rawValue, range: start..<batch.bytes.count))
    default: break
    }
  }

  /// The document of a sample, when it can stand in the line that begins it: the first attribute, a number or a name of one line.
  static func document(of sample: Sample) -> AttributeValue? {
    guard let first = sample.attributes.items.first, first.name == "document" else { return nil }
    switch first.value {
    case .integer: return first.value
    case .string(let name):
      // A number among names would come back as a number.
      return SentenceComment.isValue(name) && SentenceComment.id(of: name) == .string(name) ? first.value : nil
    default: return nil
    }
  }

  /// Appends the lines before the rows, and says how many documents begin in them.
  private func addComments(
    of sample: Sample, _ position: Int, _ kept: CoNLLKept, _ fit: TokenSpans.Fit, _ flags: inout CoNLLRecordFlags,
    _ batch: inout EncodedBatch, _ context: EncodeContext
  ) -> Int {
    let hasTokens = !flags.contains(.hasNoRows)
    if hasTokens, kept.before == nil, needsNoComments(sample, position, fit) {
      flags.insert(.isNumbered)
      return 0
    }
    var comments = CoNLLComments()
    comments.id = sample.id
    describeKey(sample, position, &comments, &flags)
    if !hasTokens || !fit.textIsJoined { comments.text = sample.media.text }
    if comments.text == nil, !fit.areFound, fit.textIsJoined, sample.tokens?.isJoined != true, sample.media.text != nil {
      comments.text = sample.media.text
    }
    let said = sample.attributes.isEmpty || CoNLLEncoder.document(of: sample) == nil ? 0 : 1
    if sample.attributes.items.count > said {
      comments.attributes = sample.attributes
      comments.attributes.items.removeFirst(said)
    }
    if !fit.areFound, let given = sample.tokens?.placement, !fit.placesAreFound { comments.placement = TokenPlaces.json(given) }
    guard hasComments else {
      if comments.text != nil || comments.key != nil || !comments.attributes.isEmpty || comments.placement != nil {
        context.diagnostics.report(
          .warning, "conll.write.comments",
          "The text, the key or attributes of \"\(terminalSafe(sample.key))\" are not written, for they would stand in comments",
          at: sample.source)
      }
      return 0
    }
    if let before = kept.before, before.withBytes({ CoNLLKept.areComments($0, dialect) }) {
      let said = before.withBytes { CoNLLComments($0) }
      // A text without tokens in a comment would be a sentence of its own.
      if says(said, comments), comments.text != nil || !(said.text.map(TextTokens.isBlank) ?? false) {
        batch.bytes.append(before)
        return said.documents
      }
    }
    if comments.id == nil, comments.key == nil, comments.text == nil, comments.attributes.isEmpty, comments.placement == nil {
      return 0
    }
    batch.bytes.append(comments, lineEnd: dialect.lineEnd)
    return 0
  }

  /// Whether a sentence needs no comments, as nearly all: its key is its number, and its text is that of its tokens.
  private func needsNoComments(_ sample: Sample, _ position: Int, _ fit: TokenSpans.Fit) -> Bool {
    guard !fit.areFound, fit.textIsJoined, fit.placesAreFound else { return false }
    if case .some = sample.id { return false }
    let count = sample.attributes.items.count
    return (count == 0 || (count == 1 && CoNLLEncoder.document(of: sample) != nil))
      && CoNLLEncoder.isNumber(sample.key, position + 1)
  }

  /// Whether lines that were kept still say what is to be said.
  private func says(_ said: CoNLLComments, _ comments: CoNLLComments) -> Bool {
    if said.hasColumns { return false }
    // A text that the tokens say may stand there all the same.
    if let text = comments.text, said.text != text { return false }
    return said.id == comments.id && said.key == comments.key && said.attributes == comments.attributes
      && said.placement == comments.placement
  }

  /// Says the key where neither the id nor the number of the sentence does.
  private func describeKey(_ sample: Sample, _ position: Int, _ comments: inout CoNLLComments, _ flags: inout CoNLLRecordFlags) {
    switch sample.id {
    case .integer(let id): if "\(id)" != sample.key { comments.key = sample.key }
    case .string(let id): if id != sample.key { comments.key = sample.key }
    case nil:
      if CoNLLEncoder.isNumber(sample.key, position + 1) {
        flags.insert(.isNumbered)
      } else {
        comments.key = sample.key
      }
    }
  }

  /// Whether a text is a number in decimal.
  private static func isNumber(_ text: String, _ number: Int) -> Bool {
    text.withBytes { bytes in
      var rest = number
      var at = bytes.count
      while at > 0 {
        at -= 1
        guard bytes[at] == UInt8(truncatingIfNeeded: 48 + rest % 10) else { return false }
        rest /= 10
        if rest == 0 { return at == 0 }
      }
      return false
    }
  }

  /// Appends the end of the last row and the blank line behind it, and says how many documents begin there.
  private func addEnd(_ kept: CoNLLKept, isEmpty: Bool, _ flags: inout CoNLLRecordFlags, _ batch: inout EncodedBatch) -> Int {
    guard let after = kept.after, CoNLLKept.isEnd(after, isEmpty: isEmpty, dialect, hasComments: hasComments) else {
      batch.bytes.append(dialect.lineEnd)
      if !dialect.isLinewise, !isEmpty { batch.bytes.append(dialect.lineEnd) }
      return 0
    }
    batch.bytes.append(after)
    return after.withBytes { bytes in
      let ends = bytes.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
      let needed = dialect.isLinewise || isEmpty ? 1 : 2
      let isBlank = bytes.allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
      // Behind comments a line end is enough; a sentence that follows begins a line.
      let missing = isBlank ? needed - ends : bytes.last == 0x0A ? 0 : 1
      if missing == 1 { flags.insert(.lacksOne) } else if missing > 1 { flags.insert(.lacksTwo) }
      return isBlank ? 0 : CoNLLComments(bytes).documents
    }
  }
}

/// What a reader kept of a sentence so that it is written as it was.
struct CoNLLKept {
  /// The lines before the rows.
  var before: String?
  /// The rows, up to the last field.
  var rows: String?
  /// All that follows the last field.
  var after: String?

  /// Nothing.
  init() {}

  /// What stands in the drawer of this format.
  init(_ preserved: Preserved) {
    let reader = PreservedReader(preserved, CoNLLFormat.id)
    before = reader.string("before")
    rows = reader.string("rows")
    after = reader.string("after")
  }

  /// Whether a text can follow the last field of a sentence: it begins with a line end, and no row and no other sentence stands in it.
  static func isEnd(_ text: String, isEmpty: Bool, _ dialect: CoNLLDialect, hasComments: Bool) -> Bool {
    text.withBytes { bytes in
      if isEmpty { return CoNLLLines.isBlank(bytes) || bytes.allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 } }
      let first = bytes.prefix { $0 != 0x0A }
      guard CoNLLLines.isBlank(UnsafeBufferPointer(rebasing: first)) else { return false }
      let rest = UnsafeBufferPointer(rebasing: bytes.dropFirst(first.count + 1))
      return rest.isEmpty
        || areLines(rest) { line in
          if CoNLLLines.isBlank(line) || CoNLLLines.isDocumentStart(line) { return true }
          return hasComments && CoNLLLines.isComment(line, dialect, dialect.layout) && !line.starts(with: "# waybill_".utf8)
        }
    }
  }

  /// Whether a text can stand before rows: whole lines, none of them a row.
  static func areComments(_ bytes: UnsafeBufferPointer<UInt8>, _ dialect: CoNLLDialect) -> Bool {
    if let last = bytes.last, last != 0x0A { return false }
    return areLines(bytes) {
      CoNLLLines.isBlank($0) || CoNLLLines.isDocumentStart($0) || CoNLLLines.isComment($0, dialect, dialect.layout)
    }
  }

  private static func areLines(_ bytes: UnsafeBufferPointer<UInt8>, _ isAllowed: (UnsafeBufferPointer<UInt8>) -> Bool) -> Bool {
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if line.last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      if !isAllowed(line) { return false }
      start = end + 1
    }
    return true
  }
}
