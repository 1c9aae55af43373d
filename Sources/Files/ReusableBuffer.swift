/// Memory that one file after another is read into; it grows to the largest and is never cleared to zero.
///
/// Not copyable, so that no two owners read into the same memory.
public struct ReusableBuffer: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  /// Number of bytes that are filled.
  public internal(set) var count = 0

  /// A buffer of some capacity in bytes.
  public init(capacity: Int = 16 << 10) {
    precondition(capacity >= 0, "capacity \(capacity) is negative")
    memory = .allocate(byteCount: max(capacity, 64), alignment: 16)
  }

  deinit { memory.deallocate() }

  /// The filled bytes; valid until the buffer is used again.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// The memory behind the filled bytes.
  var free: UnsafeMutableRawBufferPointer { UnsafeMutableRawBufferPointer(rebasing: memory[count...]) }

  /// Forgets the bytes and keeps the memory.
  public mutating func clear() { count = 0 }

  /// Appends a copy of some bytes.
  mutating func append(_ bytes: UnsafeRawBufferPointer) {
    reserve(count + bytes.count)
    free.copyMemory(from: bytes)
    count += bytes.count
  }

  /// Makes room for a total of some bytes, keeping those that are filled.
  mutating func reserve(_ capacity: Int) {
    guard capacity > memory.count else { return }
    let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: max(capacity, memory.count * 2), alignment: 16)
    grown.copyMemory(from: bytes)
    memory.deallocate()
    memory = grown
  }
}
