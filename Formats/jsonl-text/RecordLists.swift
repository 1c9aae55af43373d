import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The lists of a record that may belong to its tokens, put aside until all of it is read; one per worker, reused.
struct RecordLists {
  /// A member whose value is a list.
  struct Member {
    var key: JSONString
    /// Where the value stands.
    var range: Range<Int>
    /// Where the key stands.
    var offset: Int
  }

  /// The tokens, as a list of texts.
  private(set) var words: Member?
  /// The tags.
  private(set) var tags: Member?
  /// Lists that begin with a text or a number, under keys that mean nothing.
  private(set) var others: [Member] = []
  /// A list of tokens that has none.
  private(set) var empty: Member?
  /// Reads tags.
  var decoder = TagDecoder(.iob2)
  /// The memory of tags that do not stand in the file as they are.
  let texts = TagTexts()

  /// Begins a record.
  mutating func removeAll() {
    words = nil
    tags = nil
    empty = nil
    others.removeAll(keepingCapacity: true)
    decoder.removeAll()
  }

  /// Takes the tokens when they are a list of texts; false, and the scanner where it was, when they are something else.
  ///
  /// - Parameter takesEmpty: Whether a list of nothing is one of texts too.
  mutating func takeWords(_ key: JSONString, takesEmpty: Bool, _ scanner: inout JSONScanner) throws(JSONFault) -> Bool {
    guard let first = try RecordLists.firstKind(scanner) else {
      if takesEmpty { empty = try member(key, &scanner) }
      return takesEmpty
    }
    guard first == .string else { return false }
    words = try member(key, &scanner)
    return true
  }

  /// Takes a list of tags.
  mutating func takeTags(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) { tags = try member(key, &scanner) }

  /// Takes a list under a key that means nothing when it begins with a text or a number; false, and the scanner where it was, for all else.
  mutating func take(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) -> Bool {
    guard try scanner.peekKind() == .array, let first = try RecordLists.firstKind(scanner), first == .string || first == .number
    else {
      return false
    }
    others.append(try member(key, &scanner))
    return true
  }

  /// Makes the tags a column as others are.
  mutating func takeTagsAsColumn() {
    if let tags { others.append(tags) }
    tags = nil
  }

  private func member(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) -> Member {
    let offset = scanner.offset(of: key)
    return Member(key: key, range: try scanner.skipValue(), offset: offset)
  }

  /// The kind of the first value of a list; nil when it has none.
  private static func firstKind(_ scanner: JSONScanner) throws(JSONFault) -> JSONKind? {
    var scanner = scanner
    var progress = try scanner.beginArray()
    return try scanner.nextElement(&progress) ? try scanner.peekKind() : nil
  }
}

/// Keeps the bytes of tags that a file spells with escapes or says by numbers, as long as the worker lives: there are few.
final class TagTexts {
  // By bytes: as strings, two spellings of one letter would be equal.
  private var known: [[UInt8]: UnsafeMutableBufferPointer<UInt8>] = [:]

  deinit { for bytes in known.values { bytes.deallocate() } }

  /// The bytes of a tag.
  func bytes(of tag: String) -> UnsafeBufferPointer<UInt8> {
    let key = Array(tag.utf8)
    if let bytes = known[key] { return UnsafeBufferPointer(bytes) }
    let bytes = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: key.count)
    _ = bytes.initialize(from: key)
    known[key] = bytes
    return UnsafeBufferPointer(bytes)
  }
}
