import Glibc
import WaybillBytes
import WaybillDiagnostics

/// A tree of files, or one file, that is found at a path as if it lay on the disk there.
struct Mount: Sendable {
  /// What is mounted.
  enum Content: Sendable {
    case tree(any MountedTree)
    /// Bytes that have no path of their own, such as those of standard input.
    case file(MappedFile)
  }

  /// What a path below the mount leads to.
  enum Entry: Sendable {
    /// The file at a position of a tree's paths; 0 for a mounted file.
    case file(Int)
    case folder
  }

  /// The path it is found at, without a slash at its end.
  let point: String
  let content: Content

  /// What is at a path below the mount point; nil where nothing is.
  ///
  /// The path is normal, and empty for the mount point itself.
  func entry(at path: String) -> Entry? {
    switch content {
    case .file: return path.isEmpty ? .file(0) : nil
    case .tree(let tree):
      if path.isEmpty { return .folder }
      let position = Mount.lowerBound(tree.paths, path)
      if position < tree.paths.count, Mount.order(tree.paths[position], path) == 0 { return .file(position) }
      return range(below: path).isEmpty ? nil : .folder
    }
  }

  /// The positions of the files below a folder; of all files for the empty path.
  func range(below folder: String) -> Range<Int> {
    guard case .tree(let tree) = content else { return 0..<0 }
    if folder.isEmpty { return 0..<tree.paths.count }
    // The byte after a slash ends what begins with the folder's path and a slash.
    return Mount.lowerBound(tree.paths, folder + "/")..<Mount.lowerBound(tree.paths, folder + "0")
  }

  /// Number of bytes of a file.
  func size(of position: Int) -> Int {
    switch content {
    case .tree(let tree): tree.size(at: position)
    case .file(let file): file.bytes.count
    }
  }

  /// The bytes of a file.
  func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile {
    switch content {
    case .tree(let tree): try tree.map(position, as: path)
    case .file(let file): file
    }
  }

  /// The first bytes of a file.
  func readHead(_ position: Int, as path: String, count: Int) throws(DatasetError) -> [UInt8] {
    switch content {
    case .tree(let tree): try tree.readHead(position, as: path, count: count)
    case .file(let file): withExtendedLifetime(file) { Array(file.bytes.prefix(max(0, count))) }
    }
  }

  /// The first position whose path is not before a path.
  private static func lowerBound(_ paths: [String], _ path: String) -> Int {
    var low = 0
    var high = paths.count
    while low < high {
      let middle = (low &+ high) / 2
      if order(paths[middle], path) < 0 { low = middle &+ 1 } else { high = middle }
    }
    return low
  }

  /// How the bytes of two paths are ordered: negative, zero or positive.
  private static func order(_ a: String, _ b: String) -> Int {
    a.withBytes { a in
      b.withBytes { b in
        guard let x = a.baseAddress, let y = b.baseAddress else { return a.count &- b.count }
        let order = memcmp(x, y, min(a.count, b.count))
        return order != 0 ? Int(order) : a.count &- b.count
      }
    }
  }
}
