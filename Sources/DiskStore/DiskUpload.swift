import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// An object on its way to a disk, under a hidden name that its process holds locked.
final class DiskUpload: ObjectUpload {
  private static let bufferSize = 1 << 20

  private let store: DiskStore
  private var system: SystemCalls { store.system }
  private let folder: Int32
  private let folderPath: String
  private let name: String
  private var descriptor: Int32
  private var failure: DatasetError?
  private var buffer: UnsafeMutableRawBufferPointer?
  private var used = 0
  private(set) var size = 0

  init(_ store: DiskStore, folder path: String) throws(DatasetError) {
    self.store = store
    folderPath = path
    let (folder, descriptor, name) = try DiskUpload.begin(store, path)
    self.folder = folder
    self.descriptor = descriptor
    self.name = name
  }

  private static func begin(
    _ store: DiskStore, _ path: String
  ) throws(DatasetError) -> (folder: Int32, descriptor: Int32, name: String) {
    let system = store.system
    let folder = try openFolder(store, path)
    for _ in 0..<16 {
      let name = DiskStore.uploadPrefix + "\(getpid())-" + randomName()
      let descriptor = system.open(folder, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW)
      guard descriptor >= 0 else {
        if errno == EEXIST { continue }
        break
      }
      // The lock says that its process lives; nobody else can hold it yet.
      if system.lock(descriptor) == 0 { return (folder, descriptor, name) }
      let number = errno
      name.withCString { _ = system.unlink(folder, path: $0) }
      system.close(descriptor)
      errno = number
      break
    }
    let error = systemError("An object cannot be begun", path: joinedPath(store.location, path))
    system.close(folder)
    throw error
  }

  /// Opens a folder below the root, making what is missing; each new folder is brought to the disk with the one it is in.
  private static func openFolder(_ store: DiskStore, _ path: String) throws(DatasetError) -> Int32 {
    let system = store.system
    var done = ""
    for component in path.split(separator: "/") {
      let above = done
      done = done.isEmpty ? String(component) : "\(done)/\(component)"
      guard system.makeFolder(store.root, done) == 0 else {
        if errno == EEXIST { continue }
        throw systemError("The folder cannot be made", path: joinedPath(store.location, done))
      }
      let parent = system.open(store.root, above.isEmpty ? "." : above, O_RDONLY | O_DIRECTORY)
      guard parent >= 0 else {
        throw systemError("The folder cannot be brought to the disk", path: joinedPath(store.location, done))
      }
      let result = system.sync(parent)
      let number = errno
      system.close(parent)
      guard result == 0 || number == EINVAL else {
        throw systemError("The folder cannot be brought to the disk", path: joinedPath(store.location, done), number)
      }
    }
    let folder = system.open(store.root, path.isEmpty ? "." : path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard folder >= 0 else { throw systemError("The folder cannot be opened", path: joinedPath(store.location, path)) }
    return folder
  }

  deinit {
    abort()
    buffer?.deallocate()
    system.close(folder)
  }

  // MARK: Bytes

  func append(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    try check()
    size += bytes.count
    if bytes.count > Self.bufferSize - used { try flush() }
    guard bytes.count < Self.bufferSize else { return try write(bytes) }
    let room = buffer ?? .allocate(byteCount: Self.bufferSize, alignment: 4096)
    buffer = room
    UnsafeMutableRawBufferPointer(rebasing: room[used...]).copyMemory(from: bytes)
    used += bytes.count
  }

  private func flush() throws(DatasetError) {
    guard used > 0, let buffer else { return }
    try write(UnsafeRawBufferPointer(rebasing: buffer[..<used]))
    used = 0
  }

  private func write(_ bytes: UnsafeRawBufferPointer) throws(DatasetError) {
    if let number = system.writeAll(descriptor, bytes) { throw fail("An object cannot be written", number) }
  }

  private func check() throws(DatasetError) {
    if let failure { throw failure }
    guard descriptor >= 0 else { throw DatasetError(.io, "The upload has ended already", path: folderName) }
  }

  private func fail(_ message: String, _ number: Int32 = errno) -> DatasetError {
    let error = systemError(message, path: folderName, number)
    failure = error
    return error
  }

  private var folderName: String { joinedPath(store.location, folderPath) }

  // MARK: The end

  func commit(as key: ObjectKey) throws(DatasetError) -> Bool {
    let target = try prepare(key)
    if system.link(folder, name, folder, target, follow: false) != 0 {
      guard errno == EEXIST else { throw fail("An object cannot be given its name") }
      abort()
      return false
    }
    guard syncFolder() else {
      let error = fail("An object cannot be brought to the disk")
      // What is not safe is not there.
      target.withCString { _ = system.unlink(folder, path: $0) }
      throw error
    }
    finish()
    return true
  }

  /// Gives the object a name that may be taken.
  func replace(_ key: ObjectKey) throws(DatasetError) {
    let target = try prepare(key)
    guard system.rename(folder, name, folder, target) == 0 else { throw fail("An object cannot be given its name") }
    let isSafe = syncFolder()
    let number = errno
    system.close(descriptor)
    descriptor = -1
    guard isSafe else { throw fail("An object cannot be brought to the disk", number) }
  }

  /// Brings the bytes to the disk, and gives the last component of a key in this upload's folder.
  private func prepare(_ key: ObjectKey) throws(DatasetError) -> String {
    try check()
    let parts = key.text.split(separator: "/")
    guard let last = parts.last, parts.dropLast().joined(separator: "/") == folderPath else {
      throw DatasetError(.usage, "The key \(key) is not in the folder \(folderPath)", path: store.location)
    }
    try flush()
    try InterruptFlag.check()
    guard system.sync(descriptor) == 0 else { throw fail("An object cannot be brought to the disk") }
    return String(last)
  }

  /// False with `errno` set when the folder cannot be brought to the disk; a file system that cannot sync folders says `EINVAL`.
  private func syncFolder() -> Bool { system.sync(folder) == 0 || errno == EINVAL }

  private func finish() {
    // A second name that stays is only a leftover.
    name.withCString { _ = system.unlink(folder, path: $0) }
    system.close(descriptor)
    descriptor = -1
  }

  func abort() {
    guard descriptor >= 0 else { return }
    finish()
  }
}
