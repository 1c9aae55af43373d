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
  /// Bytes looked through at once where each read is a request.
  private static let windowSize = 1 << 18

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
    if source.mapped == nil { try narrow(&low, &high, value) }
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

  /// Brings both ends nearer, window by window, where each read is a request: all lines of a window are looked at once it is there, and the next
  /// window is guessed from the keys that were seen.
  private func narrow(_ low: inout Int, _ high: inout Int, _ value: [UInt8]) throws(DatasetError) {
    var guess = KeyInterpolation(value)
    // The beginning lies where the archive's entry begins, which has just been read.
    var place = low
    while low < high {
      let start = place / Self.windowSize * Self.windowSize
      let window = max(low, start)..<min(high, start + Self.windowSize)
      let bytes = try bytes(window)
      var lines = Self.lines(in: bytes, beginsALine: window.lowerBound == low)
      // The last one may go on behind the window.
      if window.upperBound < high, !lines.isEmpty { lines.removeLast() }
      // Lines longer than a window are looked for in the other way.
      guard let first = lines.first, let last = lines.last else { return }
      let firstValue = try self.value(of: Array(bytes[first]), at: window.lowerBound + first.lowerBound)
      let lastValue = try self.value(of: Array(bytes[last]), at: window.lowerBound + last.lowerBound)
      if lastValue.lexicographicallyPrecedes(value) {
        low = min(high, window.lowerBound + last.upperBound + 1)
      } else if !firstValue.lexicographicallyPrecedes(value) {
        high = window.lowerBound + first.lowerBound
      } else {
        // It is in the window, whose lines are at hand.
        (low, high) = (window.lowerBound + first.upperBound + 1, window.lowerBound + last.lowerBound)
        return
      }
      guess.note(firstValue, at: window.lowerBound + first.lowerBound)
      guess.note(lastValue, at: window.lowerBound + last.lowerBound)
      if low < high { place = guess.next(in: low..<high) }
    }
  }

  /// The lines of some bytes, without their line feeds; the last one may be without its end.
  private static func lines(in bytes: [UInt8], beginsALine: Bool) -> [Range<Int>] {
    var lines: [Range<Int>] = []
    var start = beginsALine ? 0 : bytes.firstIndex(of: 0x0A).map { $0 + 1 } ?? bytes.count
    while start < bytes.count {
      let end = bytes[start...].firstIndex(of: 0x0A) ?? bytes.count
      lines.append(start..<end)
      start = end + 1
    }
    return lines
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
