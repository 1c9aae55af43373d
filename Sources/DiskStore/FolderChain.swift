import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// The open folders from below a store's root down to the one of a key, links never followed.
struct FolderChain: ~Copyable {
  private let system: SystemCalls
  private let root: Int32
  /// The folders below the root, outermost first, and whether this chain made them.
  private var folders: [(name: String, descriptor: Int32, isMade: Bool)] = []
  /// Whether the last folder of the key is among them; else it or one above it is missing.
  fileprivate(set) var isComplete = false

  fileprivate init(_ root: Int32, _ system: SystemCalls) {
    self.root = root
    self.system = system
  }

  deinit {
    for folder in folders { system.close(folder.descriptor) }
  }

  /// The folder farthest from the root.
  var innermost: Int32 { folders.last?.descriptor ?? root }

  /// Opens a folder in the innermost one, and makes it if need be; false and `errno` when that failed.
  ///
  /// `ENOENT` says of a folder to be made that someone removed it, or the one above it, meanwhile.
  fileprivate mutating func descend(into name: String, making: Bool) -> Bool {
    let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW
    var descriptor = system.open(innermost, name, flags)
    var isMade = false
    if descriptor < 0, errno == ENOENT, making {
      isMade = system.makeFolder(innermost, name) == 0
      guard isMade || errno == EEXIST else { return false }
      descriptor = system.open(innermost, name, flags)
      if descriptor < 0, isMade {
        let number = errno
        _ = system.removeFolder(innermost, path: name)
        errno = number
      }
    }
    guard descriptor >= 0 else { return false }
    folders.append((name, descriptor, isMade))
    return true
  }

  /// Brings the names in the folders, the root's included, to the disk; nil, or the error number that says why not.
  func sync(isInnermostOnly: Bool = false) -> Int32? {
    var descriptors = [root] + folders.map(\.descriptor)
    if isInnermostOnly { descriptors = [innermost] }
    // A file system that cannot sync a folder says EINVAL, and then there is nothing to wait for.
    for descriptor in descriptors.reversed() where system.sync(descriptor) != 0 && errno != EINVAL { return errno }
    return nil
  }

  /// Removes the folders that are empty, innermost first; those that others use stay.
  ///
  /// The innermost folder is then one that is there.
  mutating func removeEmpty() { remove { _ in true } }

  /// Removes the folders that were made for this chain, as far as they are empty.
  mutating func removeMade() { remove { $0 } }

  private mutating func remove(_ isWanted: (_ isMade: Bool) -> Bool) {
    while let last = folders.last, isWanted(last.isMade) {
      let parent = folders.dropLast().last?.descriptor ?? root
      guard system.removeFolder(parent, path: last.name) == 0 || errno == ENOENT else { return }
      system.close(last.descriptor)
      folders.removeLast()
    }
  }
}

extension DiskStore {
  /// Opens the folders of a key as far as they exist, or makes the missing ones.
  ///
  /// - Throws: An error of the code `io` also when a file or a link stands where a folder should.
  func openFolders(_ path: String, making: Bool = false) throws(DatasetError) -> FolderChain {
    let names = path.split(separator: "/").map(String.init)
    // Folders that are empty may be removed at any moment; then it begins anew.
    for _ in 0..<100 {
      var chain = FolderChain(root, system)
      var missing = false
      for (position, name) in names.enumerated() where !missing {
        guard !chain.descend(into: name, making: making) else { continue }
        let number = errno
        if number != ENOENT, making || !isObject(name, in: chain.innermost, number) {
          chain.removeMade()
          throw folderError(names[...position].joined(separator: "/"), number)
        }
        missing = true
      }
      chain.isComplete = !missing
      if !missing || !making { return chain }
      chain.removeMade()
    }
    throw systemError("its folder vanishes again and again", path: joinedPath(location, path), ENOENT)
  }

  /// Whether a name that is no folder is an object: then there is nothing below it.
  private func isObject(_ name: String, in folder: Int32, _ number: Int32) -> Bool {
    guard number == ENOTDIR else { return false }
    var status = stat()
    return system.status(folder, name, &status, follow: false) == 0 && fileKind(status.st_mode) == .file
  }

  private func folderError(_ folder: String, _ number: Int32) -> DatasetError {
    let path = joinedPath(location, folder)
    // A link is answered with either number.
    guard number == ENOTDIR || number == ELOOP else { return systemError("the folder cannot be used", path: path, number) }
    return DatasetError(.io, "is a file or a link where the store wants a folder; links are not followed", path: path)
  }
}
