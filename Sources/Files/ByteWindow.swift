import WaybillDiagnostics

/// Looks at a source piece by piece from front to back, with few reads: a piece that is not there yet comes with what follows it.
///
/// Where the source is in memory, pieces are looked at where they lie.
struct ByteWindow: ~Copyable {
  private let source: any ByteSource
  private let mapped: UnsafeRawBufferPointer?
  private let capacity: Int
  private var memory: UnsafeMutableRawBufferPointer?
  private var loaded = 0..<0

  /// A window that reads some number of bytes at least, where there are so many.
  init(_ source: any ByteSource, capacity: Int) {
    self.source = source
    self.capacity = capacity
    mapped = source.mapped
  }

  deinit { memory?.deallocate() }

  /// Some bytes, valid until the next call; nil where the source ends before them.
  ///
  /// At most up to `end` is read ahead.
  @inline(__always)
  mutating func bytes(_ offset: Int, _ count: Int, readAheadTo end: Int) throws(DatasetError) -> UnsafeRawBufferPointer? {
    if let mapped {
      guard offset >= 0, offset <= mapped.count, count <= mapped.count - offset else { return nil }
      return UnsafeRawBufferPointer(rebasing: mapped[offset..<(offset + count)])
    }
    return try fetched(offset, count, end)
  }

  private mutating func fetched(_ offset: Int, _ count: Int, _ end: Int) throws(DatasetError) -> UnsafeRawBufferPointer? {
    guard offset >= 0, offset <= source.size, count <= source.size - offset else { return nil }
    if offset < loaded.lowerBound || offset + count > loaded.upperBound {
      let wanted = max(count, min(capacity, min(end, source.size) - offset))
      if (memory?.count ?? 0) < wanted {
        memory?.deallocate()
        memory = .allocate(byteCount: wanted, alignment: 16)
      }
      guard let memory else { return nil }
      loaded = 0..<0
      try source.read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: memory[..<wanted]))
      loaded = offset..<(offset + wanted)
    }
    guard let memory else { return nil }
    let start = offset - loaded.lowerBound
    return UnsafeRawBufferPointer(rebasing: memory[start..<(start + count)])
  }
}
