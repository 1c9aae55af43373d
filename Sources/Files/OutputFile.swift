import Glibc
import WaybillLocks
import WaybillDiagnostics

/// A large file of a ``StagedOutput``, appended to piece by piece.
///
/// Small appends are collected in a buffer of 1 MiB, those of 32 KiB and more go straight to the file. Safe to use from several threads; the
/// order of their appends is then up to them.
public final class OutputFile: Sendable {
  private let buffer: Lock<DescriptorBuffer>

  init(_ descriptor: Int32, path: String, _ system: SystemCalls) {
    buffer = Lock(DescriptorBuffer(descriptor, path: path, system))
  }

  /// A file whose descriptor stays open when it is closed, for an archive takes its bytes from there.
  init(keeping descriptor: Int32, path: String, _ system: SystemCalls) {
    buffer = Lock(DescriptorBuffer(descriptor, path: path, system, isKept: true))
  }

  /// Number of bytes appended so far, which is the offset of the next.
  public var offset: Int { buffer.withLock { $0.offset } }

  /// Appends bytes.
  ///
  /// After a failure the file stays failed and its output cannot be committed.
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

  /// Appends a range of a spool, all of it by default; the kernel copies where it can.
  public func append(contentsOf spool: Spool, _ range: Range<Int>? = nil) throws(DatasetError) {
    try spool.withFlushed { (source, count) throws(DatasetError) in
      let wanted = range ?? 0..<count
      precondition(wanted.lowerBound >= 0 && wanted.upperBound <= count, "range \(wanted) of a spool of \(count) bytes")
      try buffer.withLock { (buffer) throws(DatasetError) in try buffer.append(from: source, wanted) }
    }
  }

  /// Writes what is buffered and closes the file; harmless when closed already.
  public func close() throws(DatasetError) {
    try buffer.withLock { (buffer) throws(DatasetError) in try buffer.close() }
  }

  /// Calls with the descriptor, the size and the checksum of a file that was kept.
  func withKept(_ body: (Int32, Int, CRC32) throws(DatasetError) -> Void) throws(DatasetError) {
    try buffer.withLock { (buffer) throws(DatasetError) in
      if let failure = buffer.failure { throw failure }
      try body(buffer.descriptor, buffer.offset, buffer.checksum)
    }
  }

  /// Whether it is closed and nothing went wrong.
  var isDone: Bool { buffer.withLock { $0.descriptor < 0 && $0.failure == nil } }

  /// Closes without writing what is buffered.
  func discard() { buffer.withLock { $0.discard() } }
}
