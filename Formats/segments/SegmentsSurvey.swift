import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over the rows of all tables, which notes where each sample's rows are.
struct SegmentsSurvey {
  private let demand: Demand
  private let context: ReadContext
  private(set) var index = SegmentsIndex()
  private var owners: [UInt32] = []
  private var starts: [Int] = []
  private var length = 0
  private var fields: [CSVField] = []
  /// The keys of samples, numbered in order.
  private let keys = LabelCache(LabelTable())
  private let splits = LabelCache(LabelTable())
  private var labels: LabelCache

  init(demand: Demand, context: ReadContext) {
    self.demand = demand
    self.context = context
    labels = LabelCache(index.header.labels)
  }

  /// Reads a table; the first row names its columns.
  mutating func walk(_ mapped: MappedFile) throws(DatasetError) {
    let bytes = mapped.bytes
    let id = context.sources.add(mapped.path)
    guard var dialect = readNames(bytes, id) else { return }
    dialect.hasByteOrderMark = CSVScanner.byteOrderMarkLength(of: bytes) > 0
    dialect.endsWithLineFeed = bytes.last == 0x0A
    var scanner = CSVScanner(bytes, delimiter: dialect.delimiter)
    if let first = try? scanner.nextRow(&fields) {
      dialect.hasCarriageReturns = first.ending == .carriageReturnLineFeed
      dialect.quotesAll = !fields.isEmpty && fields.allSatisfy(\.isQuoted)
    }
    var file = SegmentsFile(mapped: mapped, id: id, base: length, dialect: dialect)
    length += bytes.count
    let places = Places(dialect.columns)
    mapped.willReadSequentially()
    var window = scanner.offset
    var released = 0
    var checked = 0
    while true {
      let start = scanner.offset
      if start >= window {
        try InterruptFlag.check()
        mapped.release(released..<max(released, start - (1 << 20)))
        released = max(released, start - (1 << 20))
        window = start + (1 << 20)
        checkText(bytes, &checked, to: min(window, bytes.count), id)
      }
      do throws(CSVFault) {
        guard let row = try scanner.nextRow(&fields) else { break }
        take(row, bytes, places, file)
      } catch {
        context.diagnostics.report(error.diagnostic(in: id))
      }
    }
    checkText(bytes, &checked, to: bytes.count, id)
    file.dialect = dialect
    index.files.append(file)
  }

  /// Reports the first bytes of a part that are not UTF-8.
  private func checkText(_ bytes: UnsafeRawBufferPointer, _ checked: inout Int, to end: Int, _ id: FileID) {
    guard checked >= 0, end > checked else { return }
    // A part may end within a character, which begins at most three bytes before.
    var limit = end
    while limit > checked, limit < bytes.count, bytes[limit] & 0xC0 == 0x80, end - limit < 3 { limit -= 1 }
    if let bad = UTF8Check.firstInvalid(in: UnsafeRawBufferPointer(rebasing: bytes[checked..<limit])) {
      context.report(
        .error, "segments.file.encoding", "This is not UTF-8", at: SourceRange(file: id, offset: checked + bad, length: 1))
      checked = -1
    } else {
      checked = limit
    }
  }

  /// Which columns the survey looks at.
  private struct Places {
    var count: Int
    var media: Int?
    var key: Int?
    var label: Int?
    var split: Int?

    init(_ columns: [SegmentsColumn]) {
      count = columns.count
      media = columns.firstIndex(of: .field(.media))
      key = columns.firstIndex(of: .field(.key))
      label = columns.firstIndex(of: .field(.label))
      split = columns.firstIndex(of: .field(.split))
    }
  }

  private mutating func readNames(_ bytes: UnsafeRawBufferPointer, _ id: FileID) -> SegmentsDialect? {
    guard let found = SegmentsFormat.header(bytes) else {
      context.report(
        .error, "segments.header.media", "The first row names the columns, and one of them is media",
        at: SourceRange(file: id, offset: 0, length: 1))
      return nil
    }
    var seen: Set<SegmentsColumn> = []
    for name in found.names where !seen.insert(SegmentsColumn(name: name)).inserted {
      context.report(
        .error, "segments.header.duplicate", "Two columns have the name \"\(terminalSafe(name))\"",
        at: SourceRange(file: id, offset: 0, length: 1))
      return nil
    }
    var dialect = SegmentsDialect()
    dialect.names = found.names
    dialect.delimiter = found.delimiter
    return dialect
  }

  private mutating func take(_ row: CSVRow, _ bytes: UnsafeRawBufferPointer, _ places: Places, _ file: SegmentsFile) {
    if row.isBlank, places.count > 1 {
      return context.report(
        .warning, "segments.row.blank", "A blank row says nothing and is not written again", at: file.range(row.range))
    }
    guard fields.count == places.count else {
      return context.report(
        .error, "segments.row.fields", "This row has \(fields.count) cells, and the table has \(places.count) columns",
        at: file.range(row.range))
    }
    var name = places.key.flatMap { fields[$0].range.isEmpty ? nil : fields[$0] }
    if name == nil { name = places.media.flatMap { fields[$0].range.isEmpty ? nil : fields[$0] } }
    guard let name else {
      return context.report(
        .error, "segments.row.media", "A row names its media, or the key of its sample", at: file.range(row.range))
    }
    let owner = intern(name, bytes, keys).index
    if Int(owner) == index.samples.count { index.samples.append(UInt32(truncatingIfNeeded: index.files.count)) }
    // A sample of several tables belongs to the first; its other rows would have other columns.
    guard Int(index.samples[Int(owner)]) == index.files.count else {
      return context.report(
        .error, "segments.row.two-tables", "The rows of one sample stand in one table", at: file.range(row.range))
    }
    owners.append(owner)
    starts.append(file.base + row.range.lowerBound)
    if demand.labels, let place = places.label, !fields[place].range.isEmpty { _ = intern(fields[place], bytes, labels) }
    if demand.splits, let place = places.split, !fields[place].range.isEmpty {
      let known = splits.table.count
      let split = intern(fields[place], bytes, splits)
      if Int(split.index) == known, let label = splits.label(split) { index.splits.append(SplitName.canonical(label.name)) }
    }
  }

  private func intern(_ field: CSVField, _ bytes: UnsafeRawBufferPointer, _ names: LabelCache) -> LabelID {
    if field.hasDoubledQuotes {
      return Array(field.string(in: bytes).utf8).withUnsafeBufferPointer { names.intern($0) }
    }
    return names.intern(UnsafeRawBufferPointer(rebasing: bytes[field.range]).assumingMemoryBound(to: UInt8.self))
  }

  /// Sorts the rows by sample.
  mutating func finish() -> SegmentsIndex {
    index.rows = RowGroups(owners: owners, starts: starts, count: index.samples.count)
    owners = []
    starts = []
    index.header.labelsAreComplete = demand.labels
    if var dialect = index.files.first?.dialect {
      // Several tables become one, with the columns of all.
      for file in index.files.dropFirst() {
        for name in file.dialect.names where !dialect.columns.contains(SegmentsColumn(name: name)) { dialect.names.append(name) }
      }
      index.header.preserved = dialect.preserved
    }
    return index
  }
}
