import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

extension DiskStore {
  /// The temporary files whose processes are gone, folder by folder; those of living ones are left out.
  ///
  /// - Throws: An error of the code `io` also when one of the folders cannot be listed.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    var leftovers: [ObjectLeftover] = []
    try findLeftovers("", root, &leftovers)
    return leftovers.sorted { $0.name < $1.name }
  }

  private func findLeftovers(_ path: String, _ descriptor: Int32, _ leftovers: inout [ObjectLeftover]) throws(DatasetError) {
    let second = system.open(descriptor, ".", O_RDONLY | O_DIRECTORY)
    guard second >= 0, let listing = FolderListing(consuming: second, system) else {
      throw systemError("cannot be listed", path: joinedPath(location, path))
    }
    for entry in listing.entries {
      guard let name = listing.text(entry) else { continue }
      let inner = joinedPath(path, name)
      if UploadName.matches(name) {
        if let leftover = try leftover(name, inner, descriptor) { leftovers.append(leftover) }
      } else if entry.kind == .folder || entry.kind == .unknown, ObjectKey(inner) != nil {
        let folder = system.open(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
        guard folder >= 0 else {
          if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { continue }
          throw systemError("cannot be listed", path: joinedPath(location, inner))
        }
        defer { system.close(folder) }
        try findLeftovers(inner, folder, &leftovers)
      }
    }
  }

  /// A temporary file that nobody holds; nil when someone does, or it is gone.
  private func leftover(_ name: String, _ path: String, _ folder: Int32) throws(DatasetError) -> ObjectLeftover? {
    var status = stat()
    guard system.status(folder, name, &status, follow: false) == 0 else {
      if errno == ENOENT { return nil }
      throw systemError("cannot be examined", path: joinedPath(location, path))
    }
    guard fileKind(status.st_mode) == .file else { return nil }
    let file = system.open(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    defer { if file >= 0 { system.close(file) } }
    // A shared lock, so that two who look do not take each other for writers.
    if file >= 0, system.lock(file, isShared: true) != 0, errno == EWOULDBLOCK { return nil }
    return ObjectLeftover(name: path, size: Int(status.st_size), modifiedSeconds: Int64(status.st_mtim.tv_sec))
  }

  /// Removes a temporary file, unless a living process holds it, and the folders that are empty then.
  ///
  /// - Throws: An error of the code `conflict` when it is still being written, `usage` when it is no name of a temporary file.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    let path = joinedPath(location, leftover.name)
    let slash = leftover.name.lastIndex(of: "/")
    let folder = slash.map { String(leftover.name[..<$0]) } ?? ""
    let name = slash.map { String(leftover.name[leftover.name.index(after: $0)...]) } ?? leftover.name
    guard UploadName.matches(name), slash == nil || ObjectKey(folder) != nil else {
      throw DatasetError(.usage, "is nothing that an upload has left behind", path: path)
    }
    var folders = try openFolders(folder)
    guard folders.isComplete else { return }
    let file = try openLeftover(name, folders.innermost, path)
    guard file >= 0 else { return }
    defer { system.close(file) }
    guard system.lock(file) == 0 else {
      if errno == EWOULDBLOCK { throw DatasetError(.conflict, "is still being written", path: path) }
      throw systemError("cannot be locked, so nobody knows whether it is still being written", path: path)
    }
    guard system.unlink(folders.innermost, path: name) == 0 || errno == ENOENT else {
      throw systemError("cannot be removed", path: path)
    }
    folders.removeEmpty()
  }

  /// Opens a temporary file to lock it; -1 when it is gone.
  private func openLeftover(_ name: String, _ folder: Int32, _ path: String) throws(DatasetError) -> Int32 {
    let flags = O_NOFOLLOW | O_NONBLOCK
    var file = system.open(folder, name, O_RDWR | flags)
    // Another user's: for a lock on the same machine reading is enough.
    if file < 0, errno == EACCES { file = system.open(folder, name, O_RDONLY | flags) }
    guard file < 0, errno != ENOENT else { return file }
    throw systemError("cannot be opened", path: path)
  }
}
