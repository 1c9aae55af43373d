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

  /// Passes over any value by its brackets and strings alone: many times faster than ``skipValue()``, and it sees only faults of structure.
  ///
  /// For surveys, whose records are decoded strictly later.
  @inlinable public mutating func skipValueStructurally() throws(JSONFault) {
    skipWhitespace()
    guard p < end else { throw fault(.truncated) }
    switch p.pointee {
    case UInt8(ascii: "{"), UInt8(ascii: "["): try skipContainer()
    case UInt8(ascii: "\""): _ = try string()
    default: try skipStrictly(depth: 0)
    }
  }

  @usableFromInline mutating func skipContainer() throws(JSONFault) {
    let start = p
    var depth = 0
    while true {
      // Blocks without a quote or a bracket, most of a polygon, are passed over sixteen bytes at a time.
      while end - p >= 16 {
        let block = UnsafeRawPointer(p).loadUnaligned(as: SIMD16<UInt8>.self)
        // [ ] { } differ in two bits only: 0x5B 0x5D 0x7B 0x7D.
        let folded = block | SIMD16(repeating: 0x20)
        let found =
          (folded .== SIMD16(repeating: 0x7B)) .| (folded .== SIMD16(repeating: 0x7D)) .| (block .== SIMD16(repeating: 0x22))
        if any(found) { break }
        p += 16
      }
      let blockEnd = end - p >= 16 ? p + 16 : end
      while p < blockEnd {
        switch p.pointee {
        case UInt8(ascii: "\""):
          _ = try string()
          continue
        case UInt8(ascii: "{"), UInt8(ascii: "["):
          depth &+= 1
          if depth > JSONScanner.depthLimit { throw fault(.tooDeep) }
        case UInt8(ascii: "}"), UInt8(ascii: "]"):
          depth &-= 1
          if depth == 0 {
            p += 1
            return
          }
        default: break
        }
        p += 1
      }
      if p >= end {
        // Say what is wrong in the terms of the grammar; if the grammar sees nothing, it is cut off.
        p = start
        try skipStrictly(depth: 0)
        throw JSONFault(.truncated, at: end - base)
      }
    }
  }
}
