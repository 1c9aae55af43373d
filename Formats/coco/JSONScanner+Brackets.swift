import WaybillBytes
import WaybillSyntax

extension JSONScanner {
  /// Passes over a value by its brackets and quotes alone, as ``skipValueStructurally()`` does, for the lists that make up most of a
  /// COCO file: sixteen bytes are one load and three comparisons. `bytes` is the buffer the scanner walks over.
  @inline(__always)
  mutating func skipBrackets(_ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
    skipWhitespace()
    if let base = bytes.baseAddress, offset < bytes.count {
      let first = bytes[offset]
      if first == UInt8(ascii: "[") || first == UInt8(ascii: "{"), let end = Self.endOfContainer(base, offset, bytes.count) {
        offset = end
        return
      }
    }
    // Everything else, and the words for what is wrong.
    try skipValueStructurally()
  }

  /// The offset behind the list or object that begins at an offset; nil when it does not end or is nested too deep.
  private static func endOfContainer(_ base: UnsafeRawPointer, _ start: Int, _ count: Int) -> Int? {
    var p = base + start
    let end = base + count
    var depth = 0
    while true {
      while end - p >= 16 {
        let words = Self.marks(p.loadUnaligned(as: SIMD16<UInt8>.self))
        if words.x | words.y == 0 {
          p += 16
          continue
        }
        p += words.x != 0 ? words.x.trailingZeroBitCount >> 3 : 8 &+ words.y.trailingZeroBitCount >> 3
        break
      }
      guard p < end else { return nil }
      let byte = p.load(as: UInt8.self)
      p += 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["):
        depth &+= 1
        if depth > JSONScanner.depthLimit { return nil }
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        depth &-= 1
        if depth == 0 { return p - base }
      case UInt8(ascii: "\""):
        while p < end, p.load(as: UInt8.self) != UInt8(ascii: "\"") {
          p += p.load(as: UInt8.self) == UInt8(ascii: "\\") ? 2 : 1
        }
        p += 1
        guard p < end else { return nil }
      default: break
      }
    }
  }

  /// A block's bytes that are brackets or quotes, as bytes of all ones.
  @inline(__always) private static func marks(_ block: SIMD16<UInt8>) -> SIMD2<UInt64> {
    // [ ] { } differ in two bits only: 0x5B 0x5D 0x7B 0x7D.
    let folded = block | SIMD16(repeating: 0x20)
    let found =
      (folded .== SIMD16(repeating: 0x7B)) .| (folded .== SIMD16(repeating: 0x7D)) .| (block .== SIMD16(repeating: 0x22))
    return unsafeBitCast(SIMD16<UInt8>(repeating: 0).replacing(with: 0xFF, where: found), to: SIMD2<UInt64>.self)
  }
}
