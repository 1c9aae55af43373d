import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over the lines of all files: notes where sentences and documents begin, and which scheme the tags follow.
struct CoNLLSurvey {
  let options: CoNLLReadOptions
  let demand: Demand
  let context: ReadContext
  let index = CoNLLIndex()
  private var censuses: [TagCensus] = []
  private var usual: CoNLLDialect?
  private let labels: LabelCache
  private var documentCount = 0
  /// Where the first document without a name begins in the file.
  private var firstDocument: Int?

  // The state of the walk over one file.
  private var firstOfFile = 0
  private var isInSentence = false
  private var isBehindSentence = false
  private var blockStart = 0
  private var blockIsSentence = false

  init(options: CoNLLReadOptions, demand: Demand, context: ReadContext) {
    self.options = options
    self.demand = demand
    self.context = context
    labels = LabelCache(index.header.labels)
  }

  /// Walks over one file.
  mutating func walk(_ mapped: MappedFile, path: String) throws(DatasetError) {
    let file = context.sources.add(path)
    let bytes = mapped.bytes
    mapped.willReadSequentially()
    guard
      let finding = CoNLLLayoutFinder.find(
        UnsafeRawBufferPointer(rebasing: bytes.prefix(CoNLLLayoutFinder.byteLimit)),
        isWhole: bytes.count <= CoNLLLayoutFinder.byteLimit,
        labels: options.labels,
        token: options.token)
    else {
      let isEmpty = bytes.allSatisfy { $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }
      let place = SourceRange(file: file, offset: 0, length: min(bytes.count, 1))
      if !isEmpty, options.labels != nil || options.token != nil {
        context.report(.error, "conll.file.columns", "The rows do not have the columns that the options name", at: place)
      } else {
        context.report(.warning, "conll.file.empty", "There is no row in this file", at: place)
      }
      index.length += bytes.count
      return
    }
    censuses = Array(repeating: TagCensus(), count: finding.dialect.layout.labels.count)
    let base = index.length
    let first = index.starts.count
    firstOfFile = first
    isInSentence = false
    isBehindSentence = false
    blockIsSentence = false
    firstDocument = nil
    blockStart = finding.dialect.hasMark ? 3 : 0
    var dialect = finding.dialect
    if finding.dialect.hasMark {
      context.report(
        .warning, "conll.file.bom", "The file begins with a byte order mark", at: SourceRange(file: file, offset: 0, length: 3))
    }
    try walkLines(mapped, file, base, &dialect)
    dialect.scheme = options.scheme ?? censuses.reduce(into: nil) { $0 = $0 ?? $1.scheme }
    if let firstDocument { dialect.docstart = CoNLLSurvey.lines(bytes, from: firstDocument) }
    if usual == nil { usual = dialect }
    if usual?.scheme == nil { usual?.scheme = dialect.scheme }
    index.shards.append(
      CoNLLIndex.Shard(
        mapped: mapped, file: file, base: base, first: first, dialect: dialect, isUsual: usual?.isSpelled(like: dialect) ?? true))
    index.length += bytes.count
  }

  /// Walks over the lines, a window after the other.
  private mutating func walkLines(
    _ mapped: MappedFile, _ file: FileID, _ base: Int, _ dialect: inout CoNLLDialect
  ) throws(DatasetError) {
    let bytes = mapped.bytes
    guard let start = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    var layout = dialect.layout
    var windowStart = blockStart
    var quickMark = quickMark(dialect, layout)
    // Tokens outside of entities that the census has not heard of yet.
    var outside = 0
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
        if isClean, isInSentence, lineEnd &- lineStart > 2, start[lineEnd &- 1] == UInt8(ascii: "O"),
          start[lineEnd &- 2] == quickMark,
          CoNLLSurvey.beginsToken(start[lineStart])
        {
          // Nearly all rows are those of a token outside of entities, and say no more.
          outside &+= 1
          continue
        }
        if outside > 0 {
          censuses[0].takeOutside(outside)
          outside = 0
        }
        let line = UnsafeBufferPointer(start: start + lineStart, count: lineEnd &- lineStart)
        if !isClean, let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(line)) {
          index.unreadable.append(base + lineStart)
          context.report(
            .error, "conll.file.encoding", "This is not UTF-8; a file in another encoding is converted first",
            at: SourceRange(file: file, offset: lineStart + bad, length: 1))
        }
        take(line, lineStart, base, &dialect, &layout)
        // A comment may name other columns.
        if start[lineStart] == UInt8(ascii: "#") { quickMark = self.quickMark(dialect, layout) }
      }
      mapped.release(windowStart..<windowEnd)
      windowStart = windowEnd
    }
    if outside > 0 { censuses[0].takeOutside(outside) }
    if blockIsSentence, !isInSentence { index.starts.append(base + blockStart) }
    for number in censuses.indices { censuses[number].endSentence() }
  }

  /// The mark before the last column where that holds the only tags; one that no row has where not.
  private func quickMark(_ dialect: CoNLLDialect, _ layout: CoNLLLayout) -> UInt8 {
    censuses.count == 1 && !dialect.isLinewise && layout.labelsAreLast ? dialect.columnMark : 0x0A
  }

  /// Whether a line that begins with a byte is a row and nothing else.
  @inline(__always) private static func beginsToken(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte != UInt8(ascii: "#") && byte != UInt8(ascii: "-")
  }

  @inline(__always) private mutating func take(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int, _ dialect: inout CoNLLDialect, _ layout: inout CoNLLLayout
  ) {
    guard let first = line.first, CoNLLSurvey.beginsToken(first) else {
      return takeOddLine(line, offset, base, &dialect, &layout)
    }
    takeRow(line, offset, base, dialect, layout)
  }

  /// A line that may be blank, a comment, or the beginning of a document.
  private mutating func takeOddLine(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int, _ dialect: inout CoNLLDialect, _ layout: inout CoNLLLayout
  ) {
    if CoNLLLines.isBlank(line) {
      if isInSentence || blockIsSentence { endSentence(base) }
      return
    }
    if CoNLLLines.isDocumentStart(line) {
      if isInSentence || blockIsSentence { endSentence(base) }
      begin(offset)
      return addDocument(line, offset, base)
    }
    if CoNLLLines.isComment(line, dialect, layout) {
      if isInSentence, !dialect.isLinewise { return }
      begin(offset)
      guard line.starts(with: "# waybill_".utf8), let comment = SentenceComment(line) else { return }
      if comment.name == SentenceComment.textName, comment.value == "\"\"" || comment.isBlankText { blockIsSentence = true }
      if comment.name == CoNLLComments.columnsName, let json = comment.jsonValue, let given = CoNLLLayout(json: json) {
        layout = given
        // Named before the first row, they are the columns of the file.
        if index.starts.count == firstOfFile, !isInSentence { dialect.take(columns: json) }
        censuses = Array(repeating: censuses.first ?? TagCensus(), count: given.labels.count)
        index.regions.append(CoNLLIndex.Region(offset: base + blockStart, layout: given))
      }
      return
    }
    takeRow(line, offset, base, dialect, layout)
  }

  /// Begins the lines of the next sentence, if the one before has ended.
  @inline(__always) private mutating func begin(_ offset: Int) {
    if isBehindSentence {
      blockStart = offset
      isBehindSentence = false
    }
  }

  private mutating func endSentence(_ base: Int) {
    if blockIsSentence, !isInSentence { index.starts.append(base + blockStart) }
    isInSentence = false
    blockIsSentence = false
    isBehindSentence = true
    for number in censuses.indices { censuses[number].endSentence() }
  }

  @inline(__always) private mutating func takeRow(
    _ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int, _ dialect: CoNLLDialect, _ layout: CoNLLLayout
  ) {
    begin(offset)
    if !isInSentence {
      isInSentence = true
      blockIsSentence = false
      index.starts.append(base &+ blockStart)
    }
    if censuses.count == 1, !dialect.isLinewise, layout.labelsAreLast, let end = line.baseAddress.map({ $0 + line.count }),
      let last = line.last, last > 0x20
    {
      // Nearly always the tags are the last column.
      let mark = dialect.columnMark
      var start = line.count
      while start > 0, line[start &- 1] != mark { start &-= 1 }
      note(UnsafeBufferPointer(start: end - (line.count &- start), count: line.count &- start), 0)
    } else {
      takeTags(line, dialect, layout)
    }
    if dialect.isLinewise { endSentence(base) }
  }

  private mutating func takeTags(_ line: UnsafeBufferPointer<UInt8>, _ dialect: CoNLLDialect, _ layout: CoNLLLayout) {
    if censuses.isEmpty { return }
    if dialect.isLinewise {
      for item in CoNLLLines.splitAtBlanks(line).fields {
        let item = UnsafeBufferPointer(rebasing: line[item])
        let fields = item.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false)
        for number in censuses.indices where layout.labels[number] < fields.count {
          note(UnsafeBufferPointer(rebasing: fields[layout.labels[number]]), number)
        }
      }
      return
    }
    let fields = CoNLLLines.split(line, dialect, width: layout.width).fields
    for number in censuses.indices {
      let column = layout.label(number, inRowOf: fields.count)
      if fields.indices.contains(column) { note(UnsafeBufferPointer(rebasing: line[fields[column]]), number) }
    }
  }

  @inline(__always) private mutating func note(_ tag: UnsafeBufferPointer<UInt8>, _ number: Int) {
    guard let label = censuses[number].take(tag), demand.labels, label.count > 0 else { return }
    // What is no UTF-8 is refused as a whole, and its labels are in no table.
    if index.unreadable.isEmpty || UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(label)) == nil { _ = labels.intern(label) }
  }

  private mutating func addDocument(_ line: UnsafeBufferPointer<UInt8>, _ offset: Int, _ base: Int) {
    documentCount += 1
    var value: AttributeValue? = .integer(Int64(documentCount))
    if let name = CoNLLLines.documentName(line) {
      if name.isEmpty {
        value = nil
      } else if let number = Int64(name), "\(number)" == name {
        value = .integer(number)
      } else {
        value = .string(name)
      }
    } else if firstDocument == nil {
      firstDocument = offset
    }
    index.documents.append(CoNLLIndex.Document(offset: base + offset, value: value))
  }

  /// A line and the blank lines behind it.
  private static func lines(_ bytes: UnsafeRawBufferPointer, from start: Int) -> String {
    var scanner = LineScanner(bytes, from: start)
    _ = scanner.next()
    var end = scanner.offset
    while let line = scanner.next(), CoNLLLines.isBlank(UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[line])) {
      end = scanner.offset
    }
    return String(decoding: bytes[start..<end], as: UTF8.self)
  }

  /// What the walk leaves behind.
  mutating func finish(mediaFolders: [String]) -> CoNLLIndex {
    index.mediaFolders = mediaFolders
    index.header.labelsAreComplete = demand.labels
    // A later file may have shown the scheme.
    if let usual, index.shards.count > 1 {
      index.shards = index.shards.map {
        CoNLLIndex.Shard(
          mapped: $0.mapped, file: $0.file, base: $0.base, first: $0.first, dialect: $0.dialect,
          isUsual: usual.isSpelled(like: $0.dialect))
      }
    }
    if let usual { index.header.preserved = Preserved(CoNLLFormat.id, members: usual.members) }
    return index
  }
}

extension SentenceComment {
  /// Whether it says a text that has no token.
  fileprivate var isBlankText: Bool {
    guard case .string(let text) = jsonValue else { return false }
    return TextTokens.isBlank(text)
  }
}
