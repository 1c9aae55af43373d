/// The bytes of a word that are marked by their highest bit.
public enum ByteMarks {
  /// The highest bit of every byte.
  @inlinable @inline(__always) public static var all: UInt64 { 0x8080_8080_8080_8080 }

  /// How many bytes are marked; other bits count for nothing.
  ///
  /// Takes no instruction that only newer processors have.
  @inlinable @inline(__always) public static func count(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: (((word & all) &>> 7) &* 0x0101_0101_0101_0101) &>> 56)
  }
}
