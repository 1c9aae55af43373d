import Glibc
import WaybillDiagnostics

/// An open folder, for opening many files in it without walking its path each time.
public final class Folder: Sendable {
  /// The path messages shall show.
  public let path: String
  let descriptor: Int32

  /// Opens a folder; it costs one descriptor until the object goes.
  public init(path: String) throws(DatasetError) {
    self.path = path
    guard !path.utf8.contains(0) else { throw DatasetError(.io, "holds a zero byte in its name", path: path) }
    descriptor = SystemCalls.real.open(AT_FDCWD, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw systemError("cannot be opened as a folder", path: path) }
  }

  deinit { close(descriptor) }

  /// Reads a whole small file into a buffer, which keeps its memory for the next file.
  ///
  /// Symbolic links are followed. A file above the limit, a pipe or a device is an ``DatasetError/Code/io`` error; on any
  /// error the buffer is empty. Costs four system calls.
  public func read(
    _ relativePath: String, into buffer: inout ReusableBuffer, limit: Int = 64 << 20
  ) throws(DatasetError) {
    buffer.clear()
    let file = try openInput(descriptor, relativePath, shown: joinedPath(path, relativePath))
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("cannot be examined", relativePath) }
    if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: joinedPath(path, relativePath)) }
    guard status.st_size <= limit else { throw tooLarge(relativePath, limit) }
    // One byte more than the size: a short answer says that the end is reached.
    buffer.reserve(Int(status.st_size) + 1)
    while true {
      let count = Glibc.read(file, buffer.free.baseAddress, buffer.free.count)
      if count < 0 {
        if errno == EINTR { continue }
        let error = failure("cannot be read", relativePath)
        buffer.clear()
        throw error
      }
      buffer.count += count
      if count == 0 || (status.st_size > 0 && buffer.count == status.st_size) { return }
      // It changed since it was examined, or it is a system file that does not tell its size: read on to its end.
      guard buffer.count <= limit else {
        buffer.clear()
        throw tooLarge(relativePath, limit)
      }
      if buffer.free.isEmpty { buffer.reserve(buffer.count &* 2 &+ 4096) }
    }
  }

  /// Reads the first bytes of a file of the folder, at most a count; a pipe or a device is an ``DatasetError/Code/io`` error.
  public func readHead(_ relativePath: String, count: Int) throws(DatasetError) -> [UInt8] {
    let file = try openInput(descriptor, relativePath, shown: joinedPath(path, relativePath))
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw failure("cannot be examined", relativePath) }
    if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: joinedPath(path, relativePath)) }
    var bytes = [UInt8](repeating: 0, count: max(0, min(count, Int(status.st_size))))
    var filled = 0
    while filled < bytes.count {
      let got = bytes.withUnsafeMutableBytes { Glibc.read(file, $0.baseAddress.map { $0 + filled }, $0.count - filled) }
      if got < 0, errno == EINTR { continue }
      guard got >= 0 else { throw failure("cannot be read", relativePath) }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes.prefix(filled))
  }

  /// Maps a file of the folder.
  public func map(_ relativePath: String) throws(DatasetError) -> MappedFile {
    let shown = joinedPath(path, relativePath)
    let file = try openInput(descriptor, relativePath, shown: shown)
    defer { close(file) }
    return try MappedFile(descriptor: file, path: shown)
  }

  /// Whether a regular file is there, links followed.
  public func hasFile(_ relativePath: String) -> Bool {
    var status = stat()
    return SystemCalls.real.status(descriptor, relativePath, &status, follow: true) == 0
      && status.st_mode & S_IFMT == S_IFREG
  }

  private func failure(_ message: String, _ relativePath: String) -> DatasetError {
    systemError(message, path: joinedPath(path, relativePath))
  }

  private func tooLarge(_ relativePath: String, _ limit: Int) -> DatasetError {
    DatasetError(.io, "is larger than the \(limit) bytes allowed here", path: joinedPath(path, relativePath))
  }
}

/// Reads a whole small file of an open folder into a buffer; see ``Folder/read(_:into:limit:)``.
public func smallFile(
  at folder: Folder, _ relativePath: String, into buffer: inout ReusableBuffer, limit: Int = 64 << 20
) throws(DatasetError) {
  try folder.read(relativePath, into: &buffer, limit: limit)
}
