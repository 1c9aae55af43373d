import Glibc
import WaybillBytes

/// Walks over a table in place, row by row: RFC 4180 with any one-byte delimiter, with or without quoting.
///
/// A row ends with a line feed, with a carriage return before it or without, or with the bytes; an empty rest after the last line feed is no
/// row. A quote means something only where a field begins; elsewhere it is a byte like any other, and so it is everywhere when
/// quoting is off. Bytes of UTF-8 need no care, for no delimiter is part of a longer character.
///
/// ```swift
/// var scanner = CSVScanner(bytes, delimiter: UInt8(ascii: ","))
/// var fields: [CSVField] = []
/// while let row = try scanner.nextRow(&fields) { ... }
/// ```
///
/// After a fault the scanner stands where the next row may begin: behind the line feed that follows, and behind all bytes after a quote that
/// is never closed.
public struct CSVScanner {
  /// The most bytes a row has: what is longer is no table, and would cost memory without end.
  public static let rowLimit = 16 << 20
  /// The most fields a row has.
  public static let fieldLimit = 65_536

  @usableFromInline static let quote = UInt8(ascii: "\"")

  @usableFromInline let bytes: UnsafeRawBufferPointer
  /// The byte between fields.
  public let delimiter: UInt8
  /// Whether quotes around a field mean anything.
  public let isQuoting: Bool
  @usableFromInline let limit: Int
  /// Offset of the row that comes next.
  public private(set) var offset: Int

  /// A scanner over the rows of a part of a buffer; at the beginning of the buffer a byte order mark is passed over.
  public init(
    _ bytes: UnsafeRawBufferPointer, delimiter: UInt8 = UInt8(ascii: ","), isQuoting: Bool = true, from start: Int = 0,
    to limit: Int? = nil
  ) {
    self.bytes = bytes
    self.delimiter = delimiter
    self.isQuoting = isQuoting
    self.limit = min(max(0, limit ?? bytes.count), bytes.count)
    let mark = start <= 0 ? CSVScanner.byteOrderMarkLength(of: bytes) : 0
    offset = min(max(start, mark), self.limit)
  }

  /// The length of a byte order mark at the beginning of bytes: 3, or 0 when there is none.
  public static func byteOrderMarkLength(of bytes: UnsafeRawBufferPointer) -> Int {
    bytes.count >= 3 && bytes[0] == 0xEF && bytes[1] == 0xBB && bytes[2] == 0xBF ? 3 : 0
  }

  /// The next row and its fields, at least one; nil at the end.
  public mutating func nextRow(_ fields: inout [CSVField]) throws(CSVFault) -> CSVRow? {
    fields.removeAll(keepingCapacity: true)
    guard offset < limit else { return nil }
    let first = offset
    var start = first
    // The first line feed at or behind `start`; behind a quoted field it is looked for anew.
    var line = lineEnd(from: start)
    while true {
      guard line - first <= CSVScanner.rowLimit, fields.count < CSVScanner.fieldLimit else {
        offset = min(line + 1, limit)
        throw line - first > CSVScanner.rowLimit ? CSVFault(.longRow, at: first) : CSVFault(.manyFields, at: start)
      }
      let (content, ending) = end(ofLine: line, from: start)
      if isQuoting, start < limit, bytes[start] == CSVScanner.quote {
        let (field, after) = try quoted(at: start)
        fields.append(field)
        if after > line { line = lineEnd(from: after) }
        if after < limit, bytes[after] == delimiter, after < line {
          start = after + 1
          continue
        }
        let (close, ending) = end(ofLine: line, from: after)
        offset = min(line + 1, limit)
        guard line - first <= CSVScanner.rowLimit else { throw CSVFault(.longRow, at: first) }
        guard after == close else { throw CSVFault(.textBehindQuote, at: after) }
        return CSVRow(first..<close, ending)
      }
      let stop = delimiterEnd(from: start, to: content)
      fields.append(CSVField(start..<stop))
      if stop == content {
        offset = min(line + 1, limit)
        return CSVRow(first..<content, ending)
      }
      start = stop + 1
    }
  }

  /// Passes over the next row without naming its fields; nil at the end.
  ///
  /// Rows without quotes cost a look for the line feed; others are read as ``nextRow(_:)`` reads them.
  public mutating func skipRow(_ scratch: inout [CSVField]) throws(CSVFault) -> CSVRow? {
    guard offset < limit, let base = bytes.baseAddress else { return nil }
    let line = lineEnd(from: offset)
    if isQuoting, memchr(base + offset, Int32(CSVScanner.quote), line - offset) != nil { return try nextRow(&scratch) }
    if line - offset > CSVScanner.rowLimit {
      let first = offset
      offset = min(line + 1, limit)
      throw CSVFault(.longRow, at: first)
    }
    let (content, ending) = end(ofLine: line, from: offset)
    let row = CSVRow(offset..<content, ending)
    offset = min(line + 1, limit)
    return row
  }

  /// Offset of the next line feed, or of the end.
  private func lineEnd(from start: Int) -> Int {
    guard start < limit, let base = bytes.baseAddress, let found = memchr(base + start, 0x0A, limit - start) else { return limit }
    return UnsafeRawPointer(found) - base
  }

  /// Where the content of a line ends that begins at or before `start`, and what ends it.
  private func end(ofLine line: Int, from start: Int) -> (content: Int, CSVRow.Ending) {
    if line >= limit { return (limit, .none) }
    if line > start, bytes[line - 1] == 0x0D { return (line - 1, .carriageReturnLineFeed) }
    return (line, .lineFeed)
  }

  /// Offset of the next delimiter, or of the end.
  @inline(__always) private func delimiterEnd(from start: Int, to end: Int) -> Int {
    guard let base = bytes.baseAddress else { return end }
    let pattern = 0x0101_0101_0101_0101 &* UInt64(delimiter)
    var at = start
    while end &- at >= 8 {
      let word = UInt64(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt64.self)) ^ pattern
      let found = (word &- 0x0101_0101_0101_0101) & ~word & 0x8080_8080_8080_8080
      if found != 0 { return at &+ (found.trailingZeroBitCount >> 3) }
      at &+= 8
    }
    while at < end, base.load(fromByteOffset: at, as: UInt8.self) != delimiter { at &+= 1 }
    return at
  }

  /// The field that begins with a quote, and the offset behind its closing quote.
  private mutating func quoted(at start: Int) throws(CSVFault) -> (CSVField, after: Int) {
    var at = start + 1
    var isDoubled = false
    while at < limit, let base = bytes.baseAddress, let found = memchr(base + at, Int32(CSVScanner.quote), limit - at) {
      let close = UnsafeRawPointer(found) - base
      guard close + 1 < limit, bytes[close + 1] == CSVScanner.quote else {
        return (CSVField(start + 1..<close, isQuoted: true, hasDoubledQuotes: isDoubled), close + 1)
      }
      isDoubled = true
      at = close + 2
    }
    offset = limit
    throw CSVFault(.unterminatedQuote, at: start)
  }
}
