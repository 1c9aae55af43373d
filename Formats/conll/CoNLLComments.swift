import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// What the lines before the rows of a sentence say: comments, and the beginning of a document.
struct CoNLLComments {
  /// The id of the sentence.
  var id: RecordID?
  /// The key, where it is neither the id nor the number.
  var key: String?
  /// The text, where it is not the tokens joined by spaces.
  var text: String?
  /// Where the tokens stand in the text, where that does not follow from the text.
  var placement: AttributeValue?
  /// All that is said by lines `# name = value`, and behind an id.
  var attributes = Attributes()
  /// How many documents begin here.
  var documents = 0
  /// Whether the columns are other ones from here on.
  var hasColumns = false
  /// Whether there are lines beside those that begin a document or name the columns.
  var hasComments = false

  /// Nothing said.
  init() {}

  /// Reads all lines before the rows of a sentence.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if line.last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      take(line)
      start = end + 1
    }
  }

  private mutating func take(_ line: UnsafeBufferPointer<UInt8>) {
    if CoNLLLines.isBlank(line) { return }
    if CoNLLLines.isDocumentStart(line) {
      documents += 1
      return
    }
    hasComments = true
    if let comment = SentenceComment(line) { return take(comment) }
    if line.starts(with: "# id ".utf8) || line.starts(with: "# id\t".utf8) { return takeID(line) }
    if line.count > 2, line[1] == 0x09, attributes["source"] == nil {
      attributes["source"] = .string(String(decoding: line.dropFirst(2), as: UTF8.self))
    }
  }

  private mutating func take(_ comment: SentenceComment) {
    switch comment.name {
    case CoNLLComments.columnsName:
      hasColumns = true
    case "text": if text == nil { text = comment.value }
    case SentenceComment.textName: if text == nil, case .string(let value) = comment.jsonValue { text = value }
    case SentenceComment.keyName: if key == nil, case .string(let value) = comment.jsonValue { key = value }
    case SentenceComment.idName:
      guard id == nil else { return }
      switch comment.jsonValue {
      case .string(let value): id = .string(value)
      case .integer(let value): id = .integer(value)
      default: break
      }
    case TokenPlaces.name: if placement == nil { placement = comment.jsonValue }
    case "id", "sent_id": if id == nil { id = SentenceComment.id(of: comment.value) }
    default: _ = comment.add(to: &attributes)
    }
  }

  /// Reads `# id X`, and the `name=value` behind it.
  private mutating func takeID(_ line: UnsafeBufferPointer<UInt8>) {
    let parts = CoNLLLines.splitAtBlanks(line).fields.map { String(decoding: line[$0], as: UTF8.self) }
    guard id == nil, parts.count > 2 else { return }
    id = SentenceComment.id(of: parts[2])
    for part in parts.dropFirst(3) {
      let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard pair.count == 2, SentenceComment.isName(String(pair[0])), attributes[String(pair[0])] == nil else { continue }
      attributes[String(pair[0])] = .string(String(pair[1]))
    }
  }

  /// The name of a line that names the columns.
  static let columnsName = "waybill_columns"

  /// Whether the name of an attribute means something else here.
  static func isReserved(_ name: String) -> Bool { ["id", "sent_id", "text", columnsName].contains(name) }
}

extension ByteBuffer {
  /// Appends the lines of comments that say the same as some comments do, one way for each.
  mutating func append(_ comments: CoNLLComments, lineEnd: StaticString) {
    if let id = comments.id { append(id: id, lineEnd: lineEnd) }
    if let key = comments.key { SentenceComment.append(SentenceComment.keyName, json: .string(key), lineEnd: lineEnd, to: &self) }
    if let text = comments.text {
      if SentenceComment.isValue(text) {
        SentenceComment.append("text", text, lineEnd: lineEnd, to: &self)
      } else {
        SentenceComment.append(SentenceComment.textName, json: .string(text), lineEnd: lineEnd, to: &self)
      }
    }
    if let placement = comments.placement { SentenceComment.append(TokenPlaces.name, json: placement, lineEnd: lineEnd, to: &self) }
    for item in comments.attributes.items {
      SentenceComment.append(item, lineEnd: lineEnd, to: &self, isReserved: CoNLLComments.isReserved)
    }
  }

  private mutating func append(id: RecordID, lineEnd: StaticString) {
    if case .string(let text) = id,
      text.isEmpty || !SentenceComment.isValue(text) || text.utf8.contains(0x20) || SentenceComment.id(of: text) != id
    {
      return SentenceComment.append(SentenceComment.idName, json: .string(text), lineEnd: lineEnd, to: &self)
    }
    append("# id ")
    switch id {
    case .string(let text): append(text)
    case .integer(let number): append(decimal: Int(number))
    }
    append(lineEnd)
  }
}
