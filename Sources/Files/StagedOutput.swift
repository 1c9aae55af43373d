import Glibc
import WaybillLocks
import WaybillDiagnostics

/// An output file, folder or archive that becomes visible as a whole, or not at all.
///
/// It grows in a hidden folder beside the target and is moved there by ``commit()``. If it is dropped without a commit,
/// everything staged is removed; what a killed process left is removed by the next output to the same target. Writing is
/// thread-safe. No file lies outside the target, whatever the names are.
public final class StagedOutput: Sendable {
  /// What the output is.
  public enum Kind: Sendable {
    /// One file: exactly one must be written, under any name, and it becomes the target.
    case file
    /// A folder with any files.
    case folder
    /// One zip archive with any files, written at the commit in bytewise order of their paths.
    ///
    /// The same files give the same bytes, whatever the order and the threads they came from.
    case archive

    /// Whether a file is at the target in the end.
    var isOneFile: Bool { self != .folder }
  }

  /// How media files get into the output.
  public enum Placement: Sendable, CaseIterable {
    /// A copy, sharing blocks with the source where the file system can; into an archive, a copy that is made at the commit.
    case copy
    /// A second name of the same file; only within one file system.
    case hardlink
    /// A symbolic link to the source's absolute path.
    case symlink
  }

  /// The path the output will have.
  public let target: String
  /// What the output is.
  public let kind: Kind
  let overwrite: Bool
  let staging: StagingFolder
  /// What an archive will hold; nil for other outputs.
  let archive: StagedArchive?
  let state = Lock(State())

  struct State {
    enum Phase { case open, committing, committed, aborted }
    var phase = Phase.open
    /// Number of calls that are writing just now.
    var active = 0
    /// The first failure after which the output would be incomplete.
    var failure: DatasetError?
    /// Number of files made, and the first one's path.
    var fileCount = 0
    var firstFile = ""
    var openFiles: [OutputFile] = []
    var pruneCount = 64
    var leftover: String?
  }

  /// Begins an output; nothing is visible at the target until the commit.
  ///
  /// Missing folders above the target are made, and removed again if the output is aborted. An existing target is an
  /// ``DatasetError/Code/outputExists`` error, unless it is to be overwritten; devices and pipes never are.
  public convenience init(target: String, kind: Kind, overwrite: Bool) throws(DatasetError) {
    try self.init(target: target, kind: kind, overwrite: overwrite, system: .real)
  }

  init(target: String, kind: Kind, overwrite: Bool, system: SystemCalls) throws(DatasetError) {
    try Self.check(target, kind, overwrite, system)
    self.target = target
    self.kind = kind
    self.overwrite = overwrite
    archive = kind == .archive ? StagedArchive(target: target) : nil
    staging = try StagingFolder(target: target, system)
  }

  deinit { abort() }

  var system: SystemCalls { staging.system }

  /// Path of the replaced output if it could not be removed after the commit, else nil.
  public var leftover: String? { state.withLock { $0.leftover } }

  /// Refuses a target that exists, unless it may be replaced.
  private static func check(_ target: String, _ kind: Kind, _ overwrite: Bool, _ system: SystemCalls) throws(DatasetError) {
    var path = target
    while path.utf8.count > 1, path.utf8.last == 0x2F { path.removeLast() }
    var status = stat()
    guard system.status(AT_FDCWD, path, &status, follow: false) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return }
      throw systemError("cannot be examined", path: target)
    }
    let isLink = fileKind(status.st_mode) == .link
    // /dev/stdout is a link: it is what it leads to that must not be replaced.
    if isLink && system.status(AT_FDCWD, path, &status, follow: true) != 0 { status.st_mode = S_IFREG }
    switch fileKind(status.st_mode) {
    case .special, .unknown, .link:
      throw DatasetError(.outputExists, "is a device or a pipe, which no output replaces", path: target)
    case .folder where !overwrite && kind.isOneFile:
      throw DatasetError(.outputExists, "is a folder, and the output is a file", path: target)
    case .file where !overwrite && kind == .folder:
      throw DatasetError(.outputExists, "is a file, and the output is a folder", path: target)
    case .file, .folder:
      guard overwrite else { throw alreadyExists(target) }
    }
  }

  static func alreadyExists(_ target: String) -> DatasetError {
    DatasetError(.outputExists, "exists already, and overwriting was not asked for", path: target)
  }

  /// Removes everything staged; harmless when committed or aborted already.
  ///
  /// Waits for calls that are writing just now.
  public func abort() {
    let files: [OutputFile]? = state.withLock { state in
      guard state.phase == .open else { return nil }
      state.phase = .aborted
      defer { state.openFiles = [] }
      return state.openFiles
    }
    if let files { tearDown(files) }
  }

  /// Closes what is open and removes everything staged.
  func tearDown(_ files: [OutputFile]) {
    waitForWriters()
    for file in files { file.discard() }
    _ = archive?.take()
    if !staging.remove(keepingParents: false) { noteLeftover() }
  }

  func noteLeftover() {
    state.withLock { $0.leftover = joinedPath(staging.parentPath, staging.holderName) }
  }

  /// Waits until no call is writing; new ones are refused by the phase.
  func waitForWriters() {
    while state.withLock({ $0.active > 0 }) { usleep(200) }
  }
}
