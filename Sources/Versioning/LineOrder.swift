import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillSyntax

/// The bytewise order of lines of JSON by the value of their first member, such as samples by key.
///
/// Lines that are in order already cost one pass and no memory; others cost 24 bytes each. Lines of equal values keep their order.
struct LineOrder {
  /// Where a line begins, how long it is with its line feed, and how its value begins.
  private struct Entry {
    var prefix: UInt64
    var start: Int
    var length: Int
  }

  private let bytes: UnsafeRawBufferPointer
  private let range: Range<Int>
  private let leadCount: Int
  /// The order; nil when the lines are in it already.
  private let entries: [Entry]?

  /// The order of the lines in a range of bytes, each of which must begin with a member and end in a line feed; the bytes must outlive it.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, member: String) {
    self.bytes = bytes
    self.range = range
    leadCount = member.utf8.count + 5
    entries = LineOrder.isSorted(bytes, range, leadCount) ? nil : LineOrder.sorted(bytes, range, leadCount)
  }

  private static func isSorted(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ leadCount: Int) -> Bool {
    var isSorted = true
    var last: UnsafeRawBufferPointer?
    forEachLine(bytes, range) { start, length in
      let line = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
      if isSorted, let before = last, isBelow(line, before, leadCount) { isSorted = false }
      last = line
    }
    return isSorted
  }

  private static func sorted(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ leadCount: Int) -> [Entry] {
    var found: [Entry] = []
    forEachLine(bytes, range) { start, length in
      let line = UnsafeRawBufferPointer(rebasing: bytes[start..<start + length])
      found.append(Entry(prefix: prefix(line, leadCount), start: start, length: length))
    }
    found.sort { a, b in
      if a.prefix != b.prefix { return a.prefix < b.prefix }
      let first = UnsafeRawBufferPointer(rebasing: bytes[a.start..<a.start + a.length])
      let second = UnsafeRawBufferPointer(rebasing: bytes[b.start..<b.start + b.length])
      if isBelow(first, second, leadCount) { return true }
      return !isBelow(second, first, leadCount) && a.start < b.start
    }
    return found
  }

  /// Whether the lines were in order from the start.
  var wasSorted: Bool { entries == nil }

  /// Calls with the lines in order, in pieces of one or more whole lines.
  func forEachPiece(_ body: (UnsafeRawBufferPointer) throws(DatasetError) -> Void) throws(DatasetError) {
    guard let entries else {
      var at = range.lowerBound
      while at < range.upperBound {
        let end = min(at + (1 << 20), range.upperBound)
        try body(UnsafeRawBufferPointer(rebasing: bytes[at..<end]))
        at = end
      }
      return
    }
    for entry in entries { try body(UnsafeRawBufferPointer(rebasing: bytes[entry.start..<entry.start + entry.length])) }
  }

  /// The lines in order, each with its line feed.
  var lines: some Sequence<UnsafeRawBufferPointer> {
    var at = range.lowerBound
    var position = 0
    return AnyIterator<UnsafeRawBufferPointer> {
      if let entries {
        guard position < entries.count else { return nil }
        defer { position += 1 }
        return UnsafeRawBufferPointer(rebasing: bytes[entries[position].start..<entries[position].start + entries[position].length])
      }
      guard at < range.upperBound, let base = bytes.baseAddress else { return nil }
      let found = memchr(base + at, 0x0A, range.upperBound - at)
      let end = found.map { UnsafeRawPointer($0) - base + 1 } ?? range.upperBound
      defer { at = end }
      return UnsafeRawBufferPointer(rebasing: bytes[at..<end])
    }
  }

  private static func forEachLine(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ body: (Int, Int) -> Void) {
    guard let base = bytes.baseAddress else { return }
    var at = range.lowerBound
    while at < range.upperBound {
      let found = memchr(base + at, 0x0A, range.upperBound - at)
      let end = found.map { UnsafeRawPointer($0) - base + 1 } ?? range.upperBound
      body(at, end - at)
      at = end
    }
  }

  /// The bytes of a line's value, as they stand when nothing in them is escaped; nil when something is.
  @inline(__always) private static func plain(_ line: UnsafeRawBufferPointer, _ leadCount: Int) -> UnsafeRawBufferPointer? {
    var end = leadCount
    while end < line.count, line[end] != UInt8(ascii: "\"") {
      if line[end] == UInt8(ascii: "\\") { return nil }
      end += 1
    }
    return UnsafeRawBufferPointer(rebasing: line[min(leadCount, line.count)..<end])
  }

  private static func value(_ line: UnsafeRawBufferPointer, _ leadCount: Int) -> [UInt8] {
    if let plain = plain(line, leadCount) { return Array(plain) }
    var scanner = JSONScanner(line, from: leadCount - 1)
    guard let text = try? scanner.string() else { return [] }
    return Array(text.makeString().utf8)
  }

  private static func isBelow(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ leadCount: Int) -> Bool {
    if let first = plain(a, leadCount), let second = plain(b, leadCount) { return first.lexicographicallyPrecedes(second) }
    return value(a, leadCount).lexicographicallyPrecedes(value(b, leadCount))
  }

  /// The first eight bytes of the value, as a number that orders as they do.
  private static func prefix(_ line: UnsafeRawBufferPointer, _ leadCount: Int) -> UInt64 {
    var number: UInt64 = 0
    let bytes = value(line, leadCount)
    for index in 0..<8 { number = number << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
    return number
  }
}
