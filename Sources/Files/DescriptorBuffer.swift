import Glibc
import WaybillDiagnostics

/// A descriptor to append to, with a buffer before it; remembers the failure that ended it.
///
/// Sendable by its nature: it alone owns its memory, and cannot be copied.
package struct DescriptorBuffer: ~Copyable, @unchecked Sendable {
  static let capacity = 1 << 20
  /// Pieces from this length on are written as they are: gathering them would cost more than the calls it saves.
  static let directLength = 1 << 15

  let system: SystemCalls
  /// The path messages shall show.
  let path: String
  package private(set) var descriptor: Int32
  private(set) var failure: DatasetError?
  private var memory: UnsafeMutableRawBufferPointer?
  private var used = 0
  private var flushed = 0
  /// Whether the descriptor stays open when it is closed, and the bytes are summed up.
  private let isKept: Bool
  private var isSealed = false
  /// The checksum of the bytes of a file that is kept.
  private(set) var checksum = CRC32()

  package init(_ descriptor: Int32, path: String, _ system: SystemCalls, isKept: Bool = false) {
    self.descriptor = descriptor
    self.path = path
    self.system = system
    self.isKept = isKept
  }

  deinit {
    memory?.deallocate()
    if descriptor >= 0 { system.close(descriptor) }
  }

  /// Number of bytes appended so far.
  package var offset: Int { flushed + used }

  private func check() throws(DatasetError) {
    if let failure { throw failure }
    guard descriptor >= 0, !isSealed else { throw DatasetError(.io, "is closed already", path: path) }
  }

  /// Remembers the first failure: what follows it in the file would have a hole before it.
  private mutating func fail(_ message: String, _ number: Int32) -> DatasetError {
    let error = systemError(message, path: path, number)
    failure = error
    return error
  }

  package mutating func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try check()
    if isKept { checksum.update(bytes) }
    if bytes.count > Self.capacity - used || bytes.count >= Self.directLength {
      try flush()
      if bytes.count >= Self.directLength {
        if let number = system.writeAll(descriptor, bytes) { throw fail("cannot be written", number) }
        flushed += bytes.count
        return
      }
    }
    buffer(for: bytes.count).copyMemory(from: bytes)
    used += bytes.count
  }

  /// The free part of the buffer, which has room for some bytes.
  private mutating func buffer(for count: Int) -> UnsafeMutableRawBufferPointer {
    let all = memory ?? .allocate(byteCount: Self.capacity, alignment: 16)
    memory = all
    return UnsafeMutableRawBufferPointer(rebasing: all[used..<(used + count)])
  }

  /// Appends a range of another file.
  mutating func append(from source: Int32, _ range: Range<Int>) throws(DatasetError) {
    try check()
    if isKept { return try appendSummed(from: source, range) }
    guard range.count >= 1 << 16 else {
      // A short piece costs one call this way, and pieces gather in the buffer.
      if range.count > Self.capacity - used { try flush() }
      let count = system.readAll(source, buffer(for: range.count), at: range.lowerBound)
      guard count == range.count else { throw fail("its temporary part cannot be read back", count < 0 ? errno : EIO) }
      used += count
      return
    }
    try flush()
    if let number = system.copy(from: source, at: range.lowerBound, count: range.count, to: descriptor) {
      throw fail("cannot be written", number)
    }
    flushed += range.count
  }

  /// Appends a range of another file through the buffer, for the kernel does not sum up what it copies.
  private mutating func appendSummed(from source: Int32, _ range: Range<Int>) throws(DatasetError) {
    var start = range.lowerBound
    while start < range.upperBound {
      if used == Self.capacity { try flush() }
      let part = buffer(for: min(range.upperBound - start, Self.capacity - used))
      let count = system.readAll(source, part, at: start)
      guard count == part.count else { throw fail("its temporary part cannot be read back", count < 0 ? errno : EIO) }
      checksum.update(UnsafeRawBufferPointer(part))
      used += count
      start += count
    }
  }

  package mutating func flush() throws(DatasetError) {
    try check()
    guard used > 0, let memory else { return }
    if let number = system.writeAll(descriptor, UnsafeRawBufferPointer(rebasing: memory[..<used])) {
      throw fail("cannot be written", number)
    }
    flushed += used
    used = 0
  }

  /// Writes what is buffered and closes; harmless when closed already.
  ///
  /// Throws the failure that ended the file, if any.
  mutating func close() throws(DatasetError) {
    if let failure {
      discard()
      throw failure
    }
    guard descriptor >= 0, !isSealed else { return }
    do throws(DatasetError) { try flush() } catch {
      discard()
      throw error
    }
    if isKept {
      isSealed = true
      return release()
    }
    let result = system.close(descriptor)
    descriptor = -1
    release()
    if result != 0 { throw fail("cannot be written", errno) }
  }

  /// Closes without writing what is buffered.
  package mutating func discard() {
    if descriptor >= 0 { system.close(descriptor) }
    descriptor = -1
    release()
  }

  private mutating func release() {
    memory?.deallocate()
    memory = nil
    flushed += used
    used = 0
  }
}
