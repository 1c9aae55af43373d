import WaybillDiagnostics

/// A range of another source that is read as if it were all there is.
public final class SourceSlice: ByteSource {
  /// The path messages shall show.
  public let path: String
  private let source: any ByteSource
  private let range: Range<Int>

  /// A range that lies inside the source.
  public init(_ source: any ByteSource, _ range: Range<Int>, path: String) {
    precondition(range.lowerBound >= 0 && range.upperBound <= source.size, "range \(range) of a source of \(source.size) bytes")
    self.source = source
    self.range = range
    self.path = path
  }

  /// Number of bytes of the range.
  public var size: Int { range.count }
  /// The bytes of the range, where the source has them in memory.
  public var mapped: UnsafeRawBufferPointer? { source.mapped.map { UnsafeRawBufferPointer(rebasing: $0[range]) } }

  /// Reads inside the range.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    guard offset >= 0, offset <= size, buffer.count <= size - offset else {
      throw DatasetError(.io, "ends before the bytes that are wanted", path: path)
    }
    try source.read(at: range.lowerBound + offset, into: buffer)
  }
}
