import WaybillDiagnostics

/// Bytes of a known number that can be read anywhere: a file, an object of a store, a range of either.
///
/// They do not change while they are read; who finds that they did throws. Safe to use from several threads.
public protocol ByteSource: AnyObject, Sendable {
  /// The path messages shall show.
  var path: String { get }
  /// Number of bytes.
  var size: Int { get }
  /// All bytes, where they are in memory or mapped into it; nil where each read fetches.
  ///
  /// Valid while the source lives.
  var mapped: UnsafeRawBufferPointer? { get }
  /// Fills a buffer with the bytes from an offset on.
  ///
  /// - Throws: An error of the code `io` when they cannot be had, or when the buffer reaches beyond the last byte.
  func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError)
}

extension MappedFile: ByteSource {
  /// Number of bytes.
  public var size: Int { bytes.count }
  /// The bytes of the file.
  public var mapped: UnsafeRawBufferPointer? { bytes }

  /// Copies bytes out of the mapping.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard offset >= 0, offset <= bytes.count, buffer.count <= bytes.count - offset else {
      throw DatasetError(.io, "ends before the bytes that are wanted", path: path)
    }
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + buffer.count)]))
  }
}
