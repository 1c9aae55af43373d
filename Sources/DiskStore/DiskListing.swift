import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillObjectStore

/// One page of a listing: walks only the folders that can hold keys of the page, in the order of keys.
struct DiskListing {
  private let store: DiskStore
  private let prefix: [UInt8]
  private let after: [UInt8]
  private let limit: Int
  private var objects: [ObjectInfo] = []
  /// Whether a further object was met when the page was full.
  private var isCut = false

  init(_ store: DiskStore, prefix: String, after: ObjectKey?, limit: Int) {
    self.store = store
    self.prefix = Array(prefix.utf8)
    self.after = after.map { Array($0.text.utf8) } ?? []
    self.limit = max(0, limit)
  }

  mutating func page() throws(DatasetError) -> ObjectPage {
    try walk("")
    return ObjectPage(objects: objects, isLast: !isCut)
  }

  private mutating func walk(_ folder: String) throws(DatasetError) {
    try InterruptFlag.check()
    let system = store.system
    let shown = joinedPath(store.location, folder)
    let descriptor = system.open(store.root, folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard descriptor >= 0 else {
      // It went away meanwhile.
      if errno == ENOENT { return }
      throw systemError("The store cannot be listed", path: shown)
    }
    guard var listing = FolderListing(consuming: descriptor, system) else {
      throw systemError("The store cannot be listed", path: shown)
    }
    // A folder sorts as if its name ended in a slash, and so do the keys in it.
    listing.sort()
    for entry in listing.entries where !isCut {
      guard let name = listing.text(entry) else { continue }
      let text = folder.isEmpty ? name : "\(folder)/\(name)"
      guard let key = ObjectKey(text) else { continue }
      if entry.kind == .folder {
        let below = Array(text.utf8) + [0x2F]
        // Every key in the folder begins so: it is passed over when none of them can be wanted.
        let isWanted = below.starts(with: prefix) || prefix.starts(with: below)
        let isAfter = after.starts(with: below) || after.lexicographicallyPrecedes(below)
        if isWanted && isAfter { try walk(text) }
      } else if text.utf8.starts(with: prefix), after.isEmpty || after.lexicographicallyPrecedes(text.utf8) {
        guard let info = try store.info(key) else { continue }
        if objects.count == limit {
          isCut = true
        } else {
          objects.append(info)
        }
      }
    }
  }
}

extension DiskStore {
  /// Files that uploads have left behind whose processes are gone.
  public func leftovers() throws(DatasetError) -> [ObjectLeftover] {
    var found: [ObjectLeftover] = []
    try findLeftovers("", &found)
    return found
  }

  private func findLeftovers(_ folder: String, _ found: inout [ObjectLeftover]) throws(DatasetError) {
    let descriptor = system.open(root, folder.isEmpty ? "." : folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT { return }
      throw systemError("The store cannot be listed", path: joinedPath(location, folder))
    }
    guard var listing = FolderListing(consuming: descriptor, system) else {
      throw systemError("The store cannot be listed", path: joinedPath(location, folder))
    }
    listing.sort()
    for entry in listing.entries {
      guard let name = listing.text(entry) else { continue }
      let text = folder.isEmpty ? name : "\(folder)/\(name)"
      if entry.kind == .folder, ObjectKey(text) != nil {
        try findLeftovers(text, &found)
      } else if name.hasPrefix(DiskStore.uploadPrefix) {
        var status = stat()
        guard system.status(root, text, &status, follow: false) == 0, status.st_mode & S_IFMT == S_IFREG, !isHeld(text) else {
          continue
        }
        found.append(ObjectLeftover(name: text, size: Int(status.st_size), modifiedSeconds: Int64(status.st_mtim.tv_sec)))
      }
    }
  }

  /// Whether a living process holds an upload.
  private func isHeld(_ text: String) -> Bool {
    let descriptor = system.open(root, text, O_RDWR | O_NOFOLLOW)
    guard descriptor >= 0 else { return false }
    defer { system.close(descriptor) }
    return system.lock(descriptor) != 0
  }

  /// Removes what an upload left behind, unless a living process holds it.
  public func discard(_ leftover: ObjectLeftover) throws(DatasetError) {
    let name = leftover.name.split(separator: "/").last ?? ""
    guard name.hasPrefix(DiskStore.uploadPrefix), (try? RelativePath(leftover.name))?.text == leftover.name else {
      throw DatasetError(.usage, "\(terminalSafe(leftover.name)) is nothing that an upload left behind", path: location)
    }
    guard !isHeld(leftover.name) else { return }
    let result = leftover.name.withCString { system.unlink(root, path: $0) }
    guard result == 0 || errno == ENOENT else { throw systemError("cannot be removed", path: joinedPath(location, leftover.name)) }
  }
}
