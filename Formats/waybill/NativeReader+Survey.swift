import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over the lines of all files: checks their UTF-8, reads the headers and notes where samples begin.
struct NativeSurvey {
  var header: DatasetHeader
  let demand: Demand
  let context: ReadContext
  var shards: [NativeIndex.Shard] = []
  var starts: [Int] = []
  var splits: [String] = []
  var merge = HeaderMerge()
  /// Names met in samples, kept apart from the table: a header that comes later still goes first.
  private let met = LabelTable()
  /// Whether nothing but samples came after the first sample, so that the next sample's start is a line's end.
  private var isDense = true
  private var length = 0

  init(header: DatasetHeader, demand: Demand, context: ReadContext) {
    self.header = header
    self.demand = demand
    self.context = context
  }

  /// Walks over one file.
  mutating func walk(_ mapped: MappedFile, path: String) throws(DatasetError) {
    let file = context.sources.add(path)
    let bytes = mapped.bytes
    shards.append(NativeIndex.Shard(mapped: mapped, file: file, base: length))
    mapped.willReadSequentially()
    var saidCarriageReturn = false
    var windowStart = 0
    while windowStart < bytes.count, let base = bytes.baseAddress {
      try InterruptFlag.check()
      var windowEnd = min(windowStart + (1 << 20), bytes.count)
      if windowEnd < bytes.count {
        let found = memchr(base + windowEnd - 1, 0x0A, bytes.count - windowEnd + 1)
        windowEnd = found.map { UnsafeRawPointer($0) - base + 1 } ?? bytes.count
      }
      let window = UnsafeRawBufferPointer(rebasing: bytes[windowStart..<windowEnd])
      let isClean = UTF8Check.firstInvalid(in: window) == nil
      var lines = LineScanner(UnsafeRawBufferPointer(rebasing: bytes[..<windowEnd]), from: windowStart)
      while let line = lines.next() {
        if lines.endedWithCarriageReturn, !saidCarriageReturn {
          saidCarriageReturn = true
          report(
            .warning, "waybill.file.crlf", "Lines end in a carriage return and a line feed; a manifest has line feeds alone", file,
            line.upperBound)
        }
        if !isClean, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[line])) {
          isDense = false
          context.diagnostics.report(JSONFault(.invalidUTF8, at: line.lowerBound + bad).diagnostic(in: file))
          continue
        }
        take(line, bytes, file)
      }
      mapped.release(windowStart..<windowEnd)
      windowStart = windowEnd
    }
    length += bytes.count
  }

  /// Takes a header that stands in a file of its own.
  mutating func take(_ found: NativeHeader) { merge.add(found, to: &header, context: context) }

  private mutating func take(_ line: Range<Int>, _ bytes: UnsafeRawBufferPointer, _ file: FileID) {
    var start = line.lowerBound
    // Joined files leave byte order marks in the middle.
    if line.count >= 3, bytes[start] == 0xEF, bytes[start + 1] == 0xBB, bytes[start + 2] == 0xBF {
      isDense = isDense && starts.isEmpty
      report(.warning, "waybill.file.bom", "A byte order mark stands here; a manifest has none", file, start)
      start += 3
    }
    if start == line.upperBound
      || (bytes[start] <= 0x20 && bytes[start..<line.upperBound].allSatisfy { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D })
    {
      isDense = isDense && starts.isEmpty
      report(.warning, "waybill.line.blank", "This line is blank; a manifest has one sample on each line", file, start)
      return
    }
    if isHeader(start..<line.upperBound, bytes) {
      isDense = isDense && starts.isEmpty
      var reader = NativeHeaderReader(bytes, start..<line.upperBound, file: file, context: context)
      if let found = reader.read() { merge.add(found, to: &header, context: context) }
      return
    }
    starts.append(length + start)
    if demand.labels || demand.splits { scan(start..<line.upperBound, bytes) }
  }

  private func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ file: FileID, _ offset: Int) {
    context.report(severity, rule, message, at: SourceRange(file: file, offset: offset, length: 1))
  }

  /// Whether a line is a header: one of its members is `waybill`, and those before it can stand in a header.
  private func isHeader(_ line: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    guard var progress = try? scanner.beginObject() else { return false }
    while let key = try? scanner.nextKey(&progress) {
      switch key {
      case "waybill": return true
      case "name", "labels", "labels_complete", "fields", "preserved":
        guard (try? scanner.skipValueStructurally()) != nil else { return false }
      default: return false
      }
    }
    return false
  }

  /// Notes the names of labels and splits that a sample uses; what is wrong with the line is found when it is decoded.
  private mutating func scan(_ line: Range<Int>, _ bytes: UnsafeRawBufferPointer) {
    var scanner = JSONScanner(bytes, from: line.lowerBound, to: line.upperBound)
    try? scan(&scanner)
  }

  private mutating func scan(_ scanner: inout JSONScanner) throws(JSONFault) {
    let labels = context.scratch.thing(NativeScratch.self) { NativeScratch() }
    labels.use(met)
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      if demand.labels, key == "annotations" {
        var elements = try scanner.beginArray()
        while try scanner.nextElement(&elements) {
          var members = try scanner.beginObject()
          while let member = try scanner.nextKey(&members) {
            guard member == "label" else {
              try scanner.skipValueStructurally()
              continue
            }
            _ = labels.intern(try scanner.string())
          }
        }
      } else if demand.splits, key == "split" {
        let name = try scanner.string().makeString()
        if !splits.contains(name) { splits.append(name) }
      } else {
        try scanner.skipValueStructurally()
      }
    }
  }

  /// What the walk leaves behind.
  func index(mediaFolders: [String]) -> NativeIndex {
    var header = header
    let aliases = Set(NativeHeaderText.aliases(in: header.labels.labels).map { ExactText($0.name) })
    for label in met.labels where !aliases.contains(ExactText(label.name)) { _ = header.labels.intern(label.name) }
    header.labelsAreComplete = demand.labels || merge.labelsAreComplete
    return NativeIndex(header: header, shards: shards, starts: starts, isDense: isDense, mediaFolders: mediaFolders, splits: splits)
  }
}

extension NativeScratch {
  /// The label of a name as it stands in the file, added to the table if it is new.
  func intern(_ name: JSONString) -> LabelID {
    if !name.hasEscape { return labels.intern(name.raw) }
    var text = name.makeString()
    return text.withUTF8 { labels.intern($0) }
  }
}
