import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over all files: checks their UTF-8 and notes where records begin.
struct RecordSurvey {
  private let context: ReadContext
  private(set) var shards: [JSONLTextIndex.Shard] = []
  private(set) var starts: [Int] = []
  /// Whether a record over several lines may still be looked for; one that does not end is looked for once.
  private var maySpanLines = true

  init(_ context: ReadContext) { self.context = context }

  /// Walks over one file.
  mutating func walk(_ mapped: MappedFile, path: String, split: String?) throws(DatasetError) {
    let file = context.sources.add(path)
    shards.append(JSONLTextIndex.Shard(mapped: mapped, file: file, split: split, first: starts.count))
    maySpanLines = true
    let bytes = mapped.bytes
    var start = CSVScanner.byteOrderMarkLength(of: bytes)
    while start < bytes.count, RecordRange.isSpace(bytes[start]) { start += 1 }
    guard start < bytes.count else { return }
    if bytes[start] == UInt8(ascii: "[") {
      try walkArray(bytes, from: start)
    } else {
      try walkLines(mapped, from: start)
    }
  }

  private func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, at offset: Int) {
    guard let shard = shards.last else { return }
    context.report(severity, rule, message, at: SourceRange(file: shard.file, offset: offset, length: 1))
  }

  private func report(_ fault: JSONFault, base: Int = 0) {
    guard let shard = shards.last else { return }
    context.diagnostics.report(fault.diagnostic(in: shard.file, base: base))
  }

  // MARK: Lines

  private mutating func walkLines(_ mapped: MappedFile, from first: Int) throws(DatasetError) {
    let bytes = mapped.bytes
    guard let base = bytes.baseAddress else { return }
    mapped.willReadSequentially()
    var start = first
    while start < bytes.count {
      try InterruptFlag.check()
      // A window ends with a line, so that no character is cut.
      var end = min(bytes.count, start + (1 << 20))
      if end < bytes.count {
        end = memchr(base + end - 1, 0x0A, bytes.count - end + 1).map { UnsafeRawPointer($0) - base + 1 } ?? bytes.count
      }
      let isText = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[start..<end])) == nil
      var at = start
      while at < end {
        let stop = memchr(base + at, 0x0A, end - at).map { UnsafeRawPointer($0) - base } ?? end
        at = line(at..<stop, isText, bytes)
      }
      mapped.release(max(0, start - 4096)..<end)
      start = max(at, end)
    }
  }

  /// Notes the record of a line and returns where the next line begins.
  private mutating func line(_ line: Range<Int>, _ isText: Bool, _ bytes: UnsafeRawBufferPointer) -> Int {
    let next = line.upperBound + 1
    var begin = line.lowerBound
    var end = line.upperBound
    if begin < end, bytes[begin] == UInt8(ascii: "{"), bytes[end - 1] == UInt8(ascii: "}"), isText {
      starts.append(begin)
      return next
    }
    while begin < end, RecordRange.isSpace(bytes[begin]) { begin += 1 }
    while end > begin, RecordRange.isSpace(bytes[end - 1]) { end -= 1 }
    if begin == end { return next }
    if !isText, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[line])) {
      report(JSONFault(.invalidUTF8, at: bad), base: line.lowerBound)
      return next
    }
    starts.append(begin)
    guard bytes[begin] == UInt8(ascii: "{"), bytes[end - 1] != UInt8(ascii: "}"), maySpanLines else { return next }
    guard let whole = RecordRange.structural(from: begin, in: bytes), whole.upperBound > end else {
      maySpanLines = false
      return next
    }
    if shards.last?.spansLines == false {
      shards[shards.count - 1].spansLines = true
      report(
        .warning, "jsonl-text.record.lines", "This record goes over several lines; JSON Lines have one record on each", at: begin)
    }
    if let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[whole])) {
      report(JSONFault(.invalidUTF8, at: bad), base: whole.lowerBound)
      starts.removeLast()
    }
    var after = whole.upperBound
    while after < bytes.count, bytes[after] != 0x0A, RecordRange.isSpace(bytes[after]) { after += 1 }
    if after < bytes.count, bytes[after] != 0x0A {
      report(JSONFault(.trailing, at: after))
      while after < bytes.count, bytes[after] != 0x0A { after += 1 }
    }
    return after + 1
  }

  // MARK: An array

  private mutating func walkArray(_ bytes: UnsafeRawBufferPointer, from start: Int) throws(DatasetError) {
    shards[shards.count - 1].isArray = true
    if let bad = UTF8Check.firstInvalid(in: bytes) { return report(JSONFault(.invalidUTF8, at: bad)) }
    var scanner = JSONScanner(bytes, from: start)
    do throws(JSONFault) {
      var progress = try scanner.beginArray()
      while try scanner.nextElement(&progress) {
        scanner.skipWhitespace()
        let at = scanner.offset
        try scanner.skipValueStructurally()
        starts.append(at)
        if starts.count % 4096 == 0, InterruptFlag.wantsStop { break }
      }
      if !InterruptFlag.wantsStop { try scanner.expectEnd() }
    } catch {
      report(error)
    }
    try InterruptFlag.check()
  }

  // MARK: What stands around records

  /// The range of a record, for a look at the first ones.
  func record(_ position: Int) -> (UnsafeRawBufferPointer, Range<Int>)? {
    guard let shard = shards.last(where: { $0.first <= position }) else { return nil }
    let bytes = shard.mapped.bytes
    return (
      bytes, RecordRange.range(from: starts[position], in: bytes, isArray: shard.isArray, spansLines: shard.spansLines)
    )
  }

  /// Notes what stands before the first record, between the first two, and behind the last of the first file.
  func noteSurroundings(_ layout: inout RecordLayout) {
    guard let shard = shards.first else { return }
    let bytes = shard.mapped.bytes
    let count = (shards.count > 1 ? shards[1].first : starts.count) - shard.first
    let usual = RecordLayout.usualFrame(isArray: shard.isArray)
    var (prefix, separator, suffix) = usual
    if count > 0 {
      prefix = text(bytes, 0..<starts[0]) ?? prefix
      if count > 1 {
        separator = text(bytes, RecordRange.leadStart(of: starts[1], in: bytes, isArray: shard.isArray)..<starts[1]) ?? separator
      }
      let last = RecordRange.range(
        from: starts[count - 1], in: bytes, isArray: shard.isArray, spansLines: shard.spansLines)
      suffix = text(bytes, last.upperBound..<bytes.count) ?? suffix
    } else {
      // All of an empty file stands before the records, up to the bracket that opens an array.
      let whole = text(bytes, 0..<bytes.count) ?? ""
      let opened = shard.isArray ? whole.firstIndex(of: "[").map { whole.index(after: $0) } ?? whole.startIndex : whole.endIndex
      (prefix, suffix) = (String(whole[..<opened]), String(whole[opened...]))
    }
    // A file that ends in the middle, or has a comma too many, is no model of what is written.
    if !RecordLayout.isFrame(prefix, separator, suffix) { suffix = usual.suffix }
    if !RecordLayout.isFrame(prefix, separator, suffix) { prefix = usual.prefix }
    if !RecordLayout.isFrame(prefix, separator, suffix) { separator = usual.separator }
    (layout.prefix, layout.separator, layout.suffix) = (prefix, separator, suffix)
  }

  private func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String? {
    guard range.count < 4096, range.lowerBound >= 0 else { return nil }
    return String(decoding: bytes[range], as: UTF8.self)
  }
}
