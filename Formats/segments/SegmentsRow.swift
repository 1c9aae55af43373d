import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// What one row says: about its media, and its annotation.
struct SegmentsRow {
  var key: String?
  var location: String?
  var kind: Media.Kind?
  var split: String?
  var duration: MediaTime?
  var width: Int?
  var height: Int?
  var frame: Int?
  var mediaAttributes = Attributes()
  var annotation = Annotation()
  /// Whether it says anything beside its media.
  var hasAnnotation = false
  /// Whether it would be written with the same characters, apart from what is not repeated about the media.
  var isPlain = true

  /// The key of the sample.
  var sampleKey: String { key ?? location ?? "" }

  /// The kind of media, given or by the ending.
  var mediaKind: Media.Kind { kind ?? SegmentsCell.kind(of: location ?? key ?? "") }
}

/// Reads rows; a worker's memory.
final class SegmentsRowReader {
  /// Where problems go.
  typealias Report = (_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ range: Range<Int>) -> Void

  let dialect: SegmentsDialect
  private let columns: [SegmentsColumn]
  private var fields: [CSVField] = []
  private var scratch = ByteBuffer(capacity: 64)
  private var printed = ByteBuffer(capacity: 64)
  private var box = BoxCells()

  init(_ dialect: SegmentsDialect) {
    self.dialect = dialect
    columns = dialect.columns
  }

  /// The four numbers of a box as they come.
  private struct BoxCells {
    var values: [Double] = Array(repeating: 0, count: 10)
    var given: UInt16 = 0
    var unit = CoordinateUnit.pixels
  }

  /// Reads the row at an offset; nil, and a report, when it cannot be read.
  func read(_ bytes: UnsafeRawBufferPointer, at offset: Int, labels: LabelCache, _ report: Report) -> SegmentsRow? {
    var scanner = CSVScanner(bytes, delimiter: dialect.delimiter, from: offset)
    let line: CSVRow
    do throws(CSVFault) {
      guard let found = try scanner.nextRow(&fields) else { return nil }
      line = found
    } catch {
      report(.error, error.rule, error.message, error.offset..<(error.offset + 1))
      return nil
    }
    lastRange = line.range
    guard fields.count == columns.count else {
      report(
        .error, "segments.row.fields", "This row has \(fields.count) cells, and the table has \(columns.count) columns", line.range)
      return nil
    }
    var row = SegmentsRow()
    box.given = 0
    box.unit = .pixels
    start = nil
    end = nil
    for (column, field) in zip(columns, fields) {
      if dialect.quotesAll != field.isQuoted, dialect.quotesAll || !needsQuotes(field, bytes) { row.isPlain = false }
      guard !field.range.isEmpty else { continue }
      var content = UnsafeRawBufferPointer(rebasing: bytes[field.range])
      if field.hasDoubledQuotes {
        scratch.removeAll()
        scratch.appendUnescapedCSV(content)
        content = scratch.bytes
      }
      let text = content.assumingMemoryBound(to: UInt8.self)
      guard take(column, text, &row, labels) else {
        report(
          .error, "segments.cell.value",
          "\"\(terminalSafe(String(decoding: text.prefix(60), as: UTF8.self)))\" is no value of the column \"\(terminalSafe(column.name))\"",
          field.range)
        return nil
      }
    }
    guard row.location != nil || row.key != nil else {
      report(.error, "segments.row.media", "A row names its media, or the key of its sample", line.range)
      return nil
    }
    return finish(&row, line.range, report) ? row : nil
  }

  private func needsQuotes(_ field: CSVField, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard field.isQuoted else { return false }
    return CSVText.needsQuotes(UnsafeRawBufferPointer(rebasing: bytes[field.range]), delimiter: dialect.delimiter)
  }

  private func finish(_ row: inout SegmentsRow, _ range: Range<Int>, _ report: Report) -> Bool {
    if box.given != 0 {
      guard addBox(&row) else {
        report(
          .error, "segments.row.box",
          "A box has four numbers: x, y, width, height, or cx, cy, width, height, or xmin, ymin, xmax, ymax", range)
        return false
      }
    }
    // What follows from something else is not written.
    let follows =
      row.key != nil && row.key == row.location
      || row.kind.map { $0 == SegmentsCell.kind(of: row.location ?? row.key ?? "") } == true
    if follows || row.split.map({ SplitName.canonical($0) != $0 }) == true { row.isPlain = false }
    if row.mediaKind != .image, let frame = row.frame {
      guard row.annotation.time == nil else {
        report(.error, "segments.row.time", "An annotation has a frame, or a begin with an end or without", range)
        return false
      }
      row.annotation.time = .frame(frame)
      row.frame = nil
      row.hasAnnotation = true
    }
    if let end {
      guard let start else {
        report(.error, "segments.row.time", "An end stands without a begin", range)
        return false
      }
      guard start.order(to: end) <= 0 else {
        report(.error, "segments.row.backwards", "An interval ends before it begins", range)
        return false
      }
    }
    if let start {
      guard row.annotation.time == nil else {
        report(.error, "segments.row.time", "An annotation has a frame, or a begin with an end or without", range)
        return false
      }
      row.annotation.time = end.map { .interval(start: start, end: $0) } ?? .instant(start)
      row.hasAnnotation = true
    }
    return true
  }

  /// The bytes of the row read last.
  private(set) var lastRange: Range<Int>?
  private var start: MediaTime?
  private var end: MediaTime?

  private func take(_ column: SegmentsColumn, _ text: SegmentsCell.Bytes, _ row: inout SegmentsRow, _ labels: LabelCache) -> Bool {
    switch column {
    case .attribute(let name):
      guard let value = SegmentsCell.value(text) else { return false }
      check(text, &row) { SegmentsCell.append(value, to: &$0) }
      var attributes = row.annotation.attributes
      attributes[name] = value
      row.annotation.attributes = attributes
      row.hasAnnotation = true
      return true
    case .mediaAttribute(let name):
      guard let value = SegmentsCell.value(text) else { return false }
      check(text, &row) { SegmentsCell.append(value, to: &$0) }
      row.mediaAttributes[name] = value
      return true
    case .field(let field):
      if !field.isOfMedia, field != .frame { row.hasAnnotation = true }
      return take(field, text, &row, labels)
    }
  }

  /// Notes whether a value is printed with the characters of its cell.
  private func check(_ text: SegmentsCell.Bytes, _ row: inout SegmentsRow, _ body: (inout ByteBuffer) -> Void) {
    guard row.isPlain else { return }
    printed.removeAll()
    body(&printed)
    if !printed.bytes.assumingMemoryBound(to: UInt8.self).holdsSameBytes(as: text) { row.isPlain = false }
  }

  private func take(_ field: SegmentsField, _ text: SegmentsCell.Bytes, _ row: inout SegmentsRow, _ labels: LabelCache) -> Bool {
    func string() -> String { String(decoding: text, as: UTF8.self) }
    switch field {
    case .media: row.location = string()
    case .key: row.key = string()
    case .kind:
      guard let kind = Media.Kind(rawValue: string()), [.audio, .video, .image].contains(kind) else { return false }
      row.kind = kind
    case .split: row.split = string()
    case .label: row.annotation.label = labels.intern(text)
    case .text: row.annotation.text = string()
    case .speaker, .channel:
      var attributes = row.annotation.attributes
      attributes[field.name] = .string(string())
      row.annotation.attributes = attributes
    case .author: row.annotation.author = string()
    case .start, .end, .duration:
      guard let time = SegmentsCell.time(text), field != .duration || time.units >= 0 else { return false }
      check(text, &row) { time.append(to: &$0) }
      if field == .start { start = time } else if field == .end { end = time } else { row.duration = time }
    case .frame, .imageWidth, .imageHeight:
      guard let number = NumberParser.integer(text), let value = Int(exactly: number), field == .frame || value > 0 else {
        return false
      }
      if field == .frame { row.frame = value } else if field == .imageWidth { row.width = value } else { row.height = value }
    case .confidence:
      guard let value = number(text, &row) else { return false }
      row.annotation.confidence = value
    case .x, .y, .cx, .cy, .width, .height, .xmin, .ymin, .xmax, .ymax:
      guard let value = number(text, &row) else { return false }
      let position = Int(field.rawValue - SegmentsField.x.rawValue)
      box.values[position] = value
      box.given |= 1 << UInt16(position)
    case .unit:
      guard ["pixels", "share"].contains(string()) else { return false }
      box.unit = text[0] == UInt8(ascii: "s") ? .unit : .pixels
      if box.unit == .pixels { row.isPlain = false }
    case .track, .id:
      guard let id = SegmentsCell.id(text) else { return false }
      check(text, &row) { SegmentsCell.append(id, to: &$0) }
      if field == .track { row.annotation.track = id } else { row.annotation.id = id }
    case .created:
      guard let moment = Timestamp(text, separator: UInt8(ascii: "T")) else { return false }
      row.annotation.createdAt = moment
    case .difficult, .truncated, .occluded, .crowd:
      guard let flag = SegmentsCell.flag(text) else { return false }
      check(text, &row) { $0.append(flag ? "true" : "false" as String) }
      switch field {
      case .difficult: row.annotation.flags.difficult = flag
      case .truncated: row.annotation.flags.truncated = flag
      case .occluded: row.annotation.flags.occluded = flag
      default: row.annotation.flags.crowd = flag
      }
    }
    return true
  }

  private func number(_ text: SegmentsCell.Bytes, _ row: inout SegmentsRow) -> Double? {
    guard let value = NumberParser.number(text)?.doubleValue else { return nil }
    check(text, &row) { $0.append(value) }
    return value
  }

  private func addBox(_ row: inout SegmentsRow) -> Bool {
    // The bits are x, y, cx, cy, width, height, xmin, ymin, xmax, ymax, from the lowest.
    let v = box.values
    switch box.given {
    case 0b00_0011_0011: row.annotation.box = Box(v[0], v[1], v[4], v[5], form: .extent, unit: box.unit)
    case 0b00_0011_1100: row.annotation.box = Box(v[2], v[3], v[4], v[5], form: .centered, unit: box.unit)
    case 0b11_1100_0000: row.annotation.box = Box(v[6], v[7], v[8], v[9], form: .corners, unit: box.unit)
    default: return false
    }
    return true
  }
}
