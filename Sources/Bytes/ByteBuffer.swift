/// A growable buffer of bytes to write into: the one place where output is put together.
///
/// It owns its memory and cannot be copied by accident, so appending never checks for sharing. Appending is amortised O(n).
public struct ByteBuffer: ~Copyable, @unchecked Sendable {
  @usableFromInline var base: UnsafeMutablePointer<UInt8>
  @usableFromInline var length: Int
  @usableFromInline var room: Int

  /// Number of bytes written.
  @inlinable public var count: Int { length }
  /// Number of bytes there is room for.
  @inlinable public var capacity: Int { room }

  /// An empty buffer with room for some bytes.
  @inlinable public init(capacity: Int = 256) {
    room = max(capacity, 32)
    base = .allocate(capacity: room)
    length = 0
  }

  deinit { base.deallocate() }

  /// The bytes written so far; valid until the next change.
  @inlinable public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: base, count: count) }

  /// Whether nothing was written.
  @inlinable public var isEmpty: Bool { count == 0 }

  /// Forgets the bytes and keeps the memory.
  @inlinable public mutating func removeAll() { length = 0 }

  /// Forgets the bytes after a position; does nothing when there are fewer.
  @inlinable public mutating func truncate(to length: Int) {
    if length < count { self.length = max(0, length) }
  }

  @inline(never) @usableFromInline mutating func grow(by extra: Int) {
    let needed = count + extra
    let newCapacity = max(needed, capacity * 2)
    let moved = UnsafeMutablePointer<UInt8>.allocate(capacity: newCapacity)
    moved.update(from: base, count: count)
    base.deallocate()
    base = moved
    room = newCapacity
  }

  /// Makes room for more bytes, so that the unchecked appends that follow cannot grow the buffer.
  @inlinable public mutating func reserve(_ extra: Int) {
    if capacity &- count < extra { grow(by: extra) }
  }

  /// Writes through a pointer into reserved room; the closure returns how many bytes it wrote.
  @inlinable public mutating func write(atMost extra: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Int) {
    reserve(extra)
    length = length &+ body(base + length)
  }

  /// Appends one byte.
  @inlinable public mutating func append(_ byte: UInt8) {
    reserve(1)
    base[count] = byte
    length = count &+ 1
  }

  /// Appends literal text; where it stands in the code, its bytes are stored without a call.
  @inlinable @inline(__always) public mutating func append(_ text: StaticString) {
    let added = text.utf8CodeUnitCount
    reserve(added)
    (base + count).update(from: text.utf8Start, count: added)
    length = length &+ added
  }

  /// Appends bytes.
  @inlinable public mutating func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress, bytes.count > 0 else { return }
    reserve(bytes.count)
    UnsafeMutableRawPointer(base + count).copyMemory(from: start, byteCount: bytes.count)
    length = count &+ bytes.count
  }

  /// Appends bytes.
  @inlinable public mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) { append(UnsafeRawBufferPointer(bytes)) }

  /// Appends bytes.
  @inlinable public mutating func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  /// Appends the UTF-8 of a string, as it is.
  @_disfavoredOverload @inlinable public mutating func append(_ text: String) {
    text.withBytes { append(UnsafeRawBufferPointer($0)) }
  }

  /// The bytes from a position on, as an array.
  public func array(from start: Int = 0) -> [UInt8] {
    Array(UnsafeBufferPointer(start: base + min(max(0, start), count), count: count - min(max(0, start), count)))
  }

  /// The bytes from a position on, as text; invalid UTF-8 is repaired.
  public func string(from start: Int = 0) -> String {
    let start = min(max(0, start), count)
    return String(decoding: UnsafeBufferPointer(start: base + start, count: count - start), as: UTF8.self)
  }
}
