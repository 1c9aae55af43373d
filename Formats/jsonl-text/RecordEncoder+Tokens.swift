import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension RecordEncoder {
  /// Appends tokens as Prodigy writes them, with the values of columns as members; false when they cannot be written so.
  func append(_ tokens: Tokens, of sample: Sample, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    let width = tokens.columns.count + 1
    let isRegular = (0..<tokens.count).allSatisfy { row in
      let cells = tokens.cellCount(ofRow: row)
      return cells >= 1 && cells <= width && (row > 0 || cells == width)
    }
    let form = tokenForm.flatMap { $0.columns == tokens.columns ? $0 : nil } ?? TokenForm(tokens.columns, layout, text)
    tokenForm = form
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
        form.withPieces { pieces in
          for row in 0..<tokens.count {
            if row > 0 { text.comma(&out) }
            append(tokens.cellRange(ofRow: row), row, memory, cells, extents, length, pieces, &out)
          }
        }
      }
    }
    out.append(UInt8(ascii: "]"))
    return true
  }

  /// Appends one token.
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
      if out.count > start { text.comma(&out) }
      out.append(piece.head)
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

/// The members of a token with certain columns, put together once.
final class TokenForm {
  /// What a member says.
  enum Key: String {
    case text, start, end, column
    case number = "id"
    case space = "ws"
  }

  /// A member: what it says, and its key with the colon.
  struct Piece {
    var key: Key
    var head: UnsafeBufferPointer<UInt8>
  }

  let columns: [String]
  /// Whether no column has the name of another member.
  let isSound: Bool
  private let pieces: [Piece]
  private let memory: UnsafeMutableBufferPointer<UInt8>

  init(_ columns: [String], _ layout: RecordLayout, _ text: RecordText) {
    self.columns = columns
    var names: Set<String> = ["text", "start", "end", "ws"]
    isSound = columns.allSatisfy { names.insert($0).inserted }
    var members: [(key: Key, head: [UInt8])] = []
    for name in layout.tokenKeys {
      // A column of this name takes the place of the number.
      guard let key = Key(rawValue: name), key != .column, key != .number || names.insert(name).inserted else { continue }
      members.append((key, text.head(name)))
    }
    for column in columns { members.append((.column, text.head(column))) }
    memory = .allocate(capacity: max(1, members.reduce(0) { $0 + $1.head.count }))
    var found: [Piece] = []
    var at = 0
    for member in members {
      for (index, byte) in member.head.enumerated() { memory[at + index] = byte }
      found.append(Piece(key: member.key, head: UnsafeBufferPointer(rebasing: memory[at..<at + member.head.count])))
      at += member.head.count
    }
    pieces = found
  }

  deinit { memory.deallocate() }

  func withPieces<Result>(_ body: (UnsafeBufferPointer<Piece>) -> Result) -> Result {
    pieces.withUnsafeBufferPointer(body)
  }
}
