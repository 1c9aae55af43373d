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

  /// How many rows the style is learned from, and among how many lines they are looked for.
  private static let learnedRows = 64
  private static let learnedLines = 1024
  /// The longest row: no row of numbers comes near it, and what is longer is not taken into memory.
  static let longestRow = 64 << 10

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
      if line.count <= MOTRowScan.longestRow {
        take(line, style, &sort, &classes, &lastClass, context)
      } else {
        reportLong(line, context)
      }
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
    // Whole rows are read when their frame is: here only the frame and the class are looked at.
    if let frame = MOTRowScan.plainNumber(file.bytes, line.lowerBound, line.upperBound) {
      sort.add(line.lowerBound, frame: Int32(truncatingIfNeeded: frame))
    } else {
      let row = MOTRow(file.bytes, line, style)
      guard row.badColumn != 1, row.frame >= 0, row.frame < Int(Int32.max) else {
        return report(line, isNumber: row.badColumn != 1, context)
      }
      sort.add(line.lowerBound, frame: Int32(truncatingIfNeeded: row.frame))
    }
    guard style.tail == .classes else { return }
    let number = classNumber(line, style)
    if number != lastClass, number >= 0 {
      // A row that is left out names no class.
      guard classes.contains(number) || MOTRow(file.bytes, line, style).badColumn == 0 else { return }
      lastClass = number
      classes.insert(number)
    }
  }

  /// The class of a row; -1 when it has none, or cannot be read.
  @inline(__always) private func classNumber(_ line: Range<Int>, _ style: MOTStyle) -> Int {
    guard let comma = MOTRowScan.comma(7, file.bytes, line) else { return -1 }
    if let number = MOTRowScan.plainNumber(file.bytes, comma + 1, line.upperBound) { return number <= 1_000_000 ? number : -1 }
    let row = MOTRow(file.bytes, line, style)
    guard row.badColumn == 0, row.first >= 0, row.first <= 1_000_000, row.first == row.first.rounded() else { return -1 }
    return Int(row.first)
  }

  /// Where a comma of a line stands, by its number from 1; nil when there are fewer.
  ///
  /// Looks at eight bytes at a time.
  @inline(__always) private static func comma(_ number: Int, _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    var at = line.lowerBound
    var missing = number
    while at < line.upperBound, bytes.count &- at >= 8 {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ 0x2C2C_2C2C_2C2C_2C2C
      // The highest bit of each byte that was a comma, and is zero now.
      var marks = ~(((word & ~ByteMarks.all) &+ ~ByteMarks.all) | word) & ByteMarks.all
      let count = ByteMarks.count(marks)
      if count >= missing {
        for _ in 1..<missing { marks &= marks &- 1 }
        at &+= marks.trailingZeroBitCount &>> 3
        return at < line.upperBound ? at : nil
      }
      missing &-= count
      at &+= 8
    }
    while at < line.upperBound {
      if base.load(fromByteOffset: at, as: UInt8.self) == UInt8(ascii: ",") {
        missing &-= 1
        if missing == 0 { return at }
      }
      at &+= 1
    }
    return nil
  }

  /// The number of a few digits that stands at a place, before a comma or the end; nil for anything else.
  @inline(__always) private static func plainNumber(_ bytes: UnsafeRawBufferPointer, _ start: Int, _ end: Int) -> Int? {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    var p = base + start
    let limit = base + min(end, start &+ 9)
    var number = 0
    while p < limit {
      let digit = p.pointee &- 48
      if digit > 9 { break }
      number = number &* 10 &+ Int(digit)
      p += 1
    }
    guard p > base + start, p == base + end || p.pointee == UInt8(ascii: ",") else { return nil }
    return number
  }

  @inline(never) private func report(_ line: Range<Int>, isNumber: Bool, _ context: ReadContext) {
    guard file.bytes[line].contains(where: { $0 > 0x20 }) else {
      return context.report(
        .warning, "mot.line.blank", "A file of rows has no blank lines; this one is not written again",
        at: SourceRange(file: fileID, offset: line.lowerBound))
    }
    context.report(
      .error, isNumber ? "mot.row.frame" : "mot.row.number",
      isNumber ? "The number of a frame is not negative, and below two thousand million" : "The frame is not a whole number",
      at: SourceRange(file: fileID, offset: line.lowerBound, length: max(1, line.count)))
  }

  @inline(never) private func reportLong(_ line: Range<Int>, _ context: ReadContext) {
    context.report(
      .error, "mot.row.long",
      "A row is at most \(MOTRowScan.longestRow >> 10) kilobytes long, and this one has \(line.count) bytes",
      at: SourceRange(file: fileID, offset: line.lowerBound, length: 1))
  }

  /// The style of the first rows that can be read; where none can, of the first lines.
  private func style(from start: Int) -> MOTStyle {
    var lines = LineScanner(file.bytes, from: start)
    var rows: [Range<Int>] = []
    var others: [Range<Int>] = []
    var hasReturns: Bool?
    var looked = 0
    while rows.count < MOTRowScan.learnedRows, looked < MOTRowScan.learnedLines, let line = lines.next() {
      looked += 1
      guard !line.isEmpty, line.count <= MOTRowScan.longestRow else { continue }
      if hasReturns == nil { hasReturns = lines.endedWithCarriageReturn }
      let row = MOTRow(file.bytes, line, MOTStyle())
      if row.badColumn == 0, row.frame >= 0 {
        rows.append(line)
      } else if others.count < MOTRowScan.learnedRows {
        others.append(line)
      }
    }
    return MOTStyle(
      file.bytes, rows: rows.isEmpty ? others : rows, hasCarriageReturns: hasReturns ?? false,
      endsWithLineFeed: file.bytes.last == 0x0A, tail: tail)
  }
}
