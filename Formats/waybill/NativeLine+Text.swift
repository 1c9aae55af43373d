import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Tokens, ranges of text, and times.
extension NativeLine {
  /// `["`, `","` and `],["` as words.
  private static var beginRow: UInt64 { 0x22_5B }
  private static var betweenCells: UInt64 { 0x22_2C_22 }
  private static var betweenRows: UInt64 { 0x22_5B_2C_5D }

  /// Appends a moment or a length: a number with the digits that were given, or a text for a time on a clock.
  func append(_ time: MediaTime, to out: inout ByteBuffer) {
    if time.form == .seconds { return out.append(seconds: time) }
    out.append(UInt8(ascii: "\""))
    time.append(to: &out)
    out.append(UInt8(ascii: "\""))
  }

  /// Appends the tokens of a text.
  func append(_ tokens: Tokens, to out: inout ByteBuffer) {
    out.append(",\"tokens\":{\"columns\":[")
    for (index, column) in tokens.columns.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.appendJSON(column)
    }
    out.append("],\"rows\":[")
    let count = tokens.count
    let width = tokens.isEven ? tokens.columns.count &+ 1 : 0
    tokens.withCells { memory, cells in
      var size = 0
      for cell in cells { size &+= Int(cell.end &- cell.start) }
      // What stands between two cells or two rows is stored at once.
      out.write(atMost: JSONPrinter.room(forBytes: size) &+ (cells.count &+ count) &* 5 &+ 16) { start in
        guard count > 0 else { return 0 }
        var printer = JSONPrinter(start)
        printer.print(NativeLine.beginRow, count: 2)
        var next = 0
        for row in 0..<count {
          let end = width > 0 ? next &+ width : tokens.cellRange(ofRow: row).upperBound
          let isEmpty = next == end
          while next < end {
            let cell = cells[next]
            printer.print(text: Int(cell.start)..<Int(cell.end), of: memory)
            printer.print(NativeLine.betweenCells, count: 3)
            next &+= 1
          }
          // The comma and the quote of a cell that does not follow give way.
          printer.place -= isEmpty ? 1 : 2
          printer.print(NativeLine.betweenRows, count: 4)
        }
        printer.place -= 3
        return printer.place - start
      }
    }
    out.append(UInt8(ascii: "]"))
    switch tokens.placement {
    case .unknown: break
    case .joined: out.append(",\"places\":\"joined\"")
    case .extents(let extents, let unit):
      out.append(",\"places\":[")
      for (index, extent) in extents.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        if extent == .unknown {
          out.append("null")
        } else {
          out.append(UInt8(ascii: "["))
          out.append(decimal: Int(extent.start))
          out.append(UInt8(ascii: ","))
          out.append(decimal: Int(extent.end))
          out.append(UInt8(ascii: "]"))
        }
      }
      out.append("],\"unit\":\"")
      append(unit, to: &out)
      out.append(UInt8(ascii: "\""))
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends a range of text.
  func append(_ span: TextSpan, to out: inout ByteBuffer) {
    out.append("{\"start\":")
    out.append(decimal: span.start)
    out.append(",\"end\":")
    out.append(decimal: span.end)
    out.append(",\"unit\":\"")
    append(span.unit, to: &out)
    out.append("\"}")
  }

  private func append(_ unit: TextSpan.Unit, to out: inout ByteBuffer) {
    switch unit {
    case .scalars: out.append("scalars")
    case .utf16: out.append("utf16")
    case .utf8: out.append("utf8")
    }
  }
}
