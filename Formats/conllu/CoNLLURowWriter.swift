import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// What a worker keeps while it writes rows.
final class CoNLLURowWriter {
  let spans = TokenSpans()
  let rows = CoNLLURows()
  let labels: LabelCache
  @exclusivity(unchecked) var bytes = ByteBuffer(capacity: 4096)
  @exclusivity(unchecked) var positions = TextPositions()
  /// The tags of words, and the entities that have them.
  private var tags = TagRows()
  private(set) var placed: [CoNLLUEntities.Entity] = []

  init(_ labels: LabelCache) { self.labels = labels }

  /// The entities of a sample as rows of its tokens; counts those that have none.
  func entities(of sample: Sample, _ losses: inout Int) -> [CoNLLUEntities.Entity] {
    var found: [CoNLLUEntities.Entity] = []
    for annotation in sample.annotations {
      guard let span = annotation.span else { continue }
      if let rows = spans.rows(of: span) { found.append(.init(label: annotation.label, rows: rows)) } else { losses += 1 }
    }
    return found
  }

  /// The entities with rows that begin and end with words; those of ranges and empty nodes are none of their own.
  func withWords(_ entities: [CoNLLUEntities.Entity]) -> [CoNLLUEntities.Entity] {
    entities.map { entity in
      var range = entity.rows.clamped(to: 0..<rows.count)
      while let first = range.first, rows.kinds[first] != .word { range = (first + 1)..<range.upperBound }
      while let last = range.last, rows.kinds[last] != .word { range = range.lowerBound..<last }
      return .init(label: entity.label, rows: range)
    }
  }

  /// Gives entities the words of their rows; counts those whose words have another already.
  func place(_ entities: [CoNLLUEntities.Entity]) -> Int {
    placed = []
    tags.reset(count: rows.count)
    var losses = 0
    for entity in withWords(entities) {
      if !entity.rows.isEmpty, tags.place(placed.count, at: entity.rows) { placed.append(entity) } else { losses += 1 }
    }
    return losses
  }

  /// The entity and the letter of a row; nil outside of entities and for rows that are no words.
  func tag(_ row: Int, _ scheme: TagScheme) -> (label: LabelID?, letter: UInt8)? {
    guard rows.kinds[row] == .word, let entity = tags.entity(at: row) else { return nil }
    return (placed[entity].label, tags.letter(at: row, in: scheme) { self.placed[$0].label == self.placed[$1].label })
  }

  /// Reads what was written as a reader would; the rule that is broken, if one is.
  func read(_ dialect: CoNLLUDialect, isStrict: Bool) -> (rule: String, message: String)? {
    guard let base = bytes.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    let columns = dialect.columns
    guard bytes.count < Int(Int32.max) else { return ("conllu.write.row", "A sentence has less than 2 GiB") }
    if rows.read(base, from: 0, to: bytes.count, width: columns.count, isCRLF: dialect.isCRLF) != nil || rows.end != bytes.count
      || rows.count != spans.count
    {
      return ("conllu.write.row", "A value holds a tab or a line end, or a row does not begin with an id")
    }
    var check = CoNLLUCheck(rows, base, columns, isStrict: isStrict && columns == .standard)
    if check.run() { return nil }
    return ("conllu.write.row", check.faults.first.map { "\($0.message) [\($0.rule)]" } ?? "The rows cannot be read again")
  }

  /// The entities of the rows that were written.
  func entitiesOfRows(_ dialect: CoNLLUDialect) -> (entities: [CoNLLUEntities.Entity], key: String?) {
    guard let base = bytes.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self),
      CoNLLUEntities.mayHold(bytes.bytes.bindMemory(to: UInt8.self))
    else { return ([], nil) }
    let entities = CoNLLUEntities(rows: rows, base: base, columns: dialect.columns, labels: labels)
    let found = entities.all(dialect.scheme ?? .iob2, type: dialect.entityType)
    return (found.entities, found.key)
  }

  /// The rows as a text.
  func surface(_ dialect: CoNLLUDialect) -> CoNLLUSurface {
    // Where there are no bytes there are no rows, and nothing is read.
    let nothing: StaticString = "_"
    return CoNLLUSurface(
      rows: rows, base: bytes.bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) ?? nothing.utf8Start, columns: dialect.columns)
  }

  /// Whether a text is not that of the rows.
  func isMismatch(_ text: String?, _ dialect: CoNLLUDialect) -> Bool {
    guard let text, rows.count > 0, !bytes.isEmpty else { return false }
    return surface(dialect).places(in: text, &positions) == nil
  }

  /// Whether the tokens have just the columns of the file.
  func hasFileColumns(_ sample: Sample, _ dialect: CoNLLUDialect) -> Bool {
    !spans.fit.areFound
      && spans.tokens(of: sample).columns.elementsEqual(dialect.columns.otherNames) { $0.utf8.elementsEqual($1.utf8) }
  }
}

extension CoNLLUEncoder {
  /// Appends the rows: the fields of the tokens, or fields made from other columns; with the tags that were placed where a context is given.
  func append(_ worker: CoNLLURowWriter, _ sample: Sample, _ context: EncodeContext?) -> (rule: String, message: String)? {
    let tokens = worker.spans.tokens(of: sample)
    let columns = dialect.columns
    let isOwn = worker.hasFileColumns(sample, dialect)
    let isStandard = CoNLLUEncoder.areStandard(tokens.columns)
    return tokens.withCells { memory, cells -> (rule: String, message: String)? in
      func text(_ cell: Tokens.Extent) -> UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)])
      }
      for row in 0..<tokens.count {
        let range = tokens.cellRange(ofRow: row)
        guard range.count == tokens.columns.count + 1 else {
          return ("conllu.write.columns", "The tokens of \"\(terminalSafe(sample.key))\" do not all have a value for each column")
        }
        if row > 0 { worker.bytes.append(dialect.lineEnd) }
        var next = range.lowerBound + 1
        for column in 0..<columns.count {
          if column > 0 { worker.bytes.append(UInt8(ascii: "\t")) }
          let start = worker.bytes.count
          if column == columns.token {
            worker.bytes.append(text(cells[range.lowerBound]))
          } else if isOwn {
            worker.bytes.append(text(cells[next]))
            next += 1
          } else if column == columns.id, !isStandard || !tokens.columns.contains("ID") {
            worker.bytes.append(decimal: row + 1)
          } else if isStandard, let place = tokens.columns.firstIndex(of: columns.names[column]) {
            worker.bytes.append(text(cells[range.lowerBound + 1 + place]))
          } else if column == columns.misc {
            appendMisc(row, range, cells, memory, isStandard, worker, tokens)
          } else {
            worker.bytes.append(UInt8(ascii: "_"))
          }
          if column == columns.misc, let context, let problem = retag(row, from: start, worker, context) { return problem }
        }
      }
      if columns.misc < 0, context != nil, !worker.placed.isEmpty {
        return ("conllu.write.row", "The file has no column MISC for entities")
      }
      return nil
    }
  }

  /// Appends what other columns say, and whether no space follows.
  private func appendMisc(
    _ row: Int, _ range: Range<Int>, _ cells: UnsafeBufferPointer<Tokens.Extent>, _ memory: UnsafeBufferPointer<UInt8>,
    _ isStandard: Bool,
    _ worker: CoNLLURowWriter, _ tokens: Tokens
  ) {
    let start = worker.bytes.count
    func add() { if worker.bytes.count > start { worker.bytes.append(UInt8(ascii: "|")) } }
    if !isStandard {
      for (index, name) in tokens.columns.enumerated() {
        add()
        worker.bytes.append(name.withBytes { CoNLLUMisc.escaped($0, isName: true) })
        worker.bytes.append(UInt8(ascii: "="))
        let cell = cells[range.lowerBound + 1 + index]
        worker.bytes.append(
          CoNLLUMisc.escaped(UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)]), isName: false))
      }
    }
    if worker.spans.touchesNext(row) {
      add()
      worker.bytes.append("SpaceAfter=No")
    }
    if worker.bytes.count == start { worker.bytes.append(UInt8(ascii: "_")) }
  }

  /// Gives the field MISC that was appended last the tag of its row.
  private func retag(
    _ row: Int, from start: Int, _ worker: CoNLLURowWriter, _ context: EncodeContext
  ) -> (rule: String, message: String)? {
    let field = worker.bytes.array(from: start)
    let kept = field.withUnsafeBufferPointer(CoNLLUMisc.withoutEntities)
    worker.bytes.truncate(to: start)
    worker.bytes.append(kept)
    if let (label, letter) = worker.tag(row, scheme) {
      if !kept.isEmpty { worker.bytes.append(UInt8(ascii: "|")) }
      worker.bytes.append(dialect.key)
      worker.bytes.append(UInt8(ascii: "="))
      worker.bytes.append(letter)
      if let label {
        let isWritable = context.labels.withName(label) { name in
          !name.isEmpty && name.last != 0x20 && !name.contains { $0 < 0x20 || $0 == UInt8(ascii: "|") }
        }
        guard isWritable else {
          let name = context.labels.label(label)?.name ?? ""
          return ("conllu.write.label", "The label \"\(terminalSafe(name))\" cannot stand in MISC")
        }
        worker.bytes.append(UInt8(ascii: "-"))
        context.labels.withName(label) { worker.bytes.append($0) }
      }
    }
    if worker.bytes.count == start { worker.bytes.append(UInt8(ascii: "_")) }
    return nil
  }
}
