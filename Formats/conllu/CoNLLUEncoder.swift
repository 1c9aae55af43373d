import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns samples into the lines of sentences.
struct CoNLLUEncoder: SampleEncoder {
  let dialect: CoNLLUDialect
  let scheme: TagScheme
  /// Whether fields MISC stay as they are while they say the same entities.
  let keepsTags: Bool
  let isStrict: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let worker = context.scratch.thing(CoNLLURowWriter.self) { CoNLLURowWriter(context.labels) }
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

  /// Whether names of columns are all of the ten of CoNLL-U.
  static func areStandard(_ names: [String]) -> Bool {
    !names.isEmpty && names.allSatisfy { $0 != "FORM" && CoNLLUColumns.standard.names.contains($0) }
  }

  /// Writes the lines of a sample; false, and an error, when that cannot be.
  private func write(
    _ sample: Sample, _ position: Int, _ worker: CoNLLURowWriter, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) -> Bool {
    guard worker.spans.use(sample) else {
      context.diagnostics.report(
        .error, "conllu.write.no-text", "The text of \"\(terminalSafe(sample.key))\" is not in the dataset, and it has no tokens",
        at: sample.source)
      return false
    }
    let reader = sample.preserved.isEmpty ? nil : PreservedReader(sample.preserved, CoNLLUFormat.id)
    var comments = CoNLLUComments()
    let isEmpty = worker.spans.count == 0
    if isEmpty {
      worker.bytes.removeAll()
      comments.text = sample.media.text
    } else {
      guard writeRows(of: sample, reader, worker, context) else { return false }
      describeTokens(of: sample, worker, &comments)
    }
    var flags: CoNLLURecordFlags = []
    describe(sample, position, &comments, &flags, &batch)
    let start = batch.bytes.count
    let said = addComments(comments, reader?.string("before"), sample, isEmpty, worker, &batch)
    keepLineEnds(reader, worker)
    batch.bytes.append(worker.bytes.bytes)
    addEnd(reader?.string("after"), isEmpty, &flags, &batch)
    batch.records.append(
      .init(
        kind: flags.rawValue << 4 | CoNLLURecord.sentence.rawValue, range: start..<batch.bytes.count,
        id: Int64(said.documents) << 32 | Int64(said.paragraphs), position: position))
    return true
  }

  /// Writes the rows with the fields as they are, and once more with other tags where they say other entities.
  private func writeRows(
    of sample: Sample, _ reader: PreservedReader?, _ worker: CoNLLURowWriter, _ context: EncodeContext
  ) -> Bool {
    var losses = 0
    let wanted = worker.entities(of: sample, &losses)
    var problem: (rule: String, message: String)?
    for takesTags in [false, true] {
      worker.bytes.removeAll()
      if takesTags {
        losses += worker.place(wanted)
        problem = append(worker, sample, context)
      } else {
        problem = append(worker, sample, nil)
      }
      if problem == nil { problem = worker.read(dialect, isStrict: isStrict) }
      if let problem {
        context.diagnostics.report(.error, problem.rule, problem.message, at: sample.source)
        return false
      }
      // The form is the whole truth only after it was read again, as any reader would.
      let found = worker.entitiesOfRows(dialect)
      if !takesTags, found.entities == worker.withWords(wanted), losses == 0, keepsTags || found.key == nil {
        return true
      }
    }
    for _ in 0..<losses { context.losses.append(EncodingLoss(.span, isApproximated: false)) }
    return true
  }

  /// Takes the rows as they were spelled, when that is the same but for line ends.
  private func keepLineEnds(_ reader: PreservedReader?, _ worker: CoNLLURowWriter) {
    guard let rows = reader?.string("rows") else { return }
    let kept = Array(rows.utf8)
    var plain: [UInt8] = []
    for (index, byte) in kept.enumerated() where byte != 0x0D || index + 1 == kept.count || kept[index + 1] != 0x0A {
      plain.append(byte)
    }
    var mine: [UInt8] = []
    for byte in worker.bytes.bytes where byte != 0x0D { mine.append(byte) }
    guard plain == mine else { return }
    worker.bytes.removeAll()
    worker.bytes.append(kept)
  }

  /// Says the text, and what does not follow from it.
  private func describeTokens(of sample: Sample, _ worker: CoNLLURowWriter, _ comments: inout CoNLLUComments) {
    let surface = worker.surface(dialect)
    let usual = surface.text()
    let text = sample.media.text ?? usual
    if dialect.hasTexts || !text.utf8.elementsEqual(usual.utf8) { comments.text = text }
    guard !worker.spans.fit.areFound, let tokens = sample.tokens else { return }
    let places = surface.places(in: text, &worker.positions)
    let placement = places.map { Tokens.Placement.extents($0, .scalars) }
    if sample.media.text != nil, placement != tokens.placement { comments.placement = TokenPlaces.json(tokens.placement) }
    if !worker.hasFileColumns(sample, dialect) { comments.columns = .list(tokens.columns.map { .string($0) }) }
  }

  /// Says the id, the key and the attributes, and notes the document and the paragraph for the writer.
  private func describe(
    _ sample: Sample, _ position: Int, _ comments: inout CoNLLUComments, _ flags: inout CoNLLURecordFlags,
    _ batch: inout EncodedBatch
  ) {
    comments.id = sample.id
    switch sample.id {
    case .integer(let id): if "\(id)" != sample.key { comments.key = sample.key }
    case .string(let id): if id != sample.key { comments.key = sample.key }
    case nil: if sample.key == "\(position + 1)" { flags.insert(.isNumbered) } else { comments.key = sample.key }
    }
    comments.attributes = sample.attributes
    for (name, kind) in [("document", CoNLLURecord.document), ("paragraph", CoNLLURecord.paragraph)] {
      guard let first = comments.attributes.items.first, first.name == name, CoNLLUEncoder.isBorder(first.value) else { continue }
      comments.attributes.items.removeFirst()
      let start = batch.bytes.count
      batch.bytes.append(json: first.value)
      batch.records.append(.init(kind: kind.rawValue, range: start..<batch.bytes.count))
    }
  }

  /// Whether a value can stand in the line that begins a document or a paragraph: a number, or a name of one line that is none.
  static func isBorder(_ value: AttributeValue) -> Bool {
    switch value {
    case .integer: true
    case .string(let name): SentenceComment.isValue(name) && SentenceComment.id(of: name) == .string(name)
    default: false
    }
  }

  /// Appends the comments: as they were where they still say the same.
  private func addComments(
    _ comments: CoNLLUComments, _ before: String?, _ sample: Sample, _ isEmpty: Bool, _ worker: CoNLLURowWriter,
    _ batch: inout EncodedBatch
  ) -> (documents: Int, paragraphs: Int) {
    if let before {
      let (said, isClean) = before.withBytes { (CoNLLUComments($0), CoNLLUEncoder.areComments($0)) }
      let usual = isEmpty ? nil : worker.surface(dialect).text()
      let text = sample.media.text ?? usual
      let isSameText = said.text == nil ? usual == text : said.text == text
      let mismatches = said.text != nil && said.text != sample.media.text && worker.isMismatch(said.text, dialect)
      if isClean, said.repeated == nil, isSameText || mismatches, said.id == comments.id, said.key == comments.key,
        said.attributes == comments.attributes, said.placement == comments.placement, said.columns == comments.columns
      {
        batch.bytes.append(before)
        return (said.documents, said.paragraphs)
      }
    }
    batch.bytes.append(comments, lineEnd: dialect.lineEnd)
    return (0, 0)
  }

  /// Whether bytes are whole lines that can stand before rows: blank ones, then comments alone.
  private static func areComments(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    if let last = bytes.last, last != 0x0A { return false }
    var hasComment = false
    for line in bytes.split(separator: 0x0A, omittingEmptySubsequences: false).dropLast() {
      if line.first == UInt8(ascii: "#") {
        hasComment = true
      } else if hasComment || !line.allSatisfy({ $0 == 0x20 || $0 == 0x0D }) {
        return false
      }
    }
    return true
  }

  /// Appends the end of the last row and the blank line behind it.
  private func addEnd(_ after: String?, _ isEmpty: Bool, _ flags: inout CoNLLURecordFlags, _ batch: inout EncodedBatch) {
    let needed = isEmpty ? 1 : 2
    guard let after, after.utf8.allSatisfy({ $0 == 0x20 || $0 == 0x0A || $0 == 0x0D }), isEmpty || after.utf8.first != 0x20 else {
      for _ in 0..<needed { batch.bytes.append(dialect.lineEnd) }
      return
    }
    batch.bytes.append(after)
    let missing = needed - after.utf8.reduce(0) { $0 + ($1 == 0x0A ? 1 : 0) }
    if missing == 1 { flags.insert(.lacksOne) } else if missing > 1 { flags.insert(.lacksTwo) }
  }
}
