import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns one row into a sample; one per worker.
final class RowDecoder {
  /// Takes a problem with the offset it is at.
  typealias Report = (Diagnostic.Severity, String, String, Int) -> Void

  let layout: RowLayout
  let labels: LabelCache
  let usesIDs: Bool
  /// Whether other columns are attributes rather than kept.
  let givesAttributes: Bool
  private var fields: [CSVField] = []
  private var kept = ByteBuffer()
  private let others: [Int]
  private let prefix: [UInt8]
  private let separator: [UInt8]

  init(layout: RowLayout, labels: LabelCache, usesIDs: Bool, givesAttributes: Bool) {
    self.layout = layout
    self.labels = labels
    self.usesIDs = usesIDs
    self.givesAttributes = givesAttributes
    others = layout.others
    prefix = Array(layout.prefix.utf8)
    separator = Array((layout.separator ?? "").utf8)
  }

  /// Decodes the row that begins at an offset and returns its range without its end; nil, with a report, when it cannot be read.
  func decode(
    _ bytes: UnsafeRawBufferPointer, from start: Int, position: Int, into sample: inout Sample, _ report: Report
  ) -> Range<Int>? {
    sample.reset()
    sample.media.kind = .text
    sample.key = String(position + 1)
    guard layout.kind == .table else {
      let line = RowDecoder.line(bytes, from: start)
      if layout.kind == .fasttext { fasttext(bytes, line, &sample) } else { sample.media.text = text(bytes, line) }
      return line
    }
    var scanner = CSVScanner(bytes, delimiter: layout.delimiter, isQuoting: layout.isQuoting, from: start)
    // A mark may begin a part, though not a text that was decoded.
    do throws(CSVFault) {
      guard let row = try scanner.nextRow(&fields) else { return nil }
      return table(bytes, row, &sample, report) ? row.range : nil
    } catch {
      report(.error, error.rule, error.message, error.offset)
      return nil
    }
  }

  /// The line that begins at an offset, without its end.
  static func line(_ bytes: UnsafeRawBufferPointer, from start: Int) -> Range<Int> {
    var lines = LineScanner(bytes, from: start)
    return lines.next() ?? start..<start
  }

  private func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    String(decoding: UnsafeRawBufferPointer(rebasing: bytes[range]), as: UTF8.self)
  }

  // MARK: fastText

  private func fasttext(_ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ sample: inout Sample) {
    var at = line.lowerBound
    while true {
      var begin = at
      while begin < line.upperBound, isSpace(bytes[begin]) { begin += 1 }
      guard line.upperBound - begin > prefix.count,
        bytes[begin..<begin + prefix.count].elementsEqual(prefix), !isSpace(bytes[begin + prefix.count])
      else { break }
      var end = begin + prefix.count
      while end < line.upperBound, !isSpace(bytes[end]) { end += 1 }
      let name = UnsafeRawBufferPointer(rebasing: bytes[begin + prefix.count..<end])
      sample.annotations.append(Annotation(label: labels.intern(name.bindMemory(to: UInt8.self))))
      // One space belongs to the label before it.
      at = min(end + 1, line.upperBound)
    }
    sample.media.text = text(bytes, at..<line.upperBound)
  }

  private func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  // MARK: Tables

  /// Whether the row read last had fewer fields than there are columns.
  private(set) var isShort = false

  private func table(_ bytes: UnsafeRawBufferPointer, _ row: CSVRow, _ sample: inout Sample, _ report: Report) -> Bool {
    guard fields.count <= layout.columns else {
      report(
        .error, "text-classification.row.columns", "This row has \(fields.count) fields, and the table \(layout.columns) columns",
        fields[layout.columns].outerRange.lowerBound)
      return false
    }
    if layout.skipsSpace { skipSpaces(bytes) }
    isShort = fields.count < layout.columns
    if isShort {
      report(
        .warning, "text-classification.row.short", "This row has \(fields.count) fields, and the table \(layout.columns) columns",
        row.range.lowerBound)
    }
    guard layout.text < fields.count else {
      report(.error, "text-classification.row.columns", "This row has no field for the text", row.range.lowerBound)
      return false
    }
    sample.media.text = fields[layout.text].string(in: bytes)
    for column in layout.labels where column < fields.count { label(fields[column], bytes, &sample) }
    if let column = layout.id, column < fields.count, !fields[column].range.isEmpty {
      let id = fields[column].string(in: bytes)
      if let number = Int64(id), String(number) == id { sample.id = .integer(number) } else { sample.id = .string(id) }
      if usesIDs { sample.key = id }
    }
    if !others.isEmpty { keepOthers(bytes, &sample) }
    return true
  }

  private func skipSpaces(_ bytes: UnsafeRawBufferPointer) {
    for index in fields.indices.dropFirst() where !fields[index].isQuoted {
      var range = fields[index].range
      while !range.isEmpty, bytes[range.lowerBound] == 0x20 { range = range.lowerBound + 1..<range.upperBound }
      fields[index].range = range
    }
  }

  private func keepOthers(_ bytes: UnsafeRawBufferPointer, _ sample: inout Sample) {
    if givesAttributes {
      for column in others where column < fields.count {
        let name = column < layout.names.count && !layout.names[column].isEmpty ? layout.names[column] : "column\(column + 1)"
        sample.attributes[sample.attributes[name] == nil ? name : "column\(column + 1)"] = .string(fields[column].string(in: bytes))
      }
      return
    }
    kept.removeAll()
    kept.append("\"columns\":[")
    var isFirst = true
    for column in others where column < fields.count {
      if !isFirst { kept.append(UInt8(ascii: ",")) }
      isFirst = false
      let field = fields[column]
      if field.hasDoubledQuotes {
        kept.appendJSON(field.string(in: bytes))
      } else {
        kept.appendJSON(utf8: UnsafeRawBufferPointer(rebasing: bytes[field.range]).bindMemory(to: UInt8.self))
      }
    }
    kept.append(UInt8(ascii: "]"))
    sample.preserved = Preserved(TextClassificationFormat.id, members: kept.array())
  }

  // MARK: Labels

  private func label(_ field: CSVField, _ bytes: UnsafeRawBufferPointer, _ sample: inout Sample) {
    if field.range.isEmpty { return }
    if field.hasDoubledQuotes {
      field.string(in: bytes).withBytes { names(UnsafeRawBufferPointer($0), &sample) }
    } else {
      names(UnsafeRawBufferPointer(rebasing: bytes[field.range]), &sample)
    }
  }

  /// Reads the labels of one field or line.
  func names(_ field: UnsafeRawBufferPointer, _ sample: inout Sample) {
    if field.isEmpty { return }
    if !separator.isEmpty { return split(field, &sample) }
    if field.first == UInt8(ascii: "["), field.last == UInt8(ascii: "]"), list(field, &sample) { return }
    sample.annotations.append(Annotation(label: labels.intern(field.bindMemory(to: UInt8.self))))
  }

  private func split(_ field: UnsafeRawBufferPointer, _ sample: inout Sample) {
    var start = 0
    var at = 0
    while at <= field.count {
      let isEnd = at == field.count
      guard isEnd || (field.count - at >= separator.count && field[at..<at + separator.count].elementsEqual(separator)) else {
        at += 1
        continue
      }
      if at > start {
        let name = UnsafeRawBufferPointer(rebasing: field[start..<at])
        sample.annotations.append(Annotation(label: labels.intern(name.bindMemory(to: UInt8.self))))
      }
      at += isEnd ? 1 : separator.count
      start = at
    }
  }

  /// Reads a JSON list of texts; false when it is none.
  private func list(_ field: UnsafeRawBufferPointer, _ sample: inout Sample) -> Bool {
    guard let names = LabelList.read(field) else { return false }
    for name in names { sample.annotations.append(Annotation(label: name.withBytes { labels.intern($0) })) }
    return true
  }
}

/// Several labels in one field: a JSON list of texts.
enum LabelList {
  /// The texts of a list; nil when the field is none.
  static func read(_ field: UnsafeRawBufferPointer) -> [String]? {
    var scanner = JSONScanner(field)
    guard (try? scanner.peekKind()) == .array else { return nil }
    var names: [String] = []
    do throws(JSONFault) {
      var progress = try scanner.beginArray()
      while try scanner.nextElement(&progress) { names.append(try scanner.string().makeString()) }
      try scanner.expectEnd()
    } catch { return nil }
    return names
  }
}
