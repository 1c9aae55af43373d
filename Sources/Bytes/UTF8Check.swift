/// Checks that bytes are UTF-8.
public enum UTF8Check {
  /// Offset of the first byte that is not valid UTF-8, or nil when all are.
  ///
  /// Runs of ASCII pass 32 bytes at a time; other characters are looked at one by one, so that a few of them among much ASCII cost little.
  public static func firstInvalid(in bytes: UnsafeRawBufferPointer) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    var at = 0
    while true {
      at = endOfASCII(base, at, bytes.count)
      if at == bytes.count { return nil }
      repeat {
        let length = lengthOfScalar(base, at, bytes.count)
        if length == 0 { return at }
        at &+= length
      } while at < bytes.count && base.load(fromByteOffset: at, as: UInt8.self) >= 0x80
    }
  }

  /// Whether every character is one byte.
  public static func isASCII(_ bytes: UnsafeRawBufferPointer) -> Bool {
    bytes.baseAddress.map { endOfASCII($0, 0, bytes.count) == bytes.count } ?? true
  }

  /// The first byte from a place on that is not ASCII, or the end.
  @inline(__always) private static func endOfASCII(_ base: UnsafeRawPointer, _ start: Int, _ end: Int) -> Int {
    var at = start
    func word(_ at: Int) -> UInt64 { base.loadUnaligned(fromByteOffset: at, as: UInt64.self) }
    while end &- at >= 32 {
      let all = (word(at) | word(at &+ 8)) | (word(at &+ 16) | word(at &+ 24))
      if all & ByteMarks.all != 0 { break }
      at &+= 32
    }
    while end &- at >= 8 {
      let found = UInt64(littleEndian: word(at)) & ByteMarks.all
      if found != 0 { return at &+ found.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < end, base.load(fromByteOffset: at, as: UInt8.self) < 0x80 { at &+= 1 }
    return at
  }

  /// How many bytes the scalar at a place has, which is not ASCII; 0 for what is none (Unicode, table 3-7).
  @inline(__always) private static func lengthOfScalar(_ base: UnsafeRawPointer, _ at: Int, _ end: Int) -> Int {
    let left = end &- at
    func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: at &+ offset, as: UInt8.self) }
    func continues(_ offset: Int) -> Bool { byte(offset) & 0xC0 == 0x80 }
    let first = byte(0)
    switch first {
    case 0xC2...0xDF: return left >= 2 && continues(1) ? 2 : 0
    case 0xE0...0xEF:
      guard left >= 3, continues(1), continues(2) else { return 0 }
      // Neither longer than needed nor half of a pair.
      return first == 0xE0 && byte(1) < 0xA0 || first == 0xED && byte(1) > 0x9F ? 0 : 3
    case 0xF0...0xF4:
      guard left >= 4, continues(1), continues(2), continues(3) else { return 0 }
      return first == 0xF0 && byte(1) < 0x90 || first == 0xF4 && byte(1) > 0x8F ? 0 : 4
    default: return 0
    }
  }
}
