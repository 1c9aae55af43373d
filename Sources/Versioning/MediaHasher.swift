import Glibc
import WaybillDiagnostics
import WaybillDigests
import WaybillFiles

/// Hashes media files, one worker's with one buffer; files that look as they did are not read.
final class MediaHasher {
  private static let bufferSize = 1 << 20
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bufferSize, alignment: 4096)
  private var hasher = SHA256Hasher()

  deinit { buffer.deallocate() }

  /// Looks at a file, and reads it where its digest is not known or the store has no such bytes.
  func look(
    at path: String, _ facts: FileFacts, named location: String, cache: StatCache?, known: KnownMedia, mode: MediaPublishing
  ) throws(DatasetError) -> FoundMedia {
    let look = FileLook(facts)
    if let digest = cache?.digest(of: path, look), mode == .reference || known.holds(digest) {
      cache?.note(path, look, digest)
      return FoundMedia(location: location, file: path, size: Int(look.size), digest: digest, crc: nil)
    }
    let input = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    guard input >= 0 else { throw DatasetError(.io, "cannot be opened", path: path, errno: errno) }
    defer { close(input) }
    // The look is that of the open file: the path may lead to another one by now.
    var status = stat()
    guard fstat(input, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw DatasetError(.io, "is no regular file", path: path)
    }
    let opened = FileLook(FileFacts(status))
    var crc = CRC32()
    var size = 0
    while true {
      let count = read(input, buffer.baseAddress, buffer.count)
      if count < 0 {
        if errno == EINTR { continue }
        throw DatasetError(.io, "cannot be read", path: path, errno: errno)
      }
      if count == 0 { break }
      let piece = UnsafeRawBufferPointer(rebasing: buffer[..<count])
      hasher.update(piece)
      crc.update(piece)
      size += count
      try InterruptFlag.check()
    }
    let digest = hasher.finish()
    guard fstat(input, &status) == 0 else { throw DatasetError(.io, "cannot be examined", path: path, errno: errno) }
    guard FileLook(FileFacts(status)) == opened, size == Int(opened.size) else {
      throw DatasetError(.conflict, "was changed while it was read", path: path)
    }
    if opened.isSettled { cache?.note(path, opened, digest) }
    return FoundMedia(location: location, file: path, size: size, digest: digest, crc: crc.value)
  }

  /// Hashes a file of an archive.
  func look(in mapped: MappedFile, at path: String, named location: String) throws(DatasetError) -> FoundMedia {
    try InterruptFlag.check()
    return FoundMedia(
      location: location, file: path, mapped: mapped, size: mapped.bytes.count, digest: SHA256Digest(of: mapped.bytes),
      crc: CRC32(of: mapped.bytes).value)
  }
}
