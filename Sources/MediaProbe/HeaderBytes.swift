import Glibc

/// The order of a number's bytes in a file.
enum ByteOrder {
  case big, little
}

/// The bytes of a file by offset, of which one window at a time is in memory.
///
/// With a descriptor the window moves to where it is asked for; without one it stays and an offset outside it stops the reading
/// with `.needs`. Every offset is checked against the file's size first, so readers may pass on what a file told them.
struct HeaderBytes {
  /// How much is read at a time.
  static let pieceSize = 4096

  let fileSize: Int
  private var windowStart = 0
  private var window: UnsafeRawBufferPointer
  private let source: (descriptor: Int32, buffer: UnsafeMutableRawBufferPointer)?

  /// Bytes of which only a file's beginning is there.
  init(prefix: UnsafeRawBufferPointer, fileSize: Int) {
    // A file cannot be smaller than what was read of it.
    self.fileSize = max(fileSize, prefix.count)
    self.window = prefix
    self.source = nil
  }

  /// Bytes of an open regular file; both descriptor and buffer must outlive the value.
  init(descriptor: Int32, fileSize: Int, buffer: UnsafeMutableRawBufferPointer) {
    self.fileSize = fileSize
    self.window = UnsafeRawBufferPointer(start: nil, count: 0)
    self.source = (descriptor, buffer)
  }

  /// The bytes at an offset, good until the next call; a count is never above `pieceSize`.
  mutating func bytes(at offset: Int, count: Int) throws(ProbeStop) -> UnsafeRawBufferPointer {
    guard offset >= 0, count <= fileSize, offset <= fileSize - count else { throw .broken("the file ends inside its header") }
    if offset < windowStart || offset - windowStart > window.count - count { try moveWindow(to: offset, count: count) }
    let start = offset - windowStart
    return UnsafeRawBufferPointer(rebasing: window[start..<(start + count)])
  }

  /// The unsigned number of `size` bytes (1 to 8) at an offset.
  mutating func number(at offset: Int, size: Int, _ order: ByteOrder) throws(ProbeStop) -> UInt64 {
    let piece = try bytes(at: offset, count: size)
    var value: UInt64 = 0
    switch order {
    case .big: for byte in piece { value = value << 8 | UInt64(byte) }
    case .little: for byte in piece.reversed() { value = value << 8 | UInt64(byte) }
    }
    return value
  }

  /// The byte at an offset.
  mutating func byte(at offset: Int) throws(ProbeStop) -> UInt8 {
    try bytes(at: offset, count: 1)[0]
  }

  private mutating func moveWindow(to offset: Int, count: Int) throws(ProbeStop) {
    let wanted = min(Self.pieceSize, fileSize - offset)
    guard let source else { throw .needs(offset: offset, count: wanted) }
    window = UnsafeRawBufferPointer(start: nil, count: 0)
    var filled = 0
    while filled < wanted {
      let piece = UnsafeMutableRawBufferPointer(rebasing: source.buffer[filled..<wanted])
      let got = pread(source.descriptor, piece.baseAddress, piece.count, off_t(offset + filled))
      if got < 0 {
        if errno == EINTR { continue }
        throw .cannotRead(errno)
      }
      // Someone cut the file short after its size was taken.
      if got == 0 { break }
      filled += got
    }
    guard filled >= count else { throw .broken("the file ends inside its header") }
    windowStart = offset
    window = UnsafeRawBufferPointer(rebasing: source.buffer[..<filled])
  }
}
