import Glibc
import WaybillDiagnostics

extension InputFiles {
  /// What is at a path, links followed.
  public func status(of path: String) -> Status {
    switch place(of: path) {
    case .disk(let path):
      guard !path.utf8.contains(0) else { return .missing(errno: ENOENT) }
      var status = stat()
      guard SystemCalls.real.status(AT_FDCWD, path, &status, follow: true) == 0 else { return .missing(errno: errno) }
      switch fileKind(status.st_mode) {
      case .file: return .file(size: Int(status.st_size))
      case .folder: return .folder
      case .link, .special, .unknown: return .special
      }
    case .mounted(let mount, let below):
      switch mount.entry(at: below) {
      case .file(let position): return .file(size: mount.size(of: position))
      case .folder: return .folder
      case nil: return .missing(errno: ENOENT)
      }
    }
  }

  /// Whether a regular file is at a path, links followed.
  public func isFile(_ path: String) -> Bool {
    if case .file = status(of: path) { return true }
    return false
  }

  /// Whether a folder is at a path, links followed.
  public func isFolder(_ path: String) -> Bool { status(of: path) == .folder }

  /// Maps a file.
  ///
  /// - Throws: ``DatasetError`` of the code `io` when there is no regular file; an archive's own error when its bytes are damaged.
  public func map(_ path: String) throws(DatasetError) -> MappedFile {
    switch place(of: path) {
    case .disk(let path): return try MappedFile(path: path)
    case .mounted(let mount, let below): return try mount.map(try mount.file(at: below, path), as: path)
    }
  }

  /// Reads the first bytes of a file, at most a count.
  ///
  /// - Throws: ``DatasetError`` of the code `io` when there is no regular file.
  public func readHead(_ path: String, count: Int) throws(DatasetError) -> [UInt8] {
    switch place(of: path) {
    case .disk(let path): return try readFirstBytes(AT_FDCWD, path, count: count, shown: path)
    case .mounted(let mount, let below):
      return try mount.readHead(try mount.file(at: below, path), as: path, count: count)
    }
  }

  /// Reads a whole small file into a buffer, as ``Folder/read(_:into:limit:)`` does.
  public func read(_ path: String, into buffer: inout ReusableBuffer, limit: Int = 64 << 20) throws(DatasetError) {
    buffer.clear()
    switch place(of: path) {
    case .disk(let path): try readWhole(AT_FDCWD, path, into: &buffer, limit: limit, shown: path)
    case .mounted(let mount, let below): try mount.read(below, path, into: &buffer, limit: limit)
    }
  }
}

extension Mount {
  /// The position of the file at a path below the mount point; messages show the whole path.
  func file(at below: String, _ path: String) throws(DatasetError) -> Int {
    switch entry(at: below) {
    case .file(let position): return position
    case .folder: throw DatasetError(.io, "is a folder where a file was expected", path: path)
    case nil: throw systemError("cannot be opened", path: path, ENOENT)
    }
  }

  /// Reads a whole small file into an empty buffer.
  func read(_ below: String, _ path: String, into buffer: inout ReusableBuffer, limit: Int) throws(DatasetError) {
    let position = try file(at: below, path)
    guard size(of: position) <= limit else { throw tooLarge(path, limit) }
    let mapped = try map(position, as: path)
    buffer.append(mapped.bytes)
    withExtendedLifetime(mapped) {}
  }
}

/// The error of a file that is larger than its reader takes.
func tooLarge(_ path: String, _ limit: Int) -> DatasetError {
  DatasetError(.io, "is larger than the \(limit) bytes allowed here", path: path)
}
