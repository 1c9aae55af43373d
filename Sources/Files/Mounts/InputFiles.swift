import Glibc
import WaybillDiagnostics

/// The files an operation may read: the disk, and what is mounted into it at a path.
///
/// A path at or below a mount point is looked up in what is mounted there, whatever the disk has at that path; all others lead
/// to the disk. It never changes; mounting gives another one. Safe to use from several threads.
public final class InputFiles: Sendable {
  /// The disk alone.
  public static let disk = InputFiles([])

  /// What is at a path.
  public enum Status: Sendable, Equatable {
    /// A regular file of so many bytes.
    case file(size: Int)
    /// A folder.
    case folder
    /// A pipe, a socket or a device.
    case special
    /// Nothing that can be examined; the system's error number says why.
    case missing(errno: Int32)
  }

  /// What has been mounted, innermost first.
  private let mounts: [Mount]

  private init(_ mounts: [Mount]) { self.mounts = mounts }

  /// These files, with a tree at a path.
  public func mounting(_ tree: any MountedTree, at point: String) -> InputFiles {
    mounting(Mount(point: InputFiles.withoutSlashes(point), content: .tree(tree)))
  }

  /// These files, with the bytes of one file at a path.
  public func mounting(_ file: MappedFile, at point: String) -> InputFiles {
    mounting(Mount(point: InputFiles.withoutSlashes(point), content: .file(file)))
  }

  private func mounting(_ mount: Mount) -> InputFiles {
    // The later one counts where two have the same place.
    let others = mounts.filter { !$0.point.utf8.elementsEqual(mount.point.utf8) }
    return InputFiles((others + [mount]).sorted { $0.point.utf8.count > $1.point.utf8.count })
  }

  /// The paths on the disk that what is mounted comes from.
  public var origins: [String] {
    var found: [String] = []
    for mount in mounts { if case .tree(let tree) = mount.content { found += tree.origins } }
    return found
  }

  /// Whether something is mounted at just this path.
  public func isMountPoint(_ path: String) -> Bool {
    if case .mounted(_, "") = place(of: path) { return true }
    return false
  }

  // MARK: Where a path leads

  /// Where a path leads.
  enum Place {
    /// To a path of the disk.
    case disk(String)
    /// Into a mount, by a normal path below its point that is empty for the point itself.
    case mounted(Mount, String)
  }

  /// Where a path leads; names that climb out of a mount through `..` lead to the disk beside it.
  func place(of path: String) -> Place {
    for mount in mounts {
      let (whole, point) = (path.utf8, mount.point.utf8)
      guard whole.starts(with: point) else { continue }
      let rest = whole.dropFirst(point.count)
      if rest.isEmpty { return .mounted(mount, "") }
      guard rest.first == 0x2F else { continue }
      let below = String(Substring(rest.drop { $0 == 0x2F }))
      do throws(RelativePath.Problem) { return .mounted(mount, try RelativePath(below).text) } catch {
        switch error {
        case .empty: return .mounted(mount, "")
        case .leavesRoot: return .disk(InputFiles.normal(path))
        case .absolute, .zeroByte: return .disk(path)
        }
      }
    }
    return .disk(path)
  }

  /// The path on the disk that a path means; nil when it leads into a mount.
  public func diskPath(of path: String) -> String? {
    if case .disk(let path) = place(of: path) { return path }
    return nil
  }

  /// A path without slashes at its end.
  private static func withoutSlashes(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.utf8.last == 0x2F { path.removeLast() }
    return path
  }

  /// A path with `.` and `..` resolved by text.
  private static func normal(_ path: String) -> String {
    var components: [Substring] = []
    for component in path.split(separator: "/") where component != "." {
      if component == "..", let last = components.last, last != ".." {
        components.removeLast()
      } else {
        components.append(component)
      }
    }
    return (path.utf8.first == 0x2F ? "/" : "") + components.joined(separator: "/")
  }
}
