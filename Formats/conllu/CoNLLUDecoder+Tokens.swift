import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Tokens, text, entities, and what is kept so that a sentence is written as it was.
extension CoNLLUDecoder {
  /// Adds the tokens, the text and the entities of the rows that were read.
  func addTokens(
    to sample: inout Sample, _ base: UnsafePointer<UInt8>, _ start: Int, _ comments: CoNLLUComments, _ isRegular: inout Bool
  ) {
    let rows = worker.rows
    let columns = shard.dialect.columns
    var tokens = self.tokens(base, start, columns, comments)
    let surface = CoNLLUSurface(rows: rows, base: base, columns: columns)
    var text = comments.text ?? surface.text()
    var places = surface.places(in: text, &worker.positions)
    var placement = places.map { Tokens.Placement.extents($0, .scalars) }
    if let said = comments.placement {
      placement = TokenPlaces.placement(said, count: rows.count) ?? placement
      if case .extents(let extents, .scalars) = placement { places = extents }
    }
    if placement == nil {
      let line = rows.lines[0]
      report(
        .warning, "conllu.text.mismatch", "The text in the comment is not that of the rows, and the rows count", Int(line.start),
        Int(line.end - line.start))
      text = surface.text()
      places = surface.places(in: text, &worker.positions)
      placement = places.map { .extents($0, .scalars) }
      isRegular = false
    }
    sample.media.text = text
    tokens.placement = placement ?? .unknown
    sample.tokens = tokens
    addEntities(to: &sample, base, places ?? [])
  }

  /// The rows as tokens: the form, then all other columns.
  private func tokens(
    _ base: UnsafePointer<UInt8>, _ start: Int, _ columns: CoNLLUColumns, _ comments: CoNLLUComments
  ) -> Tokens {
    let rows = worker.rows
    if let names = CoNLLUDecoder.names(comments.columns) { return namedTokens(names, base, columns) }
    let from = UInt32(truncatingIfNeeded: start)
    let cells = Array<Tokens.Extent>(unsafeUninitializedCapacity: rows.count * columns.count) { out, count in
      var next = 0
      for row in 0..<rows.count {
        let field = rows.field(row, columns.token)
        out[next] = Tokens.Extent(start: field.start &- from, end: field.end &- from)
        next &+= 1
        for column in columns.others {
          let field = rows.field(row, column)
          out[next] = Tokens.Extent(start: field.start &- from, end: field.end &- from)
          next &+= 1
        }
      }
      count = next
    }
    return Tokens(
      columns: columns.otherNames, bytes: Array(UnsafeBufferPointer(start: base + start, count: rows.end - start)), cells: cells)
  }

  /// The names in a comment about the columns of the tokens.
  static func names(_ json: AttributeValue?) -> [String]? {
    guard case .list(let list) = json else { return nil }
    var names: [String] = []
    for item in list {
      guard case .string(let name) = item else { return nil }
      names.append(name)
    }
    return names
  }

  /// Tokens whose columns are not those of the file: each is a column of that name, or stands in MISC.
  private func namedTokens(_ names: [String], _ base: UnsafePointer<UInt8>, _ columns: CoNLLUColumns) -> Tokens {
    let rows = worker.rows
    var tokens = Tokens(columns: names)
    let isStandard = CoNLLUEncoder.areStandard(names)
    for row in 0..<rows.count {
      tokens.append(cell: rows.text(row, columns.token, base))
      for name in names {
        if isStandard, let column = columns.names.firstIndex(of: name) {
          tokens.append(cell: rows.text(row, column, base))
          continue
        }
        let key = name.withBytes { CoNLLUMisc.escaped($0, isName: true) }
        let misc = columns.misc >= 0 ? rows.text(row, columns.misc, base) : UnsafeBufferPointer(start: nil, count: 0)
        let value = CoNLLUMisc.value(misc, String(decoding: key, as: UTF8.self)).map(CoNLLUMisc.unescaped) ?? []
        value.withUnsafeBufferPointer { tokens.append(cell: $0) }
      }
      tokens.endRow()
    }
    return tokens
  }

  private func addEntities(to sample: inout Sample, _ base: UnsafePointer<UInt8>, _ places: [Tokens.Extent]) {
    let rows = worker.rows
    guard let first = rows.lines.first else { return }
    let all = UnsafeBufferPointer(start: base + Int(first.start), count: rows.end - Int(first.start))
    guard CoNLLUEntities.mayHold(all) else { return }
    let columns = shard.dialect.columns
    let entities = CoNLLUEntities(rows: rows, base: base, columns: columns, labels: worker.labels)
    let found = entities.all(shard.dialect.scheme ?? .iob2, type: shard.dialect.entityType)
    var last = -1
    for row in found.faults where row != last {
      last = row
      let field = rows.field(row, columns.misc)
      let message =
        found.key == nil
        ? "A bracket of Entity has no partner in this sentence; it is kept, and is no entity"
        : "The tag of this token does not follow the scheme of the file; the entity begins and ends where labels and letters change"
      report(
        .warning, found.key == nil ? "conllu.entity.bracket" : "conllu.tag.sequence", message, Int(field.start), Int(field.end - field.start))
    }
    for entity in found.entities {
      guard entity.rows.upperBound <= places.count, places[entity.rows.lowerBound] != .unknown,
        places[entity.rows.upperBound - 1] != .unknown
      else { continue }
      var annotation = Annotation(label: entity.label)
      annotation.span = TextSpan(
        start: Int(places[entity.rows.lowerBound].start), end: Int(places[entity.rows.upperBound - 1].end), unit: .scalars)
      sample.annotations.append(annotation)
    }
  }

  /// Keeps the lines that the writer would not write in the same way.
  func preserve(
    _ sample: inout Sample, _ bytes: UnsafeBufferPointer<UInt8>, _ start: Int, _ comments: CoNLLUComments, _ isRegular: Bool
  ) {
    let end = worker.rows.count > 0 ? worker.rows.end : start
    var members = ByteBuffer()
    func add(_ name: StaticString, _ range: Range<Int>) {
      if !members.isEmpty { members.append(UInt8(ascii: ",")) }
      members.append(UInt8(ascii: "\""))
      members.append(name)
      members.append("\":")
      members.appendJSON(utf8: UnsafeBufferPointer(rebasing: bytes[range]))
    }
    if !isUsual(comments, sample, UnsafeBufferPointer(rebasing: bytes[..<start])) { add("before", 0..<start) }
    if worker.rows.count > 0, !worker.rows.isRegular || !shard.isUsual { add("rows", start..<end) }
    if !isUsualEnd(UnsafeBufferPointer(rebasing: bytes[end...])) { add("after", end..<bytes.count) }
    if !members.isEmpty { sample.preserved = Preserved(CoNLLUFormat.id, members: members.array()) }
  }

  /// Whether what follows the last row is a line end and one blank line.
  private func isUsualEnd(_ rest: UnsafeBufferPointer<UInt8>) -> Bool {
    if !shard.isUsual { return false }
    let once = worker.rows.count == 0
    return shard.dialect.isCRLF
      ? rest.elementsEqual((once ? "\r\n" : "\r\n\r\n").utf8) : rest.elementsEqual((once ? "\n" : "\n\n").utf8)
  }

  /// Whether the comments are those that the writer would print.
  private func isUsual(_ comments: CoNLLUComments, _ sample: Sample, _ lines: UnsafeBufferPointer<UInt8>) -> Bool {
    guard shard.isUsual, comments.documents < 2, comments.paragraphs < 2 else { return false }
    if worker.rows.count > 0, (comments.text != nil) != shard.dialect.hasTexts { return false }
    var out = ByteBuffer()
    let offset = shard.base + range.upperBound - 1
    let borders = index.borders(at: offset)
    if comments.documents == 1 {
      guard let number = borders.document, number == 0 || index.documents[number - 1].value != index.documents[number].value else {
        return false
      }
      CoNLLUWriter.append(border: "newdoc", index.documents[number].value, number + 1, shard.dialect.lineEnd, to: &out)
    }
    if comments.paragraphs == 1 {
      guard let number = borders.paragraph else { return false }
      // The same value again begins nothing, unless a document begins.
      if number > 0, comments.documents == 0, index.paragraphs[number - 1].value == index.paragraphs[number].value { return false }
      CoNLLUWriter.append(border: "newpar", index.paragraphs[number].value, number + 1, shard.dialect.lineEnd, to: &out)
    }
    if comments.attributes["document"] != nil || comments.attributes["paragraph"] != nil { return false }
    if comments.text != nil, comments.text != sample.media.text { return false }
    out.append(comments, lineEnd: shard.dialect.lineEnd)
    return lines.holdsSameBytes(as: out.bytes.bindMemory(to: UInt8.self))
  }
}
