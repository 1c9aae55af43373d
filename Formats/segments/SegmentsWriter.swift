import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes a table: rows go to a spool, for which columns there are is known when the last of them is there.
///
/// Rows that have all columns, which are nearly always all rows, are then copied as they are.
final class SegmentsWriter: FormatWriter {
  static let usualName = "segments.csv"
  /// How many rows ahead memory is asked for.
  private static let lead = 16

  let demand = Demand()
  private let delimiter: UInt8?
  private var dialect = SegmentsDialect()
  private var name = usualName
  private var output: StagedOutput?
  private var spool: Spool?
  // The pipeline calls its writer from one thread, one call after the other.
  @exclusivity(unchecked) private var pieces: [Piece] = []
  private var layouts: [Layout] = []
  private var hasOrdinals = false

  /// Columns that rows have behind those that are always there.
  private struct Layout: Equatable {
    var bits: UInt64
    var names: [String]
  }

  /// Rows that lie together, of one layout.
  private struct Piece {
    var start: Int
    var length: UInt32
    var layout: UInt32
    var ordinal: UInt32
  }

  init(delimiter: UInt8?) { self.delimiter = delimiter }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    dialect = SegmentsDialect(header.preserved)
    name = context.fileName ?? SegmentsWriter.usualName
    if name.lowercased().hasSuffix(".tsv") { dialect.delimiter = UInt8(ascii: "\t") }
    if name.lowercased().hasSuffix(".csv"), dialect.delimiter == UInt8(ascii: "\t") { dialect.delimiter = UInt8(ascii: ",") }
    if let delimiter { dialect.delimiter = delimiter }
    output = context.output
    spool = try context.output.openSpool()
    return SegmentsEncoder(dialect: dialect, isFile: context.fileName != nil)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let spool else { return }
    let base = spool.count
    try spool.append(batch.bytes.bytes)
    var last: (id: Int64, position: Int, layout: UInt32) = (-1, 0, 0)
    for record in batch.records where record.kind == SegmentsPiece.rows {
      if record.id != last.id || record.position != last.position {
        var names: [String] = []
        if record.position > 0, record.position <= batch.records.count {
          let range = batch.records[record.position - 1].range
          var scanner = JSONScanner(UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[range]))
          if case .list(let items)? = try? scanner.attributeValue() {
            for case .string(let name) in items { names.append(name) }
          }
        }
        last = (record.id, record.position, number(of: Layout(bits: UInt64(bitPattern: record.id), names: names)))
      }
      if record.ordinal != .max { hasOrdinals = true }
      pieces.append(
        Piece(
          start: base + record.range.lowerBound, length: UInt32(truncatingIfNeeded: record.range.count), layout: last.layout,
          ordinal: record.ordinal))
    }
  }

  private func number(of layout: Layout) -> UInt32 {
    if let known = layouts.lastIndex(of: layout) { return UInt32(truncatingIfNeeded: known) }
    layouts.append(layout)
    return UInt32(truncatingIfNeeded: layouts.count - 1)
  }

  func finish() throws(DatasetError) {
    guard let output, let spool else { return }
    let columns = columns()
    let file = try output.openFile(name)
    var head = ByteBuffer(capacity: 256)
    if dialect.hasByteOrderMark { head.append([0xEF, 0xBB, 0xBF]) }
    for (position, column) in columns.enumerated() {
      if position > 0 { head.append(dialect.delimiter) }
      head.appendCSV(
        position < dialect.names.count ? dialect.names[position] : column.name, delimiter: dialect.delimiter,
        quoting: dialect.quotesAll ? .always : .needed)
    }
    dialect.appendLineEnd(to: &head)
    if pieces.isEmpty, !dialect.endsWithLineFeed { head.truncate(to: head.count - lineEndLength) }
    try file.append(head.bytes)
    if !pieces.isEmpty { try copy(spool, columns, to: file) }
    try file.close()
    self.spool = nil
    pieces = []
  }

  private var lineEndLength: Int { dialect.hasCarriageReturns ? 2 : 1 }

  /// All columns: those that are always there, the fixed ones in their order, attributes as they came.
  private func columns() -> [SegmentsColumn] {
    var columns = dialect.columns
    var bits: UInt64 = 0
    for layout in layouts { bits |= layout.bits }
    // Nobody reads a table that does not name its media.
    if columns.isEmpty { bits |= SegmentsField.media.bit }
    for field in SegmentsField.allCases where bits & field.bit != 0 && !columns.contains(.field(field)) {
      columns.append(.field(field))
    }
    var known = Set(columns)
    for layout in layouts {
      for name in layout.names {
        let column = SegmentsColumn(name: name)
        if known.insert(column).inserted { columns.append(column) }
      }
    }
    return columns
  }

  private func copy(_ spool: Spool, _ columns: [SegmentsColumn], to file: OutputFile) throws(DatasetError) {
    let mapped = try spool.map()
    // The mapping must outlive its bytes' last use.
    defer { withExtendedLifetime(mapped) {} }
    let layouts = layouts.map { layout in SegmentsRelayout(of: self.columns(of: layout), into: columns) }
    let order = hasOrdinals ? RowFiles.order(of: pieces.map(\.ordinal)) : nil
    // Rows are short, and a call for each would cost more than the copy.
    let window = 1 << 17
    var gathered = ByteBuffer(capacity: window + (1 << 12))
    var fields: [CSVField] = []
    for position in 0..<pieces.count {
      let piece = pieces[order.map { Int($0[position]) } ?? position]
      if position & 0xFFFF == 0 { try InterruptFlag.check() }
      if let order, position &+ SegmentsWriter.lead < order.count {
        // Rows out of order lie anywhere: the memory of one is waited for while others are copied.
        let later = pieces[Int(order[position &+ SegmentsWriter.lead])]
        ReadAhead.fetch(mapped.bytes, at: later.start, count: Int(later.length))
      }
      let bytes = UnsafeRawBufferPointer(rebasing: mapped.bytes[piece.start..<(piece.start + Int(piece.length))])
      if let relayout = layouts[Int(piece.layout)] {
        relayout.append(bytes, dialect, &fields, to: &gathered)
      } else {
        gathered.append(bytes)
      }
      if position == pieces.count - 1, !dialect.endsWithLineFeed { gathered.truncate(to: gathered.count - lineEndLength) }
      if gathered.count >= window || position == pieces.count - 1 {
        try file.append(gathered.bytes)
        gathered.removeAll()
      }
      if order == nil { mapped.release(max(0, piece.start - (2 << 20))..<piece.start) }
    }
  }

  /// The columns of a layout.
  private func columns(of layout: Layout) -> [SegmentsColumn] {
    var columns = dialect.columns
    for field in SegmentsField.allCases where layout.bits & field.bit != 0 { columns.append(.field(field)) }
    return columns + layout.names.map(SegmentsColumn.init(name:))
  }
}

/// Puts cells under other columns; rows that have all columns need none.
struct SegmentsRelayout {
  /// For each column of the table the position of its cell in a row; nil where the row has none.
  private let places: [Int?]

  init?(of columns: [SegmentsColumn], into all: [SegmentsColumn]) {
    guard columns != all else { return nil }
    var positions: [SegmentsColumn: Int] = [:]
    for (position, column) in columns.enumerated() { positions[column] = position }
    places = all.map { positions[$0] }
  }

  func append(_ rows: UnsafeRawBufferPointer, _ dialect: SegmentsDialect, _ fields: inout [CSVField], to out: inout ByteBuffer) {
    var scanner = CSVScanner(rows, delimiter: dialect.delimiter)
    while let row = try? scanner.nextRow(&fields) {
      for (column, place) in places.enumerated() {
        if column > 0 { out.append(dialect.delimiter) }
        if let place, place < fields.count {
          out.append(UnsafeRawBufferPointer(rebasing: rows[fields[place].outerRange]))
        } else if dialect.quotesAll {
          out.append("\"\"")
        }
      }
      _ = row
      dialect.appendLineEnd(to: &out)
    }
  }
}
