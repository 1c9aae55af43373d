import Glibc
import WaybillDiagnostics

/// Input that cannot be read twice, such as standard input or a pipe, copied to an unnamed temporary file and mapped.
///
/// The temporary file lies in `TMPDIR` (or `/tmp`) and vanishes with the mapping, also when the process is killed.
public enum SpooledInput {
  /// Maps what a descriptor still has to give; a regular file that stands at its beginning is mapped as it is.
  ///
  /// The descriptor stays the caller's.
  public static func map(descriptor: Int32, path: String) throws(DatasetError) -> MappedFile {
    var status = stat()
    if fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0,
      lseek(descriptor, 0, SEEK_CUR) == 0
    {
      return try MappedFile(descriptor: descriptor, path: path)
    }
    if status.st_mode & S_IFMT == S_IFDIR { return try MappedFile(descriptor: descriptor, path: path) }
    let spool = try temporaryFile()
    defer { close(spool.descriptor) }
    try copy(from: descriptor, path, to: spool.descriptor, spool.folder)
    return try MappedFile(descriptor: spool.descriptor, path: path)
  }

  /// Maps a file, or spools it first if it is a pipe or a device; `-` is standard input.
  public static func map(path: String) throws(DatasetError) -> MappedFile {
    if path == "-" { return try map(descriptor: STDIN_FILENO, path: "<stdin>") }
    var status = stat()
    guard stat(path, &status) == 0, ![S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else {
      return try MappedFile(path: path)
    }
    let descriptor = try openInput(path)
    defer { close(descriptor) }
    return try map(descriptor: descriptor, path: path)
  }

  /// An unnamed file in the folder for temporary files.
  static func temporaryFile() throws(DatasetError) -> (descriptor: Int32, folder: String) {
    var folder = "/tmp"
    if let value = getenv("TMPDIR"), value[0] != 0 { folder = String(cString: value) }
    let descriptor = SystemCalls.real.openUnnamed(in: AT_FDCWD, folder)
    guard descriptor >= 0 else { throw systemError("cannot hold a temporary file; set TMPDIR to a folder that can", path: folder) }
    return (descriptor, folder)
  }

  private static func copy(from source: Int32, _ path: String, to target: Int32, _ folder: String) throws(DatasetError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 16)
    defer { buffer.deallocate() }
    while true {
      try InterruptFlag.check()
      // Signals reach only one thread, so the wait ends now and then to look at the flag. A named pipe that nobody has opened
      // for writing yet counts as not ready.
      var wait = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
      if poll(&wait, 1, 200) <= 0 { continue }
      let count = Glibc.read(source, buffer.baseAddress, buffer.count)
      if count == 0 { return }
      if count < 0 {
        if errno == EINTR || errno == EAGAIN { continue }
        throw systemError("cannot be read", path: path)
      }
      if let number = SystemCalls.real.writeAll(target, UnsafeRawBufferPointer(rebasing: buffer.prefix(count))) {
        throw systemError("cannot hold the copy of \(path)", path: folder, number)
      }
    }
  }
}
