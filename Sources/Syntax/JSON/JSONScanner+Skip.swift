import WaybillBytes

extension JSONScanner {
  /// Passes over any value, checking all of its grammar, and returns its range.
  @discardableResult
  @inlinable public mutating func skipValue() throws(JSONFault) -> Range<Int> {
    skipWhitespace()
    let start = p - base
    try skipStrictly(depth: 0)
    return start..<(p - base)
  }

  @usableFromInline mutating func skipStrictly(depth: Int) throws(JSONFault) {
    switch try peekKind() {
    case .object:
      guard depth < JSONScanner.depthLimit else { throw fault(.tooDeep) }
      var progress = try beginObject()
      while try nextKey(&progress) != nil { try skipStrictly(depth: depth + 1) }
    case .array:
      guard depth < JSONScanner.depthLimit else { throw fault(.tooDeep) }
      var progress = try beginArray()
      while try nextElement(&progress) {
        if p < end, p.pointee == UInt8(ascii: "-") || p.pointee &- 48 <= 9 {
          try skipNumber()
        } else {
          try skipStrictly(depth: depth + 1)
        }
      }
    case .string: _ = try string()
    case .number: try skipNumber()
    case .boolean: _ = try boolean()
    case .null: if !skipNull() { throw valueFault() }
    }
  }

  @usableFromInline mutating func skipNumber() throws(JSONFault) {
    let start = p
    if skipNumberSyntax() { return }
    p = start
    throw numberFault()
  }

  /// Passes over any value by its brackets and strings alone: many times faster than ``skipValue()``, and it sees only faults of
  /// structure.
  ///
  /// For surveys, whose records are decoded strictly later.
  @inlinable public mutating func skipValueStructurally() throws(JSONFault) {
    skipWhitespace()
    guard p < end else { throw fault(.truncated) }
    switch p.pointee {
    case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "-"), 48...57: try skipNumber()
    default: try skipStrictly(depth: 0)
    }
  }

  @usableFromInline mutating func skipContainer() throws(JSONFault) {
    if let next = endOfContainer() {
      p = next
      return
    }
    // Say what is wrong in the terms of the grammar; if the grammar sees nothing, it is cut off.
    try skipStrictly(depth: 0)
    throw JSONFault(.truncated, at: end - base)
  }

  /// Behind the object or array that begins here; nil when it does not end, or is nested too deep.
  ///
  /// Sixty-four bytes at a time are passed over while none is a quote or may be a bracket.
  private func endOfContainer() -> UnsafePointer<UInt8>? {
    var q = UnsafeRawPointer(p)
    let limit = UnsafeRawPointer(end)
    var depth = 0
    while true {
      if limit - q >= 64, marks(q.loadUnaligned(as: UInt64.self)) == 0 { q += MarkSearch.skipUnmarked(q, limit - q) }
      while limit - q >= 8 {
        let found = marks(q.loadUnaligned(as: UInt64.self))
        if found != 0 {
          q += found.trailingZeroBitCount >> 3
          break
        }
        q += 8
      }
      guard q < limit else { return nil }
      let byte = q.load(as: UInt8.self)
      q += 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth &+= 1
        if depth > JSONScanner.depthLimit { return nil }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth &-= 1
        if depth == 0 { return q.assumingMemoryBound(to: UInt8.self) }
      case UInt8(ascii: "\""):
        while q < limit, q.load(as: UInt8.self) != UInt8(ascii: "\"") {
          q += q.load(as: UInt8.self) == UInt8(ascii: "\\") ? 2 : 1
        }
        q += 1
        guard q <= limit else { return nil }
      default: break
      }
    }
  }

  /// Marks the bytes of a word that may be brackets (all from 0x40 to 0x7F) or are quotes; those before the first mark are neither.
  @inline(__always) private func marks(_ word: UInt64) -> UInt64 {
    let quotes = word ^ 0x2222_2222_2222_2222
    return (word & 0x4040_4040_4040_4040) | ((quotes &- 0x0101_0101_0101_0101) & ~quotes & 0x8080_8080_8080_8080)
  }
}
