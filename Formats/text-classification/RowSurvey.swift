import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// One walk over all files: brings them to UTF-8 and notes where rows begin.
struct RowSurvey {
  private let context: ReadContext
  private let options: RowOptions
  private let encoding: TextEncoding?
  private(set) var layout: RowLayout?
  private(set) var shards: [RowIndex.Shard] = []
  private(set) var starts: [Int] = []
  private(set) var places: [Int] = []
  private(set) var results: [Int] = []

  init(_ context: ReadContext, _ options: RowOptions, encoding: TextEncoding?) {
    self.context = context
    self.options = options
    self.encoding = encoding
  }

  /// A file in UTF-8.
  private struct Decoded {
    var file: FileID
    var text: MappedFile
    var base: Int?
    var decoding: TextDecoding
    /// Held as long as questions about it are asked.
    var source: MappedFile

    func range(_ offset: Int) -> SourceRange {
      SourceRange(file: file, offset: base.map { $0 + offset } ?? decoding.sourceOffset(of: offset), length: 1)
    }
  }

  private func decode(_ mapped: MappedFile, _ path: String) throws(DatasetError) -> Decoded? {
    let file = context.sources.add(path)
    let decoding = TextDecoding()
    mapped.willReadSequentially()
    do throws(TextFault) {
      try decoding.decode(mapped.bytes, as: encoding)
    } catch {
      let hint = error.problem == .invalidUTF8 ? "; --from text-classification:encoding=.. names another encoding, such as gbk" : ""
      context.report(
        .error, "text-classification.file.encoding", error.message + hint,
        at: SourceRange(file: file, offset: error.offset, length: 1))
      return nil
    }
    let isUTF8 = decoding.encoding == .utf8 || decoding.encoding == .markedUTF8
    if isUTF8 {
      let base = decoding.encoding.mark.count
      let text = base == 0 ? mapped : MappedFile(base..<mapped.bytes.count, of: mapped, path: path)
      return Decoded(file: file, text: text, base: base, decoding: decoding, source: mapped)
    }
    let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: max(1, decoding.text.count), alignment: 1)
    memory.copyMemory(from: decoding.text)
    let whole = MappedFile(adopting: memory, path: path)
    let text = MappedFile(0..<decoding.text.count, of: whole, path: path)
    return Decoded(file: file, text: text, base: nil, decoding: decoding, source: mapped)
  }

  // MARK: Rows

  /// Walks over one file of rows.
  mutating func walk(_ mapped: MappedFile, path: String, split: String?) throws(DatasetError) {
    guard let decoded = try decode(mapped, path) else { return }
    let bytes = decoded.text.bytes
    let head = UnsafeRawBufferPointer(rebasing: bytes[..<min(bytes.count, TableSniffer.headSize)])
    var own: RowLayout
    do throws(TableSniffer.Unknown) {
      own = try TableSniffer(head, options, name: path, isCut: head.count < bytes.count).layout()
    } catch {
      // Rows without a header are like those of the first file.
      guard let layout, layout.kind == .table, layout.header == nil else {
        throw DatasetError(.ambiguous, error.message, path: path)
      }
      own = layout
    }
    let isFirst = layout == nil
    own.encoding = decoded.decoding.encoding
    own.isGiven = options.saysLayout
    let ending = "." + FileName.extension(of: path).lowercased()
    if ending != own.ending, [".csv", ".tsv"].contains(ending) { own.sourceEnding = ending }
    if let layout {
      guard layout.names == own.names || own.columns == layout.columns, layout.kind == own.kind else {
        context.report(
          .error, "text-classification.file.columns", "This file has other columns than the first one", at: decoded.range(0))
        return
      }
      (own.text, own.labels, own.id, own.columns) = (layout.text, layout.labels, layout.id, layout.columns)
      (own.delimiter, own.isQuoting, own.skipsSpace) = (layout.delimiter, layout.isQuoting, layout.skipsSpace)
    }
    shards.append(
      RowIndex.Shard(text: decoded.text, file: decoded.file, split: split, first: starts.count, base: decoded.base))
    let firstRow = starts.count
    let ends = try rows(decoded, &own)
    if isFirst {
      noteSurroundings(&own, bytes, Array(starts[firstRow...].prefix(2)), ends)
      layout = own
    }
    decoded.source.release(0..<decoded.source.bytes.count)
  }

  /// Where the header, the first row and the last row end.
  private struct Ends {
    var header: Range<Int>?
    var first = 0
    var last = 0
  }

  private mutating func rows(_ decoded: Decoded, _ layout: inout RowLayout) throws(DatasetError) -> Ends {
    let bytes = decoded.text.bytes
    let isTable = layout.kind == .table
    var scanner = CSVScanner(bytes, delimiter: isTable ? layout.delimiter : 0, isQuoting: isTable && layout.isQuoting)
    var fields: [CSVField] = []
    var ends = Ends()
    var awaitsHeader = isTable && layout.header != nil
    var released = 0
    while true {
      let at = scanner.offset
      do throws(CSVFault) {
        guard let row = try scanner.skipRow(&fields) else { break }
        if row.isBlank { continue }
        if awaitsHeader {
          awaitsHeader = false
          ends.header = row.range
          layout.header = String(decoding: bytes[row.range], as: UTF8.self)
          continue
        }
        if ends.first == 0 { ends.first = row.range.upperBound }
        ends.last = row.range.upperBound
        starts.append(row.range.lowerBound)
        if decoded.base == nil { places.append(decoded.decoding.sourceOffset(of: row.range.lowerBound)) }
      } catch {
        context.report(.error, error.rule, error.message, at: decoded.range(error.offset))
      }
      if at - released > 4 << 20 {
        try InterruptFlag.check()
        decoded.source.release(released..<max(released, at - (1 << 20)))
        released = at
      }
    }
    return ends
  }

  /// Notes what stands around the rows of the first file.
  private func noteSurroundings(_ layout: inout RowLayout, _ bytes: UnsafeRawBufferPointer, _ first: [Int], _ ends: Ends) {
    func text(_ range: Range<Int>) -> String? {
      guard range.count < 4096 else { return nil }
      let found = UnsafeRawBufferPointer(rebasing: bytes[range])
      return found.allSatisfy { $0 == 0x0A || $0 == 0x0D } ? String(decoding: found, as: UTF8.self) : nil
    }
    let start = ends.header?.lowerBound ?? first.first ?? bytes.count
    layout.lead = text(0..<start) ?? ""
    if let header = ends.header { layout.headerEnd = text(header.upperBound..<(first.first ?? bytes.count)) ?? "\n" }
    let usual = layout.headerEnd.hasSuffix("\r\n") ? "\r\n" : "\n"
    layout.between = first.count > 1 ? text(ends.first..<first[1]) ?? usual : usual
    layout.tail = first.isEmpty ? "" : text(ends.last..<bytes.count) ?? usual
    if !layout.between.contains("\n") { layout.between = usual }
  }

  // MARK: Lines beside lines

  /// Walks over a file of texts and the file of their labels.
  mutating func walk(
    pair mapped: MappedFile, path: String, with labels: MappedFile, at labelPath: String, split: String?
  ) throws(DatasetError) {
    guard let texts = try decode(mapped, path), let marks = try decode(labels, labelPath) else { return }
    shards.append(
      RowIndex.Shard(
        text: texts.text, file: texts.file, split: split, first: starts.count, base: texts.base, result: marks.text,
        resultFile: marks.file))
    let first = starts.count
    var textLines = LineScanner(texts.text.bytes)
    var markLines = LineScanner(marks.text.bytes)
    var end = "\n"
    var isEnded = true
    while true {
      let (text, mark) = (textLines.next(), markLines.next())
      guard let text, let mark else {
        if let text { report("The file of labels has no line for this text", texts.range(text.lowerBound)) }
        if let mark { report("The file of texts has no line for these labels", marks.range(mark.lowerBound)) }
        break
      }
      if let long = [text, mark].first(where: { $0.count > CSVScanner.rowLimit }) {
        report(CSVFault(.longRow, at: 0).message, long == text ? texts.range(text.lowerBound) : marks.range(mark.lowerBound))
        continue
      }
      if starts.count == first, textLines.endedWithCarriageReturn { end = "\r\n" }
      isEnded = textLines.endedWithLineFeed
      starts.append(text.lowerBound)
      results.append(mark.lowerBound)
      if texts.base == nil { places.append(texts.decoding.sourceOffset(of: text.lowerBound)) }
    }
    guard layout == nil else { return }
    var own = RowLayout(named: "modelarts")
    own.encoding = texts.decoding.encoding
    if !options.separator.isEmpty { own.separator = options.separator }
    own.between = end
    own.tail = isEnded && starts.count > first ? end : ""
    layout = own
  }

  private func report(_ message: String, _ range: SourceRange) {
    context.report(.error, "text-classification.pair.lines", message, at: range)
  }
}
