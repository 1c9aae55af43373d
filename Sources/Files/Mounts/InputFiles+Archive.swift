import Glibc
import WaybillDiagnostics

extension InputFiles {
  /// These files, with the archive mounted that a path names or leads into; nil where there is none.
  ///
  /// An archive is known by its first bytes, not by its name; one in an archive by both. Costs one look at the path, and one at its file's beginning.
  ///
  /// - Throws: ``DatasetError`` when there is an archive that cannot be read.
  public func mountingArchive(holding path: String) throws(DatasetError) -> InputFiles? {
    guard let point = innermostFile(path), isArchive(point) else { return nil }
    let tree = ArchiveTree(
      try ZipArchive(try map(point), limits: ArchiveTree.limits), origins: diskPath(of: point).map { [$0] } ?? [])
    let mounted = mounting(tree, at: point)
    // What the path leads to may be an archive in its turn.
    return try mounted.mountingArchive(holding: path) ?? mounted
  }

  /// The file that a path names, or the one on its way that keeps it from being a folder.
  private func innermostFile(_ path: String) -> String? {
    var prefix = Substring(path)
    while !prefix.isEmpty {
      switch status(of: String(prefix)) {
      case .file: return String(prefix)
      case .folder, .special: return nil
      case .missing(let number): guard number == ENOENT || number == ENOTDIR else { return nil }
      }
      guard let slash = prefix.lastIndex(of: "/") else { return nil }
      prefix = prefix[..<slash]
    }
    return nil
  }

  /// Whether a file begins as an archive does: with an entry, or where there is none with the end.
  private func isArchive(_ path: String) -> Bool {
    // In something mounted even a look at the beginning may cost: an archive in an archive must be called one.
    if case .mounted(let mount, _) = place(of: path), case .tree = mount.content, !path.lowercased().hasSuffix(".zip") {
      return false
    }
    guard let head = try? readHead(path, count: 4) else { return false }
    return head == [0x50, 0x4B, 3, 4] || head == [0x50, 0x4B, 5, 6]
  }
}
