import Glibc
import WaybillDiagnostics

/// An open folder, for opening many files in it without walking its path each time.
///
/// It may lie on the disk or in something mounted, such as an archive; all calls mean the same.
public final class Folder: Sendable {
  /// The path messages shall show.
  public let path: String
  /// Negative for a folder in a mount.
  private let descriptor: Int32
  /// The files that paths in a mount are looked up in; nil for a folder of the disk.
  private let files: InputFiles?

  /// Opens a folder; on the disk it costs one descriptor until the object goes.
  public init(path: String, in files: InputFiles = .disk) throws(DatasetError) {
    self.path = path
    switch files.place(of: path) {
    case .disk(let path):
      self.files = nil
      descriptor = try openFolder(path)
    case .mounted(let mount, let below):
      self.files = files
      descriptor = -1
      guard case .folder? = mount.entry(at: below) else {
        throw systemError("cannot be opened as a folder", path: path, mount.entry(at: below) == nil ? ENOENT : ENOTDIR)
      }
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }

  /// Reads a whole small file into a buffer, which keeps its memory for the next file.
  ///
  /// Symbolic links are followed. A file above the limit, a pipe or a device is an ``DatasetError/Code/io`` error; on any
  /// error the buffer is empty. Costs four system calls on the disk.
  public func read(
    _ relativePath: String, into buffer: inout ReusableBuffer, limit: Int = 64 << 20
  ) throws(DatasetError) {
    if let files { return try files.read(place(of: relativePath), into: &buffer, limit: limit) }
    buffer.clear()
    try readWhole(descriptor, relativePath, into: &buffer, limit: limit, shown: place(of: relativePath))
  }

  /// Reads the first bytes of a file of the folder, at most a count; a pipe or a device is an ``DatasetError/Code/io`` error.
  public func readHead(_ relativePath: String, count: Int) throws(DatasetError) -> [UInt8] {
    if let files { return try files.readHead(place(of: relativePath), count: count) }
    return try readFirstBytes(descriptor, relativePath, count: count, shown: place(of: relativePath))
  }

  /// Maps a file of the folder.
  public func map(_ relativePath: String) throws(DatasetError) -> MappedFile {
    let shown = place(of: relativePath)
    if let files { return try files.map(shown) }
    let file = try openInput(descriptor, relativePath, shown: shown)
    defer { close(file) }
    return try MappedFile(descriptor: file, path: shown)
  }

  /// Whether a regular file is there, links followed.
  public func hasFile(_ relativePath: String) -> Bool {
    if let files { return files.isFile(place(of: relativePath)) }
    var status = stat()
    return SystemCalls.real.status(descriptor, relativePath, &status, follow: true) == 0
      && status.st_mode & S_IFMT == S_IFREG
  }

  /// The whole path of a file; an absolute path stays as it is.
  private func place(of relativePath: String) -> String {
    relativePath.utf8.first == 0x2F ? relativePath : joinedPath(path, relativePath)
  }
}

/// Opens a folder of the disk.
func openFolder(_ path: String) throws(DatasetError) -> Int32 {
  guard !path.utf8.contains(0) else { throw DatasetError(.io, "holds a zero byte in its name", path: path) }
  let descriptor = SystemCalls.real.open(AT_FDCWD, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY)
  guard descriptor >= 0 else { throw systemError("cannot be opened as a folder", path: path) }
  return descriptor
}

/// Reads a whole small file of an open folder into a buffer; see ``Folder/read(_:into:limit:)``.
public func smallFile(
  at folder: Folder, _ relativePath: String, into buffer: inout ReusableBuffer, limit: Int = 64 << 20
) throws(DatasetError) {
  try folder.read(relativePath, into: &buffer, limit: limit)
}
