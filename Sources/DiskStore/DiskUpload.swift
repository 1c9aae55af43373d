import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// An object that grows as a hidden file in the folder it will be in.
///
/// The file is locked as long as its descriptor is open: who wants to remove what a dead process left tries the lock.
final class DiskUpload: ObjectUpload {
  let store: DiskStore
  private let folder: String
  private let name: String
  private var folders: FolderChain
  private var buffer: DescriptorBuffer
  private var isOpen = true
  /// Whether the hidden name is still there.
  private var hasName = true

  /// Makes the file, and the folders above it.
  init(_ store: DiskStore, _ folder: String) throws(DatasetError) {
    let path = joinedPath(store.location, folder)
    for _ in 0..<16 {
      var folders = try store.openFolders(folder, making: true)
      let name = UploadName.new()
      let file = DiskUpload.make(name, in: folders.innermost, store.system)
      if file >= 0 {
        (self.store, self.folder, self.name) = (store, folder, name)
        self.folders = folders
        buffer = DescriptorBuffer(file, path: path, store.system)
        return
      }
      let number = errno
      folders.removeMade()
      guard number == EAGAIN else { throw systemError("nothing can be written into this folder of the store", path: path, number) }
    }
    throw systemError("nothing can be written into this folder of the store", path: path, EAGAIN)
  }

  deinit { abort() }

  /// Makes and locks a file; -1 and `errno` when that failed, `EAGAIN` when another try may do.
  private static func make(_ name: String, in folder: Int32, _ system: SystemCalls) -> Int32 {
    let file = system.open(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
    guard file >= 0 else {
      // The name is taken, or the folder was empty and someone has removed it.
      if errno == EEXIST || errno == ENOENT { errno = EAGAIN }
      return -1
    }
    var status = stat()
    if system.lock(file) == 0 {
      // Between making and locking another process may have taken it for a dead one's.
      if system.status(file, &status) == 0 {
        if status.st_nlink > 0 { return file }
        errno = EAGAIN
      }
    } else if GNU.isMissing(errno) || errno == ENOLCK {
      // Without locks in the file system nobody ever removes what others left.
      return file
    } else if errno == EWOULDBLOCK {
      errno = EAGAIN
    }
    let number = errno
    system.removeFirmly(folder, name)
    system.close(file)
    errno = number
    return -1
  }

  var size: Int { buffer.offset }

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try checkOpen()
    try buffer.append(bytes)
  }

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    try checkOpen()
    defer { abort() }
    try finish(after: nil, path: store.path(of: key))
    // What is in the way, or the folder, may vanish at any moment; then it is tried again.
    for _ in 0..<100 {
      if key.folder == folder {
        if let isNew = try place(key, in: folders) { return isNew }
      } else {
        var target = try store.openFolders(key.folder, making: true)
        do throws(DatasetError) {
          if let isNew = try place(key, in: target) { return isNew }
        } catch {
          target.removeMade()
          throw error
        }
      }
    }
    throw systemError("cannot be given its name", path: store.path(of: key), ENOENT)
  }

  /// Takes the place of an object, whose file stays what it is if that fails; the caller holds the store's lock.
  func replace(_ key: ObjectKey, _ old: stat) throws(DatasetError) {
    try checkOpen()
    defer { abort() }
    let path = store.path(of: key)
    try finish(after: old.st_mtim, path: path)
    let isExchanged = store.system.exchange(folders.innermost, name, folders.innermost, key.name) == 0
    if !isExchanged {
      guard GNU.isMissing(errno) else { throw systemError("cannot be replaced", path: path) }
      guard store.system.rename(folders.innermost, name, folders.innermost, key.name) == 0 else {
        throw systemError("cannot be replaced", path: path)
      }
    }
    guard let number = folders.sync() else { return }
    // The old file has the temporary name now, under which it is removed in any case.
    if isExchanged, store.system.exchange(folders.innermost, name, folders.innermost, key.name) == 0 {
      _ = folders.sync()
      throw systemError("its replacement cannot be brought to the disk", path: path, number)
    }
    throw systemError("is replaced, but that cannot be brought to the disk", path: path, number)
  }

  func abort() {
    guard isOpen else { return }
    isOpen = false
    if hasName { store.system.removeFirmly(folders.innermost, name) }
    buffer.discard()
    folders.removeMade()
  }

  private func checkOpen() throws(DatasetError) {
    guard isOpen else { throw DatasetError(.io, "the upload is closed already", path: joinedPath(store.location, folder)) }
  }

  /// Writes what is buffered, sets the time, and brings the file to the disk.
  private func finish(after old: timespec?, path: String) throws(DatasetError) {
    try buffer.flush()
    guard setTime(after: old) else { throw systemError("its time cannot be set", path: path) }
    guard store.system.sync(buffer.descriptor) == 0 else { throw systemError("cannot be brought to the disk", path: path) }
  }

  /// Sets the time of the writing, from the fine clock, and so that it comes after another one; false and `errno` when that failed.
  private func setTime(after old: timespec?) -> Bool {
    var now = timespec()
    clock_gettime(CLOCK_REALTIME, &now)
    guard let old else {
      // Without it the revision is as coarse as the kernel's clock, which does no harm to an object that is never replaced.
      _ = store.system.setModified(buffer.descriptor, now)
      return true
    }
    // File systems keep whole seconds, or two, or parts of one.
    for step in [1, 1_000, 1_000_000, 1_000_000_000, 2_000_000_000] {
      var status = stat()
      guard store.system.setModified(buffer.descriptor, now.laterOf(old.later(nanoseconds: step))) == 0,
        store.system.status(buffer.descriptor, &status) == 0
      else { return false }
      if old < status.st_mtim { return true }
    }
    errno = EOVERFLOW
    return false
  }

  /// Gives the finished file its name, durably; false when the name is taken, nil when it may be tried again.
  private func place(_ key: ObjectKey, in target: borrowing FolderChain) throws(DatasetError) -> Bool? {
    let system = store.system
    let path = store.path(of: key)
    var isPlaced = system.link(folders.innermost, name, target.innermost, key.name, follow: false) == 0
    if !isPlaced, GNU.isMissing(errno) || errno == EPERM {
      isPlaced = system.renameNoReplace(folders.innermost, name, target.innermost, key.name) == 0
      if !isPlaced, GNU.isMissing(errno) {
        throw systemError("the file system can neither link nor rename without replacing, so it cannot hold a store", path: path)
      }
    }
    if !isPlaced {
      if errno == ENOENT { return nil }
      guard errno == EEXIST else { throw systemError("cannot be given its name", path: path) }
      guard let isOurs = try isOurs(key, in: target.innermost) else { return nil }
      // A file system on a network may have repeated a call that had succeeded.
      isPlaced = isOurs
    }
    if isPlaced { hasName = !system.removeFirmly(folders.innermost, name) }
    // Also when it is taken: the caller may build on the object that is there.
    if let number = target.sync() {
      let isGone = !isPlaced || takeBack(key, target.innermost)
      let rest = isGone ? "" : ", and it cannot be taken back"
      throw systemError("cannot be brought to the disk" + rest, path: path, number)
    }
    return isPlaced
  }

  /// Whether the file under a key is the one of this upload; nil when there is none.
  private func isOurs(_ key: ObjectKey, in folder: Int32) throws(DatasetError) -> Bool? {
    var own = stat()
    var there = stat()
    guard store.system.status(buffer.descriptor, &own) == 0 else {
      throw systemError("cannot be examined", path: store.path(of: key))
    }
    guard store.system.status(folder, key.name, &there, follow: false) == 0 else {
      if errno == ENOENT { return nil }
      throw systemError("cannot be examined", path: store.path(of: key))
    }
    switch fileKind(there.st_mode) {
    case .file: return own.st_ino == there.st_ino && own.st_dev == there.st_dev
    case .folder:
      throw DatasetError(.io, "other objects lie below this key, so it cannot be one", path: store.path(of: key))
    default: throw store.noObject(key)
    }
  }

  /// Removes the object again, unless someone else has replaced or removed it meanwhile; false if it may be there still.
  private func takeBack(_ key: ObjectKey, _ folder: Int32) -> Bool {
    let isGone = try? store.withLock(isRequired: false) { () throws(DatasetError) in
      guard try isOurs(key, in: folder) == true else { return true }
      return store.system.removeFirmly(folder, key.name)
    }
    return isGone ?? false
  }
}

extension timespec {
  /// Orders by time.
  static func < (a: timespec, b: timespec) -> Bool { (a.tv_sec, a.tv_nsec) < (b.tv_sec, b.tv_nsec) }

  /// The later of two times.
  fileprivate func laterOf(_ other: timespec) -> timespec { self < other ? other : self }

  /// A time some nanoseconds later.
  func later(nanoseconds: Int) -> timespec {
    let sum = tv_nsec &+ nanoseconds
    return timespec(tv_sec: tv_sec &+ sum / 1_000_000_000, tv_nsec: sum % 1_000_000_000)
  }
}
