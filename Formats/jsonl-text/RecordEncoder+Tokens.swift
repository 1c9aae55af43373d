import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension RecordEncoder {
  /// Appends tokens as Prodigy writes them, with the values of columns as members; false when they cannot be written so.
  func append(_ tokens: Tokens, of sample: Sample, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    let width = tokens.columns.count + 1
    let isRegular =
      tokens.isEven
      || (0..<tokens.count).allSatisfy { row in
        let cells = tokens.cellCount(ofRow: row)
        return cells >= 1 && cells <= width && (row > 0 || cells == width)
      }
    let form = form(of: tokens.columns)
    guard isRegular, form.isSound else {
      report(
        "jsonl-text.write.tokens",
        "The tokens of the sample \"\(terminalSafe(sample.key))\" have more or other values than their columns say")
      return false
    }
    guard let extents = places(of: tokens, in: sample) else {
      report("jsonl-text.write.tokens", "A token of the sample \"\(terminalSafe(sample.key))\" does not lie in its text")
      return false
    }
    let length = extents.isEmpty ? 0 : sample.media.text.map { TextOffsets.length(of: $0, in: layout.offsets) } ?? 0
    out.append(UInt8(ascii: "["))
    tokens.withCells { memory, cells in
      extents.withUnsafeBufferPointer { extents in
        let rows = TokenRows(memory: memory, cells: cells, extents: extents, length: length)
        form.withPieces { pieces in
          for row in 0..<tokens.count {
            if row > 0 { text.comma(&out) }
            let range = tokens.cellRange(ofRow: row)
            if text.isUsual {
              rows.print(row, range, pieces, room: form.room, &out)
            } else {
              append(range, row, memory, cells, extents, length, pieces, &out)
            }
          }
        }
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  /// The members of tokens with some columns, nearly always those of the tokens before.
  private func form(of columns: [String]) -> TokenForm {
    if let known = tokenForm, known.columns == columns { return known }
    let form = TokenForm(columns, layout, text)
    tokenForm = form
    return form
  }

  /// Appends one token, its texts with escapes of the file's own.
  private func append(
    _ range: Range<Int>, _ row: Int, _ memory: UnsafeBufferPointer<UInt8>, _ cells: UnsafeBufferPointer<Tokens.Extent>,
    _ extents: UnsafeBufferPointer<Tokens.Extent>, _ length: Int, _ pieces: UnsafeBufferPointer<TokenForm.Piece>,
    _ out: inout ByteBuffer
  ) {
    let extent = row < extents.count ? extents[row] : .unknown
    let isPlaced = extent != .unknown
    out.append(UInt8(ascii: "{"))
    let start = out.count
    var column = range.lowerBound
    for piece in pieces {
      if !isPlaced, piece.key == .start || piece.key == .end || piece.key == .space { continue }
      if piece.key == .column {
        column += 1
        if column >= range.upperBound { break }
      }
      let isFirst = out.count == start
      out.append(UnsafeBufferPointer(rebasing: piece.head[(isFirst ? piece.comma : 0)...]))
      switch piece.key {
      case .text, .column:
        let cell = cells[piece.key == .text ? range.lowerBound : column]
        text.text(UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)]), &out)
      case .start: out.append(decimal: UInt64(extent.start))
      case .end: out.append(decimal: UInt64(extent.end))
      case .number: out.append(decimal: UInt64(row))
      case .space:
        let next = row + 1 < extents.count && extents[row + 1] != .unknown ? Int(extents[row + 1].start) : length
        if next > Int(extent.end) { out.append("true") } else { out.append("false") }
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  /// The places of tokens in the unit of the file, none where they have none; nil when one does not lie in the text.
  private func places(of tokens: Tokens, in sample: Sample) -> [Tokens.Extent]? {
    guard let (extents, unit) = tokenPlaces else { return [] }
    if unit == layout.offsets { return extents }
    guard let text = sample.media.text else { return nil }
    var result: [Tokens.Extent] = []
    for extent in extents {
      if extent == .unknown {
        result.append(extent)
        continue
      }
      guard let start = offsets.convert(Int(extent.start), of: text, from: unit, to: layout.offsets),
        let end = offsets.convert(Int(extent.end), of: text, from: unit, to: layout.offsets)
      else { return nil }
      result.append(Tokens.Extent(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end)))
    }
    return result
  }

  /// The tokens a span covers, when it begins and ends with tokens.
  func tokenRange(of span: TextSpan, _ places: (extents: [Tokens.Extent], unit: TextSpan.Unit)) -> Range<Int>? {
    guard places.unit == span.unit, let start = UInt32(exactly: span.start), let end = UInt32(exactly: span.end) else { return nil }
    return places.extents.withUnsafeBufferPointer { extents in
      guard let first = extents.firstIndex(where: { $0.start == start }),
        let last = extents[first...].firstIndex(where: { $0.end == end })
      else { return nil }
      return first..<last + 1
    }
  }
}
