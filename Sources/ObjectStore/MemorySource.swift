import WaybillDiagnostics
import WaybillFiles

/// The bytes of an object in memory.
package final class MemorySource: ByteSource, @unchecked Sendable {
  package let path: String
  private let bytes: UnsafeMutableRawBufferPointer

  package init(_ bytes: [UInt8], path: String) {
    self.path = path
    self.bytes = .allocate(byteCount: bytes.count, alignment: 16)
    self.bytes.copyBytes(from: bytes)
  }

  deinit { bytes.deallocate() }

  package var size: Int { bytes.count }
  package var mapped: UnsafeRawBufferPointer? { UnsafeRawBufferPointer(bytes) }

  package func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws(DatasetError) {
    try check(offset, buffer.count)
    buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + buffer.count)]))
  }
}

extension ByteSource {
  /// The bytes of a range.
  package func bytes(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: range.count)
    let result: Result<Void, DatasetError> = bytes.withUnsafeMutableBytes { buffer in
      do throws(DatasetError) { return .success(try read(at: range.lowerBound, into: buffer)) } catch { return .failure(error) }
    }
    try result.get()
    return bytes
  }

  /// Refuses a range beyond the last byte.
  package func check(_ offset: Int, _ count: Int) throws(DatasetError) {
    guard offset >= 0, offset <= size, count <= size - offset else {
      throw DatasetError(.io, "ends before the bytes that are wanted", path: path)
    }
  }
}
