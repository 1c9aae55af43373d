import WaybillDiagnostics

/// Files inside something that is no folder of the disk: an archive, or several archives seen as one folder.
///
/// What it holds does not change while it lives. Safe to use from several threads.
public protocol MountedTree: AnyObject, Sendable {
  /// Relative paths of the files, each normal as ``RelativePath`` makes them and there once, in bytewise order.
  var paths: [String] { get }
  /// Entries that cannot be files of a dataset, and why.
  var skipped: [FileTree.Skipped] { get }
  /// The paths on the disk that the bytes come from: what must not be replaced or removed while the tree is read.
  var origins: [String] { get }

  /// Number of bytes of the file at a position of ``paths``.
  func size(at position: Int) -> Int

  /// The bytes of the file at a position of ``paths``, whole and checked.
  ///
  /// - Throws: An error under the path that messages shall show, when the file cannot be had as it was stored.
  func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile

  /// The first bytes of the file at a position of ``paths``, at most a count; no more of it need be read or checked.
  ///
  /// - Throws: An error under the path that messages shall show.
  func readHead(_ position: Int, as path: String, count: Int) throws(DatasetError) -> [UInt8]
}

extension MountedTree {
  /// No entry was left out.
  public var skipped: [FileTree.Skipped] { [] }

  /// Nothing on the disk.
  public var origins: [String] { [] }

  /// The beginning of the mapped file.
  public func readHead(_ position: Int, as path: String, count: Int) throws(DatasetError) -> [UInt8] {
    let mapped = try map(position, as: path)
    return withExtendedLifetime(mapped) { Array(mapped.bytes.prefix(max(0, count))) }
  }
}
