import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// What a worker keeps while it writes rows.
final class CoNLLRowWriter {
  let spans = TokenSpans()
  /// The tags of each column.
  @exclusivity(unchecked) var layers: [TagRows] = []
  /// The entities that have a place: the label, the rows and the column of tags.
  @exclusivity(unchecked) var entities: [Entity] = []
  /// Rows that were kept.
  let rows = CoNLLRows()
  @exclusivity(unchecked) var tags = TagDecoder(.iob2)
  /// Whether a label can stand in a tag, by its position.
  @exclusivity(unchecked) var labels: [Bool?] = []

  /// An entity as rows.
  struct Entity {
    var label: LabelID?
    var rows: Range<Int>
    var layer: Int
  }

  /// Gives each entity its rows in the first column of tags where they are free; false when one has no place.
  func placeEntities(of sample: Sample, _ layerCount: Int, _ context: EncodeContext) -> Bool {
    entities.removeAll(keepingCapacity: true)
    if sample.annotations.isEmpty { return true }
    while layers.count < layerCount { layers.append(TagRows()) }
    let count = spans.count
    for layer in 0..<layerCount { layers[layer].reset(count: count) }
    var hasLostNone = true
    for index in sample.annotations.indices {
      guard let span = sample.annotations[index].span else { continue }
      var layer = 0
      if let rows = spans.rows(of: span) {
        while layer < layerCount, !layers[layer].place(entities.count, at: rows) { layer += 1 }
        if layer < layerCount {
          entities.append(Entity(label: sample.annotations[index].label, rows: rows, layer: layer))
          continue
        }
      }
      hasLostNone = false
      context.losses.append(EncodingLoss(.span, isApproximated: false))
    }
    return hasLostNone
  }

  /// Whether two entities have one label.
  @inline(__always) func isSameLabel(_ a: Int, _ b: Int) -> Bool { entities[a].label == entities[b].label }
}

extension CoNLLEncoder {
  /// Appends the rows without the last line end; false, and an error, when a cell or a label cannot stand in a row.
  func addRows(
    of sample: Sample, _ tokens: Tokens, _ fit: TokenSpans.Fit, _ layout: CoNLLLayout, _ kept: CoNLLKept, _ hasLostNone: Bool,
    _ worker: CoNLLRowWriter, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) -> Bool {
    if tokens.isEmpty { return true }
    if keepsRows, let rows = kept.rows, layout == dialect.layout, !fit.areFound {
      let isDone = rows.withBytes { addKept($0, tokens, layout, hasLostNone, worker, &batch, context) }
      if isDone { return true }
    }
    for entity in worker.entities where !isWritable(entity.label, worker, context) {
      let name = entity.label.flatMap { context.labels.label($0)?.name } ?? ""
      context.diagnostics.report(
        .error, "conll.write.label", "The label \"\(terminalSafe(name))\" cannot stand in a tag", at: sample.source)
      return false
    }
    if layout.token == 0, layout.labels.count == 1, layout.labelsAreLast, !dialect.isLinewise,
      appendPlainly(tokens, layout, worker, &batch.bytes, context)
    {
      return true
    }
    let mark = dialect.columnMark
    let problem = tokens.withCells { memory, cells -> String? in
      for row in 0..<tokens.count {
        if row > 0 {
          if dialect.isLinewise { batch.bytes.append(UInt8(ascii: " ")) } else { batch.bytes.append(dialect.lineEnd) }
        }
        let range = tokens.cellRange(ofRow: row)
        if layout.token == 0, layout.labels.count == 1, layout.labelsAreLast, range.count == layout.others.count &+ 1 {
          // Nearly always the tag is the last column.
          guard append(UnsafeBufferPointer(rebasing: cells[range]), memory, mark, &batch.bytes) else { return "conll.write.cell" }
          batch.bytes.append(mark)
          appendTag(row, 0, worker, &batch.bytes, context)
        } else if let problem = append(
          row, UnsafeBufferPointer(rebasing: cells[range]), memory, layout, worker, &batch.bytes, context)
        {
          return problem
        }
      }
      return nil
    }
    guard let problem else { return true }
    let message =
      problem == "conll.write.columns"
      ? "The tokens of \"\(terminalSafe(sample.key))\" do not all have a value for each column"
      : "A token of \"\(terminalSafe(sample.key))\" holds what parts the columns or ends the line, or nothing; \(advice)"
    context.diagnostics.report(.error, problem, message, at: sample.source)
    return false
  }

  private var advice: String {
    dialect.separator == .space ? "with separator=tab, spaces and empty values can be written" : "such a value cannot be written"
  }

  /// Appends the cells of a row with a mark between them; false when one of them cannot be written.
  @inline(__always) private func append(
    _ cells: UnsafeBufferPointer<Tokens.Extent>, _ memory: UnsafeBufferPointer<UInt8>, _ mark: UInt8, _ out: inout ByteBuffer
  ) -> Bool {
    guard let first = cells.first, let last = cells.last, let base = memory.baseAddress else { return false }
    // Cells that lie as they are to be written are written at once.
    var end = Int(first.end)
    var isRun = true
    for cell in cells.dropFirst() {
      if Int(cell.start) != end &+ 1 || base[end] != mark {
        isRun = false
        break
      }
      end = Int(cell.end)
    }
    if isRun, !dialect.isLinewise {
      let run = UnsafeBufferPointer(start: base + Int(first.start), count: Int(last.end) &- Int(first.start))
      if ControlBytes.count(in: run) == cells.count &- 1, first.start < first.end,
        mark == 0x09 || cells.allSatisfy({ $0.start < $0.end })
      {
        out.append(run)
        return true
      }
    }
    for (index, cell) in cells.enumerated() {
      if index > 0 { out.append(mark) }
      guard append(UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)]), &out) else { return false }
    }
    return true
  }

  /// Appends a cell; false when it cannot be written.
  private func append(_ cell: UnsafeBufferPointer<UInt8>, _ out: inout ByteBuffer) -> Bool {
    let takesBlanks = dialect.separator == .tab && !dialect.isLinewise
    if cell.isEmpty, !takesBlanks, !dialect.isLinewise { return false }
    for byte in cell where byte <= 0x20 {
      if byte == 0x0A || byte == 0x0D || byte == 0x09 || (byte == 0x20 && !takesBlanks) { return false }
    }
    if dialect.isLinewise, cell.contains(UInt8(ascii: "|")) { return false }
    out.append(cell)
    return true
  }

  /// Appends the tag of a row.
  @inline(__always) func appendTag(
    _ row: Int, _ layer: Int, _ worker: CoNLLRowWriter, _ out: inout ByteBuffer, _ context: EncodeContext
  ) {
    guard !worker.entities.isEmpty, let entity = worker.layers[layer].entity(at: row) else { return out.append(UInt8(ascii: "O")) }
    out.append(worker.layers[layer].letter(at: row, in: scheme, isSameLabel: worker.isSameLabel))
    guard let label = worker.entities[entity].label else { return }
    out.append(UInt8(ascii: "-"))
    context.labels.withName(label) { out.append($0) }
  }

  /// Appends a row of any layout; the rule that is broken when that cannot be.
  private func append(
    _ row: Int, _ cells: UnsafeBufferPointer<Tokens.Extent>, _ memory: UnsafeBufferPointer<UInt8>, _ layout: CoNLLLayout,
    _ worker: CoNLLRowWriter, _ out: inout ByteBuffer, _ context: EncodeContext
  ) -> String? {
    guard cells.count == layout.others.count + 1 || worker.spans.fit.areFound else { return "conll.write.columns" }
    var next = 1
    var label = 0
    for column in 0..<layout.width {
      if column > 0 { out.append(dialect.columnMark) }
      if column == layout.token {
        guard append(UnsafeBufferPointer(rebasing: memory[Int(cells[0].start)..<Int(cells[0].end)]), &out) else {
          return "conll.write.cell"
        }
      } else if label < layout.labels.count, layout.labels[label] == column {
        appendTag(row, label, worker, &out, context)
        label += 1
      } else if next < cells.count {
        guard append(UnsafeBufferPointer(rebasing: memory[Int(cells[next].start)..<Int(cells[next].end)]), &out) else {
          return "conll.write.cell"
        }
        next += 1
      } else if column == 0 {
        // A column before the token is its number.
        out.append(decimal: row + 1)
      } else {
        out.append(UInt8(ascii: "_"))
      }
    }
    return nil
  }

  /// Whether a label can stand in a tag.
  func isWritable(_ label: LabelID?, _ worker: CoNLLRowWriter, _ context: EncodeContext) -> Bool {
    guard let label else { return true }
    let index = Int(label.index)
    while worker.labels.count <= index { worker.labels.append(nil) }
    if let known = worker.labels[index] { return known }
    let isWritable = context.labels.withName(label) { name in
      guard let last = name.last else { return false }
      let takesBlanks = dialect.separator == .tab && !dialect.isLinewise
      // A space at the end would be cut off by other readers.
      if last == 0x20 || last == 0x0D { return false }
      return !name.contains {
        $0 == 0x0A || $0 == 0x0D || $0 == 0x09 || ($0 == 0x20 && !takesBlanks) || ($0 == UInt8(ascii: "|") && dialect.isLinewise)
      }
    }
    worker.labels[index] = isWritable
    return isWritable
  }
}
