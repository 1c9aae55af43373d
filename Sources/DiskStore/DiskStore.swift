import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// A store in a folder of a disk: an object is a file under its key.
///
/// An object is written under a hidden name in the folder it will be in, brought to the disk, and linked to its name, which fails if the name
/// is taken; then the folder is brought to the disk. Whatever process dies at whatever moment, a name leads to all bytes of an object or to
/// nothing. Files whose names are no keys are not objects, and are left alone.
public final class DiskStore: ObjectStore {
  /// What the hidden names of unfinished uploads begin with.
  static let uploadPrefix = ".waybill-upload-"
  /// The file whose lock replacements hold.
  static let lockName = ".waybill-lock"

  /// The path of the folder.
  public let location: String
  let root: Int32
  let system: SystemCalls

  /// Opens a store.
  ///
  /// - Parameter creates: Whether the folder is made when it is not there.
  /// - Throws: An error of the code `io` for a folder that is not there, or is none.
  public convenience init(path: String, creates: Bool = false) throws(DatasetError) {
    try self.init(path: path, creates: creates, system: .real)
  }

  package init(path: String, creates: Bool, system: SystemCalls) throws(DatasetError) {
    guard !path.isEmpty, !path.utf8.contains(0) else { throw DatasetError(.usage, "The name of a store is a path", path: path) }
    location = path.utf8.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    self.system = system
    var descriptor = system.open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
    if descriptor < 0, errno == ENOENT, creates {
      guard system.makeFolders(path) != nil else { throw systemError("The folder of the store cannot be made", path: path) }
      descriptor = system.open(AT_FDCWD, path, O_RDONLY | O_DIRECTORY)
    }
    guard descriptor >= 0 else {
      throw systemError(errno == ENOENT ? "There is no store" : "The store cannot be opened", path: path)
    }
    root = descriptor
  }

  deinit { system.close(root) }

  func path(of key: ObjectKey) -> String { joinedPath(location, key.text) }

  // MARK: Reading

  /// Size and time of an object; its revision is the file's number and times, which no two writings share.
  public func info(_ key: ObjectKey) throws(DatasetError) -> ObjectInfo? {
    var status = stat()
    guard system.status(root, key.text, &status, follow: false) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw systemError("cannot be examined", path: path(of: key))
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    return DiskStore.info(key, status)
  }

  static func info(_ key: ObjectKey, _ status: stat) -> ObjectInfo {
    // The file is new with each writing: while one has its number, no other can get it.
    let revision = "\(status.st_ino)-\(status.st_size)-\(status.st_ctim.tv_sec).\(status.st_ctim.tv_nsec)"
    return ObjectInfo(
      key: key, size: Int(status.st_size), modifiedSeconds: Int64(status.st_mtim.tv_sec), revision: ObjectRevision(revision))
  }

  /// Maps an object.
  public func open(_ key: ObjectKey) throws(DatasetError) -> (any ByteSource)? {
    let descriptor = system.open(root, key.text, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw systemError("cannot be opened", path: path(of: key))
    }
    defer { system.close(descriptor) }
    return try MappedFile(descriptor: descriptor, path: path(of: key))
  }

  /// The objects of a page.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    var listing = DiskListing(self, prefix: prefix, after: after, limit: limit)
    return try listing.page()
  }

  // MARK: Writing

  /// Begins an object beside where it will be.
  public func upload(near folder: String) throws(DatasetError) -> any ObjectUpload { try DiskUpload(self, folder: folder) }

  /// Replaces an object if it is still the one that was read; processes take turns by a lock.
  public func replace(_ key: ObjectKey, with bytes: [UInt8], expecting revision: ObjectRevision?) throws(DatasetError) {
    let lock = system.open(root, DiskStore.lockName, O_RDWR | O_CREAT | O_NOFOLLOW)
    guard lock >= 0 else { throw systemError("The lock of the store cannot be opened", path: location) }
    defer { system.close(lock) }
    while system.lock(lock) != 0 {
      guard errno == EWOULDBLOCK else { throw systemError("The store cannot be locked", path: location) }
      try InterruptFlag.check()
      usleep(2000)
    }
    guard try info(key)?.revision == revision else {
      throw DatasetError(.conflict, "Someone else has changed it meanwhile", path: path(of: key))
    }
    let upload = try DiskUpload(self, folder: key.text.lastIndex(of: "/").map { String(key.text[..<$0]) } ?? "")
    do throws(DatasetError) {
      try upload.append(bytes)
      try upload.replace(key)
    } catch {
      upload.abort()
      throw error
    }
  }

  /// Removes an object.
  public func delete(_ key: ObjectKey) throws(DatasetError) {
    let result = key.text.withCString { system.unlink(root, path: $0) }
    guard result != 0 else {
      try syncFolder(of: key)
      return
    }
    if errno == ENOENT || errno == ENOTDIR { return }
    throw systemError("cannot be removed", path: path(of: key))
  }

  private func syncFolder(of key: ObjectKey) throws(DatasetError) {
    let folder = key.text.lastIndex(of: "/").map { String(key.text[..<$0]) } ?? "."
    let descriptor = system.open(root, folder, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { throw systemError("cannot be brought to the disk", path: path(of: key)) }
    defer { system.close(descriptor) }
    guard system.sync(descriptor) == 0 || errno == EINVAL else {
      throw systemError("cannot be brought to the disk", path: path(of: key))
    }
  }
}
