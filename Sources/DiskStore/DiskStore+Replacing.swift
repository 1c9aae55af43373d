import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

extension DiskStore {
  /// The file that is locked while an object is replaced or removed.
  static let lockName = ".waybill-lock"

  /// Replaces an object if its revision is still the one that was read; nil expects no object.
  ///
  /// - Throws: An error of the code `conflict` when someone else was quicker, `unavailable` when others keep the store locked for a minute.
  public func replace(
    _ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?
  ) throws(DatasetError) {
    guard let revision else {
      guard try create(key, bytes) else { throw conflict(key) }
      return
    }
    try withLock(isRequired: true) { () throws(DatasetError) in
      guard let old = try currentStatus(key), DiskStore.revision(old) == revision else { throw conflict(key) }
      let upload = try DiskUpload(self, key.folder)
      do throws(DatasetError) {
        try upload.append(bytes)
        try upload.replace(key, old)
      } catch {
        upload.abort()
        throw error
      }
    }
  }

  private func currentStatus(_ key: ObjectKey) throws(DatasetError) -> stat? {
    let folders = try openFolders(key.folder)
    guard folders.isComplete else { return nil }
    return try status(key, in: folders.innermost)
  }

  /// Does something while no other process or thread replaces or removes an object.
  ///
  /// - Parameter isRequired: False where a file system without locks, on which nothing is replaced, shall be no hindrance.
  func withLock<Result>(
    isRequired: Bool, _ body: () throws(DatasetError) -> Result
  ) throws(DatasetError) -> Result {
    let path = joinedPath(location, DiskStore.lockName)
    let file = openLock()
    guard file >= 0 else {
      // On a full disk there may be no room for the lock, and removing must still be possible.
      if !isRequired, errno == ENOSPC || errno == EDQUOT { return try body() }
      throw systemError("the lock of the store cannot be opened", path: path)
    }
    defer { system.close(file) }
    let end = monotonicSeconds() + lockSeconds
    while system.lock(file) != 0 {
      guard errno == EWOULDBLOCK else {
        guard GNU.isMissing(errno) || errno == ENOLCK else { throw systemError("the store cannot be locked", path: path) }
        if !isRequired { return try body() }
        throw systemError("the file system has no locks, which replacing an object needs", path: path)
      }
      guard monotonicSeconds() < end else {
        throw DatasetError(.unavailable, "the store has been locked by another process for a long time", path: path)
      }
      // Others hold it for some milliseconds; random pauses let everyone have a turn.
      try pauseUnlessInterrupted(Double.random(in: 0.0005..<0.008))
    }
    return try body()
  }

  private func openLock() -> Int32 {
    let file = system.open(root, DiskStore.lockName, O_RDWR | O_CREAT | O_NOFOLLOW)
    guard file < 0, errno == EACCES else { return file }
    // Another user's: for a lock on the same machine reading is enough.
    let readable = system.open(root, DiskStore.lockName, O_RDONLY | O_NOFOLLOW)
    if readable < 0 { errno = EACCES }
    return readable
  }
}
