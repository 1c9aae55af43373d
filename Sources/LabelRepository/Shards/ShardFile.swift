import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// The lines of one file of samples, in the bytewise order of their keys.
///
/// Nothing is decoded: 24 bytes a line. A file that is not there has no lines.
final class ShardFile {
  /// One line.
  struct Line {
    /// Where it begins.
    var start: Int
    /// Where it ends, without its line feed.
    var end: Int
    /// Number of bytes of the key where it is the first member and nothing in it is escaped; else negative.
    fileprivate var keyLength: Int32 = -1

    var range: Range<Int> { start..<end }
  }

  /// The path.
  let path: String
  /// The number of the file among the sources.
  let file: FileID
  /// The lines, in the order of their keys.
  private(set) var lines: [Line] = []
  /// Whether the lines stand in the file in their order.
  private(set) var isSorted = true
  /// Whether nothing but lines of samples and their line feeds is in the file.
  private(set) var isPlain = true
  private let mapped: MappedFile?
  private var hasTwins = false

  /// How the lines begin that most files have.
  private static let lead: StaticString = "{\"key\":\""

  /// The length of the key of a line that begins with it; -1 for any other line, and for a key with escapes.
  private static func plainKeyLength(_ line: UnsafeRawBufferPointer) -> Int32 {
    let start = lead.utf8CodeUnitCount
    guard line.count > start, let base = line.baseAddress, memcmp(base, lead.utf8Start, start) == 0,
      let quote = memchr(base + start, 0x22, line.count - start)
    else { return -1 }
    let length = UnsafeRawPointer(quote) - base - start
    guard length < Int32.max, memchr(base + start, 0x5C, length) == nil else { return -1 }
    return Int32(length)
  }

  private static func isSample(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> Bool {
    if case .sample = ManifestLine(bytes, range) { true } else { false }
  }

  /// The bytes of the file.
  let bytes: UnsafeRawBufferPointer

  /// Reads the lines of a file.
  ///
  /// A line without a key or that is no text, and a key that stands twice, are reported as errors; such a file can be looked at, and not be written again.
  init(path: String, _ context: ReadContext) throws(DatasetError) {
    self.path = path
    file = context.sources.add(path)
    var status = stat()
    if stat(path, &status) != 0, errno == ENOENT {
      mapped = nil
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let file = try MappedFile(path: path)
    mapped = file
    bytes = file.bytes
    readLines(context)
    if !isSorted { sort() }
    if hasTwins || !isSorted { reportDuplicates(context) }
  }

  private func readLines(_ context: ReadContext) {
    var scanner = LineScanner(bytes)
    var last: Line?
    while let range = scanner.next() {
      if scanner.endedWithCarriageReturn || !scanner.endedWithLineFeed { isPlain = false }
      let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
      var line = Line(start: range.lowerBound, end: range.upperBound)
      line.keyLength = ShardFile.plainKeyLength(raw)
      if line.keyLength < 0, raw.allSatisfy({ $0 == 0x20 || $0 == 0x09 }) {
        isPlain = false
        continue
      }
      if let bad = UTF8Check.firstInvalid(in: raw) {
        isPlain = false
        context.diagnostics.report(JSONFault(.invalidUTF8, at: range.lowerBound + bad).diagnostic(in: file))
        continue
      }
      guard line.keyLength >= 0 || ShardFile.isSample(bytes, range) else {
        isPlain = false
        context.report(
          .error, "repository.line", "This line is no sample: it has no key",
          at: SourceRange(file: file, offset: range.lowerBound, length: 1))
        continue
      }
      mapped?.releaseBehind(range.lowerBound)
      if let last {
        let order = order(last, line)
        if order > 0 { isSorted = false }
        // In a file that turns out to be sorted, twins stand side by side.
        if order == 0 { hasTwins = true }
      }
      lines.append(line)
      last = line
    }
  }

  private func sort() {
    // Lines of one key keep their order.
    let numbered = lines.enumerated().sorted { a, b in
      let order = order(a.element, b.element)
      return order != 0 ? order < 0 : a.offset < b.offset
    }
    lines = numbered.map(\.element)
  }

  private func reportDuplicates(_ context: ReadContext) {
    for index in lines.indices.dropFirst() where order(lines[index - 1], lines[index]) == 0 {
      context.diagnostics.report(
        Diagnostic(
          .error, "repository.duplicate-key", "There are two samples with the key \"\(terminalSafe(key(of: lines[index])))\"",
          at: place(of: lines[index]), related: [.init(range: place(of: lines[index - 1]), message: "the other one")]))
    }
  }

  /// Lets the memory of lines go that lie well before one.
  func release(behind line: Line) { mapped?.releaseBehind(line.start) }

  /// The beginning of the file.
  var beginning: SourceRange { SourceRange(file: file, offset: 0, length: 1) }

  /// The place of a line.
  func place(of line: Line) -> SourceRange { SourceRange(file: file, offset: line.start, length: line.end - line.start) }

  /// The key of a line as it stands there.
  private func rawKey(of line: Line) -> JSONString? {
    guard case .sample(let key) = ManifestLine(bytes, line.range) else { return nil }
    return key
  }

  /// The key of a line.
  func key(of line: Line) -> String { rawKey(of: line)?.makeString() ?? "" }

  /// Calls with the UTF-8 of a line's key.
  @inline(__always) func withKey<R>(of line: Line, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    if line.keyLength >= 0, let base = bytes.baseAddress {
      return body(UnsafeRawBufferPointer(start: base + line.start + ShardFile.lead.utf8CodeUnitCount, count: Int(line.keyLength)))
    }
    return withSpelledKey(of: line, body)
  }

  private func withSpelledKey<R>(of line: Line, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    guard let key = rawKey(of: line) else { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    return SampleRecord(bytes: UnsafeRawBufferPointer(rebasing: bytes[line.range]), key: key).withKey(body)
  }

  private func order(_ a: Line, _ b: Line) -> Int {
    withKey(of: a) { first in withKey(of: b) { SampleRecord.order(first, $0) } }
  }

  /// The order of a line's key and a key given as UTF-8: negative, zero or positive.
  func order(_ line: Line, toKey key: [UInt8]) -> Int {
    key.withUnsafeBytes { wanted in withKey(of: line) { SampleRecord.order($0, wanted) } }
  }

  /// The line of a key; nil when there is none.
  func line(of key: String) -> Line? {
    let wanted = Array(key.utf8)
    var low = 0
    var high = lines.count
    while low < high {
      let middle = (low + high) / 2
      let order = order(lines[middle], toKey: wanted)
      if order == 0 { return lines[middle] }
      if order < 0 { low = middle + 1 } else { high = middle }
    }
    return nil
  }

  /// Where a part of a line stands in the file.
  func range(of part: UnsafeRawBufferPointer) -> Range<Int> {
    guard let base = bytes.baseAddress, let start = part.baseAddress else { return 0..<0 }
    return start - base..<start - base + part.count
  }

  /// Whether a line holds some bytes, which end in a line feed.
  func holds(_ written: UnsafeRawBufferPointer, at line: Line) -> Bool {
    SampleRecord.order(UnsafeRawBufferPointer(rebasing: written.dropLast()), bytes(of: line)) == 0
  }

  /// The bytes of a line, without its line feed.
  func bytes(of line: Line) -> UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[line.range]) }
}
