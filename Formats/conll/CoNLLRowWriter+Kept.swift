import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Rows that were kept because the writer would not write them in the same way.
extension CoNLLEncoder {
  /// Appends rows as they were read: whole while the entities are the same, with new tags otherwise; false when the tokens are others.
  func addKept(
    _ text: UnsafeBufferPointer<UInt8>, _ tokens: Tokens, _ layout: CoNLLLayout, _ hasLostNone: Bool, _ worker: CoNLLRowWriter,
    _ batch: inout EncodedBatch, _ context: EncodeContext
  ) -> Bool {
    guard text.count < Int(Int32.max) else { return false }
    let rows = worker.rows
    rows.read(UnsafeRawBufferPointer(text), from: 0, readable: text.count, dialect, layout)
    // Anything behind a blank line would be another sentence.
    guard rows.count == tokens.count, rows.end == text.count, rows.isEven || layout.labels.isEmpty else { return false }
    guard layout.labels.indices.allSatisfy({ (0..<rows.width).contains(layout.label($0, inRowOf: rows.width)) }),
      holds(rows, text, tokens, layout)
    else { return false }
    if keepsTags, hasLostNone, hasEntities(rows, text, layout, worker, context) {
      batch.bytes.append(text)
      return true
    }
    guard worker.entities.allSatisfy({ isWritable($0.label, worker, context) }) else { return false }
    var at = 0
    for row in 0..<rows.count {
      let first = rows.range(ofRow: row).lowerBound
      for number in layout.labels.indices.sorted(by: { layout.labels[$0] < layout.labels[$1] }) {
        let field = rows.fields[first + layout.label(number, inRowOf: rows.width)]
        batch.bytes.append(UnsafeBufferPointer(rebasing: text[at..<Int(field.start)]))
        appendTag(row, number, worker, &batch.bytes, context)
        at = Int(field.end)
      }
    }
    batch.bytes.append(UnsafeBufferPointer(rebasing: text[at...]))
    return true
  }

  /// Whether rows hold just the cells of some tokens.
  private func holds(_ rows: CoNLLRows, _ text: UnsafeBufferPointer<UInt8>, _ tokens: Tokens, _ layout: CoNLLLayout) -> Bool {
    var columns: [Int] = []
    var width = -1
    return tokens.withCells { memory, cells in
      for row in 0..<tokens.count {
        let range = tokens.cellRange(ofRow: row)
        let fields = rows.range(ofRow: row)
        if fields.count != width {
          width = fields.count
          let labels = layout.labels.indices.map { layout.label($0, inRowOf: width) }
          let token = min(layout.token, width - 1)
          columns = [token] + (0..<width).filter { $0 != token && !labels.contains($0) }
        }
        guard range.count == columns.count else { return false }
        let first = fields.lowerBound
        for (index, column) in columns.enumerated() {
          let field = rows.fields[first + column]
          let cell = cells[range.lowerBound + index]
          guard
            UnsafeBufferPointer(rebasing: text[Int(field.start)..<Int(field.end)])
              .holdsSameBytes(as: UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)]))
          else { return false }
        }
      }
      return true
    }
  }

  /// Whether the tags of rows say just the entities of the sample.
  private func hasEntities(
    _ rows: CoNLLRows, _ text: UnsafeBufferPointer<UInt8>, _ layout: CoNLLLayout, _ worker: CoNLLRowWriter, _ context: EncodeContext
  ) -> Bool {
    var position = 0
    for number in layout.labels.indices {
      worker.tags.removeAll()
      for row in 0..<rows.count {
        let field = rows.fields[rows.range(ofRow: row).lowerBound + layout.label(number, inRowOf: rows.width)]
        guard worker.tags.take(UnsafeBufferPointer(rebasing: text[Int(field.start)..<Int(field.end)]), at: row) else {
          return false
        }
      }
      worker.tags.finish(count: rows.count)
      for entity in worker.tags.entities {
        guard position < worker.entities.count else { return false }
        let given = worker.entities[position]
        position += 1
        guard given.rows == entity.start..<entity.end else { return false }
        guard let label = given.label else {
          if entity.label.isEmpty { continue }
          return false
        }
        guard !entity.label.isEmpty, context.labels.withName(label, { $0.holdsSameBytes(as: entity.label) }) else { return false }
      }
    }
    return position == worker.entities.count
  }
}
