import WaybillBytes
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Finds out what the columns of a file are from its first lines.
struct CoNLLLayoutFinder {
  /// What was found.
  struct Finding {
    var dialect: CoNLLDialect
    /// Rows that were looked at.
    var rows: Int
    /// Sentences that were looked at.
    var sentences: Int
    /// Tags of entities in the columns of labels.
    var entityTags: Int
    /// Whether a line begins a document.
    var hasDocuments: Bool
    /// Whether all rows of each sentence have as many columns as one another.
    var isEven: Bool
  }

  /// What one column holds.
  private struct Column {
    var tags = 0
    var entities = 0
    var outside = 0
    var isIndex = true
  }

  /// Bytes at the beginning of a file that are looked at.
  static let byteLimit = 1 << 20
  /// Lines that are looked at.
  static let lineLimit = 4000

  /// Looks at the first lines of a file; nil when they are no rows.
  ///
  /// - Parameters:
  ///   - isWhole: Whether the bytes are all there is, so that the last line is complete.
  ///   - labels: The columns of labels, counted from 0, when they are given.
  ///   - token: The column of the token when it is given.
  static func find(_ bytes: UnsafeRawBufferPointer, isWhole: Bool, labels: [Int]?, token: Int?) -> Finding? {
    var rows: [[UnsafeBufferPointer<UInt8>]] = []
    var sentences: [Range<Int>] = []
    var lines: [UnsafeBufferPointer<UInt8>] = []
    var hasMark = false
    var hasDocuments = false
    var returns = 0
    var first = 0
    var scanner = LineScanner(bytes, from: 0)
    if bytes.count >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF {
      hasMark = true
      scanner = LineScanner(bytes, from: 3)
    }
    while lines.count < lineLimit, let range = scanner.next() {
      if !isWhole, !scanner.endedWithLineFeed { break }
      if scanner.endedWithCarriageReturn { returns += 1 }
      let line = UnsafeBufferPointer(rebasing: bytes.bindMemory(to: UInt8.self)[range])
      let isDocument = CoNLLLines.isDocumentStart(line)
      if isDocument { hasDocuments = true }
      if CoNLLLines.isBlank(line) || isDocument {
        if lines.count > first { sentences.append(first..<lines.count) }
        first = lines.count
      } else if line[0] != UInt8(ascii: "#") {
        lines.append(line)
      }
    }
    if lines.count > first { sentences.append(first..<lines.count) }
    guard !lines.isEmpty else { return nil }
    var dialect = CoNLLDialect.standard
    dialect.hasMark = hasMark
    dialect.isCRLF = returns > 0
    if let found = linewise(lines, labels, token, dialect) {
      return Finding(
        dialect: found.dialect, rows: found.rows, sentences: lines.count, entityTags: found.entityTags, hasDocuments: hasDocuments,
        isEven: true)
    }
    let tabs = lines.map(CoNLLLines.splitAtTabs)
    let blanks = lines.map { CoNLLLines.splitAtBlanks($0).fields }
    // Tabs alone part the columns where nearly every row has one, and spaces would part them unevenly or just as well.
    let tabbed = tabs.reduce(0) { $0 + ($1.count > 1 ? 1 : 0) }
    let usesTabs = tabbed * 10 >= tabs.count * 9 && (isEven(tabs, sentences) || !isEven(blanks, sentences))
    dialect.separator = usesTabs ? .tab : .space
    let fields = usesTabs ? tabs : blanks
    for (index, line) in lines.enumerated() { rows.append(fields[index].map { UnsafeBufferPointer(rebasing: line[$0]) }) }
    let width = commonWidth(rows)
    guard width > 0 else { return nil }
    guard let (layout, tags) = layout(rows, width, sentences, labels, token) else { return nil }
    dialect.layout = layout
    return Finding(
      dialect: dialect, rows: rows.count, sentences: sentences.count, entityTags: tags, hasDocuments: hasDocuments,
      isEven: isEven(fields, sentences))
  }

  /// Whether the rows of each sentence have as many fields as its first row.
  private static func isEven(_ rows: [[Range<Int>]], _ sentences: [Range<Int>]) -> Bool {
    sentences.allSatisfy { sentence in sentence.allSatisfy { rows[$0].count == rows[sentence.lowerBound].count } }
  }

  /// The number of columns that most rows have; the first of several.
  private static func commonWidth(_ rows: [[UnsafeBufferPointer<UInt8>]]) -> Int {
    var counts: [Int: Int] = [:]
    for row in rows { counts[row.count, default: 0] += 1 }
    let most = counts.values.max() ?? 0
    return rows.first { counts[$0.count] == most }?.count ?? 0
  }

  /// Lines of tokens with bars between their columns, the last of which is a tag.
  private static func linewise(
    _ lines: [UnsafeBufferPointer<UInt8>], _ labels: [Int]?, _ token: Int?, _ dialect: CoNLLDialect
  ) -> (dialect: CoNLLDialect, rows: Int, entityTags: Int)? {
    guard let first = lines.first, first.contains(UInt8(ascii: "|")) else { return nil }
    var rows: [[UnsafeBufferPointer<UInt8>]] = []
    var sentences: [Range<Int>] = []
    for line in lines {
      let start = rows.count
      for item in CoNLLLines.splitAtBlanks(line).fields {
        let item = UnsafeBufferPointer(rebasing: line[item])
        let row = item.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false).map {
          UnsafeBufferPointer(rebasing: $0)
        }
        guard row.count > 1, row.count == rows.first?.count ?? row.count else { return nil }
        rows.append(row)
      }
      sentences.append(start..<rows.count)
    }
    guard let width = rows.first?.count, let (layout, tags) = layout(rows, width, sentences, labels, token), !layout.labels.isEmpty
    else { return nil }
    var dialect = dialect
    dialect.isLinewise = true
    dialect.separator = .space
    dialect.layout = layout
    return (dialect, rows.count, tags)
  }

  /// What the columns are; nil when columns are given that the rows do not have.
  private static func layout(
    _ rows: [[UnsafeBufferPointer<UInt8>]], _ width: Int, _ sentences: [Range<Int>], _ labels: [Int]?, _ token: Int?
  ) -> (CoNLLLayout, Int)? {
    guard width <= CoNLLLayout.widthLimit else { return nil }
    var columns = Array(repeating: Column(), count: width)
    var count = 0
    for sentence in sentences {
      for (number, row) in rows[sentence].enumerated() where row.count == width {
        count += 1
        for (index, cell) in row.enumerated() {
          if let tag = TagText(cell) {
            columns[index].tags += 1
            if tag.isOutside { columns[index].outside += 1 } else { columns[index].entities += 1 }
          }
          if index == 0, columns[0].isIndex, !isNumber(cell, number + 1), !isNumber(cell, number) { columns[0].isIndex = false }
        }
      }
    }
    // A few that are none are faults in a column of tags.
    let tagged = (0..<width).filter { index in
      columns[index].tags > 0 && columns[index].tags * 10 >= count * 9
        && (columns[index].outside > 0 || columns[index].entities > 0)
    }
    let hasIndex = width > 1 && columns[0].isIndex && count > 0
    var chosen = labels ?? tagged.last.map { [$0] } ?? []
    // An index, the token, and two columns of tags: entities and those inside of them, as in GermEval.
    if labels == nil, hasIndex, width == 4, tagged == [2, 3] { chosen = tagged }
    // A column of tags with nothing beside it says nothing about any token.
    if labels == nil, width == 1 { chosen = [] }
    let rest = (0..<width).filter { !chosen.contains($0) }
    let word = token ?? (hasIndex && rest.first == 0 && rest.count > 1 ? rest[1] : rest.first)
    guard let word, let layout = CoNLLLayout(width: width, token: word, labels: chosen) else { return nil }
    return (layout, chosen.reduce(0) { $0 + ($1 < width ? columns[$1].entities : 0) })
  }

  /// Whether a cell is a number, written plainly.
  private static func isNumber(_ cell: UnsafeBufferPointer<UInt8>, _ number: Int) -> Bool { cell.elementsEqual("\(number)".utf8) }
}
