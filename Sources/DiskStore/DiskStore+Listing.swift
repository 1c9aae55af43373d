import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

extension DiskStore {
  /// The objects whose keys begin with a prefix and come after a key, in the order of keys: at most `limit` of them.
  ///
  /// Folders before the page are not read; the one that the last page ended in only if it has changed.
  ///
  /// - Throws: An error of the code `io` also when one of the folders cannot be listed.
  public func list(_ prefix: String, after: ObjectKey?, limit: Int) throws(DatasetError) -> ObjectPage {
    var folder = ""
    if let slash = prefix.lastIndex(of: "/") {
      folder = String(prefix[..<slash])
      guard ObjectKey(folder) != nil else { return ObjectPage(objects: [], isLast: true) }
    }
    var walk = Walk(prefix: prefix, after: after?.text ?? "", limit: max(1, limit))
    let folders = try openFolders(folder)
    if folders.isComplete { try visit(folder, folders.innermost, &walk) }
    listed.set(walk.lastFolder)
    return ObjectPage(objects: walk.objects, isLast: !walk.isFull)
  }

  /// A listing on its way through the folders.
  private struct Walk {
    let prefix: String
    let after: String
    let limit: Int
    var objects: [ObjectInfo] = []
    /// Whether there are more objects than are wanted.
    var isFull = false
    /// The folder of the first object that is not wanted any more.
    var lastFolder: ListedFolder?
  }

  /// Adds the objects in a folder, and below it, that the listing wants.
  private func visit(_ path: String, _ descriptor: Int32, _ walk: inout Walk) throws(DatasetError) {
    let start = path.isEmpty ? "" : path + "/"
    let folder = try listed.folder(path, descriptor, self)
    // Before this folder the key says nothing about its names; after it, it is behind all of them.
    var position = 0
    if walk.after.utf8.starts(with: start.utf8) {
      position = folder.position(after: walk.after.dropFirst(start.utf8.count))
    } else if start < walk.after {
      return
    }
    let prefix = walk.prefix.utf8.starts(with: start.utf8) ? walk.prefix.dropFirst(start.utf8.count) : ""
    if !prefix.isEmpty { position = max(position, folder.position(from: prefix)) }
    while position < folder.count, !walk.isFull {
      let (name, isFolder) = folder[position]
      guard name.utf8.starts(with: prefix.utf8) else { return }
      position += 1
      if isFolder {
        try visitFolder(start + name, name, descriptor, &walk)
      } else if let key = ObjectKey(start + name), let status = try status(key, name, in: descriptor) {
        guard walk.objects.count < walk.limit else {
          walk.isFull = true
          walk.lastFolder = folder
          return
        }
        walk.objects.append(DiskStore.info(key, status))
      }
    }
  }

  private func visitFolder(_ path: String, _ name: String, _ parent: Int32, _ walk: inout Walk) throws(DatasetError) {
    guard path.utf8.count <= 900 else { return }
    let descriptor = system.open(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard descriptor >= 0 else {
      // It was removed, or something else has its name by now.
      if errno == ENOENT || errno == ENOTDIR || errno == ELOOP { return }
      throw systemError("cannot be listed", path: joinedPath(location, path))
    }
    defer { system.close(descriptor) }
    try visit(path, descriptor, &walk)
  }

  /// What is known of an object's file; nil when it was removed meanwhile, or something else has its name by now.
  private func status(_ key: ObjectKey, _ name: String, in folder: Int32) throws(DatasetError) -> stat? {
    var status = stat()
    guard system.status(folder, name, &status, follow: false) == 0 else {
      if errno == ENOENT { return nil }
      throw systemError("cannot be examined", path: path(of: key))
    }
    return fileKind(status.st_mode) == .file ? status : nil
  }
}
