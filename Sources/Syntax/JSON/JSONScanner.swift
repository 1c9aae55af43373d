import WaybillBytes

/// The bytes of a JSON string between its quotes, in place.
public struct JSONString: @unchecked Sendable {
  /// The bytes as they stand in the file, escapes and all.
  ///
  /// Never without a base address.
  public let raw: UnsafeBufferPointer<UInt8>
  /// Whether a backslash occurs, so that the bytes differ from the text.
  public let hasEscape: Bool

  @inlinable init(start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, hasEscape: Bool) {
    raw = UnsafeBufferPointer(start: start, count: end - start)
    self.hasEscape = hasEscape
  }

  /// Whether the string is this ASCII literal.
  ///
  /// Escapes in the file's spelling are seen through.
  @inlinable public static func == (a: JSONString, b: StaticString) -> Bool {
    if a.hasEscape { return a.equalsSlowly(b) }
    return a.raw.count == b.utf8CodeUnitCount
      && compareBytes(a.raw.baseAddress.unsafelyUnwrapped, b.utf8Start, a.raw.count)
  }

  /// Lets a switch over a key use literals as patterns.
  @inlinable public static func ~= (pattern: StaticString, value: JSONString) -> Bool { value == pattern }

  @usableFromInline @inline(never) func equalsSlowly(_ other: StaticString) -> Bool {
    // By bytes: as strings, the Kelvin sign would equal the letter K.
    makeString().utf8.elementsEqual(UnsafeBufferPointer(start: other.utf8Start, count: other.utf8CodeUnitCount))
  }

  /// The text.
  ///
  /// Costs an allocation when longer than 15 bytes.
  @inlinable public func makeString() -> String {
    if hasEscape { return JSONUnescape.string(raw) }
    return String(decoding: raw, as: UTF8.self)
  }
}

@inlinable @inline(__always)
func compareBytes(_ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ count: Int) -> Bool {
  var at = 0
  let ra = UnsafeRawPointer(a)
  let rb = UnsafeRawPointer(b)
  while count &- at >= 8 {
    if ra.loadUnaligned(fromByteOffset: at, as: UInt64.self) != rb.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
      return false
    }
    at &+= 8
  }
  while at < count {
    if a[at] != b[at] { return false }
    at &+= 1
  }
  return true
}

/// What kind of value comes next.
public enum JSONKind: Sendable {
  case object, array, string, number, boolean, null
}

/// Walks over JSON text in place: strict (RFC 8259), no tree, no allocation, and every fault has an offset.
///
/// Offsets count from the start of the buffer given. The buffer must stay alive and unchanged; its UTF-8 is checked by the caller
/// (``UTF8Check``) once for all.
///
/// ```swift
/// var members = try scanner.beginObject()
/// while let key = try scanner.nextKey(&members) {
///   switch key {
///   case "id": id = try scanner.integer()
///   default: try scanner.skipValue()
///   }
/// }
/// ```
public struct JSONScanner {
  /// How many brackets may be open at once.
  public static let depthLimit = 1024

  @usableFromInline let base: UnsafePointer<UInt8>
  @usableFromInline let end: UnsafePointer<UInt8>
  @usableFromInline var p: UnsafePointer<UInt8>

  /// A scanner over a part of a buffer.
  @inlinable public init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0, to limit: Int? = nil) {
    let address = bytes.baseAddress ?? UnsafeRawPointer(emptyBytes.utf8Start)
    base = address.assumingMemoryBound(to: UInt8.self)
    end = base + min(limit ?? bytes.count, bytes.count)
    p = base + min(max(0, start), end - base)
  }

  /// Offset of the next byte.
  @inlinable public var offset: Int {
    get { p - base }
    set { p = base + min(max(0, newValue), end - base) }
  }

  /// Offset of the opening quote of a string that this scanner has read.
  @inlinable public func offset(of string: JSONString) -> Int { string.raw.baseAddress.unsafelyUnwrapped - base - 1 }

  /// The bytes between two offsets.
  @inlinable public func bytes(from start: Int, to end: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: base + start, count: max(0, end &- start))
  }

  @inlinable @inline(__always) func fault(_ problem: JSONFault.Problem) -> JSONFault {
    JSONFault(p >= end ? .truncated : problem, at: p - base)
  }

  /// Passes over spaces, tabs and line ends.
  @inlinable @inline(__always) public mutating func skipWhitespace() {
    while p < end, p.pointee <= 0x20 {
      let byte = p.pointee
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return }
      p += 1
    }
  }

  /// Whether only white space is left.
  @inlinable public mutating func isAtEnd() -> Bool {
    skipWhitespace()
    return p >= end
  }

  /// Throws unless only white space is left.
  @inlinable public mutating func expectEnd() throws(JSONFault) {
    if !isAtEnd() { throw fault(.trailing) }
  }

  /// The kind of the next value, judged by its first byte.
  @inlinable public mutating func peekKind() throws(JSONFault) -> JSONKind {
    skipWhitespace()
    guard p < end else { throw fault(.expected(.value)) }
    switch p.pointee {
    case UInt8(ascii: "{"): return .object
    case UInt8(ascii: "["): return .array
    case UInt8(ascii: "\""): return .string
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return .boolean
    case UInt8(ascii: "n"): return .null
    case UInt8(ascii: "-"), 48...57: return .number
    default: throw valueFault()
    }
  }

  /// Position inside an object or array: whether a first member was seen.
  public struct Progress {
    @usableFromInline var isFirst = true
    @inlinable init() {}
  }

  // MARK: Objects

  /// Enters an object.
  @inlinable @inline(__always) public mutating func beginObject() throws(JSONFault) -> Progress {
    skipWhitespace()
    guard p < end, p.pointee == UInt8(ascii: "{") else { throw valueFault(.object) }
    p += 1
    return Progress()
  }

  /// The next key of the object, with the scanner on its value; nil when the object has ended.
  @inlinable @inline(__always) public mutating func nextKey(_ progress: inout Progress) throws(JSONFault) -> JSONString? {
    skipWhitespace()
    guard p < end else { throw fault(.truncated) }
    if p.pointee == UInt8(ascii: "}") {
      // A comma before the brace has been refused below.
      p += 1
      return nil
    }
    if progress.isFirst {
      progress.isFirst = false
    } else {
      guard p.pointee == UInt8(ascii: ",") else { throw fault(.expected(.commaOrBrace)) }
      p += 1
      skipWhitespace()
    }
    guard p < end, p.pointee == UInt8(ascii: "\"") else { throw fault(.expected(.key)) }
    let key = try string()
    skipWhitespace()
    guard p < end, p.pointee == UInt8(ascii: ":") else { throw fault(.expected(.colon)) }
    p += 1
    skipWhitespace()
    return key
  }

  // MARK: Arrays

  /// Enters an array.
  @inlinable @inline(__always) public mutating func beginArray() throws(JSONFault) -> Progress {
    skipWhitespace()
    guard p < end, p.pointee == UInt8(ascii: "[") else { throw valueFault(.array) }
    p += 1
    return Progress()
  }

  /// Whether another element follows, with the scanner on it; false when the array has ended.
  @inlinable @inline(__always) public mutating func nextElement(_ progress: inout Progress) throws(JSONFault) -> Bool {
    skipWhitespace()
    guard p < end else { throw fault(.truncated) }
    if p.pointee == UInt8(ascii: "]") {
      p += 1
      return false
    }
    if progress.isFirst {
      progress.isFirst = false
      return true
    }
    guard p.pointee == UInt8(ascii: ",") else { throw fault(.expected(.commaOrBracket)) }
    p += 1
    skipWhitespace()
    if p < end, p.pointee == UInt8(ascii: "]") { throw fault(.expected(.value)) }
    return true
  }
}

@usableFromInline let emptyBytes: StaticString = ""
