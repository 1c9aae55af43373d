import WaybillBytes
import WaybillFormatSupport

/// What single lines are.
enum CoNLLLines {
  /// Whether a line holds spaces and tabs alone, or nothing.
  static func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D } }

  /// The end of the last line that is not blank, its line end among it.
  static func endOfText(_ lines: UnsafeBufferPointer<UInt8>) -> Int {
    var end = lines.count
    while end > 0, isBlank(UnsafeBufferPointer(rebasing: lines[(end - 1)..<end])) || lines[end - 1] == 0x0A { end -= 1 }
    while end < lines.count, end == 0 || lines[end - 1] != 0x0A { end += 1 }
    return end
  }

  /// Whether a line begins a document.
  static func isDocumentStart(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
    line.count >= 10 && line[0] == UInt8(ascii: "-") && line.starts(with: "-DOCSTART-".utf8)
  }

  /// The name in the parentheses behind the mark of a document; nil when there is none.
  static func documentName(_ line: UnsafeBufferPointer<UInt8>) -> String? {
    var rest = line.dropFirst(10)
    while let last = rest.last, last == 0x20 || last == 0x09 || last == 0x0D { rest = rest.dropLast() }
    while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
    guard rest.count >= 2, rest.first == UInt8(ascii: "("), rest.last == UInt8(ascii: ")") else { return nil }
    return String(decoding: rest.dropFirst().dropLast(), as: UTF8.self)
  }

  /// Whether a line that begins with `#` is no row: a row has as many columns as the others, and tags where they have them.
  static func isComment(_ line: UnsafeBufferPointer<UInt8>, _ dialect: CoNLLDialect, _ layout: CoNLLLayout) -> Bool {
    guard line.first == UInt8(ascii: "#") else { return false }
    if dialect.isLinewise {
      let item = UnsafeBufferPointer(rebasing: line.prefix { $0 != 0x20 && $0 != 0x09 })
      return item.reduce(1) { $0 + ($1 == UInt8(ascii: "|") ? 1 : 0) } != layout.width
    }
    let fields = split(line, dialect, width: layout.width).fields
    guard fields.count == layout.width, fields.count > 1 else { return true }
    // What this tool says in comments is never a row, though it has as many fields.
    if line.starts(with: "# waybill_".utf8), SentenceComment(line)?.jsonValue != nil { return true }
    return !layout.labels.allSatisfy { TagText(UnsafeBufferPointer(rebasing: line[fields[$0]])) != nil }
  }

  /// The fields of a row, and whether it is spelled as the dialect would spell it.
  static func split(
    _ line: UnsafeBufferPointer<UInt8>, _ dialect: CoNLLDialect, width: Int
  ) -> (fields: [Range<Int>], isRegular: Bool) {
    if dialect.separator == .tab {
      let fields = splitAtTabs(line)
      if fields.count == width { return (fields, true) }
      // Rows with spaces among rows with tabs.
      let others = splitAtBlanks(line)
      return others.fields.count == width ? (others.fields, false) : (fields, true)
    }
    return splitAtBlanks(line)
  }

  /// The fields between tabs.
  static func splitAtTabs(_ line: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
    var fields: [Range<Int>] = []
    var start = 0
    for index in line.indices where line[index] == 0x09 {
      fields.append(start..<index)
      start = index + 1
    }
    fields.append(start..<line.count)
    return fields
  }

  /// The fields between spaces and tabs; regular with single spaces between them alone.
  static func splitAtBlanks(_ line: UnsafeBufferPointer<UInt8>) -> (fields: [Range<Int>], isRegular: Bool) {
    var fields: [Range<Int>] = []
    var isRegular = true
    var start = -1
    for index in line.indices {
      if line[index] == 0x20 || line[index] == 0x09 {
        if start < 0 || line[index] == 0x09 { isRegular = false }
        if start >= 0 { fields.append(start..<index) }
        start = -1
      } else if start < 0 {
        start = index
      }
    }
    if start >= 0 { fields.append(start..<line.count) } else { isRegular = false }
    return (fields, isRegular)
  }
}
