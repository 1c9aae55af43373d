import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Writes the rows of samples; a worker's memory.
final class SegmentsRowWriter {
  private let dialect: SegmentsDialect
  let base: [SegmentsColumn]
  private let baseBits: UInt64
  private let baseNames: Set<SegmentsColumn>
  // One worker alone uses it.
  @exclusivity(unchecked) private var cell = ByteBuffer(capacity: 256)
  /// The cells about the media, which are the same in all rows of a sample: their bytes, and where each begins and ends.
  @exclusivity(unchecked) private var media = ByteBuffer(capacity: 256)
  @exclusivity(unchecked) private var mediaRanges = [Range<Int>](repeating: 0..<0, count: 64)
  @exclusivity(unchecked) private var mediaBits: UInt64 = 0
  @exclusivity(unchecked) private var mediaNames: [SegmentsColumn] = []
  /// The layout of the row before.
  @exclusivity(unchecked) private var layout = Layout()
  /// Changes whenever the layout does, and the layout whose names the batch holds already, with their place there.
  @exclusivity(unchecked) private var layoutNumber = 0
  @exclusivity(unchecked) private var noted = (layout: -1, position: 0)
  @exclusivity(unchecked) private var labelCells: [[UInt8]] = []
  let reader: SegmentsRowReader
  /// Names of labels of rows that are compared with what they say by now.
  let checkedLabels = LabelCache(LabelTable())

  /// Which columns a row has.
  private struct Layout {
    /// The fixed columns that are not empty, and the attributes.
    var bits: UInt64 = 0
    var names: [SegmentsColumn] = []
    var columns: [SegmentsColumn] = []
    /// What is not among the columns that are always there.
    var addedBits: UInt64 = 0
    var addedNames: [SegmentsColumn] = []
  }

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

  /// Appends the row of an annotation, or of a sample without one; false, and a report, when it cannot be written.
  func append(_ annotation: UnsafePointer<Annotation>?, _ sample: Sample, into batch: inout EncodedBatch, _ context: EncodeContext)
    -> Bool
  {
    guard check(annotation, sample, context) else { return false }
    let start = batch.bytes.count
    let preserved = annotation.map { $0.pointee.hasRareAnswers ? $0.pointee.preserved : Preserved() } ?? sample.preserved
    if !preserved.isEmpty, let row = sameRow(preserved, annotation, sample, context) {
      batch.bytes.append(row)
      dialect.appendLineEnd(to: &batch.bytes)
      note(start..<batch.bytes.count, 0, [], annotation?.pointee.ordinal, &batch)
      return true
    }
    if let annotation { SegmentsRowWriter.noteLosses(annotation, sample, context) }
    findLayout(annotation, sample)
    let time = annotation.flatMap { $0.pointee.hasRareAnswers ? $0.pointee.time : nil }
    for position in layout.columns.indices {
      if position > 0 { batch.bytes.append(dialect.delimiter) }
      append(layout.columns[position], annotation, time, sample, to: &batch.bytes, context)
    }
    // A row of one empty cell would be a blank line.
    if batch.bytes.count == start { batch.bytes.append("\"\"") }
    dialect.appendLineEnd(to: &batch.bytes)
    guard checkLength(batch.bytes.count - start, sample, context) else { return false }
    note(start..<batch.bytes.count, layout.addedBits, layout.addedNames, annotation?.pointee.ordinal, &batch)
    return true
  }

  private func note(
    _ range: Range<Int>, _ bits: UInt64, _ names: [SegmentsColumn], _ ordinal: UInt32?, _ batch: inout EncodedBatch
  ) {
    var position = 0
    if !names.isEmpty, noted.layout == layoutNumber, let last = batch.records.last, last.kind == SegmentsPiece.rows,
      last.position == noted.position
    {
      // The row before says already which names these are.
      position = noted.position
    } else if !names.isEmpty {
      // The names go before the rows, which have to move: their bytes are few.
      let row = batch.bytes.array(from: range.lowerBound)
      batch.bytes.truncate(to: range.lowerBound)
      batch.bytes.append(json: AttributeValue.list(names.map { .string($0.name) }))
      let end = batch.bytes.count
      batch.records.append(.init(kind: SegmentsPiece.names, range: range.lowerBound..<end))
      position = batch.records.count
      noted = (layoutNumber, position)
      batch.bytes.append(row)
      return batch.records.append(
        .init(kind: SegmentsPiece.rows, range: end..<batch.bytes.count, id: Int64(bits), ordinal: ordinal, position: position))
    }
    if ordinal == nil, let last = batch.records.last, last.kind == SegmentsPiece.rows, last.ordinal == .max,
      last.position == position, last.id == Int64(bits), last.range.upperBound == range.lowerBound
    {
      batch.records[batch.records.count - 1].range = last.range.lowerBound..<range.upperBound
      return
    }
    batch.records.append(.init(kind: SegmentsPiece.rows, range: range, id: Int64(bits), ordinal: ordinal, position: position))
  }

  /// Which columns the row has: those that are always there, and those it needs.
  private func findLayout(_ annotation: UnsafePointer<Annotation>?, _ sample: Sample) {
    var bits = mediaBits
    if let annotation { bits |= SegmentsRowWriter.bits(annotation, sample) }
    if isLaidOut(annotation, bits) { return }
    var names = mediaNames
    if let annotation {
      if annotation.pointee.hasRareAnswers {
        let attributes = annotation.pointee.attributes
        if !attributes.isEmpty {
          for item in attributes.items {
            if let field = SegmentsRowWriter.field(item) { bits |= field.bit } else { names.append(.attribute(item.name)) }
          }
        }
      }
    }
    layoutNumber += 1
    layout = Layout(bits: bits, names: names, columns: base, addedBits: bits & ~baseBits)
    for field in SegmentsField.allCases where layout.addedBits & field.bit != 0 { layout.columns.append(.field(field)) }
    layout.addedNames = names.filter { !baseNames.contains($0) }
    layout.columns += layout.addedNames
  }

  /// Whether the layout of the row before is that of this one too, as it nearly always is.
  private func isLaidOut(_ annotation: UnsafePointer<Annotation>?, _ bits: UInt64) -> Bool {
    var bits = bits
    var count = mediaNames.count
    if let annotation, annotation.pointee.hasRareAnswers {
      let attributes = annotation.pointee.attributes
      for item in attributes.items {
        if let field = SegmentsRowWriter.field(item) {
          bits |= field.bit
        } else {
          guard count < layout.names.count, case .attribute(let name) = layout.names[count], name == item.name else { return false }
          count += 1
        }
      }
    }
    guard bits == layout.bits, count == layout.names.count else { return false }
    return mediaNames.isEmpty || layout.names.starts(with: mediaNames)
  }

  /// The column of an attribute with a column of its own, which holds texts only.
  static func field(_ item: Attributes.Attribute) -> SegmentsField? {
    guard case .string(let text) = item.value, !text.isEmpty else { return nil }
    return item.name == "speaker" ? .speaker : item.name == "channel" ? .channel : nil
  }

  static func bits(_ annotation: UnsafePointer<Annotation>, _ sample: Sample) -> UInt64 {
    var bits: UInt64 = 0
    func add(_ field: SegmentsField, _ isGiven: Bool = true) { if isGiven { bits |= field.bit } }
    add(.label, annotation.pointee.label != nil)
    add(.confidence, annotation.pointee.confidence != nil)
    add(.id, annotation.pointee.id != nil)
    if let box = annotation.pointee.box {
      switch box.form {
      case .extent: bits |= SegmentsField.x.bit | SegmentsField.y.bit | SegmentsField.width.bit | SegmentsField.height.bit
      case .centered: bits |= SegmentsField.cx.bit | SegmentsField.cy.bit | SegmentsField.width.bit | SegmentsField.height.bit
      case .corners: bits |= SegmentsField.xmin.bit | SegmentsField.ymin.bit | SegmentsField.xmax.bit | SegmentsField.ymax.bit
      }
      add(.unit, box.unit == .unit)
    }
    if !annotation.pointee.flags.isEmpty {
      add(.difficult, annotation.pointee.flags.difficult != nil)
      add(.truncated, annotation.pointee.flags.truncated != nil)
      add(.occluded, annotation.pointee.flags.occluded != nil)
      add(.crowd, annotation.pointee.flags.crowd != nil)
    }
    guard annotation.pointee.hasRareAnswers else { return bits }
    add(.text, annotation.pointee.text.map { !$0.isEmpty } ?? false)
    add(.track, annotation.pointee.track != nil)
    add(.author, annotation.pointee.author.map { !$0.isEmpty } ?? false)
    add(.created, annotation.pointee.createdAt != nil)
    switch annotation.pointee.time {
    case .frame: add(.frame, sample.media.kind != .image)
    case .instant: add(.start)
    case .interval:
      add(.start)
      add(.end)
    case nil: break
    }
    return bits
  }

  private func append(
    _ column: SegmentsColumn, _ annotation: UnsafePointer<Annotation>?, _ time: TimeExtent?, _ sample: Sample,
    to out: inout ByteBuffer,
    _ context: EncodeContext
  ) {
    switch column {
    case .field(let field):
      if mediaBits & field.bit != 0 {
        return out.append(UnsafeRawBufferPointer(rebasing: media.bytes[mediaRanges[Int(field.rawValue)]]))
      }
      guard let annotation, layout.bits & field.bit != 0 else { break }
      if field == .label, let label = annotation.pointee.label { return appendLabel(label, to: &out, context) }
      if !dialect.quotesAll, SegmentsRowWriter.append(field, annotation, time, to: &out) { return }
      cell.removeAll()
      if !SegmentsRowWriter.append(field, annotation, time, to: &cell) { appendText(field, annotation) }
      return out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
    case .attribute(let name):
      guard let annotation, annotation.pointee.hasRareAnswers, let value = annotation.pointee.attributes[name] else { break }
      if case .string = value, SegmentsRowWriter.field(.init(name: name, value: value)) != nil { break }
      if !dialect.quotesAll, SegmentsCell.isPlain(value) { return SegmentsCell.append(value, to: &out) }
      cell.removeAll()
      SegmentsCell.append(value, to: &cell)
      return out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
    case .mediaAttribute(let name):
      guard let value = sample.attributes[name] else { break }
      cell.removeAll()
      SegmentsCell.append(value, to: &cell)
      return out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
    }
    if dialect.quotesAll { out.append("\"\"") }
  }

  private func appendLabel(_ label: LabelID, to out: inout ByteBuffer, _ context: EncodeContext) {
    while labelCells.count <= Int(label.index) {
      var text = ByteBuffer(capacity: 32)
      context.labels.withName(LabelID(index: UInt32(labelCells.count))) {
        text.appendCSV(UnsafeRawBufferPointer($0), delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
      }
      labelCells.append(text.array())
    }
    out.append(labelCells[Int(label.index)])
  }

  /// Appends a cell that never needs quotes, for it holds digits and letters alone; false for all others.
  private static func append(
    _ field: SegmentsField, _ annotation: UnsafePointer<Annotation>, _ time: TimeExtent?, to out: inout ByteBuffer
  ) -> Bool {
    switch field {
    case .confidence: if let value = annotation.pointee.confidence { out.append(value) }
    case .x, .cx, .xmin: if let box = annotation.pointee.box { out.append(box.first) }
    case .y, .cy, .ymin: if let box = annotation.pointee.box { out.append(box.second) }
    case .width, .xmax: if let box = annotation.pointee.box { out.append(box.third) }
    case .height, .ymax: if let box = annotation.pointee.box { out.append(box.fourth) }
    case .unit: out.append("share")
    case .start, .end, .frame:
      switch time {
      case .interval(let start, let end): if field == .start { start.append(to: &out) } else { end.append(to: &out) }
      case .instant(let moment): moment.append(to: &out)
      case .frame(let number): out.append(decimal: number)
      case nil: break
      }
    case .track:
      guard case .integer(let number)? = annotation.pointee.track else { return false }
      out.append(decimal: Int(number))
    case .id:
      guard case .integer(let number)? = annotation.pointee.id else { return false }
      out.append(decimal: Int(number))
    case .created: if let moment = annotation.pointee.createdAt { out.append(moment.text()) }
    case .difficult, .truncated, .occluded, .crowd:
      let flags = annotation.pointee.flags
      let flag =
        field == .difficult
        ? flags.difficult : field == .truncated ? flags.truncated : field == .occluded ? flags.occluded : flags.crowd
      if flag == true { out.append("true") } else { out.append("false") }
    default: return false
    }
    return true
  }

  private func appendText(_ field: SegmentsField, _ annotation: UnsafePointer<Annotation>) {
    switch field {
    case .text: if let text = annotation.pointee.text { cell.append(text) }
    case .speaker, .channel: if case .string(let text)? = annotation.pointee.attributes[field.name] { cell.append(text) }
    case .author: if let author = annotation.pointee.author { cell.append(author) }
    case .track: if let track = annotation.pointee.track { SegmentsCell.append(track, to: &cell) }
    case .id: if let id = annotation.pointee.id { SegmentsCell.append(id, to: &cell) }
    default: break
    }
  }
}
