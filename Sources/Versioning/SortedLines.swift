import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillSyntax

/// Lines of JSON that begin with the same member and are in the bytewise order of its value, such as the samples of a manifest by key.
///
/// A line is found in about as many reads as the number of lines has binary digits, wherever the bytes are; nothing is read whole.
struct SortedLines {
  private let source: any ByteSource
  /// The member every line begins with, such as `{"key":`.
  private let lead: [UInt8]
  /// The bytes of the lines in the source.
  private let range: Range<Int>
  /// Bytes read at once while looking.
  private static let probeSize = 4096

  /// Lines in a range of a source.
  init(_ source: any ByteSource, _ range: Range<Int>, member: String) {
    self.source = source
    self.range = range
    lead = Array("{\"\(member)\":".utf8)
  }

  /// The bytes of the line whose first member has a value, without its line feed; nil when there is none.
  func line(_ value: String) throws(DatasetError) -> [UInt8]? {
    let start = try lowerBound(Array(value.utf8))
    guard start < range.upperBound else { return nil }
    let line = try line(at: start)
    return try self.value(of: line, at: start).elementsEqual(value.utf8) ? line : nil
  }

  /// Where the first line begins whose value is not below another; the end of the lines when there is none.
  func lowerBound(_ value: [UInt8]) throws(DatasetError) -> Int {
    // Both are the beginnings of lines, or the end.
    var low = range.lowerBound
    var high = range.upperBound
    while low < high {
      let middle = low + (high - low) / 2
      var start = try beginning(after: middle, below: high)
      // No line begins between the middle and the end of what is left: the one that holds the middle begins where they do.
      if start == high { start = try firstLine(from: low, below: high, last: middle) }
      let line = try line(at: start)
      if try self.value(of: line, at: start).lexicographicallyPrecedes(value) {
        low = start + line.count + 1
      } else {
        high = start
      }
    }
    return low
  }

  /// The beginning of the last line that begins at or before an offset, walking from a line's beginning.
  private func firstLine(from low: Int, below high: Int, last: Int) throws(DatasetError) -> Int {
    var start = low
    while true {
      let next = try beginning(after: start, below: high)
      guard next <= last, next < high else { return start }
      start = next
    }
  }

  /// The line that begins at an offset, without its line feed.
  func line(at start: Int) throws(DatasetError) -> [UInt8] {
    var line: [UInt8] = []
    var at = start
    while at < range.upperBound {
      let piece = try bytes(at..<min(at + Self.probeSize * (line.isEmpty ? 1 : 16), range.upperBound))
      if let feed = piece.firstIndex(of: 0x0A) {
        line += piece[..<feed]
        return line
      }
      line += piece
      at += piece.count
    }
    return line
  }

  /// Where the first line begins after an offset; `limit` when none does before it.
  private func beginning(after offset: Int, below limit: Int) throws(DatasetError) -> Int {
    var at = offset
    while at < limit {
      let piece = try bytes(at..<min(at + Self.probeSize, limit))
      if let feed = piece.firstIndex(of: 0x0A) { return min(at + feed + 1, limit) }
      at += piece.count
    }
    return limit
  }

  private func bytes(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let result: Result<Void, DatasetError> = bytes.withUnsafeMutableBytes { buffer in
      do throws(DatasetError) { return .success(try source.read(at: range.lowerBound, into: buffer)) } catch {
        return .failure(error)
      }
    }
    try result.get()
    return bytes
  }

  /// The value of a line's first member.
  private func value(of line: [UInt8], at offset: Int) throws(DatasetError) -> [UInt8] {
    let found: [UInt8]? = line.withUnsafeBytes { raw in
      guard raw.starts(with: lead) else { return nil }
      var scanner = JSONScanner(raw, from: lead.count)
      guard let text = try? scanner.string() else { return nil }
      guard text.hasEscape else { return Array(text.raw) }
      return Array(text.makeString().utf8)
    }
    guard let found else {
      throw DatasetError(
        .corrupt, "A line at byte \(offset) does not begin with \(String(decoding: lead, as: UTF8.self))", path: source.path)
    }
    return found
  }
}
