import WaybillDiagnostics
import WaybillLocks

/// The files of a zip archive, for reading them as if they were unpacked.
///
/// Stored files are read where they lie; deflated ones are inflated, large ones into a temporary file. Their checksums are checked.
public final class ArchiveTree: MountedTree {
  /// What archives are opened with: nothing is unpacked here, so that names a system might take for the same do no harm.
  static let limits: ZipLimits = {
    var limits = ZipLimits()
    limits.memory = 32 << 20
    limits.allowsCaseConflicts = true
    return limits
  }()

  /// Relative paths of the files, in bytewise order.
  public let paths: [String]
  /// The path of the archive, where it lies on the disk.
  public let origins: [String]
  private let archive: ZipArchive
  /// Where the entries of the files are among those of the archive, which has folders as well.
  private let entries: [UInt32]
  /// Large files that were inflated and are still in use.
  private let inflated = Lock<[Int: Inflated]>([:])

  private struct Inflated {
    weak var file: MappedFile?
  }

  /// The files of an archive.
  public init(_ archive: ZipArchive, origins: [String] = []) {
    var paths: [String] = []
    var entries: [UInt32] = []
    for entry in archive where entry.kind == .file {
      paths.append(entry.name)
      entries.append(UInt32(truncatingIfNeeded: entry.position))
    }
    self.paths = paths
    self.entries = entries
    self.archive = archive
    self.origins = origins
  }

  private func entry(_ position: Int) -> ZipEntry { archive[Int(entries[position])] }

  /// Number of bytes of a file.
  public func size(at position: Int) -> Int { entry(position).size }

  /// The bytes of a file, checked; a large one is inflated once for all who use it at the same time.
  public func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile {
    let entry = entry(position)
    guard entry.method == .deflated, entry.size > ArchiveTree.limits.memory else { return try entry.contents() }
    return try inflated.withLock { (inflated) throws(DatasetError) in
      if let known = inflated[position]?.file { return known }
      let file = try entry.contents()
      inflated[position] = Inflated(file: file)
      return file
    }
  }

  /// The first bytes of a file; nothing else of it is read or inflated.
  public func readHead(_ position: Int, as path: String, count: Int) throws(DatasetError) -> [UInt8] {
    try entry(position).head(count)
  }
}
