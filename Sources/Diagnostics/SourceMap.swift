import WaybillLocks

/// A file of the dataset being read, as a small number; ``SourceMap`` knows its path.
public struct FileID: Hashable, Sendable, Comparable {
  /// Position in the source map.
  public var index: UInt32

  /// The file at a position of the source map.
  @inlinable public init(index: UInt32) { self.index = index }

  /// Files are ordered as they were added.
  @inlinable public static func < (a: FileID, b: FileID) -> Bool { a.index < b.index }
}

/// A range of bytes in a file: where a fact was read.
public struct SourceRange: Hashable, Sendable {
  /// The file that holds the bytes.
  public var file: FileID
  /// Offset of the first byte.
  public var offset: Int
  /// Number of bytes.
  public var length: Int

  /// A range of bytes in a file.
  @inlinable public init(file: FileID, offset: Int, length: Int = 0) {
    self.file = file
    self.offset = offset
    self.length = length
  }
}

/// The bytes of a file, held as long as the object lives.
public protocol SourceBytes: AnyObject, Sendable {
  /// The bytes.
  var bytes: UnsafeRawBufferPointer { get }
}

/// The paths of all files a reader has touched, in the order they were added.
///
/// Thread-safe. Line and column are computed from a byte range only when a diagnostic is printed, by ``place(of:)``.
public final class SourceMap: Sendable {
  private let paths = Lock<[String]>([])
  private let opener = Lock<(@Sendable (String) -> (any SourceBytes)?)?>(nil)

  /// An empty map.
  public init() {}

  /// Adds a file under the path that messages shall show.
  public func add(_ path: String) -> FileID {
    paths.withLock {
      $0.append(path)
      return FileID(index: UInt32($0.count - 1))
    }
  }

  /// The path a file was added under.
  public func path(of file: FileID) -> String {
    paths.withLock { Int(file.index) < $0.count ? $0[Int(file.index)] : "?" }
  }

  /// Says how the files are opened again, to find the lines of diagnostics: they may lie in an archive, or have come from a pipe.
  public func setOpener(_ open: @escaping @Sendable (_ path: String) -> (any SourceBytes)?) { opener.withLock { $0 = open } }

  /// The bytes of a file; nil when they cannot be had, or nobody has said how.
  public func open(_ file: FileID) -> (any SourceBytes)? {
    guard let open = opener.withLock({ $0 }) else { return nil }
    return open(path(of: file))
  }

  /// Number of files added so far.
  public var count: Int { paths.withLock { $0.count } }
}
