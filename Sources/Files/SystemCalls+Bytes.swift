import Glibc
import WaybillDiagnostics

/// The error of a system call that just failed.
package func systemError(_ message: String, path: String, _ number: Int32 = errno) -> DatasetError {
  DatasetError(.io, message, path: path, errno: number)
}

extension SystemCalls {
  /// Most bytes asked of one call; the kernel moves no more than 2 GiB at once.
  private static let moveLimit = 1 << 30

  /// Writes all bytes, however many calls that takes; nil, or the error number that stopped it.
  func writeAll(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int32? {
    var rest = bytes
    while rest.count > 0 {
      let written = write(descriptor, UnsafeRawBufferPointer(rebasing: rest.prefix(Self.moveLimit)))
      if written < 0 { return errno }
      if written == 0 { return EIO }
      rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
    }
    return nil
  }

  /// Fills a buffer from an offset of a file; the count is smaller only at the file's end, negative when a call failed.
  func readAll(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
    var filled = 0
    while filled < buffer.count {
      let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled...].prefix(Self.moveLimit))
      let count = read(descriptor, rest, at: offset &+ filled)
      if count < 0 { return count }
      if count == 0 { break }
      filled += count
    }
    return filled
  }

  /// Copies a range of one file to the place where another one stands; nil, or the error number that stopped it.
  ///
  /// The kernel copies (or shares the blocks) where it can; otherwise the bytes pass through a buffer. A source that ends
  /// before the range does is `EIO`.
  func copy(from source: Int32, at start: Int, count: Int, to target: Int32) -> Int32? {
    var offset = start
    let end = start + count
    while offset < end {
      let moved = copyRange(from: source, at: &offset, to: target, count: min(end - offset, Self.moveLimit))
      if moved > 0 { continue }
      if moved < 0 {
        guard GNU.isMissing(errno) || errno == EXDEV || errno == EPERM || errno == EBADF else { return errno }
      }
      return copyThroughBuffer(from: source, at: offset, count: end - offset, to: target)
    }
    return nil
  }

  private func copyThroughBuffer(from source: Int32, at start: Int, count: Int, to target: Int32) -> Int32? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: min(count, 1 << 20), alignment: 16)
    defer { buffer.deallocate() }
    var offset = start
    let end = start + count
    while offset < end {
      let part = UnsafeMutableRawBufferPointer(rebasing: buffer.prefix(end - offset))
      let filled = read(source, part, at: offset)
      if filled < 0 { return errno }
      if filled == 0 { return EIO }
      if let number = writeAll(target, UnsafeRawBufferPointer(rebasing: part.prefix(filled))) { return number }
      offset += filled
    }
    return nil
  }

  /// Opens an unnamed temporary file in a folder: it vanishes with its last descriptor.
  ///
  /// -1 and `errno` when it failed.
  func openUnnamed(in folder: Int32, _ path: String) -> Int32 {
    let unnamed = openTemporary(folder, path)
    if unnamed >= 0 || !(GNU.isMissing(errno) || errno == EISDIR || errno == ENOENT) { return unnamed }
    for _ in 0..<16 {
      let name = path + "/.waybill-spool-" + randomName()
      let named = open(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
      if named < 0 {
        if errno == EEXIST { continue }
        return -1
      }
      if unlink(folder, path: name) != 0 {
        let number = errno
        close(named)
        // One more try: a file that keeps its name would be left behind.
        _ = unlink(folder, path: name)
        errno = number
        return -1
      }
      return named
    }
    errno = EEXIST
    return -1
  }
}

/// Sixteen random hexadecimal digits.
package func randomName() -> String {
  let digits = String(UInt64.random(in: 0...UInt64.max), radix: 16)
  return String(repeating: "0", count: 16 - digits.utf8.count) + digits
}
