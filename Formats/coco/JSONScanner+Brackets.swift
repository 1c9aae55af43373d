import WaybillBytes
import WaybillSyntax

extension JSONScanner {
  /// Passes over a value by its brackets and quotes alone, thirty-two bytes at a time.
  ///
  /// It sees what `skipValueStructurally` sees, but for faults inside strings. `bytes` is the buffer the scanner walks over.
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
      while end - p >= 32 {
        let found =
          marks(p.loadUnaligned(as: UInt64.self)) | marks(p.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
          | marks(p.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
          | marks(p.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        if found != 0 { break }
        p += 32
      }
      while end - p >= 8 {
        let found = marks(p.loadUnaligned(as: UInt64.self))
        if found != 0 {
          p += found.trailingZeroBitCount >> 3
          break
        }
        p += 8
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

  /// Marks a word's bytes that may be brackets (all from 0x40 to 0x7F) or are quotes; those before the first mark are neither.
  @inline(__always) private static func marks(_ word: UInt64) -> UInt64 {
    let quotes = word ^ 0x2222_2222_2222_2222
    return (word & 0x4040_4040_4040_4040) | ((quotes &- 0x0101_0101_0101_0101) & ~quotes & 0x8080_8080_8080_8080)
  }
}
