import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns one sample into a row in UTF-8, without its end; one per worker.
final class RowEncoder {
  typealias Report = (String, String) -> Void

  let layout: RowLayout
  let labels: LabelCache
  /// Whether the samples come from another format, so that their keys are written.
  let isForeign: Bool
  private let others: [Int]
  private let quoted: Set<Int>
  private var names = ByteBuffer()
  /// The line of labels, where they have a file of their own.
  private(set) var result = ByteBuffer()
  private var decoder: RowDecoder?
  private var again = Sample(key: "", media: Media(.text))
  /// What the sample keeps: the values of other columns, the row as it stood, and what stood before it.
  private var columns: [String] = []
  private var row: String?
  private var resultRow: String?
  private(set) var lead: String?

  init(layout: RowLayout, labels: LabelCache, isForeign: Bool) {
    self.layout = layout
    self.labels = labels
    self.isForeign = isForeign
    others = layout.others
    quoted = Set(layout.quoted)
  }

  /// Finds what a sample keeps.
  func prepare(_ sample: Sample) {
    columns.removeAll(keepingCapacity: true)
    (row, resultRow, lead) = (nil, nil, nil)
    guard !sample.preserved.isEmpty else { return }
    PreservedReader(sample.preserved, TextClassificationFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let found = try? scanner.attributeValue() else { return }
      switch (key, found) {
      case ("columns", .list(let list)): columns = list.map { if case .string(let text) = $0 { text } else { "" } }
      case ("row", .string(let text)): row = text
      case ("result", .string(let text)): resultRow = text
      case ("lead", .string(let text)):
        lead = text.utf8.allSatisfy { $0 == 0x0A || $0 == 0x0D } && text.utf8.contains(0x0A) ? text : nil
      default: return
      }
    }
  }

  /// Appends the row of a sample that was prepared; false, with a report, when it cannot be written.
  func encode(_ sample: Sample, at position: Int, asRead: Bool, into out: inout ByteBuffer, _ report: Report) -> Bool {
    result.removeAll()
    let start = out.count
    if asRead, row != nil || resultRow != nil, appendRow(sample, position, &out) { return true }
    out.truncate(to: start)
    guard sample.media.kind == .text, let text = sample.media.text else {
      report("text-classification.write.no-text", "The sample \"\(terminalSafe(sample.key))\" has no text of its own")
      return false
    }
    guard sample.annotations.allSatisfy({ $0.label != nil }) else {
      report("text-classification.write.no-label", "An annotation of the sample \"\(terminalSafe(sample.key))\" has no label")
      return false
    }
    let isWritten: Bool =
      switch layout.kind {
      case .table: table(sample, text, &out, report)
      case .fasttext: fasttext(sample, text, &out, report)
      case .pair: pair(sample, text, &out, report)
      }
    let length = max(out.count - start, result.count)
    let isShort = length <= CSVScanner.rowLimit
    if isWritten, !isShort {
      report(
        "text-classification.write.long-row", "The row of the sample \"\(terminalSafe(sample.key))\" would have \(length) bytes")
    }
    if !isWritten || !isShort { out.truncate(to: start) }
    return isWritten && isShort
  }

  /// Appends the row as it stood, when it still says what the sample says.
  private func appendRow(_ sample: Sample, _ position: Int, _ out: inout ByteBuffer) -> Bool {
    let decoder = decoder ?? RowDecoder(layout: layout, labels: labels, usesIDs: true, givesAttributes: false)
    self.decoder = decoder
    var text = ByteBuffer()
    text.append(row ?? sample.media.text ?? "")
    let range = decoder.decode(text.bytes, from: 0, position: position, into: &again, { _, _, _, _ in })
    guard range?.upperBound == text.count else { return false }
    if layout.kind == .pair { (resultRow ?? "").withBytes { decoder.names(UnsafeRawBufferPointer($0), &again) } }
    let ownColumns = PreservedReader(again.preserved, TextClassificationFormat.id).value("columns")
    let sameColumns = ownColumns == PreservedReader(sample.preserved, TextClassificationFormat.id).value("columns")
    again.preserved = sample.preserved
    again.split = sample.split
    if isForeign, sample.id == nil { again.id = nil }
    if again.key != sample.key, RowEncoder.isNumber(sample.key) { again.key = sample.key }
    guard sameColumns, again == sample else { return false }
    out.append(text.bytes)
    result.append(resultRow ?? "")
    if layout.kind == .pair, resultRow == nil { return labelField(sample, { _, _ in }) && appendResult() }
    return true
  }

  private func appendResult() -> Bool {
    result.append(names.bytes)
    return true
  }

  static func isNumber(_ key: String) -> Bool { !key.isEmpty && key.utf8.allSatisfy { $0 &- 48 <= 9 } }

  // MARK: Lines

  private func isLine(_ text: String) -> Bool { !text.utf8.contains(0x0A) && text.utf8.last != 0x0D }

  private func fasttext(_ sample: Sample, _ text: String, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    guard isLine(text) else { return refuse(sample, "Its text has several lines", report) }
    let start = out.count
    for annotation in sample.annotations {
      guard let label = annotation.label else { continue }
      let isWord = labels.withName(label) { name in
        !name.isEmpty && !name.contains { $0 == 0x20 || $0 == 9 || $0 == 0x0A || $0 == 0x0D }
      }
      guard isWord else {
        report(
          "text-classification.write.label",
          "The label \"\(terminalSafe(labels.label(label)?.name ?? ""))\" is not one word, as labels of fastText are")
        return false
      }
      if out.count > start { out.append(UInt8(ascii: " ")) }
      out.append(layout.prefix)
      labels.withName(label) { out.append($0) }
    }
    let plain = text.utf8.drop { $0 == 0x20 || $0 == 9 }
    guard !plain.starts(with: layout.prefix.utf8) else { return refuse(sample, "Its text begins like a label", report) }
    // A text alone, with nothing in it, would be a blank line.
    guard out.count > start || !plain.isEmpty else { return refuse(sample, "It has neither a text nor a label", report) }
    if out.count > start, !text.isEmpty { out.append(UInt8(ascii: " ")) }
    out.append(text)
    return true
  }

  private func pair(_ sample: Sample, _ text: String, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    guard isLine(text) else { return refuse(sample, "Its text has several lines", report) }
    guard labelField(sample, report) else { return false }
    guard !names.bytes.contains(0x0A), names.bytes.last != 0x0D else {
      return refuse(sample, "One of its labels has several lines", report)
    }
    out.append(text)
    return appendResult()
  }

  private func refuse(_ sample: Sample, _ reason: String, _ report: Report) -> Bool {
    report("text-classification.write.line", "The sample \"\(terminalSafe(sample.key))\" cannot be a line: \(reason)")
    return false
  }

  // MARK: Tables

  private func table(_ sample: Sample, _ text: String, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    var left = sample.annotations[...]
    let start = out.count
    for column in 0..<layout.columns {
      if column > 0 {
        out.append(layout.delimiter)
        if layout.skipsSpace { out.append(UInt8(ascii: " ")) }
      }
      if column == layout.text {
        guard field(text, column, sample, &out, report) else { return false }
      } else if column == layout.id {
        guard field(id(of: sample), column, sample, &out, report) else { return false }
      } else if let place = layout.labels.firstIndex(of: column) {
        // Each column of labels takes one, the last all that are left.
        let own = place == layout.labels.count - 1 ? left : left.prefix(1)
        left = left.dropFirst(own.count)
        guard labelField(own, report) else { return false }
        guard field(names.bytes, column, sample, &out, report) else { return false }
      } else {
        let index = others.firstIndex(of: column) ?? 0
        guard field(index < columns.count ? columns[index] : "", column, sample, &out, report) else { return false }
      }
    }
    guard left.isEmpty else {
      report(
        "text-classification.write.label", "The table has no column for the labels of the sample \"\(terminalSafe(sample.key))\"")
      return false
    }
    // A row of one empty field would be a blank line.
    if out.count == start {
      guard layout.isQuoting else { return refuse(sample, "Its text is empty", report) }
      out.append("\"\"")
    }
    return true
  }

  private func id(of sample: Sample) -> String {
    switch sample.id {
    case .integer(let number): String(number)
    case .string(let text): text
    case nil: isForeign || !RowEncoder.isNumber(sample.key) ? sample.key : ""
    }
  }

  private func field(_ text: String, _ column: Int, _ sample: Sample, _ out: inout ByteBuffer, _ report: Report) -> Bool {
    text.withBytes { field(UnsafeRawBufferPointer($0), column, sample, &out, report) }
  }

  private func field(
    _ text: UnsafeRawBufferPointer, _ column: Int, _ sample: Sample, _ out: inout ByteBuffer, _ report: Report
  ) -> Bool {
    guard layout.isQuoting else {
      let isSafe = !text.contains { $0 == layout.delimiter || $0 == 0x0A } && (text.last != 0x0D || column < layout.columns - 1)
      guard isSafe, !layout.skipsSpace || text.first != 0x20 else {
        report(
          "text-classification.write.field",
          "A field of the sample \"\(terminalSafe(sample.key))\" holds a delimiter or a line end, and this table has no quotes")
        return false
      }
      out.append(text)
      return true
    }
    let isSpaced = layout.skipsSpace && column > 0
    // With a space before it, a quote does not begin the field.
    guard !isSpaced || !(CSVText.needsQuotes(text, delimiter: layout.delimiter) || text.first == 0x20) else {
      report(
        "text-classification.write.field",
        "A field of the sample \"\(terminalSafe(sample.key))\" needs quotes, and a space stands before it")
      return false
    }
    out.appendCSV(
      text, delimiter: layout.delimiter, quoting: quoted.contains(column) && !text.isEmpty && !isSpaced ? .always : .needed)
    return true
  }

  /// Puts the labels of a field together in ``names``.
  private func labelField(_ sample: Sample, _ report: Report) -> Bool { labelField(sample.annotations[...], report) }

  private func labelField(_ annotations: ArraySlice<Annotation>, _ report: Report) -> Bool {
    names.removeAll()
    if let separator = layout.separator {
      for annotation in annotations {
        guard let label = annotation.label, let name = labels.label(label)?.name else { continue }
        guard !name.isEmpty, !name.contains(separator) else {
          report(
            "text-classification.write.label", "The label \"\(terminalSafe(name))\" is empty or holds what stands between labels")
          return false
        }
        if !names.isEmpty { names.append(separator) }
        names.append(name)
      }
      return true
    }
    guard let first = annotations.first?.label else { return true }
    if annotations.count == 1 {
      let isPlain = labels.withName(first) { name in
        !name.isEmpty && !(name.first == UInt8(ascii: "[") && LabelList.read(UnsafeRawBufferPointer(name)) != nil)
      }
      if isPlain {
        labels.withName(first) { names.append($0) }
        return true
      }
    }
    names.append(UInt8(ascii: "["))
    for annotation in annotations {
      guard let label = annotation.label else { continue }
      if names.count > 1 { names.append(UInt8(ascii: ",")) }
      labels.withName(label) { names.appendJSON(utf8: $0) }
    }
    names.append(UInt8(ascii: "]"))
    return true
  }
}
