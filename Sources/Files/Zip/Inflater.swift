import CWaybillDeflate

/// Inflates whole raw DEFLATE streams (RFC 1951), as zip entries hold them, into memory of exactly the right size.
///
/// Made of libdeflate. Used by one thread at a time; making one costs less than a microsecond, using it again nothing.
public struct Inflater: ~Copyable {
  /// Why a stream is not what it should be.
  public enum Problem: Error, Sendable, Equatable, CaseIterable {
    /// The stream breaks the rules of DEFLATE, or ends before its last block does.
    case invalid
    /// The stream holds fewer bytes than there is room for.
    case tooShort
    /// The stream holds more bytes than there is room for.
    case tooLong
    /// Bytes follow the stream.
    case followed

    /// What is wrong, as the end of a sentence.
    public var phrase: String {
      switch self {
      case .invalid: "is no deflated data"
      case .tooShort: "inflates to fewer bytes than it should"
      case .tooLong: "inflates to more bytes than it should"
      case .followed: "has bytes after its deflated data"
      }
    }
  }

  private let state: OpaquePointer

  /// An inflater for any number of streams.
  public init() {
    // Only without memory does this fail, where Swift itself would stop too.
    guard let made = libdeflate_alloc_decompressor() else { preconditionFailure("libdeflate has no memory") }
    state = made
  }

  deinit { libdeflate_free_decompressor(state) }

  /// Inflates one stream that takes up all of `source` and fills all of `target`; after a failure the target holds anything.
  public mutating func inflate(
    _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
  ) throws(Problem) {
    guard let input = source.baseAddress, source.count > 0 else { throw .invalid }
    var consumed = 0
    var spare: UInt8 = 0
    // libdeflate wants an address even for no room at all.
    let result = withUnsafeMutableBytes(of: &spare) { spare in
      libdeflate_deflate_decompress_ex(
        state, input, source.count, target.baseAddress ?? spare.baseAddress, target.count, &consumed, nil)
    }
    switch result {
    case LIBDEFLATE_SUCCESS: break
    case LIBDEFLATE_SHORT_OUTPUT: throw .tooShort
    case LIBDEFLATE_INSUFFICIENT_SPACE: throw .tooLong
    default: throw .invalid
    }
    if consumed != source.count { throw .followed }
  }
}
