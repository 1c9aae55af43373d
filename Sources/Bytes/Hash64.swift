/// A fast 64-bit hash of bytes for tables whose hits are always confirmed; not for hostile-proof dictionaries.
public enum Hash64 {
  /// Hash of bytes: multiply and fold, eight bytes at a time.
  @inlinable public static func hash(_ bytes: UnsafeRawBufferPointer, seed: UInt64 = 0x9E37_79B9_7F4A_7C15) -> UInt64 {
    var state = seed ^ (UInt64(truncatingIfNeeded: bytes.count) &* 0xA076_1D64_78BD_642F)
    var at = 0
    let count = bytes.count
    while count &- at >= 8 {
      state = fold(state ^ bytes.loadUnaligned(fromByteOffset: at, as: UInt64.self))
      at &+= 8
    }
    if at < count {
      var last: UInt64 = 0
      var shift: UInt64 = 0
      while at < count {
        last |= UInt64(bytes[at]) << shift
        shift &+= 8
        at &+= 1
      }
      state = fold(state ^ last)
    }
    return fold(state)
  }

  /// Mixes one 64-bit value.
  @inlinable public static func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xE703_7ED1_A0B4_28DB).multipliedFullWidth(by: 0x8EBC_6AF0_9C88_C6E3)
    return product.high ^ product.low
  }
}
