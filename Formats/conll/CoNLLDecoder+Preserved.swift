import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// What is kept so that a sentence is written as it was.
extension CoNLLDecoder {
  /// Keeps the lines that the writer would not write in the same way.
  func preserve(
    _ sample: inout Sample, _ base: UnsafePointer<UInt8>, _ count: Int, _ start: Int, _ layout: CoNLLLayout,
    _ comments: CoNLLComments?, _ isRegular: Bool
  ) {
    let end = worker.rows.end
    let hasUsualEnd = isUsualEnd(UnsafeBufferPointer(start: base + end, count: count - end))
    let keepsRows = worker.rows.count > 0 && !(isRegular && shard.isUsual)
    let keepsComments = comments.map { !isUsual($0, sample, UnsafeBufferPointer(start: base, count: start)) } ?? false
    guard keepsRows || keepsComments || !hasUsualEnd else { return }
    var members = ByteBuffer()
    func add(_ name: StaticString, _ range: Range<Int>) {
      if !members.isEmpty { members.append(UInt8(ascii: ",")) }
      members.append(UInt8(ascii: "\""))
      members.append(name)
      members.append("\":")
      members.appendJSON(utf8: UnsafeBufferPointer(start: base + range.lowerBound, count: range.count))
    }
    if keepsComments { add("before", 0..<start) }
    if keepsRows { add("rows", start..<end) }
    if !hasUsualEnd { add("after", end..<count) }
    sample.preserved = Preserved(CoNLLFormat.id, members: members.array())
  }

  /// Whether what follows the last row is a line end and one blank line.
  private func isUsualEnd(_ rest: UnsafeBufferPointer<UInt8>) -> Bool {
    let dialect = shard.dialect
    if !shard.isUsual { return false }
    let count = (dialect.isCRLF ? 2 : 1) * (dialect.isLinewise || worker.rows.count == 0 ? 1 : 2)
    guard rest.count == count else { return false }
    if worker.rows.count == 0 { return dialect.isCRLF ? rest[0] == 0x0D : rest[0] == 0x0A }
    return dialect.isCRLF
      ? rest[0] == 0x0D && rest[1] == 0x0A && (count == 2 || (rest[2] == 0x0D && rest[3] == 0x0A))
      : rest[0] == 0x0A && (count == 1 || rest[1] == 0x0A)
  }

  /// Whether the lines before the rows are those that the writer would print.
  private func isUsual(_ comments: CoNLLComments, _ sample: Sample, _ lines: UnsafeBufferPointer<UInt8>) -> Bool {
    guard shard.isUsual, comments.documents < 2 else { return false }
    let rows = shard.base + range.lowerBound + lines.count
    var out = ByteBuffer()
    if comments.documents == 1 {
      guard let number = index.document(at: rows) else { return false }
      switch index.documents[number].value {
      case nil: out.append(shard.dialect.documentStart(named: ""))
      case .string(let name): out.append(shard.dialect.documentStart(named: name))
      case .integer(let value) where value == Int64(number + 1): out.append(shard.dialect.documentStart)
      case .integer(let value): out.append(shard.dialect.documentStart(named: "\(value)"))
      default: return false
      }
    }
    if comments.hasColumns {
      let layout = index.layout(at: shard.base + range.lowerBound, in: shard)
      SentenceComment.append(
        CoNLLComments.columnsName, json: shard.dialect.json(of: layout), lineEnd: shard.dialect.lineEnd, to: &out)
    }
    var plain = comments
    // A text that the tokens say is not written.
    if plain.text != nil, sample.tokens?.isJoined == true || sample.tokens?.joinedText == plain.text { return false }
    plain.attributes.items.removeAll { $0.name == "document" }
    if plain.attributes != comments.attributes { return false }
    out.append(plain, lineEnd: shard.dialect.lineEnd)
    return lines.holdsSameBytes(as: out.bytes.bindMemory(to: UInt8.self))
  }
}
