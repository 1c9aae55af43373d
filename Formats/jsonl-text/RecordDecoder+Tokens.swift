import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension RecordDecoder {
  /// Reads tokens as Prodigy writes them, with columns of texts beside them; nil when there is more to them than the model holds.
  func tokens(_ scanner: inout JSONScanner) throws(JSONFault) -> Tokens? {
    var tokens = Tokens()
    var columns: [String] = []
    var cells: [JSONString] = []
    var extents: [Tokens.Extent] = []
    var isPlaced = false
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      guard try scanner.peekKind() == .object else { return nil }
      guard let token = try token(&scanner, number: extents.count, &columns, &cells), let text = token.text else { return nil }
      if extents.isEmpty { tokens = Tokens(columns: columns) }
      tokens.append(text)
      for cell in cells { tokens.append(cell) }
      tokens.endRow()
      extents.append(token.extent)
      if token.extent != .unknown { isPlaced = true }
    }
    if isPlaced { tokens.placement = .extents(extents, layout.offsets) }
    return tokens
  }

  private func token(
    _ scanner: inout JSONScanner, number: Int, _ columns: inout [String], _ cells: inout [JSONString]
  ) throws(JSONFault) -> (text: JSONString?, extent: Tokens.Extent)? {
    var text: JSONString?
    var start: UInt32?
    var end: UInt32?
    cells.removeAll(keepingCapacity: true)
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let kind = try scanner.peekKind()
      switch key {
      case "text":
        guard kind == .string, text == nil else { return nil }
        text = try scanner.string()
      case "start":
        guard kind == .number, start == nil, let value = UInt32(exactly: try scanner.integer()) else { return nil }
        start = value
      case "end":
        guard kind == .number, end == nil, let value = UInt32(exactly: try scanner.integer()) else { return nil }
        end = value
      case "id" where kind != .string:
        guard kind == .number, try scanner.integer() == Int64(number) else { return nil }
      case "ws":
        guard kind == .boolean else { return nil }
        _ = try scanner.boolean()
      default:
        guard kind == .string else { return nil }
        let name = key.makeString()
        // The columns are those of the first token; a later one may have fewer of them.
        if number == 0 {
          guard !columns.contains(name) else { return nil }
          columns.append(name)
        } else {
          guard cells.count < columns.count, columns[cells.count] == name else { return nil }
        }
        cells.append(try scanner.string())
      }
    }
    switch (start, end) {
    case (nil, nil): return (text, .unknown)
    case (let start?, let end?): return start <= end && end != .max ? (text, Tokens.Extent(start: start, end: end)) : nil
    default: return nil
    }
  }
}

extension Tokens {
  /// Adds the text of a JSON string as a cell.
  fileprivate mutating func append(_ string: JSONString) {
    if string.hasEscape { append(cell: string.makeString()) } else { append(cell: string.raw) }
  }

  /// Says that the text is the tokens with one space between, where it is; places that say so say no more.
  mutating func joinIfJoined(_ text: String?) {
    guard let text, case .extents(let extents, .scalars) = placement, extents.first?.start == 0 else { return }
    var before: UInt32?
    for extent in extents {
      if let before, extent.start != before &+ 1 { return }
      before = extent.end
    }
    let areAsLong = withCells { memory, cells in
      (0..<count).allSatisfy { row in
        let cell = cells[cellRange(ofRow: row).lowerBound]
        let token = UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)])
        return TextOffsets.length(of: token, in: .scalars) == Int(extents[row].end - extents[row].start)
      }
    }
    if areAsLong, text.withBytes({ JoinedTokens.make($0, self) }) { placement = .joined }
  }
}
