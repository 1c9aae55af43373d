import CWaybillDeflate

/// Deflates whole pieces of bytes into raw DEFLATE streams (RFC 1951), as zip entries hold them.
///
/// Made of libdeflate. Used by one thread at a time. The same bytes give the same stream with one version of libdeflate only, so no digest
/// may depend on it.
public struct Deflater: ~Copyable {
  private let state: OpaquePointer
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 16)

  /// A deflater of a level: 1 is the fastest, 12 the smallest; 6 makes about 65 MB a second.
  public init(level: Int = 6) {
    precondition((1...12).contains(level), "level \(level) is not from 1 to 12")
    // Only without memory does this fail, where Swift itself would stop too.
    guard let made = libdeflate_alloc_compressor(Int32(level)) else { preconditionFailure("libdeflate has no memory") }
    state = made
  }

  deinit {
    libdeflate_free_compressor(state)
    memory.deallocate()
  }

  /// Deflates bytes; nil where that would not make them fewer.
  ///
  /// The result is valid until the next call.
  public mutating func deflate(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
    guard let start = bytes.baseAddress, bytes.count > 1 else { return nil }
    if memory.count < bytes.count {
      memory.deallocate()
      memory = .allocate(byteCount: max(bytes.count, memory.count * 2), alignment: 16)
    }
    let count = libdeflate_deflate_compress(state, start, bytes.count, memory.baseAddress, bytes.count - 1)
    return count == 0 ? nil : UnsafeRawBufferPointer(rebasing: memory[..<count])
  }
}
