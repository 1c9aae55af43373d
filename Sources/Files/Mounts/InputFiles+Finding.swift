import Glibc
import WaybillDiagnostics

/// What the system tells of a file: enough to see whether it was changed.
public struct FileFacts: Hashable, Sendable {
  /// Bytes.
  public var size: Int64
  /// Time of the last change of its bytes, which programs can set, in nanoseconds since 1970.
  public var modified: Int64
  /// Time of the last change of anything about it, which no program can set, in nanoseconds since 1970.
  public var changed: Int64
  /// Its number in the file system.
  public var inode: UInt64

  /// The facts of an examined file.
  public init(_ status: stat) {
    size = Int64(status.st_size)
    modified = Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    changed = Int64(status.st_ctim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_ctim.tv_nsec)
    inode = UInt64(status.st_ino)
  }
}

/// A regular file that was found, and where.
public struct FoundFile: Sendable {
  /// What was asked for.
  public var path: String
  /// Where it lies on the disk, and what the system told of it; nil when it is in something mounted.
  public var onDisk: (path: String, facts: FileFacts)?
}

extension InputFiles {
  /// The regular file at a path, links followed: all that one look at it tells.
  public func find(_ path: String) -> FoundFile? { try? findFirmly(path) }

  /// The same; what the system would not tell is not taken for a file that is not there.
  ///
  /// - Throws: ``DatasetError`` of the code `io` when looking at the path failed.
  public func findFirmly(_ path: String) throws(DatasetError) -> FoundFile? {
    switch place(of: path) {
    case .disk(let diskPath):
      var status = stat()
      guard !diskPath.utf8.contains(0) else { return nil }
      guard SystemCalls.real.status(AT_FDCWD, diskPath, &status, follow: true) == 0 else {
        switch errno {
        case ENOENT, ENOTDIR, ENAMETOOLONG, ELOOP: return nil
        default: throw DatasetError(.io, "cannot be examined", path: path, errno: errno)
        }
      }
      guard fileKind(status.st_mode) == .file else { return nil }
      return FoundFile(path: path, onDisk: (diskPath, FileFacts(status)))
    case .mounted(let mount, let below):
      guard case .file = mount.entry(at: below) else { return nil }
      return FoundFile(path: path)
    }
  }
}
