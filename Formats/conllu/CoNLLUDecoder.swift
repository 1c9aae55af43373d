import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Makes a sample of the lines of one sentence.
struct CoNLLUDecoder {
  let index: CoNLLUIndex
  let shard: CoNLLUIndex.Shard
  let range: Range<Int>
  let position: Int
  let worker: CoNLLUWorker
  let context: ReadContext
  let isStrict: Bool

  /// The sample; nil, and an error, when the lines cannot be read.
  func decode() -> Sample? {
    if index.isUnreadable((range.lowerBound + shard.base)..<(range.upperBound + shard.base)) { return nil }
    guard range.count < Int(Int32.max) else {
      report(.error, "conllu.sentence.size", "A sentence has less than 2 GiB", 0, 1)
      return nil
    }
    let bytes = UnsafeBufferPointer(rebasing: shard.mapped.bytes.bindMemory(to: UInt8.self)[range])
    guard let base = bytes.baseAddress else { return nil }
    let start = CoNLLUDecoder.startOfRows(bytes)
    let comments = CoNLLUComments(UnsafeBufferPointer(rebasing: bytes[..<start]))
    guard read(bytes, base, start, comments) else { return nil }
    var sample = Sample(key: "", media: Media(.text))
    sample.source = SourceRange(
      file: shard.file, offset: range.lowerBound + start, length: max(0, worker.rows.end - start))
    var isRegular = worker.rows.isRegular
    describe(&sample, comments)
    if worker.rows.count > 0 {
      addTokens(to: &sample, base, start, comments, &isRegular)
    } else {
      sample.media.text = comments.text ?? ""
    }
    preserve(&sample, bytes, start, comments, isRegular)
    return sample
  }

  func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ offset: Int, _ length: Int) {
    context.report(severity, rule, message, at: SourceRange(file: shard.file, offset: range.lowerBound + offset, length: length))
  }

  /// Where the rows begin behind the comments, and blank lines before them.
  static func startOfRows(_ bytes: UnsafeBufferPointer<UInt8>) -> Int {
    var start = 0
    var end = 0
    while start < bytes.count {
      var at = start
      while at < bytes.count, bytes[at] != 0x0A { at += 1 }
      let isComment = bytes[start] == UInt8(ascii: "#")
      let isBlank = bytes[start..<at].allSatisfy { $0 == 0x20 || $0 == 0x0D }
      if !isComment, !isBlank { return start }
      start = min(at + 1, bytes.count)
      if isComment { end = start }
    }
    // Without rows, the blank lines follow the comments.
    return end
  }

  /// Reads the rows and looks at them; false, and errors, when something is wrong.
  private func read(
    _ bytes: UnsafeBufferPointer<UInt8>, _ base: UnsafePointer<UInt8>, _ start: Int, _ comments: CoNLLUComments
  ) -> Bool {
    let rows = worker.rows
    if let repeated = comments.repeated {
      report(.error, "conllu.comment.twice", "A sentence has one sent_id and one text", repeated.lowerBound, repeated.count)
      return false
    }
    let columns = shard.dialect.columns
    if let (line, count) = rows.read(base, from: start, to: bytes.count, width: columns.count, isCRLF: shard.dialect.isCRLF) {
      if let first = bytes[line].first, columns == .standard, first < 0x30 || first > 0x39, count != columns.count {
        report(
          .error, "conllu.line.syntax",
          bytes[line].allSatisfy({ $0 == 0x09 || $0 == 0x20 })
            ? "This line looks empty and holds tabs" : "This is neither a row, which begins with an id, nor a comment", line.lowerBound, line.count)
      } else {
        report(.error, "conllu.row.columns", "This row has \(count) column\(count == 1 ? "" : "s") instead of \(columns.count)", line.lowerBound, line.count)
      }
      return false
    }
    // Whatever is left are blank lines.
    var at = rows.end
    while at < bytes.count {
      var stop = at
      while stop < bytes.count, bytes[stop] != 0x0A { stop += 1 }
      if !bytes[at..<stop].allSatisfy({ $0 == 0x20 || $0 == 0x0D }) {
        let isComment = bytes[at] == UInt8(ascii: "#")
        report(
          .error, isComment ? "conllu.comment.place" : "conllu.line.syntax",
          isComment ? "A comment stands before the rows of its sentence" : "This is neither a row, which begins with an id, nor a comment",
          at, stop - at)
        return false
      }
      at = stop + 1
    }
    if rows.count == 0 { return true }
    var check = CoNLLUCheck(rows, base, columns, isStrict: isStrict && columns == .standard)
    if check.run() { return true }
    for fault in check.faults {
      report(.error, fault.rule, fault.message, Int(fault.place.start), Int(fault.place.end - fault.place.start))
    }
    return false
  }

  /// Says what the comments say.
  private func describe(_ sample: inout Sample, _ comments: CoNLLUComments) {
    sample.id = comments.id
    if let key = comments.key {
      sample.key = key
    } else {
      switch comments.id {
      case .string(let id): sample.key = id
      case .integer(let id): sample.key = "\(id)"
      case nil: sample.key = "\(position + 1)"
      }
    }
    let borders = index.borders(at: shard.base + range.upperBound - 1)
    if let number = borders.document, let value = index.documents[number].value { sample.attributes["document"] = value }
    if let number = borders.paragraph, let value = index.paragraphs[number].value { sample.attributes["paragraph"] = value }
    for item in comments.attributes.items { sample.attributes[item.name] = item.value }
  }
}
