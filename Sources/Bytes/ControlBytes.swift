/// White space and control characters among eight bytes at once.
public enum ControlBytes {
  /// Sets the highest bit of each byte that is 0x20 or below, and no other bit.
  @inlinable @inline(__always) public static func marks(in word: UInt64) -> UInt64 {
    // The highest bit of a byte stays clear where it is below 0x21.
    let above = ((word & 0x7F7F_7F7F_7F7F_7F7F) &+ 0x5F5F_5F5F_5F5F_5F5F) | word
    return ~above & ByteMarks.all
  }

  /// The first byte from a place on that is 0x20 or below, or the limit.
  @inlinable @inline(__always) public static func first(in base: UnsafePointer<UInt8>, from start: Int, to limit: Int) -> Int {
    var at = start
    while limit &- at >= 8 {
      let found = marks(in: UInt64(littleEndian: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)))
      if found != 0 { return at &+ found.trailingZeroBitCount &>> 3 }
      at &+= 8
    }
    while at < limit, base[at] > 0x20 { at &+= 1 }
    return at
  }

  /// How many of some bytes are 0x20 or below.
  @inlinable @inline(__always) public static func count(in bytes: UnsafeBufferPointer<UInt8>) -> Int {
    guard let base = bytes.baseAddress else { return 0 }
    var count = 0
    var at = 0
    while bytes.count &- at >= 8 {
      count &+= ByteMarks.count(marks(in: UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)))
      at &+= 8
    }
    while at < bytes.count {
      if base[at] <= 0x20 { count &+= 1 }
      at &+= 1
    }
    return count
  }

  /// Copies a range of memory and says how many of its bytes are 0x20 or below.
  ///
  /// Whole words are stored: up to seven bytes behind the copy are touched.
  @inlinable @inline(__always) public static func copy(
    _ range: Range<Int>, of memory: UnsafeBufferPointer<UInt8>, to out: UnsafeMutablePointer<UInt8>
  ) -> Int {
    guard let base = memory.baseAddress else { return 0 }
    var count = 0
    var at = range.lowerBound
    var to = UnsafeMutableRawPointer(out)
    while at < range.upperBound, memory.count &- at >= 8 {
      let word = UnsafeRawPointer(base + at).loadUnaligned(as: UInt64.self)
      to.storeBytes(of: word, as: UInt64.self)
      let wanted = min(8, range.upperBound &- at)
      count &+= ByteMarks.count(marks(in: word) &<< UInt64(64 &- wanted &* 8))
      at &+= wanted
      to += wanted
    }
    while at < range.upperBound {
      if base[at] <= 0x20 { count &+= 1 }
      to.storeBytes(of: base[at], as: UInt8.self)
      at &+= 1
      to += 1
    }
    return count
  }
}
