import Glibc
import WaybillDiagnostics

/// A regular file's bytes, mapped read-only into memory for as long as this object lives; also a part of such bytes, or bytes that were
/// unpacked from an archive.
///
/// The file must not be cut short meanwhile: touching bytes that are gone raises `SIGBUS`, which
/// ``InterruptFlag/install()`` turns into a sentence and exit 1.
public final class MappedFile: SourceBytes, @unchecked Sendable {
  /// What the bytes lie in.
  enum Ground {
    /// A mapping of a file, which ends with this object.
    case mapping
    /// Something else that lives as long as this object does.
    case part(of: AnyObject)
    /// Memory without a file, which ends with this object.
    case memory
    /// The same, from the heap.
    case heap
  }

  /// The path messages shall show.
  public let path: String
  /// The file's bytes; valid while the object lives.
  ///
  /// Keep the object in a variable or a property: of a temporary, `try MappedFile(path: p).bytes`, the bytes are gone at once.
  public let bytes: UnsafeRawBufferPointer
  private let ground: Ground

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
    ground = .mapping
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
      return
    }
    let base = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let base, base != MAP_FAILED else { throw systemError("cannot be mapped", path: path) }
    bytes = UnsafeRawBufferPointer(start: base, count: size)
  }

  /// A part of another file, which lives as long as this object.
  public convenience init(_ range: Range<Int>, of file: MappedFile, path: String) {
    precondition(range.lowerBound >= 0 && range.upperBound <= file.bytes.count, "\(range) of \(file.bytes.count) bytes")
    self.init(UnsafeRawBufferPointer(rebasing: file.bytes[range]), in: .part(of: file), path: path)
  }

  /// Bytes in memory that was allocated for them, which is freed with this object.
  public convenience init(adopting memory: UnsafeMutableRawBufferPointer, path: String) {
    self.init(UnsafeRawBufferPointer(memory), in: .heap, path: path)
  }

  /// Bytes that lie in something, which the object keeps or owns.
  init(_ bytes: UnsafeRawBufferPointer, in ground: Ground, path: String) {
    self.path = path
    self.bytes = bytes
    self.ground = ground
  }

  deinit {
    switch ground {
    case .part: return
    case .heap: bytes.deallocate()
    case .mapping, .memory:
      if let base = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: base), bytes.count) }
    }
  }

  /// Whether memory that was let go would be read again.
  private var hasFile: Bool {
    switch ground {
    case .mapping: true
    case .part(let owner): (owner as? MappedFile)?.hasFile ?? false
    case .memory, .heap: false
    }
  }

  /// Tells the system that the bytes will be read from front to back.
  public func willReadSequentially() {
    guard let base = bytes.baseAddress, hasFile else { return }
    switch ground {
    case .memory, .heap: return
    case .mapping: madvise(UnsafeMutableRawPointer(mutating: base), bytes.count, MADV_SEQUENTIAL)
    case .part:
      // The lasting advice would split the mapping at each of many parts, and mappings are few; this only reads ahead.
      let before = Int(bitPattern: base) % Int(getpagesize())
      madvise(UnsafeMutableRawPointer(mutating: base) - before, min(bytes.count, 4 << 20) + before, MADV_WILLNEED)
    }
  }

  /// Lets the memory behind a range go; touching it again reads the file again.
  ///
  /// Only whole pages inside the range are released. Long sequential reads call it behind themselves, so that resident
  /// memory stays bounded. Offsets outside the file are ignored, and so is everything where no file could be read again.
  public func release(_ range: Range<Int>) {
    guard let base = bytes.baseAddress, hasFile else { return }
    let page = Int(getpagesize())
    let wanted = range.clamped(to: 0..<bytes.count)
    // A part begins anywhere in a page.
    let before = Int(bitPattern: base) % page
    let start = (wanted.lowerBound + before + page - 1) / page * page - before
    var end = (wanted.upperBound + before) / page * page - before
    // The page that holds the file's end is complete when the range reaches it; that of a part holds something else as well.
    if case .mapping = ground, wanted.upperBound == bytes.count { end = bytes.count }
    guard start < end else { return }
    madvise(UnsafeMutableRawPointer(mutating: base) + start, end - start, MADV_DONTNEED)
  }

  /// Lets pages go that lie some windows before an offset, once in each window, so that a long sequential read stays small in memory.
  ///
  /// For readers that come by at the beginning of each line. Other workers may still be there: they only have to touch the file again.
  public func releaseBehind(_ offset: Int) {
    let window = 4 << 20
    let number = offset / window
    // A line begins in the first 64 KiB of most windows; those that have none there are let go with a later window.
    guard number > 4, offset % window < 1 << 16 else { return }
    release(((number - 6) * window)..<((number - 4) * window))
  }
}

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
