import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension RecordEncoder {
  /// Appends tokens as Prodigy writes them, with the values of columns as members; false when they cannot be written so.
  func append(_ tokens: Tokens, of sample: Sample, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    let width = tokens.columns.count + 1
    var reserved: Set<String> = ["text", "start", "end", "ws"]
    let isRegular = (0..<tokens.count).allSatisfy { row in
      let cells = tokens.cellCount(ofRow: row)
      return cells >= 1 && cells <= width && (row > 0 || cells == width)
    }
    guard isRegular, tokens.columns.allSatisfy({ reserved.insert($0).inserted }) else {
      report(
        "jsonl-text.write.tokens",
        "The tokens of the sample \"\(terminalSafe(sample.key))\" have more or other values than their columns say")
      return false
    }
    guard let extents = places(of: tokens, in: sample) else {
      report("jsonl-text.write.tokens", "A token of the sample \"\(terminalSafe(sample.key))\" does not lie in its text")
      return false
    }
    // Each member with the comma before it.
    let givesID = reserved.insert("id").inserted
    let heads = layout.tokenKeys.filter { givesID || $0 != "id" }.map { (key: TokenKey(rawValue: $0), head: text.head($0)) }
    let columns = tokens.columns.map { text.head($0) }
    let length = extents.isEmpty ? 0 : sample.media.text.map { TextOffsets.length(of: $0, in: layout.offsets) } ?? 0
    out.append(UInt8(ascii: "["))
    tokens.withCells { memory, cells in
      for row in 0..<tokens.count {
        if row > 0 { text.comma(&out) }
        out.append(UInt8(ascii: "{"))
        let range = tokens.cellRange(ofRow: row)
        func cell(_ index: Int) -> UnsafeBufferPointer<UInt8> {
          UnsafeBufferPointer(rebasing: memory[Int(cells[index].start)..<Int(cells[index].end)])
        }
        let extent = row < extents.count ? extents[row] : .unknown
        let isPlaced = extent != .unknown
        var isFirst = true
        for (key, head) in heads {
          if !isPlaced, key == .start || key == .end || key == .space { continue }
          if !isFirst { text.comma(&out) }
          isFirst = false
          out.append(head)
          switch key {
          case .text: text.text(cell(range.lowerBound), &out)
          case .start: out.append(decimal: UInt64(extent.start))
          case .end: out.append(decimal: UInt64(extent.end))
          case .number: out.append(decimal: row)
          case .space:
            let next = row + 1 < extents.count && extents[row + 1] != .unknown ? Int(extents[row + 1].start) : length
            if next > Int(extent.end) { out.append("true") } else { out.append("false") }
          case nil: out.append("null")
          }
        }
        for index in range.dropFirst() {
          if !isFirst { text.comma(&out) }
          isFirst = false
          out.append(columns[index - range.lowerBound - 1])
          text.text(cell(index), &out)
        }
        out.append(UInt8(ascii: "}"))
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  private enum TokenKey: String {
    case text, start, end
    case number = "id"
    case space = "ws"
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
  func tokenRange(of span: TextSpan, in tokens: Tokens) -> Range<Int>? {
    guard let (extents, unit) = tokenPlaces, unit == span.unit, let start = UInt32(exactly: span.start),
      let end = UInt32(exactly: span.end)
    else { return nil }
    guard let first = extents.firstIndex(where: { $0.start == start }),
      let last = extents[first...].firstIndex(where: { $0.end == end })
    else { return nil }
    return first..<last + 1
  }
}
