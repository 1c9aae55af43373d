import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Tokens, ranges of text, and times.
extension NativeLine {
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
    tokens.withCells { memory, cells in
      for row in 0..<tokens.count {
        let range = tokens.cellRange(ofRow: row)
        var size = 0
        for index in range { size &+= Int(cells[index].end &- cells[index].start) }
        // Around each cell two quotes and a comma, around each row a comma and two brackets.
        out.write(atMost: JSONPrinter.room(forBytes: size) &+ range.count &* 3 &+ 3) { start in
          var printer = JSONPrinter(start)
          if row > 0 { printer.print(UInt8(ascii: ",")) }
          printer.print(UInt8(ascii: "["))
          for index in range {
            if index > range.lowerBound { printer.print(UInt8(ascii: ",")) }
            let cell = cells[index]
            printer.print(UInt8(ascii: "\""))
            printer.print(text: Int(cell.start)..<Int(cell.end), of: memory)
            printer.print(UInt8(ascii: "\""))
          }
          printer.print(UInt8(ascii: "]"))
          return printer.place - start
        }
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
