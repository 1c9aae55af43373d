import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension SegmentsRowWriter {
  /// Appends the cells of a row.
  func appendCells(
    _ annotation: UnsafePointer<Annotation>?, _ attributes: Attributes, _ sample: Sample, to out: inout ByteBuffer,
    _ context: EncodeContext
  ) {
    if !hasRuns { findRuns() }
    var run = 0
    for at in 0..<layout.steps.count {
      let step = layout.steps[at]
      if at > 0 { out.append(dialect.delimiter) }
      switch step.kind {
      case .media:
        out.append(UnsafeRawBufferPointer(rebasing: runs.bytes[runRanges[run]]))
        run &+= 1
      case .label: if let label = annotation?.pointee.label { appendLabel(label, to: &out, context) }
      case .confidence: if let value = annotation?.pointee.confidence { out.append(value) }
      case .box: if let box = annotation?.pointee.box { append(box, to: &out) }
      case .start, .end:
        guard let annotation else { break }
        SegmentsRowWriter.append(annotation.pointee.time, isEnd: step.kind == .end, to: &out)
      case .attribute: append(attributes.items[step.item].value, to: &out)
      case .empty: if dialect.quotesAll { out.append("\"\"") }
      case .track:
        if case .integer(let number)? = annotation?.pointee.track {
          out.append(decimal: Int(number))
        } else {
          append(layout.columns[step.first], annotation, sample, to: &out, context)
        }
      case .other: append(layout.columns[step.first], annotation, sample, to: &out, context)
      }
    }
  }

  /// Lays the cells of the media side by side, as the layout has them.
  private func findRuns() {
    hasRuns = true
    runs.removeAll()
    runRanges.removeAll(keepingCapacity: true)
    for step in layout.steps where step.kind == .media {
      let start = runs.count
      for column in step.first...step.last {
        guard case .field(let field) = layout.columns[column] else { continue }
        if column > step.first { runs.append(dialect.delimiter) }
        runs.append(mediaCell(field))
      }
      runRanges.append(start..<runs.count)
    }
  }

  private func appendLabel(_ label: LabelID, to out: inout ByteBuffer, _ context: EncodeContext) {
    while labels.count <= Int(label.index) {
      let start = labelCells.count
      let hasName = context.labels.withName(LabelID(index: UInt32(labels.count))) { name in
        labelCells.appendCSV(
          UnsafeRawBufferPointer(name), delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
        return !name.isEmpty
      }
      labels.append((start..<labelCells.count, hasName))
    }
    out.append(UnsafeRawBufferPointer(rebasing: labelCells.bytes[labels[Int(label.index)].cell]))
  }

  /// Appends the four numbers of a box.
  private func append(_ box: Box, to out: inout ByteBuffer) {
    if dialect.delimiter == UInt8(ascii: ",") {
      withUnsafeBytes(of: (box.first, box.second, box.third, box.fourth)) {
        _ = out.append(numbers: $0.bindMemory(to: Double.self))
      }
      return
    }
    out.append(box.first)
    out.append(dialect.delimiter)
    out.append(box.second)
    out.append(dialect.delimiter)
    out.append(box.third)
    out.append(dialect.delimiter)
    out.append(box.fourth)
  }

  /// Appends the value of an attribute.
  private func append(_ value: AttributeValue, to out: inout ByteBuffer) {
    if !dialect.quotesAll, SegmentsCell.isPlain(value) { return SegmentsCell.append(value, to: &out) }
    cell.removeAll()
    SegmentsCell.append(value, to: &cell)
    out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
  }

  /// Appends a time in its own form.
  private static func append(_ time: MediaTime, to out: inout ByteBuffer) {
    if time.form == .seconds { out.append(seconds: time) } else { time.append(to: &out) }
  }

  private static func append(_ time: TimeExtent?, isEnd: Bool, to out: inout ByteBuffer) {
    switch time {
    case .interval(let start, let end): append(isEnd ? end : start, to: &out)
    case .instant(let moment): append(moment, to: &out)
    case .frame(let number): out.append(decimal: number)
    case nil: break
    }
  }

  private func append(
    _ column: SegmentsColumn, _ annotation: UnsafePointer<Annotation>?, _ sample: Sample, to out: inout ByteBuffer,
    _ context: EncodeContext
  ) {
    switch column {
    case .field(let field):
      if mediaBits & field.bit != 0 { return out.append(mediaCell(field)) }
      guard let annotation, layout.bits & field.bit != 0 else { break }
      if field == .label, let label = annotation.pointee.label { return appendLabel(label, to: &out, context) }
      if !dialect.quotesAll, SegmentsRowWriter.append(field, annotation, to: &out) { return }
      cell.removeAll()
      if !SegmentsRowWriter.append(field, annotation, to: &cell) { appendText(field, annotation) }
      return out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
    case .attribute(let name):
      guard let annotation, annotation.pointee.hasRareAnswers, let value = annotation.pointee.attributes[name] else { break }
      if case .string = value, SegmentsRowWriter.field(.init(name: name, value: value)) != nil { break }
      return append(value, to: &out)
    case .mediaAttribute(let name):
      guard let value = sample.attributes[name] else { break }
      cell.removeAll()
      SegmentsCell.append(value, to: &cell)
      return out.appendCSV(cell.bytes, delimiter: dialect.delimiter, quoting: dialect.quotesAll ? .always : .needed)
    }
    if dialect.quotesAll { out.append("\"\"") }
  }

  /// Appends a cell that never needs quotes, for it holds digits and letters alone; false for all others.
  private static func append(
    _ field: SegmentsField, _ annotation: UnsafePointer<Annotation>, to out: inout ByteBuffer
  ) -> Bool {
    switch field {
    case .confidence: if let value = annotation.pointee.confidence { out.append(value) }
    case .x, .cx, .xmin: if let box = annotation.pointee.box { out.append(box.first) }
    case .y, .cy, .ymin: if let box = annotation.pointee.box { out.append(box.second) }
    case .width, .xmax: if let box = annotation.pointee.box { out.append(box.third) }
    case .height, .ymax: if let box = annotation.pointee.box { out.append(box.fourth) }
    case .unit: out.append("share")
    case .start, .end, .frame: append(annotation.pointee.time, isEnd: field == .end, to: &out)
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
