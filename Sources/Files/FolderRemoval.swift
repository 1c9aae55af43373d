import Glibc

extension SystemCalls {
  /// Removes a file, a link or a whole folder; links are never followed.
  ///
  /// False if something is left.
  ///
  /// It goes on after a failure, so that as little as possible is left, and holds one descriptor at most.
  @discardableResult func remove(_ folder: Int32, _ path: [CChar]) -> Bool {
    if unlink(folder, path: path) == 0 || errno == ENOENT { return true }
    let refusal = errno
    guard refusal == EISDIR || refusal == EPERM else { return false }
    let descriptor = open(folder, path: path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard descriptor >= 0, let listing = FolderListing(consuming: descriptor, self) else { return false }
    var isComplete = true
    let prefix = path.dropLast() + [0x2F]
    for entry in listing.entries {
      var child = Array(prefix)
      listing.withName(entry) { child.append(contentsOf: UnsafeBufferPointer(start: $0, count: Int(entry.length) + 1)) }
      if !remove(folder, child) { isComplete = false }
    }
    return isComplete && (removeFolder(folder, path: path) == 0 || errno == ENOENT)
  }

  /// Removes a file, a link or a whole folder, with a second try for what a passing failure left.
  @discardableResult package func removeFirmly(_ folder: Int32, _ path: String) -> Bool {
    let bytes = Array(path.utf8CString)
    return remove(folder, bytes) || remove(folder, bytes)
  }

  /// Makes a folder and the missing folders above it; returns the made ones, outermost first.
  ///
  /// On failure the made ones are removed again and `errno` says why.
  package func makeFolders(_ path: String) -> [String]? {
    var status = stat()
    if self.status(AT_FDCWD, path, &status, follow: true) == 0, fileKind(status.st_mode) == .folder { return [] }
    var made: [String] = []
    var prefix = path.hasPrefix("/") ? "/" : ""
    for component in path.split(separator: "/") {
      prefix = joinedPath(prefix, String(component))
      if makeFolder(AT_FDCWD, prefix) == 0 {
        made.append(prefix)
        continue
      }
      let number = errno
      // Some file systems say EROFS or EACCES even where the folder exists.
      if self.status(AT_FDCWD, prefix, &status, follow: true) == 0, fileKind(status.st_mode) == .folder { continue }
      removeFolders(made)
      errno = number == EEXIST ? ENOTDIR : number
      return nil
    }
    return made
  }

  /// Removes folders that are empty, innermost first.
  package func removeFolders(_ made: [String]) {
    for path in made.reversed() where removeFolder(AT_FDCWD, path: path) != 0 && errno != ENOENT {
      // A second try for a passing failure; a folder that someone else uses by now stays.
      if removeFolder(AT_FDCWD, path: path) != 0 { return }
    }
  }
}
