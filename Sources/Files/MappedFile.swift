import Glibc
import WaybillDiagnostics

/// A regular file's bytes, mapped read-only into memory for as long as this object lives.
///
/// It may also be a part of another mapped file, as a stored file of an archive is, or bytes in memory. The file must not be cut short meanwhile: touching bytes that are gone raises `SIGBUS`, which
/// ``InterruptFlag/install()`` turns into a sentence and exit 1.
public final class MappedFile: @unchecked Sendable {
  /// The path messages shall show.
  public let path: String
  /// The file's bytes; valid while the object lives.
  ///
  /// Keep the object in a variable or a property: of a temporary, `try MappedFile(path: p).bytes`, the bytes are gone at once.
  public let bytes: UnsafeRawBufferPointer
  private let holder: Holder

  /// Who keeps the bytes.
  private enum Holder {
    /// This object, which unmaps them.
    case mapping
    /// This object, which frees them.
    case memory
    /// Another file, from this offset on.
    case part(of: MappedFile, offset: Int)
  }

  /// Maps a file.
  ///
  /// Folders, pipes and devices are refused with an ``DatasetError/Code/io`` error.
  public convenience init(path: String) throws(DatasetError) {
    // Without O_NONBLOCK, opening a pipe would wait for its writer.
    let descriptor = try openInput(path)
    defer { close(descriptor) }
    try self.init(descriptor: descriptor, path: path)
  }

  /// Maps the file behind a descriptor, which stays open and the caller's.
  public init(descriptor: Int32, path: String) throws(DatasetError) {
    self.path = path
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw systemError("cannot be examined", path: path) }
    if let problem = notRegular(status.st_mode) { throw DatasetError(.io, problem, path: path) }
    guard let size = Int(exactly: status.st_size), size >= 0 else {
      throw DatasetError(.io, "has no usable size", path: path)
    }
    guard size > 0 else {
      var byte: UInt8 = 0
      // Files of /proc and the like say 0 and hold something nevertheless.
      guard pread(descriptor, &byte, 1, 0) <= 0 else {
        throw DatasetError(.io, "is a system file without a size; pass it through a pipe", path: path)
      }
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      holder = .mapping
      return
    }
    let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let base, base != MAP_FAILED else { throw systemError("cannot be mapped", path: path) }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
    holder = .mapping
  }

  /// A part of another file, which lives as long as this object.
  public init(_ range: Range<Int>, of file: MappedFile, path: String) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.bytes.count, "\(range) of \(file.bytes.count) bytes")
    self.path = path
    bytes = UnsafeRawBufferPointer(rebasing: file.bytes[range])
    holder = .part(of: file, offset: range.lowerBound)
  }

  /// Bytes in memory that was allocated for them, which is freed with this object.
  public init(adopting memory: UnsafeMutableRawBufferPointer, path: String) {
    self.path = path
    bytes = UnsafeRawBufferPointer(memory)
    holder = .memory
  }

  deinit {
    guard let base = bytes.baseAddress else { return }
    switch holder {
    case .mapping: munmap(UnsafeMutableRawPointer(mutating: base), bytes.count)
    case .memory: UnsafeMutableRawPointer(mutating: base).deallocate()
    case .part: break
    }
  }

  /// Tells the system that the bytes will be read from front to back.
  public func willReadSequentially() {
    // Whoever reads a part does not say how the whole is read.
    guard case .mapping = holder, let base = bytes.baseAddress else { return }
    madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_SEQUENTIAL)
  }

  /// Lets the memory behind a range go; touching it again reads the file again.
  ///
  /// Only whole pages inside the range are released. Long sequential reads call it behind themselves, so that resident
  /// memory stays bounded. Offsets outside the file are ignored; bytes that are in memory alone stay there.
  public func release(_ range: Range<Int>) {
    guard let base = bytes.baseAddress else { return }
    let wanted = range.clamped(to: 0..<bytes.count)
    switch holder {
    case .mapping: break
    case .memory: return
    case .part(let file, let offset):
      return file.release((wanted.lowerBound + offset)..<(wanted.upperBound + offset))
    }
    let page = Int(getpagesize())
    let start = (wanted.lowerBound + page - 1) / page * page
    // The page that holds the file's end is complete when the range reaches it.
    let end = wanted.upperBound == bytes.count ? wanted.upperBound : wanted.upperBound / page * page
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base) + start, end - start, MADV_DONTNEED)
  }
}

extension MappedFile: SourceBytes {}

/// Opens something to read, never waiting for a pipe's writer.
func openInput(_ path: String) throws(DatasetError) -> Int32 {
  try openInput(AT_FDCWD, path, shown: path)
}

/// Opens something below a folder to read, never waiting for a pipe's writer.
func openInput(_ folder: Int32, _ path: String, shown: @autoclosure () -> String) throws(DatasetError) -> Int32 {
  guard !path.utf8.contains(0) else { throw DatasetError(.io, "holds a zero byte in its name", path: shown()) }
  while true {
    let descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK)
    if descriptor >= 0 { return descriptor }
    guard errno == EINTR else { throw systemError("cannot be opened", path: shown()) }
    try InterruptFlag.check()
  }
}

/// Why something that is no regular file cannot be read like one; nil for a regular file.
func notRegular(_ mode: mode_t) -> String? {
  switch mode & S_IFMT {
  case S_IFREG: nil
  case S_IFDIR: "is a folder where a file was expected"
  case S_IFIFO: "is a pipe where a regular file was expected"
  case S_IFSOCK: "is a socket where a regular file was expected"
  default: "is a device where a regular file was expected"
  }
}
