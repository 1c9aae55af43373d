import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Rows whose cells lie in memory just as they are to be written, as those of a file of the same separator do.
extension CoNLLEncoder {
  /// Appends all rows, the cells of each at once; false, and nothing is appended, when they do not lie so.
  func appendPlainly(
    _ tokens: Tokens, _ layout: CoNLLLayout, _ worker: CoNLLRowWriter, _ out: inout ByteBuffer, _ context: EncodeContext
  ) -> Bool {
    let width = layout.others.count &+ 1
    let count = tokens.count
    let mark = dialect.columnMark
    let takesEmpty = dialect.separator == .tab
    var longest = 0
    for entity in worker.entities {
      if let label = entity.label { longest = max(longest, context.labels.withName(label) { $0.count }) }
    }
    let hasEntities = !worker.entities.isEmpty
    let tags = hasEntities ? worker.layers[0] : TagRows()
    let isCRLF = dialect.isCRLF
    return tokens.withCells { memory, cells in
      guard cells.count == count &* width, let base = memory.baseAddress, let first = cells.baseAddress else { return false }
      var isPlain = true
      // Rows lie one behind the other, so that they are no longer than the memory.
      out.write(atMost: memory.count &+ count &* (longest &+ 8) &+ 8) { start in
        var to = start
        var cell = first
        var last: UInt32 = 0
        for row in 0..<count {
          if row > 0 {
            if isCRLF {
              to[0] = 0x0D
              to += 1
            }
            to[0] = 0x0A
            to += 1
          }
          let from = cell[0].start
          var end = cell[0].end
          var isRun = from >= last && (takesEmpty || from < end)
          for index in 1..<max(width, 1) {
            let next = cell[index]
            isRun = isRun && next.start == end &+ 1 && base[Int(end)] == mark && (takesEmpty || next.start < next.end)
            if !isRun { break }
            end = next.end
          }
          let length = Int(end &- from)
          guard isRun, from < end, ControlBytes.copy(Int(from)..<Int(end), of: memory, to: to) == width &- 1 else {
            isPlain = false
            return 0
          }
          to += length
          to[0] = mark
          to += 1
          last = end
          cell += width
          guard hasEntities, let entity = tags.entity(at: row) else {
            to[0] = UInt8(ascii: "O")
            to += 1
            continue
          }
          to[0] = tags.letter(at: row, in: scheme, isSameLabel: worker.isSameLabel)
          to += 1
          if let label = worker.entities[entity].label {
            to[0] = UInt8(ascii: "-")
            to += 1
            to += context.labels.withName(label) { name in
              if let start = name.baseAddress { memcpy(to, start, name.count) }
              return name.count
            }
          }
        }
        return to - start
      }
      return isPlain
    }
  }
}
