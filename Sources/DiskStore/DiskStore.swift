import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// Objects as files below a folder, one file an object, under its key as its path.
///
/// Objects are regular files; whatever else lies in the folder is left alone: hidden names, names that are no keys, links, pipes. Links below
/// the root are never followed, so nothing outside of it is read or written. Besides objects the folder holds uploads that are under way
/// (`.waybill-upload-<pid>-<random>`, locked as long as they live) and the lock of those who replace or remove (`.waybill-lock`).
///
/// A revision is the file's inode number, its size, and the time of its last writing. The kernel's own times stand still for some
/// milliseconds, in which an inode may be freed and used again; so every writing sets its time itself, from the fine clock, and a
/// replacement one that is later than that of the object before it, whatever the clock says.
public final class DiskStore: ObjectStore {
  /// Where the store is, as it was given.
  public let location: String
  let system: SystemCalls
  /// The folder, open as long as the store lives.
  let root: Int32
  /// How long to wait for others who replace or remove.
  let lockSeconds: Double
  /// Seconds since 1970, to tell whether a folder has been at rest.
  let clock: @Sendable () -> Int
  let listed = ListedFolder.Memory()

  /// Opens a folder as a store; it costs one descriptor until the object goes.
  ///
  /// - Parameter create: Whether to make the folder, and those above it, when it is missing.
  /// - Throws: An error of the code `io` when the folder is missing, or something else has its name.
  public convenience init(path: String, create: Bool = false) throws(DatasetError) {
    try self.init(path: path, create: create, .real)
  }

  /// Opens a folder as a store, through calls that a test may let fail.
  package init(
    path: String, create: Bool, _ system: SystemCalls, lockSeconds: Double = 60,
    clock: @escaping @Sendable () -> Int = { time(nil) }
  ) throws(DatasetError) {
    guard !path.isEmpty, !path.utf8.contains(0) else {
      throw DatasetError(.usage, "is no name a store's folder can have", path: path)
    }
    location = path
    self.system = system
    self.lockSeconds = lockSeconds
    self.clock = clock
    var root = system.open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
    if root < 0, errno == ENOENT, create { root = try DiskStore.makeRoot(path, system) }
    guard root >= 0 else {
      if errno == ENOENT { throw DatasetError(.io, "there is no store here, the folder does not exist", path: path) }
      if errno == ENOTDIR { throw DatasetError(.io, "is no folder, so it cannot be a store", path: path) }
      throw systemError("cannot be opened as a store", path: path)
    }
    self.root = root
  }

  deinit { system.close(root) }

  /// Makes the root and the folders above it, durably, and opens it.
  private static func makeRoot(_ path: String, _ system: SystemCalls) throws(DatasetError) -> Int32 {
    guard let made = system.makeFolders(path) else { throw systemError("the folder of the store cannot be made", path: path) }
    let root = system.open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
    var number = root < 0 ? errno : 0
    for folder in made where number == 0 {
      let parent = system.open(AT_FDCWD, joinedPath(folder, ".."), O_RDONLY | O_DIRECTORY)
      if parent < 0 || (system.sync(parent) != 0 && errno != EINVAL) { number = errno }
      if parent >= 0 { system.close(parent) }
    }
    guard number != 0 else { return root }
    if root >= 0 { system.close(root) }
    system.removeFolders(made)
    throw systemError("the folder of the store cannot be made", path: path, number)
  }

  /// Size, time and revision of an object; nil when it is not there.
  ///
  /// - Throws: An error of the code `io` also when a link, a pipe or a device has its name.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    let folders = try openFolders(key.folder)
    guard folders.isComplete, let status = try status(key, in: folders.innermost) else { return nil }
    return DiskStore.info(key, status)
  }

  /// Maps an object; nil when it is not there.
  ///
  /// - Throws: An error of the code `io` also when a link, a pipe or a device has its name.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    let folders = try openFolders(key.folder)
    guard folders.isComplete else { return nil }
    let file = system.open(folders.innermost, key.name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      if errno == ELOOP { throw noObject(key) }
      throw systemError("cannot be opened", path: path(of: key))
    }
    defer { system.close(file) }
    var status = stat()
    guard system.status(file, &status) == 0 else { throw systemError("cannot be examined", path: path(of: key)) }
    guard fileKind(status.st_mode) != .folder else { return nil }
    return try MappedFile(descriptor: file, path: path(of: key))
  }

  /// Begins an object as a temporary file in the folder it will be in, which is made if it is missing.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload {
    try checkFolder(folder)
    return try DiskUpload(self, folder)
  }

  /// Removes an object, durably, and the folders that are empty then.
  ///
  /// - Throws: An error of the code `unavailable` when others keep the store locked for a minute.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    guard try info(key) != nil else { return try finishRemoval(key, try openFolders(key.folder)) }
    try withLock(isRequired: false) { () throws(DatasetError) in
      var folders = try openFolders(key.folder)
      if folders.isComplete, try status(key, in: folders.innermost) != nil {
        guard system.unlink(folders.innermost, path: key.name) == 0 || errno == ENOENT else {
          throw systemError("cannot be removed", path: path(of: key))
        }
        folders.removeEmpty()
      }
      try finishRemoval(key, folders)
    }
  }

  /// Makes a removal durable; also one that an earlier call made before it failed.
  private func finishRemoval(_ key: ObjectKey, _ folders: consuming FolderChain) throws(DatasetError) {
    guard let number = folders.sync(isInnermostOnly: true) else { return }
    throw systemError("its removal cannot be brought to the disk", path: path(of: key), number)
  }

  /// What is known of the file of an object; nil when there is none.
  func status(_ key: ObjectKey, in folder: Int32) throws(DatasetError) -> stat? {
    var status = stat()
    guard system.status(folder, key.name, &status, follow: false) == 0 else {
      if errno == ENOENT { return nil }
      throw systemError("cannot be examined", path: path(of: key))
    }
    switch fileKind(status.st_mode) {
    case .file: return status
    case .folder: return nil
    default: throw noObject(key)
    }
  }

  /// What the store tells of a file.
  static func info(_ key: ObjectKey, _ status: stat) -> ObjectInfo {
    ObjectInfo(key: key, size: Int(status.st_size), modifiedSeconds: Int64(status.st_mtim.tv_sec), revision: revision(status))
  }

  /// Which writing of its key a file is.
  static func revision(_ status: stat) -> ObjectRevision {
    ObjectRevision("\(status.st_ino)-\(status.st_size)-\(status.st_mtim.tv_sec)-\(status.st_mtim.tv_nsec)")
  }

  /// The error of a name that a link, a pipe or a device has.
  func noObject(_ key: ObjectKey) -> DatasetError {
    DatasetError(.io, "is a link or a special file; the objects of a store are regular files", path: path(of: key))
  }
}
