import Glibc
import WaybillLocks
import WaybillDiagnostics

/// An unnamed temporary file: appended to, then read back or copied into an ``OutputFile``.
///
/// It vanishes with the object, also when the process is killed. Safe to use from several threads.
public final class Spool: Sendable {
  private let buffer: Lock<DescriptorBuffer>

  init(_ descriptor: Int32, path: String, _ system: SystemCalls) {
    buffer = Lock(DescriptorBuffer(descriptor, path: path, system))
  }

  /// A spool in `TMPDIR` or `/tmp`, for work that has no output folder.
  public convenience init() throws(DatasetError) {
    let file = try SpooledInput.temporaryFile()
    self.init(file.descriptor, path: file.folder, .real)
  }

  /// Number of bytes appended so far.
  public var count: Int { buffer.withLock { $0.offset } }

  /// Appends bytes; small pieces go through a buffer of 1 MiB.
  public func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try buffer.withLock { (buffer) throws(DatasetError) in try buffer.append(bytes) }
  }

  /// Appends bytes.
  public func append(_ bytes: [UInt8]) throws(DatasetError) {
    let result: Result<Void, DatasetError> = bytes.withUnsafeBytes { raw in
      do throws(DatasetError) { return .success(try append(raw)) } catch { return .failure(error) }
    }
    try result.get()
  }

  /// Fills a buffer from an offset; returns the number of bytes, which is smaller only at the end.
  public func read(at offset: Int, into target: UnsafeMutableRawBufferPointer) throws(DatasetError) -> Int {
    precondition(offset >= 0, "offset \(offset) is negative")
    return try buffer.withLock { (buffer) throws(DatasetError) in
      try buffer.flush()
      let count = buffer.system.readAll(buffer.descriptor, target, at: offset)
      guard count >= 0 else { throw systemError("its temporary part cannot be read back", path: buffer.path) }
      return count
    }
  }

  /// Maps what has been appended so far.
  public func map() throws(DatasetError) -> MappedFile {
    try buffer.withLock { (buffer) throws(DatasetError) in
      try buffer.flush()
      return try MappedFile(descriptor: buffer.descriptor, path: buffer.path)
    }
  }

  /// Gives back the room of a range that is not needed any more; what is read there later is zeros.
  ///
  /// Only a hint: where the file system cannot, the room is kept until the spool goes.
  public func release(_ range: Range<Int>) {
    buffer.withLock { buffer in
      let page = Int(getpagesize())
      let start = (range.lowerBound + page - 1) / page * page
      let end = range.upperBound / page * page
      guard start < end, end <= buffer.offset, buffer.descriptor >= 0 else { return }
      GNU.punchHole(buffer.descriptor, at: start, count: end - start)
    }
  }

  /// Calls with the descriptor and the size of the complete file.
  func withFlushed(_ body: (Int32, Int) throws(DatasetError) -> Void) throws(DatasetError) {
    try buffer.withLock { (buffer) throws(DatasetError) in
      try buffer.flush()
      try body(buffer.descriptor, buffer.offset)
    }
  }
}
