import Glibc

extension UnsafeBufferPointer<UInt8> {
  /// Whether another buffer holds the same bytes.
  @inlinable @inline(__always) public func holdsSameBytes(as other: UnsafeBufferPointer<UInt8>) -> Bool {
    guard count == other.count, let a = baseAddress, let b = other.baseAddress else { return count == other.count }
    return memcmp(a, b, count) == 0
  }
}

extension String {
  /// Calls a closure with the UTF-8 of this text.
  ///
  /// Unlike `withUTF8` it changes nothing, so the text is neither copied into a variable nor held for it.
  @inlinable @inline(__always) public func withBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    if let result = utf8.withContiguousStorageIfAvailable(body) { return result }
    return withCopiedBytes(body)
  }

  /// Calls a closure with the UTF-8 of a text that does not lie in one piece.
  @inline(never) @usableFromInline func withCopiedBytes<R>(_ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    Array(utf8).withUnsafeBufferPointer(body)
  }
}
