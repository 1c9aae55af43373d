import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Writes the rows of samples; a worker's memory.
final class SegmentsRowWriter {
  let dialect: SegmentsDialect
  let base: [SegmentsColumn]
  let baseBits: UInt64
  let baseNames: Set<SegmentsColumn>
  // One worker alone uses it.
  @exclusivity(unchecked) var cell = ByteBuffer(capacity: 256)
  /// The cells about the media, which are the same in all rows of a sample: their bytes, and where each begins and ends.
  @exclusivity(unchecked) var media = ByteBuffer(capacity: 256)
  @exclusivity(unchecked) private var mediaRanges = [Range<Int>](repeating: 0..<0, count: 64)
  @exclusivity(unchecked) var mediaBits: UInt64 = 0
  @exclusivity(unchecked) var mediaNames: [SegmentsColumn] = []
  /// Whether the sample itself can be written.
  @exclusivity(unchecked) var isSampleSound = false
  /// The layout of the row before.
  @exclusivity(unchecked) var layout = SegmentsLayout()
  /// Cells of the media that follow on each other in the layout, with the delimiters between them; rows of a sample copy them whole.
  @exclusivity(unchecked) var runs = ByteBuffer(capacity: 256)
  @exclusivity(unchecked) var runRanges: [Range<Int>] = []
  @exclusivity(unchecked) var hasRuns = false
  /// Changes whenever the layout does, and the layout whose names the batch holds already, with their place there.
  @exclusivity(unchecked) var layoutNumber = 0
  @exclusivity(unchecked) private var noted = (layout: -1, position: 0)
  /// The cells of labels, one behind the other, and where each lies.
  @exclusivity(unchecked) var labelCells = ByteBuffer(capacity: 1024)
  @exclusivity(unchecked) var labels: [(cell: Range<Int>, hasName: Bool)] = []
  let reader: SegmentsRowReader
  /// Names of labels of rows that are compared with what they say by now.
  let checkedLabels = LabelCache(LabelTable())

  init(_ dialect: SegmentsDialect) {
    self.dialect = dialect
    base = dialect.columns
    reader = SegmentsRowReader(dialect)
    var bits: UInt64 = 0
    for case .field(let field) in base { bits |= field.bit }
    baseBits = bits
    baseNames = Set(base)
    layout.columns = base
  }

  /// Prepares what the rows of a sample have in common.
  func begin(_ sample: Sample, _ context: EncodeContext) {
    isSampleSound = SegmentsRowWriter.isSound(sample)
    hasRuns = false
    mediaBits = 0
    media.removeAll()
    func set(_ field: SegmentsField, _ body: (inout ByteBuffer) -> Void) {
      mediaBits |= field.bit
      cell.removeAll()
      body(&cell)
      let start = media.count
      media.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
      mediaRanges[Int(field.rawValue)] = start..<media.count
    }
    if let location = sample.media.location {
      set(.media) { $0.append(location) }
      let isKey = location.withBytes { path in sample.key.withBytes { path.holdsSameBytes(as: $0) } }
      if !isKey { set(.key) { $0.append(sample.key) } }
    } else {
      set(.key) { $0.append(sample.key) }
      set(.media) { _ in }
    }
    if sample.media.kind != SegmentsCell.kind(of: sample.media.location ?? sample.key) {
      set(.kind) { $0.append(sample.media.kind.rawValue) }
    }
    if let split = sample.split, !split.isEmpty { set(.split) { $0.append(split) } }
    if let duration = sample.media.duration { set(.duration) { duration.append(to: &$0) } }
    if let width = sample.media.width { set(.imageWidth) { $0.append(decimal: width) } }
    if let height = sample.media.height { set(.imageHeight) { $0.append(decimal: height) } }
    if sample.media.kind == .image, let number = sample.media.frame?.number { set(.frame) { $0.append(decimal: number) } }
    mediaNames = sample.attributes.items.map { .mediaAttribute($0.name) }
  }

  /// The cell of a field about the media.
  func mediaCell(_ field: SegmentsField) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: media.bytes[mediaRanges[Int(field.rawValue)]])
  }

  /// Appends the row of an annotation, or of a sample without one; false, and a report, when it cannot be written.
  func append(_ annotation: UnsafePointer<Annotation>?, _ sample: Sample, into batch: inout EncodedBatch, _ context: EncodeContext)
    -> Bool
  {
    let features = annotation?.features ?? FeatureSet()
    guard check(annotation, features, sample, context) else { return false }
    let start = batch.bytes.count
    if annotation == nil || features.contains(.preserved) {
      let preserved = annotation?.pointee.preserved ?? sample.preserved
      if !preserved.isEmpty, let row = sameRow(preserved, annotation, sample, context) {
        batch.bytes.append(row)
        dialect.appendLineEnd(to: &batch.bytes)
        note(start..<batch.bytes.count, 0, hasNames: false, annotation?.pointee.ordinal, &batch)
        return true
      }
    }
    if let annotation, features.mayBeLost {
      SegmentsRowWriter.noteLosses(annotation, sample, context)
    }
    let attributes = annotation.flatMap { features.contains(.attributes) ? $0.pointee.attributes : nil } ?? Attributes()
    findLayout(annotation, attributes, sample)
    appendCells(annotation, attributes, sample, to: &batch.bytes, context)
    // A row of one empty cell would be a blank line.
    if batch.bytes.count == start { batch.bytes.append("\"\"") }
    dialect.appendLineEnd(to: &batch.bytes)
    guard checkLength(batch.bytes.count - start, sample, context) else { return false }
    note(
      start..<batch.bytes.count, layout.addedBits, hasNames: !layout.addedNames.isEmpty, annotation?.pointee.ordinal, &batch)
    return true
  }

  /// Notes a row as a piece for the writer.
  ///
  /// - Parameters:
  ///   - bits: The fixed columns the row adds.
  ///   - hasNames: Whether it adds the columns of attributes that the layout does.
  private func note(_ range: Range<Int>, _ bits: UInt64, hasNames: Bool, _ ordinal: UInt32?, _ batch: inout EncodedBatch) {
    var range = range
    var position = 0
    if hasNames, noted.layout == layoutNumber, let last = batch.records.last, last.kind == SegmentsPiece.rows,
      last.position == noted.position
    {
      // The row before says already which names these are.
      position = noted.position
    } else if hasNames {
      // The names go before the rows, which have to move: their bytes are few.
      let row = batch.bytes.array(from: range.lowerBound)
      batch.bytes.truncate(to: range.lowerBound)
      batch.bytes.append(json: AttributeValue.list(layout.addedNames.map { .string($0.name) }))
      let end = batch.bytes.count
      batch.records.append(.init(kind: SegmentsPiece.names, range: range.lowerBound..<end))
      position = batch.records.count
      noted = (layoutNumber, position)
      batch.bytes.append(row)
      range = end..<batch.bytes.count
    }
    if ordinal == nil, let last = batch.records.last, last.kind == SegmentsPiece.rows, last.ordinal == .max,
      last.position == position, last.id == Int64(bits), last.range.upperBound == range.lowerBound
    {
      batch.records[batch.records.count - 1].range = last.range.lowerBound..<range.upperBound
      return
    }
    batch.records.append(.init(kind: SegmentsPiece.rows, range: range, id: Int64(bits), ordinal: ordinal, position: position))
  }
}
