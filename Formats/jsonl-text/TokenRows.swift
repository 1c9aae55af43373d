import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// The tokens of a text, printed one after the other where texts need no escapes but those of JSON.
struct TokenRows {
  /// The cells and the memory they lie in.
  let memory: UnsafeBufferPointer<UInt8>
  let cells: UnsafeBufferPointer<Tokens.Extent>
  /// Where the tokens stand in the text.
  let extents: UnsafeBufferPointer<Tokens.Extent>
  /// The length of the text.
  let length: Int

  /// Appends one token, whose cells are a range of all of them.
  @inline(__always) func print(
    _ row: Int, _ range: Range<Int>, _ pieces: UnsafeBufferPointer<TokenForm.Piece>, room: Int, _ out: inout ByteBuffer
  ) {
    var size = 0
    for at in range { size &+= Int(cells[at].end &- cells[at].start) }
    out.write(atMost: room &+ JSONPrinter.room(forBytes: size)) { start in
      var printer = JSONPrinter(start)
      printer.print(UInt8(ascii: "{"))
      print(row, range, pieces, &printer)
      printer.print(UInt8(ascii: "}"))
      return printer.place - start
    }
  }

  @inline(__always) private func print(
    _ row: Int, _ range: Range<Int>, _ pieces: UnsafeBufferPointer<TokenForm.Piece>, _ printer: inout JSONPrinter
  ) {
    let extent = row < extents.count ? extents[row] : .unknown
    let isPlaced = extent != .unknown
    var column = range.lowerBound
    var isFirst = true
    for piece in pieces {
      if !isPlaced, piece.key == .start || piece.key == .end || piece.key == .space { continue }
      if piece.key == .column {
        column &+= 1
        if column >= range.upperBound { break }
      }
      // The comma before the first is left out.
      printer.print(head: piece, from: isFirst ? piece.comma : 0)
      isFirst = false
      switch piece.key {
      case .text, .column:
        let cell = cells[piece.key == .text ? range.lowerBound : column]
        printer.print(UInt8(ascii: "\""))
        printer.print(text: Int(cell.start)..<Int(cell.end), of: memory)
        printer.print(UInt8(ascii: "\""))
      case .start: printer.print(decimal: UInt64(extent.start))
      case .end: printer.print(decimal: UInt64(extent.end))
      case .number: printer.print(decimal: UInt64(row))
      case .space:
        let next = row + 1 < extents.count && extents[row + 1] != .unknown ? Int(extents[row + 1].start) : length
        printer.print(next > Int(extent.end))
      }
    }
  }
}

extension JSONPrinter {
  /// Prints the key of a member, word by word.
  @inline(__always) fileprivate mutating func print(head piece: TokenForm.Piece, from start: Int) {
    guard let base = piece.head.baseAddress else { return }
    var at = start
    while at < piece.head.count {
      UnsafeMutableRawPointer(place + (at &- start)).copyMemory(from: base + at, byteCount: TokenForm.wordLength)
      at &+= TokenForm.wordLength
    }
    place += piece.head.count &- start
  }

  @inline(__always) fileprivate mutating func print(_ value: Bool) {
    let text: StaticString = value ? "true" : "false"
    place.update(from: text.utf8Start, count: text.utf8CodeUnitCount)
    place += text.utf8CodeUnitCount
  }
}
