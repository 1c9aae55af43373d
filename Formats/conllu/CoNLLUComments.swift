import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// What the comments before the rows of a sentence say.
struct CoNLLUComments {
  var id: RecordID?
  /// The key, where it is neither the id nor the number.
  var key: String?
  var text: String?
  /// Where the rows stand in the text, where that does not follow from the text.
  var placement: AttributeValue?
  /// The columns of the tokens, where they are not those of the file.
  var columns: AttributeValue?
  var attributes = Attributes()
  /// How many documents, and how many paragraphs, begin here.
  var documents = 0
  var paragraphs = 0
  /// The line of an id that comes after another, or of another text.
  var repeated: Range<Int>?

  /// Nothing said.
  init() {}

  /// Reads all lines before the rows.
  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    var start = 0
    while start < bytes.count {
      var end = start
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      var line = UnsafeBufferPointer(rebasing: bytes[start..<end])
      if line.last == 0x0D { line = UnsafeBufferPointer(rebasing: line.dropLast()) }
      take(line, start)
      start = end + 1
    }
  }

  private mutating func take(_ line: UnsafeBufferPointer<UInt8>, _ offset: Int) {
    guard line.first == UInt8(ascii: "#") else { return }
    switch CoNLLUComments.border(line) {
    case .document?: documents += 1
    case .paragraph?: paragraphs += 1
    case nil: takeOther(line, offset)
    }
  }

  private mutating func takeOther(_ line: UnsafeBufferPointer<UInt8>, _ offset: Int) {
    if let value = CoNLLUComments.value(of: "sent_id", line) {
      if id == nil { id = SentenceComment.id(of: value) } else { repeated = offset..<(offset + line.count) }
      return
    }
    if let value = CoNLLUComments.value(of: "text", line) {
      if text == nil { text = value } else { repeated = offset..<(offset + line.count) }
      return
    }
    guard let comment = SentenceComment(line) else { return }
    switch comment.name {
    case SentenceComment.textName: if case .string(let value) = comment.jsonValue { text = value }
    case SentenceComment.keyName: if key == nil, case .string(let value) = comment.jsonValue { key = value }
    case SentenceComment.idName:
      switch comment.jsonValue {
      case .string(let value): id = .string(value)
      case .integer(let value): id = .integer(value)
      default: break
      }
    case TokenPlaces.name: placement = comment.jsonValue
    case CoNLLUComments.columnsName: columns = comment.jsonValue
    default: _ = comment.add(to: &attributes)
    }
  }

  /// What begins at a line.
  enum Border {
    case document, paragraph
  }

  /// The border a line is.
  static func border(_ line: UnsafeBufferPointer<UInt8>) -> Border? {
    if isBorder(line, "# newdoc") || line.elementsEqual(endOfDocument.utf8) { return .document }
    if isBorder(line, "# newpar") || line.elementsEqual(endOfParagraph.utf8) { return .paragraph }
    return nil
  }

  private static func isBorder(_ line: UnsafeBufferPointer<UInt8>, _ word: StaticString) -> Bool {
    let count = word.utf8CodeUnitCount
    guard line.count >= count, UnsafeBufferPointer(rebasing: line[..<count]).elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: count))
    else { return false }
    return line.count == count || line[count] == 0x20
  }

  /// Lines that say that no document, or no paragraph, goes on.
  static let endOfDocument = "# waybill_document = null"
  static let endOfParagraph = "# waybill_paragraph = null"

  /// The name behind `id =` in a line that begins a document or paragraph; nil when there is none.
  static func borderName(_ line: UnsafeBufferPointer<UInt8>) -> String? {
    guard let mark = line.firstIndex(of: UInt8(ascii: "=")), line.prefix(mark).elementsEqual(line.prefix(8).map { $0 } + Array(" id ".utf8))
    else { return nil }
    let name = trimmed(line[(mark + 1)...])
    return name.isEmpty ? nil : String(decoding: name, as: UTF8.self)
  }

  /// The value of a line of a name, whatever spaces stand round the mark.
  static func value(of name: StaticString, _ line: UnsafeBufferPointer<UInt8>) -> String? {
    let count = name.utf8CodeUnitCount
    var at = 1
    while at < line.count, line[at] == 0x20 { at += 1 }
    guard line.count > at + count,
      UnsafeBufferPointer(rebasing: line[at..<(at + count)]).elementsEqual(UnsafeBufferPointer(start: name.utf8Start, count: count))
    else { return nil }
    at += count
    while at < line.count, line[at] == 0x20 { at += 1 }
    guard at < line.count, line[at] == UInt8(ascii: "=") else { return nil }
    let value = trimmed(line[(at + 1)...])
    return value.isEmpty ? nil : String(decoding: value, as: UTF8.self)
  }

  private static func trimmed(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Slice<UnsafeBufferPointer<UInt8>> {
    var rest = text
    while let first = rest.first, first == 0x20 || first == 0x09 { rest = rest.dropFirst() }
    while let last = rest.last, last == 0x20 || last == 0x09 || last == 0x0D { rest = rest.dropLast() }
    return rest
  }

  /// The name of a line that names the columns of tokens.
  static let columnsName = "waybill_columns"

  /// Whether the name of an attribute means something else here.
  static func isReserved(_ name: String) -> Bool {
    ["sent_id", "text", "newdoc", "newpar"].contains(name) || name.hasPrefix("global.")
  }
}

extension ByteBuffer {
  /// Appends the comments that say the same as some comments do, one way for each.
  mutating func append(_ comments: CoNLLUComments, lineEnd: StaticString) {
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
    if let columns = comments.columns {
      SentenceComment.append(CoNLLUComments.columnsName, json: columns, lineEnd: lineEnd, to: &self)
    }
    for item in comments.attributes.items {
      SentenceComment.append(item, lineEnd: lineEnd, to: &self, isReserved: CoNLLUComments.isReserved)
    }
  }

  private mutating func append(id: RecordID, lineEnd: StaticString) {
    switch id {
    case .integer(let number): SentenceComment.append("sent_id", "\(number)", lineEnd: lineEnd, to: &self)
    case .string(let text):
      if SentenceComment.isValue(text), !text.utf8.contains(0x20), SentenceComment.id(of: text) == id {
        SentenceComment.append("sent_id", text, lineEnd: lineEnd, to: &self)
      } else {
        SentenceComment.append(SentenceComment.idName, json: .string(text), lineEnd: lineEnd, to: &self)
      }
    }
  }
}
