import Glibc

/// Finds the lines of a buffer: each without its line feed and without a carriage return before it.
public struct LineScanner {
  private let bytes: UnsafeRawBufferPointer
  /// Offset of the line that comes next.
  public private(set) var offset: Int
  /// Whether the line given last ended with a carriage return and a line feed.
  public private(set) var endedWithCarriageReturn = false
  /// Whether the line given last ended with a line feed; false for a last line that has none.
  public private(set) var endedWithLineFeed = false

  /// A scanner over a buffer, from an offset on.
  public init(_ bytes: UnsafeRawBufferPointer, from offset: Int = 0) {
    self.bytes = bytes
    self.offset = offset
  }

  /// The range of the next line, or nil at the end.
  ///
  /// An empty rest after the last line feed is no line.
  public mutating func next() -> Range<Int>? {
    guard offset < bytes.count, let base = bytes.baseAddress else { return nil }
    let start = offset
    let rest = bytes.count - start
    var end = bytes.count
    if let found = memchr(base + start, 0x0A, rest) {
      end = UnsafeRawPointer(found) - base
      offset = end + 1
      endedWithLineFeed = true
    } else {
      offset = end
      endedWithLineFeed = false
    }
    endedWithCarriageReturn = endedWithLineFeed && end > start && bytes[end - 1] == 0x0D
    return start..<(endedWithCarriageReturn ? end - 1 : end)
  }
}
