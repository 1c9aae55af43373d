import Glibc

/// What a file looked like when its bytes were read: while it looks the same, what was found in it is known without reading it.
///
/// The time of change is among it, which no program can set, so that a file that was rewritten and given its old time of modification is seen.
public struct FileLook: Hashable, Sendable {
  /// Bytes.
  public var size: Int64
  /// Time of the last change of its bytes, in nanoseconds since 1970.
  public var modified: Int64
  /// Time of the last change of anything about it, in nanoseconds since 1970.
  public var changed: Int64
  /// Its number in the file system.
  public var inode: UInt64

  /// A look that was noted.
  public init(size: Int64, modified: Int64, changed: Int64, inode: UInt64) {
    self.size = size
    self.modified = modified
    self.changed = changed
    self.inode = inode
  }

  /// The look of a file as the system tells it.
  public init(_ facts: FileFacts) {
    self.init(size: facts.size, modified: facts.modified, changed: facts.changed, inode: facts.inode)
  }

  /// The look of the file at a path; nil when it is not there.
  public init?(path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(FileFacts(status))
  }

  /// Whether a change that happens from a moment on would show, the moment being nanoseconds since 1970.
  ///
  /// A file system writes times in steps: a file changed just before it was read could be changed again within the same step.
  public func isSettled(now: Int64) -> Bool {
    // Times without a fraction come from a file system with steps of up to two seconds.
    let step: Int64 = changed % 1_000_000_000 == 0 ? 2_000_000_000 : 20_000_000
    return max(changed, modified) &+ step <= now
  }

  /// Whether a change that happens from now on would show.
  public var isSettled: Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    return isSettled(now: Int64(now.tv_sec) &* 1_000_000_000 &+ Int64(now.tv_nsec))
  }
}
