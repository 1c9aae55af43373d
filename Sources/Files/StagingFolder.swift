import Glibc
import WaybillDiagnostics

/// The hidden folder beside a target in which an output grows: `.<name>.waybill-<pid>-<random>`.
///
/// It holds `lock` (locked as long as its process lives), `content` (the output) and, for a moment during a commit on file
/// systems without exchange, `previous` (the output that is being replaced). Descriptors are closed only when the object
/// goes, so that no late thread can write to a stranger's file.
final class StagingFolder: Sendable {
  static let lockName = "lock"
  static let contentName = "content"
  /// The archive within the content, when that is what the output is.
  static let archiveName = "archive"
  static let previousName = "previous"

  let system: SystemCalls
  /// The target's name within its parent folder.
  let name: String
  /// The staging folder's name within the parent folder.
  let holderName: String
  /// The parent folder's path, absolute if the current folder could be found out.
  let parentPath: String
  /// Parent folders that were missing and have been made, outermost first.
  let madeParents: [String]
  let parent: Int32
  let holder: Int32
  let content: Int32
  let lock: Int32

  /// Makes the staging folder for a target, the missing folders above it included, and removes those of dead processes.
  init(target: String, _ system: SystemCalls) throws(DatasetError) {
    let (parentPath, name) = try Self.split(target)
    self.system = system
    self.name = name
    self.parentPath = parentPath
    guard let made = system.makeFolders(parentPath) else {
      throw systemError("the folder for the output cannot be made", path: parentPath)
    }
    madeParents = made
    parent = system.open(AT_FDCWD, parentPath, O_RDONLY | O_DIRECTORY)
    guard parent >= 0 else {
      let error = systemError("the folder for the output cannot be opened", path: parentPath)
      system.removeFolders(made)
      throw error
    }
    StagingFolder.sweep(parent, name, system)
    for _ in 0..<16 {
      let holderName = Self.prefix(name) + "\(getpid())-" + randomName()
      guard system.makeFolder(parent, holderName, mode: 0o700) == 0 else {
        if errno == EEXIST { continue }
        break
      }
      if let parts = Self.open(parent, holderName, system) {
        self.holderName = holderName
        (holder, lock, content) = parts
        return
      }
      let number = errno
      system.removeFirmly(parent, holderName)
      errno = number
      if number != EAGAIN { break }
    }
    let error = systemError("nothing can be written beside the output", path: parentPath)
    system.close(parent)
    system.removeFolders(made)
    throw error
  }

  deinit {
    for descriptor in [content, lock, holder, parent] where descriptor >= 0 { system.close(descriptor) }
  }

  /// Fills a new staging folder; nil and `errno` when that failed, `EAGAIN` when another process swept it away.
  private static func open(
    _ parent: Int32, _ holderName: String, _ system: SystemCalls
  ) -> (holder: Int32, lock: Int32, content: Int32)? {
    let holder = system.open(parent, holderName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    var lock: Int32 = -1
    guard holder >= 0, takeLock(holder, &lock, system), system.makeFolder(holder, contentName) == 0 else {
      return abandon(holder, lock, system)
    }
    let content = system.open(holder, contentName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    return content >= 0 ? (holder, lock, content) : abandon(holder, lock, system)
  }

  private static func abandon(_ holder: Int32, _ lock: Int32, _ system: SystemCalls) -> (Int32, Int32, Int32)? {
    // A folder that is gone was swept by another process before it was locked.
    let number = errno == ENOENT || errno == EWOULDBLOCK ? EAGAIN : errno
    if holder >= 0 { system.close(holder) }
    if lock >= 0 { system.close(lock) }
    errno = number
    return nil
  }

  /// Makes and locks the lock file.
  ///
  /// Without locks in the file system there is none, and then nobody ever sweeps the folder.
  private static func takeLock(_ holder: Int32, _ lock: inout Int32, _ system: SystemCalls) -> Bool {
    lock = system.open(holder, lockName, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
    guard lock >= 0 else { return false }
    guard system.lock(lock) == 0 else {
      guard GNU.isMissing(errno) || errno == ENOLCK else { return false }
      return system.unlink(holder, path: lockName) == 0
    }
    // Between making and locking another process may have taken it for a dead one's.
    var status = stat()
    guard system.status(lock, &status) == 0 else { return false }
    if status.st_nlink == 0 { errno = ENOENT }
    return status.st_nlink > 0
  }

  /// Removes the staging folder, the lock last, and the parents made for it if they are empty.
  ///
  /// False if something is left.
  func remove(keepingParents: Bool) -> Bool {
    // A second try for a passing failure.
    let isGone =
      Self.remove(parent, name, holder, holderName, system) || Self.remove(parent, name, holder, holderName, system)
    if !keepingParents { system.removeFolders(madeParents) }
    return isGone
  }

  /// Removes a staging folder so that its lock goes last: a removal that is killed can be taken up by the next process.
  private static func remove(
    _ parent: Int32, _ name: String, _ holder: Int32, _ holderName: String, _ system: SystemCalls
  ) -> Bool {
    guard restorePrevious(parent, name, holder, system) else { return false }
    var isGone = true
    for name in [contentName, previousName] where !system.removeFirmly(holder, name) { isGone = false }
    return isGone && system.removeFirmly(parent, holderName)
  }

  /// Removes the staging folders for a target whose processes are dead; nothing that goes wrong here matters.
  static func sweep(_ parent: Int32, _ name: String, _ system: SystemCalls) {
    // A shortened name could belong to another target, and `previous` must go back to the right one.
    guard prefix(name) == ".\(name).waybill-" else { return }
    let descriptor = system.open(parent, ".", O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0, let listing = FolderListing(consuming: descriptor, system) else { return }
    for entry in listing.entries where entry.kind == .folder || entry.kind == .unknown {
      guard let candidate = listing.text(entry), isStaging(candidate, of: name) else { continue }
      sweep(parent, name, holderName: candidate, system)
    }
  }

  private static func sweep(_ parent: Int32, _ name: String, holderName: String, _ system: SystemCalls) {
    let holder = system.open(parent, holderName, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard holder >= 0 else { return }
    defer { system.close(holder) }
    let lock = system.open(holder, lockName, O_RDWR | O_NOFOLLOW)
    guard lock >= 0 else {
      // Just made and not locked yet, or swept halfway: only an empty folder goes, and its maker would make another.
      if errno == ENOENT { _ = system.removeFolder(parent, path: holderName) }
      return
    }
    defer { system.close(lock) }
    var status = stat()
    guard system.lock(lock) == 0, system.status(lock, &status) == 0, status.st_nlink > 0 else { return }
    _ = remove(parent, name, holder, holderName, system)
  }

  /// Puts an old output back that was moved away with nothing moved in: it is all there is.
  ///
  /// False if it stays where it is.
  private static func restorePrevious(_ parent: Int32, _ name: String, _ holder: Int32, _ system: SystemCalls) -> Bool {
    var status = stat()
    guard system.status(holder, previousName, &status, follow: false) == 0 else { return errno == ENOENT }
    if system.status(parent, name, &status, follow: false) == 0 { return true }
    return errno == ENOENT && system.rename(holder, previousName, parent, name) == 0
  }

  /// What the names of staging folders for a target begin with, kept within the 255 bytes of a file name.
  static func prefix(_ name: String) -> String {
    guard name.utf8.count > 200 else { return ".\(name).waybill-" }
    var short = ""
    for character in name where short.utf8.count + character.utf8.count <= 200 { short.append(character) }
    return ".\(short).waybill-"
  }

  /// Whether a name is exactly a staging folder's of a target: prefix, process number, dash, sixteen digits.
  static func isStaging(_ candidate: String, of name: String) -> Bool {
    let start = prefix(name).utf8
    guard candidate.utf8.starts(with: start) else { return false }
    let parts = candidate.utf8.dropFirst(start.count).split(separator: 0x2D, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, parts[1].count == 16 else { return false }
    return parts[0].allSatisfy { $0 >= 0x30 && $0 <= 0x39 }
      && parts[1].allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 >= 0x61 && $0 <= 0x66) }
  }

  /// Splits a target into its absolute parent folder and its name.
  private static func split(_ target: String) throws(DatasetError) -> (parent: String, name: String) {
    var path = target
    while path.utf8.count > 1, path.utf8.last == 0x2F { path.removeLast() }
    let name = FileName.basename(of: path)
    guard !name.isEmpty, name != ".", name != "..", !path.utf8.contains(0) else {
      throw DatasetError(.usage, "is no name an output can have", path: target)
    }
    let folder = FileName.folder(of: path)
    guard folder.utf8.first != 0x2F, let current = getcwd(nil, 0) else { return (folder.isEmpty ? "." : folder, name) }
    defer { free(current) }
    return (joinedPath(String(cString: current), folder), name)
  }
}
