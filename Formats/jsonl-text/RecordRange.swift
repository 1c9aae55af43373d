import Glibc
import WaybillBytes
import WaybillSyntax

/// Where a record ends, and what stands between it and the record before.
enum RecordRange {
  /// The range of the record that begins at an offset: a line without the white space at its end, or a value over several lines.
  static func range(from start: Int, in bytes: UnsafeRawBufferPointer, isArray: Bool, spansLines: Bool) -> Range<Int> {
    guard start < bytes.count, let base = bytes.baseAddress else { return start..<start }
    if isArray { return structural(from: start, in: bytes) ?? start..<bytes.count }
    var end = bytes.count
    if let found = memchr(base + start, 0x0A, bytes.count - start) { end = UnsafeRawPointer(found) - base }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    if spansLines, end > start, bytes[end - 1] != UInt8(ascii: "}"), let whole = structural(from: start, in: bytes) { return whole }
    return start..<end
  }

  /// The range of a value by its brackets; nil when it does not end.
  static func structural(from start: Int, in bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    var scanner = JSONScanner(bytes, from: start)
    guard (try? scanner.skipValueStructurally()) != nil else { return nil }
    return start..<scanner.offset
  }

  /// Where the white space before a record begins; in an array the comma belongs to it.
  static func leadStart(of start: Int, in bytes: UnsafeRawBufferPointer, isArray: Bool) -> Int {
    var at = start
    var commas = isArray ? 1 : 0
    while at > 0 {
      let byte = bytes[at - 1]
      if byte == UInt8(ascii: ","), commas > 0 { commas -= 1 } else if !isSpace(byte) { break }
      at -= 1
    }
    return at
  }

  @inline(__always) static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
