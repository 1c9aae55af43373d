import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Makes a sample of the lines of one sentence.
struct CoNLLDecoder {
  let index: CoNLLIndex
  let shard: CoNLLIndex.Shard
  /// The lines of the sentence in the file.
  let range: Range<Int>
  let position: Int
  let worker: CoNLLWorker
  let context: ReadContext

  /// Fills a sample that says nothing yet; false, and an error, when the lines cannot be read.
  func decode(into sample: inout Sample) -> Bool {
    if index.isUnreadable((range.lowerBound + shard.base)..<(range.upperBound + shard.base)) { return false }
    guard range.count < Int(Int32.max) else {
      report(.error, "conll.sentence.size", "A sentence has less than 2 GiB", range.lowerBound, 1)
      return false
    }
    let bytes = UnsafeRawBufferPointer(rebasing: shard.mapped.bytes[range])
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return false }
    let first = base[0]
    let isBare = first > 0x20 && first != UInt8(ascii: "#") && first != UInt8(ascii: "-")
    let layout = index.regions.isEmpty ? shard.dialect.layout : index.layout(at: shard.base + range.lowerBound, in: shard)
    var start = isBare ? 0 : startOfRows(UnsafeBufferPointer(start: base, count: bytes.count), layout)
    // Without rows, blank lines follow the comments.
    if start == bytes.count { start = CoNLLLines.endOfText(UnsafeBufferPointer(start: base, count: start)) }
    let rows = worker.rows
    rows.read(bytes, from: start, readable: shard.mapped.bytes.count - range.lowerBound, shard.dialect, layout)
    guard rows.count == 0 || isReadable(base, layout) else { return false }
    sample.media.kind = .text
    sample.source = SourceRange(file: shard.file, offset: range.lowerBound + start, length: rows.end - start)
    var isRegular = rows.isRegular
    let comments = start == 0 ? nil : CoNLLComments(UnsafeBufferPointer(start: base, count: start))
    guard addTokens(to: &sample, base, bytes.count, start, layout, comments, &isRegular) else { return false }
    describe(&sample, comments, start)
    preserve(&sample, base, bytes.count, start, layout, comments, isRegular)
    return true
  }

  func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ offset: Int, _ length: Int) {
    context.report(severity, rule, message, at: SourceRange(file: shard.file, offset: offset, length: length))
  }

  /// Where the rows begin behind comments and the beginning of a document.
  private func startOfRows(_ bytes: UnsafeBufferPointer<UInt8>, _ layout: CoNLLLayout) -> Int {
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if line.last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      let isBefore =
        CoNLLLines.isBlank(line) || CoNLLLines.isDocumentStart(line) || CoNLLLines.isComment(line, shard.dialect, layout)
      if !isBefore { return start }
      start = min(end + 1, bytes.count)
    }
    return start
  }

  /// Whether all rows have the columns of the first, and tags where they have them; otherwise the first fault is reported.
  private func isReadable(_ base: UnsafePointer<UInt8>, _ layout: CoNLLLayout) -> Bool {
    let rows = worker.rows
    let width = rows.width
    if layout.labels.isEmpty {
      // Without tags, rows may have any columns, but each has its token.
      guard let short = (0..<rows.count).first(where: { rows.range(ofRow: $0).count <= layout.token }) else { return true }
      let (place, found) = (line(ofRow: short), rows.range(ofRow: short).count)
      report(
        .error, "conll.row.columns",
        "This row has \(found) column\(found == 1 ? "" : "s"), and the token is in column \(layout.token + 1)",
        range.lowerBound + place.lowerBound, place.count)
      return false
    }
    let needed = layout.labelsAreLast ? layout.labels.count + 1 : max(layout.token, layout.labels.max() ?? 0) + 1
    if rows.isEven, width == layout.width { return true }
    for row in 0..<rows.count {
      let fields = rows.range(ofRow: row)
      guard fields.count == width, width >= needed, layout.token < width - (layout.labelsAreLast ? layout.labels.count : 0) else {
        let place = line(ofRow: row)
        let expected = row == 0 || width < needed ? "the file has \(layout.width)" : "the rows before it have \(width)"
        report(
          .error, "conll.row.columns", "This row has \(fields.count) column\(fields.count == 1 ? "" : "s"); \(expected)",
          range.lowerBound + place.lowerBound, place.count)
        return false
      }
    }
    if width != layout.width {
      let place = line(ofRow: 0)
      report(
        .warning, "conll.sentence.columns", "The rows of this sentence have \(width) columns; the file has \(layout.width)",
        range.lowerBound + place.lowerBound, place.count)
    }
    return true
  }

  /// The bytes of a row, from its first field to its last.
  func line(ofRow row: Int) -> Range<Int> {
    let fields = worker.rows.range(ofRow: row)
    guard let first = fields.first, let last = fields.last else { return 0..<0 }
    return Int(worker.rows.fields[first].start)..<Int(worker.rows.fields[last].end)
  }

  /// Says what the lines before the rows say.
  private func describe(_ sample: inout Sample, _ comments: CoNLLComments?, _ start: Int) {
    sample.id = comments?.id
    if let key = comments?.key {
      sample.key = key
    } else {
      switch comments?.id {
      case .string(let id): sample.key = id
      case .integer(let id): sample.key = String(id)
      case nil: sample.key = String(position + 1)
      }
    }
    // Behind the rows, documents may begin that have none of their own.
    if let number = index.document(at: shard.base + range.lowerBound + start), let value = index.documents[number].value {
      if worker.document?.number != number {
        var attributes = Attributes()
        attributes["document"] = value
        worker.document = (number, attributes)
      }
      if let known = worker.document { sample.attributes = known.attributes }
    }
    if let said = comments?.attributes.items, !said.isEmpty {
      for item in said { sample.attributes[item.name] = item.value }
    }
  }
}
