import WaybillBytes
import WaybillSyntax

/// The lines of a list that are not blank, without white space at their ends, and where they stand; bytes that are no UTF-8 are fewer than their text.
struct YOLOLines: Sequence, IteratorProtocol {
  private let bytes: UnsafeRawBufferPointer
  private var lines: LineScanner

  /// The lines of a file, which must outlive this.
  init(_ bytes: UnsafeRawBufferPointer) {
    self.bytes = bytes
    lines = LineScanner(bytes, from: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
  }

  mutating func next() -> (text: String, offset: Int, length: Int)? {
    while var range = lines.next() {
      while let last = range.last, YOLOLines.isBlank(bytes[last]) { range = range.lowerBound..<last }
      while let first = range.first, YOLOLines.isBlank(bytes[first]) { range = (first + 1)..<range.upperBound }
      if !range.isEmpty { return (String(decoding: bytes[range], as: UTF8.self), range.lowerBound, range.count) }
    }
    return nil
  }

  /// Whether a byte is white space within a line.
  @inline(__always) static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0D || byte == 0x0B || byte == 0x0C
  }

  /// A text without white space at its ends.
  static func trimmed(_ text: Substring) -> String {
    var rest = text.utf8
    while let first = rest.first, isBlank(first) { rest = rest.dropFirst() }
    while let last = rest.last, isBlank(last) { rest = rest.dropLast() }
    return String(Substring(rest))
  }
}
