/// What a writer must know of an entry before its bytes come.
public enum ZipContent: Sendable, Equatable {
  /// Bytes as they are: their number and their checksum.
  case stored(size: Int, crc32: UInt32)
  /// Bytes that the caller has deflated: number and checksum of the original, and how many come now.
  ///
  /// The writer does not inflate them: the checksum is believed.
  case deflated(size: Int, crc32: UInt32, deflatedSize: Int)

  /// Number of bytes the entry stands for.
  public var size: Int {
    switch self {
    case .stored(let size, _), .deflated(let size, _, _): size
    }
  }

  /// Checksum of the bytes the entry stands for.
  public var crc32: UInt32 {
    switch self {
    case .stored(_, let crc32), .deflated(_, let crc32, _): crc32
    }
  }

  /// Number of bytes that lie in the archive.
  public var storedSize: Int {
    switch self {
    case .stored(let size, _): size
    case .deflated(_, _, let size): size
    }
  }

  /// Whether the bytes are deflated.
  public var isDeflated: Bool {
    switch self {
    case .stored: false
    case .deflated: true
    }
  }
}
