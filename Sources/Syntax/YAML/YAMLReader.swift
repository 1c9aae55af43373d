import WaybillBytes

/// Reads the YAML that configuration files are written in.
///
/// Block and flow mappings and sequences, plain, quoted and block scalars, comments. Anchors, aliases, tags, complex keys and
/// several documents are refused, so no small file becomes a large value.
public struct YAMLReader {
  /// Deepest nesting.
  public static let depthLimit = 64

  let bytes: UnsafeRawBufferPointer
  var at: Int
  var depth = 0

  /// Reads a whole file; an empty one is a plain scalar without text.
  public static func read(_ bytes: UnsafeRawBufferPointer) throws(YAMLFault) -> YAMLNode {
    if let offset = UTF8Check.firstInvalid(in: bytes) { throw YAMLFault(.invalidUTF8, at: offset) }
    var reader = YAMLReader(bytes: bytes, at: bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0)
    try reader.skipStart()
    guard let column = try reader.nextContent() else { return YAMLNode(.scalar("", isPlain: true), at: reader.at..<reader.at) }
    let node = try reader.block(column, parent: -1)
    if try reader.nextContent() != nil { throw YAMLFault(.indentation, at: reader.at) }
    if let rest = reader.nextMark(), rest != "..." {
      throw YAMLFault(.unsupported("A second document is"), at: reader.at)
    }
    return node
  }

  private init(bytes: UnsafeRawBufferPointer, at: Int) {
    self.bytes = bytes
    self.at = at
  }

  // MARK: Lines

  /// The byte some places on; 0 outside the file.
  func byte(_ offset: Int = 0) -> UInt8 { bytes.indices.contains(at &+ offset) ? bytes[at &+ offset] : 0 }

  var isAtEnd: Bool { at >= bytes.count }

  /// Whether a byte ends a token: white space, a line's end, or the end of the file.
  func isBreak(_ offset: Int) -> Bool {
    guard bytes.indices.contains(at &+ offset) else { return true }
    let value = bytes[at &+ offset]
    return value == 0x20 || value == 0x09 || value == 0x0A || value == 0x0D
  }

  /// The start of the line a position is in.
  func lineStart(_ position: Int) -> Int {
    var start = position
    while start > 0, bytes[start - 1] != 0x0A { start -= 1 }
    return start == 0 && bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : start
  }

  /// Passes comments, directives and the mark `---` before the document.
  private mutating func skipStart() throws(YAMLFault) {
    _ = try nextContent()
    if byte() == UInt8(ascii: "%") { throw YAMLFault(.unsupported("Directives are"), at: at) }
    guard nextMark() == "---" else { return }
    at += 3
    if !restIsBlank() { throw YAMLFault(.unsupported("A value on the line of the mark \"---\" is"), at: at) }
  }

  /// The mark of a document at the current position, which is at the start of a line.
  func nextMark() -> String? {
    guard byte() == byte(1), byte() == byte(2), byte() == 0x2D || byte() == 0x2E, isBreak(3), at == lineStart(at) else {
      return nil
    }
    return byte() == 0x2D ? "---" : "..."
  }

  /// Goes to the first byte of the next line that holds something, and returns its column; nil at the end of the document.
  mutating func nextContent() throws(YAMLFault) -> Int? {
    var start = lineStart(at)
    if at != start, !isIndentation(start) {
      // The rest of this line has been seen to be blank or a comment.
      skipLine()
      start = at
    }
    while at < bytes.count {
      at = start
      while byte() == 0x20 { at += 1 }
      if restIsBlank() {
        skipLine()
        start = at
        continue
      }
      if byte() == 0x09 { throw YAMLFault(.tab, at: at) }
      if at == start, nextMark() != nil, start > 3 || byte() == 0x2E { return nil }
      return at - start
    }
    return nil
  }

  private func isIndentation(_ start: Int) -> Bool {
    for offset in start..<at where bytes[offset] != 0x20 { return false }
    return true
  }

  mutating func skipLine() {
    while at < bytes.count, bytes[at] != 0x0A { at += 1 }
    if at < bytes.count { at += 1 }
  }

  /// Whether nothing but white space and a comment follows on the line.
  func restIsBlank() -> Bool {
    var position = at
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x09 { position += 1 }
    guard position < bytes.count else { return true }
    switch bytes[position] {
    case 0x0A, 0x0D: return true
    case UInt8(ascii: "#"): return position > at || position == 0 || isBreak(-1)
    default: return false
    }
  }

  mutating func skipSpaces() { while byte() == 0x20 || byte() == 0x09 { at += 1 } }

  /// Checks that a value is followed by nothing else on its line.
  func endLine() throws(YAMLFault) {
    if !restIsBlank() { throw YAMLFault(.expected("the end of the line"), at: at) }
  }

  // MARK: Blocks

  /// A value that begins at the current position, which is at a column; its parent stands at a column further left.
  mutating func block(_ column: Int, parent: Int) throws(YAMLFault) -> YAMLNode {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else { throw YAMLFault(.tooDeep, at: at) }
    if byte() == UInt8(ascii: "-"), isBreak(1) { return try sequence(column) }
    if byte() == UInt8(ascii: "?"), isBreak(1) { throw YAMLFault(.unsupported("Keys after a question mark are"), at: at) }
    let start = at
    if try key() != nil {
      at = start
      return try mapping(column)
    }
    at = start
    let value = try inlineValue(parent: parent)
    try endLine()
    return value
  }

  private mutating func sequence(_ column: Int) throws(YAMLFault) -> YAMLNode {
    let start = at
    var items: [YAMLNode] = []
    while byte() == UInt8(ascii: "-"), isBreak(1) {
      let dash = at
      at += 1
      skipSpaces()
      if restIsBlank() {
        items.append(try nested(below: column, allowsSequence: false, at: dash))
      } else {
        items.append(try block(at - lineStart(at), parent: column))
      }
      guard let next = try nextContent(), next >= column else { break }
      if next > column { throw YAMLFault(.indentation, at: at) }
    }
    return YAMLNode(.sequence(items), at: start..<(start + 1))
  }

  private mutating func mapping(_ column: Int) throws(YAMLFault) -> YAMLNode {
    let start = at
    var members: [YAMLNode.Member] = []
    var keys: Set<ExactText> = []
    while true {
      let place = at
      guard let (name, range) = try key() else { throw YAMLFault(.expected("a key and a colon"), at: place) }
      guard keys.insert(ExactText(name)).inserted else { throw YAMLFault(.duplicateKey(name), at: range.lowerBound) }
      skipSpaces()
      let value: YAMLNode
      if restIsBlank() {
        value = try nested(below: column, allowsSequence: true, at: range.upperBound)
      } else {
        value = try inlineValue(parent: column)
        try endLine()
      }
      members.append(.init(key: name, keyRange: range, value: value))
      guard let next = try nextContent(), next >= column else { break }
      if next > column { throw YAMLFault(.indentation, at: at) }
      if byte() == UInt8(ascii: "-"), isBreak(1) { break }
    }
    return YAMLNode(.mapping(members), at: start..<(start + 1))
  }

  /// The value on the lines below a key or a dash; nothing when the next line stands no further right.
  private mutating func nested(below column: Int, allowsSequence: Bool, at place: Int) throws(YAMLFault) -> YAMLNode {
    let before = at
    if let next = try nextContent() {
      let isSequence = byte() == UInt8(ascii: "-") && isBreak(1)
      if next > column || (allowsSequence && next == column && isSequence) { return try block(next, parent: column) }
    }
    // The caller looks for the next line again from the line of the key.
    at = before
    return YAMLNode(.scalar("", isPlain: true), at: place..<place)
  }
}
