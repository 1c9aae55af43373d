import Glibc
import WaybillSyntax

/// Reads a line of JSON that has one spelling, piece by piece: faster and stricter than by members.
struct CanonicalScanner {
  private let line: UnsafeRawBufferPointer
  /// Offset of the next byte.
  private(set) var offset = 0

  init(_ line: UnsafeRawBufferPointer) { self.line = line }

  var isAtEnd: Bool { offset == line.count }

  /// Passes over a text if it comes next.
  mutating func take(_ text: StaticString) -> Bool {
    let count = text.utf8CodeUnitCount
    guard line.count - offset >= count, let base = line.baseAddress, memcmp(base + offset, text.utf8Start, count) == 0 else {
      return false
    }
    offset += count
    return true
  }

  /// The next bytes, or fewer at the end of the line.
  mutating func bytes(_ count: Int) -> UnsafeRawBufferPointer {
    let end = min(offset + count, line.count)
    defer { offset = end }
    return UnsafeRawBufferPointer(rebasing: line[offset..<end])
  }

  /// A whole number of at most 18 digits without a sign and without zeros in front.
  mutating func count() -> Int? {
    var value = 0
    let start = offset
    while offset < line.count, offset - start < 18, line[offset] >= 0x30, line[offset] <= 0x39 {
      value = value * 10 + Int(line[offset] - 0x30)
      offset += 1
    }
    guard offset > start, line[start] != 0x30 || offset == start + 1 else { return nil }
    return value
  }

  /// A string with its quotes.
  mutating func string() -> String? {
    var scanner = JSONScanner(line, from: offset)
    guard let text = try? scanner.string() else { return nil }
    offset = scanner.offset
    return text.makeString()
  }

  mutating func skipString() -> Bool {
    var scanner = JSONScanner(line, from: offset)
    guard (try? scanner.string()) != nil else { return false }
    offset = scanner.offset
    return true
  }
}
