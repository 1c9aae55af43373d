import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over the lines of all files: notes where sentences, documents and paragraphs begin, and which scheme tags follow.
struct CoNLLUSurvey {
  let demand: Demand
  let context: ReadContext
  private(set) var index = CoNLLUIndex()
  private var usual: CoNLLUDialect?
  private let labels: LabelCache
  private var documentCount = 0
  private var paragraphCount = 0

  // The state of the walk over one file.
  private var blockStart = 0
  private var isInBlock = false
  private var isFirstBlock = true
  private var hasRows = false
  private var blockIsSentence = false
  private var census = TagCensus()
  private var hasEntities = false
  private var hasTexts: Bool?
  private var saidBlank = false
  private var saidSpaces = false
  private let rows = CoNLLURows()

  init(demand: Demand, context: ReadContext) {
    self.demand = demand
    self.context = context
    labels = LabelCache(index.header.labels)
  }

  /// Walks over one file.
  mutating func walk(_ mapped: MappedFile, path: String) throws(DatasetError) {
    let file = context.sources.add(path)
    mapped.willReadSequentially()
    let base = index.length
    let first = index.starts.count
    var dialect = CoNLLUDialect()
    readPreamble(mapped.bytes, file, &dialect)
    isInBlock = false
    isFirstBlock = true
    hasRows = false
    blockIsSentence = false
    hasTexts = nil
    census = TagCensus()
    hasEntities = false
    saidBlank = false
    saidSpaces = false
    try walkLines(mapped, file, base, &dialect)
    if let hasTexts { dialect.hasTexts = hasTexts }
    dialect.scheme = census.scheme
    index.length += mapped.bytes.count
    if index.starts.count == first, mapped.bytes.allSatisfy({ $0 == 0x0A || $0 == 0x0D || $0 == 0x20 }) {
      report(.warning, "conllu.file.empty", "There is no sentence in this file", file, 0, min(1, mapped.bytes.count))
    }
    if usual == nil { usual = dialect }
    if usual?.scheme == nil { usual?.scheme = dialect.scheme }
    index.shards.append(CoNLLUIndex.Shard(mapped: mapped, file: file, base: base, first: first, dialect: dialect, isUsual: true))
  }

  private func report(
    _ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ file: FileID, _ offset: Int, _ length: Int
  ) {
    context.report(severity, rule, message, at: SourceRange(file: file, offset: offset, length: length))
  }

  /// Reads a byte order mark and the lines about the whole file.
  private mutating func readPreamble(_ bytes: UnsafeRawBufferPointer, _ file: FileID, _ dialect: inout CoNLLUDialect) {
    blockStart = 0
    if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
      dialect.hasMark = true
      blockStart = 3
      report(.warning, "conllu.file.bom", "The file begins with a byte order mark", file, 0, 3)
    }
    var lines = LineScanner(bytes, from: blockStart)
    var end = blockStart
    while let line = lines.next() {
      if line.lowerBound == blockStart, lines.endedWithCarriageReturn { dialect.isCRLF = true }
      guard bytes[line].starts(with: "# global.".utf8), lines.endedWithLineFeed else { break }
      end = lines.offset
      let text = String(decoding: bytes[line], as: UTF8.self)
      if let value = CoNLLUDialect.columnsValue(text) {
        if let columns = CoNLLUColumns(line: value) {
          dialect.columns = columns
        } else {
          report(
            .error, "conllu.file.columns", "global.columns names each column once, and at least one", file, line.lowerBound, line.count)
        }
      }
    }
    dialect.preamble = String(decoding: bytes[blockStart..<end], as: UTF8.self)
    blockStart = end
  }

  private mutating func walkLines(
    _ mapped: MappedFile, _ file: FileID, _ base: Int, _ dialect: inout CoNLLUDialect
  ) throws(DatasetError) {
    let bytes = mapped.bytes
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    var windowStart = blockStart
    while windowStart < bytes.count {
      try InterruptFlag.check()
      var windowEnd = min(windowStart + (1 << 20), bytes.count)
      if windowEnd < bytes.count {
        let found = memchr(start + windowEnd - 1, 0x0A, bytes.count - windowEnd + 1)
        windowEnd = found.map { UnsafeRawPointer($0) - UnsafeRawPointer(start) + 1 } ?? bytes.count
      }
      let isClean = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[windowStart..<windowEnd])) == nil
      var at = windowStart
      while at < windowEnd {
        let lineStart = at
        var lineEnd = windowEnd
        if let found = memchr(start + at, 0x0A, windowEnd &- at) {
          lineEnd = UnsafeRawPointer(found) - UnsafeRawPointer(start)
          at = lineEnd &+ 1
        } else {
          at = windowEnd
        }
        if lineEnd > lineStart, start[lineEnd &- 1] == 0x0D, at > lineEnd { lineEnd &-= 1 }
        let line = UnsafeBufferPointer(start: start + lineStart, count: lineEnd &- lineStart)
        if !isClean, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(line)) {
          index.unreadable.append(base + lineStart)
          report(.error, "conllu.file.encoding", "This is not UTF-8; a file in another encoding is converted first", file, lineStart + bad, 1)
        }
        take(line, lineStart, base, file, mapped, dialect)
      }
      mapped.release(windowStart..<windowEnd)
      windowStart = windowEnd
    }
    if isInBlock { endBlock(bytes.count, base, file, mapped, dialect, isAtEnd: true) }
  }

  @inline(__always) private mutating func take(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int, _ file: FileID, _ mapped: MappedFile, _ dialect: CoNLLUDialect
  ) {
    guard let first = line.first, first != 0x20 || !line.allSatisfy({ $0 == 0x20 }) else {
      return takeBlank(line, offset, base, file, mapped, dialect)
    }
    if !isInBlock {
      isInBlock = true
      hasRows = false
      blockIsSentence = false
      // Blank lines before the first sentence are its own.
      if !isFirstBlock { blockStart = offset }
      isFirstBlock = false
    }
    if first == UInt8(ascii: "#") { takeComment(line, offset, base) } else { hasRows = true }
  }

  private mutating func takeBlank(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int, _ file: FileID, _ mapped: MappedFile, _ dialect: CoNLLUDialect
  ) {
    if !line.isEmpty, !saidSpaces {
      saidSpaces = true
      report(.warning, "conllu.line.spaces", "This line looks empty and holds spaces", file, offset, line.count)
    }
    if isInBlock { return endBlock(offset, base, file, mapped, dialect, isAtEnd: false) }
    if !saidBlank {
      saidBlank = true
      report(.warning, "conllu.line.blank", "One empty line stands behind each sentence; here is another one", file, offset, 0)
    }
  }

  private mutating func takeComment(_ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int) {
    if hasRows { return }
    switch CoNLLUComments.border(line) {
    case .document?:
      documentCount += 1
      index.documents.append(CoNLLUIndex.Border(offset: base + offset, value: value(line, CoNLLUComments.endOfDocument, documentCount)))
    case .paragraph?:
      paragraphCount += 1
      index.paragraphs.append(CoNLLUIndex.Border(offset: base + offset, value: value(line, CoNLLUComments.endOfParagraph, paragraphCount)))
    case nil:
      if line.starts(with: "# waybill_text = ".utf8), let comment = SentenceComment(line), case .string(let text) = comment.jsonValue,
        TextTokens.isBlank(text)
      {
        blockIsSentence = true
      }
    }
  }

  private func value(_ line: UnsafeBufferPointer<UInt8>, _ end: String, _ count: Int) -> AttributeValue? {
    if line.elementsEqual(end.utf8) { return nil }
    guard let name = CoNLLUComments.borderName(line) else { return .integer(Int64(count)) }
    switch SentenceComment.id(of: name) {
    case .integer(let number): return .integer(number)
    case .string(let text): return .string(text)
    }
  }

  /// Ends the lines of a sentence.
  private mutating func endBlock(
    _ offset: Int, _ base: Int, _ file: FileID, _ mapped: MappedFile, _ dialect: CoNLLUDialect, isAtEnd: Bool
  ) {
    isInBlock = false
    if !hasRows, !blockIsSentence {
      report(
        .error, "conllu.sentence.empty", "Comments stand here without the rows of a sentence", file, blockStart, max(0, offset - blockStart))
      // They are kept with the sentence that follows, which is refused anyway.
      return
    }
    index.starts.append(base + blockStart)
    if hasTexts == nil || demand.labels || hasEntities { look(at: blockStart..<offset, mapped, dialect) }
    if !hasEntities {
      let bytes = UnsafeBufferPointer(rebasing: mapped.bytes.bindMemory(to: UInt8.self)[blockStart..<offset])
      if CoNLLUEntities.mayHold(bytes) {
        hasEntities = true
        look(at: blockStart..<offset, mapped, dialect)
      }
    }
    if isAtEnd {
      report(.warning, "conllu.file.end", "An empty line is missing behind the last sentence", file, max(0, offset - 1), min(1, offset))
    }
  }

  /// Looks for the text of a sentence, and for labels and tags in it.
  private mutating func look(at range: Range<Int>, _ mapped: MappedFile, _ dialect: CoNLLUDialect) {
    let bytes = UnsafeBufferPointer(rebasing: mapped.bytes.bindMemory(to: UInt8.self)[range])
    guard let base = bytes.baseAddress, bytes.count < Int(Int32.max) else { return }
    let start = CoNLLUDecoder.startOfRows(bytes)
    if hasTexts == nil { hasTexts = CoNLLUComments(UnsafeBufferPointer(rebasing: bytes[..<start])).text != nil }
    guard hasEntities || demand.labels, CoNLLUEntities.mayHold(bytes) else { return }
    guard rows.read(base, from: start, to: bytes.count, width: dialect.columns.count, isCRLF: dialect.isCRLF) == nil else { return }
    var check = CoNLLUCheck(rows, base, dialect.columns, isStrict: false)
    guard check.run(), UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(bytes)) == nil else { return }
    let cache = demand.labels ? labels : LabelCache(LabelTable())
    let entities = CoNLLUEntities(rows: rows, base: base, columns: dialect.columns, labels: cache)
    guard let key = entities.tagKey() else {
      if demand.labels { _ = entities.bracketed(type: dialect.entityType) }
      return
    }
    if census.entityTags == 0, usual == nil { keyOfTags = key }
    entities.forEachTag(key) { _, tag in
      if let label = census.take(tag), demand.labels, !label.isEmpty { _ = labels.intern(label) }
    }
    census.endSentence()
  }

  /// The key of the first tags.
  private var keyOfTags: String?

  /// What the walk leaves behind.
  mutating func finish(mediaFolders: [String]) -> CoNLLUIndex {
    index.mediaFolders = mediaFolders
    index.header.labelsAreComplete = demand.labels
    guard var usual else { return index }
    if let keyOfTags { usual.key = keyOfTags }
    for number in index.shards.indices {
      let dialect = index.shards[number].dialect
      index.shards[number].isUsual =
        dialect.isCRLF == usual.isCRLF && dialect.columns == usual.columns && dialect.hasTexts == usual.hasTexts
    }
    index.header.preserved = Preserved(CoNLLUFormat.id, members: usual.members)
    return index
  }
}
