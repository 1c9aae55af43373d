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

extension ByteSource {
  /// A range of the bytes as a file of its own: a part of what is mapped, which it keeps alive, or read into memory.
  ///
  /// - Parameter path: What messages call it.
  public func part(_ range: Range<Int>, as path: String) throws(DatasetError) -> MappedFile {
    guard range.lowerBound >= 0, range.upperBound <= size else {
      throw DatasetError(.io, "ends before the bytes that are wanted", path: self.path)
    }
    if let mapped { return MappedFile(UnsafeRawBufferPointer(rebasing: mapped[range]), in: .part(of: self), path: path) }
    return try MappedFile(filling: range.count, memoryLimit: 1 << 28, path: path) { buffer throws(DatasetError) in
      try read(at: range.lowerBound, into: buffer)
    }
  }
}
