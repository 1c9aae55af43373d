import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Walks over the rows of a file once: where each begins, and which frame it belongs to.
struct MOTRowScan {
  private let file: MappedFile
  private let fileID: FileID
  private let tail: MOTStyle.Tail?

  init(_ file: MappedFile, _ fileID: FileID, tail: MOTStyle.Tail?) {
    self.file = file
    self.fileID = fileID
    self.tail = tail
  }

  /// How many rows the style is learned from.
  private static let learnedRows = 64

  func run(_ sort: inout MOTRowSort, _ classes: inout Set<Int>, _ context: ReadContext) throws(DatasetError) -> MOTStyle {
    let bytes = file.bytes
    guard let base = bytes.baseAddress, !bytes.isEmpty else { return MOTStyle() }
    var start = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      start = 3
      context.report(
        .warning, "mot.file.bom", "The byte order mark is not written again", at: SourceRange(file: fileID, offset: 0, length: 3))
    }
    let style = style(from: start)
    if style.columns < 9 {
      context.report(
        .warning, "mot.row.short", "The rows have \(style.columns) columns, where the benchmark has nine or ten",
        at: SourceRange(file: fileID, offset: start, length: 1))
    }
    var released = 0
    var lastClass = -1
    var saidEnds = false
    while start < bytes.count {
      var end = bytes.count
      if let mark = memchr(base + start, 0x0A, bytes.count - start) { end = UnsafeRawPointer(mark) - base }
      let hasReturn = end > start && bytes[end - 1] == 0x0D
      let line = start..<(hasReturn ? end - 1 : end)
      if hasReturn != style.hasCarriageReturns, end < bytes.count, !saidEnds {
        saidEnds = true
        context.report(
          .warning, "mot.line.ends", "Lines end in two ways; all are written as the first one",
          at: SourceRange(file: fileID, offset: line.upperBound, length: 1))
      }
      take(line, style, &sort, &classes, &lastClass, context)
      start = end + 1
      if start - released > 4 << 20 {
        try InterruptFlag.check()
        file.release(released..<start)
        released = start
      }
    }
    return style
  }

  @inline(__always) private func take(
    _ line: Range<Int>, _ style: MOTStyle, _ sort: inout MOTRowSort, _ classes: inout Set<Int>, _ lastClass: inout Int,
    _ context: ReadContext
  ) {
    let row = MOTRow(file.bytes, line, style)
    if row.badColumn == 1 || row.frame < 0 || row.frame >= Int(Int32.max) {
      guard file.bytes[line].contains(where: { $0 > 0x20 }) else {
        return context.report(
          .warning, "mot.line.blank", "A file of rows has no blank lines; this one is not written again",
          at: SourceRange(file: fileID, offset: line.lowerBound))
      }
      let isNumber = row.badColumn != 1
      return context.report(
        .error, isNumber ? "mot.row.frame" : "mot.row.number",
        isNumber ? "The number of a frame is not negative, and below two thousand million" : "The frame is not a whole number",
        at: SourceRange(file: fileID, offset: line.lowerBound, length: max(1, line.count)))
    }
    sort.add(line.lowerBound, frame: Int32(truncatingIfNeeded: row.frame))
    guard style.tail == .classes, row.badColumn == 0, row.first >= 0, row.first <= 1_000_000 else { return }
    let number = Int(row.first)
    if number != lastClass {
      lastClass = number
      classes.insert(number)
    }
  }

  private func style(from start: Int) -> MOTStyle {
    var lines = LineScanner(file.bytes, from: start)
    var rows: [Range<Int>] = []
    var hasReturns = false
    while rows.count < MOTRowScan.learnedRows, let line = lines.next() {
      if rows.isEmpty { hasReturns = lines.endedWithCarriageReturn }
      if !line.isEmpty { rows.append(line) }
    }
    return MOTStyle(
      file.bytes, rows: rows, hasCarriageReturns: hasReturns, endsWithLineFeed: file.bytes.last == 0x0A, tail: tail)
  }
}
