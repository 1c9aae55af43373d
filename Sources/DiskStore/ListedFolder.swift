import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// The names in one folder that may be parts of keys, in the order of the keys.
final class ListedFolder: Sendable {
  /// A file's name, or a folder's with a slash at its end, which puts both in the order of the keys.
  let names: [String]
  /// The key of the folder.
  private let path: String
  /// What the folder was when its names were read.
  private let mark: [Int]
  /// Whether a change after the reading must show in the mark.
  private let isSettled: Bool

  /// Remembers the folder that the last page of a listing ended in, so that the next page need not read it again.
  final class Memory: Sendable {
    private let folder = Lock<ListedFolder?>(nil)

    /// The folder behind a descriptor: read, unless it is the one that is remembered and has not changed since.
    func folder(_ path: String, _ descriptor: Int32, _ store: DiskStore) throws(DatasetError) -> ListedFolder {
      var status = stat()
      if let known = folder.withLock({ $0 }), known.path == path, known.isSettled,
        store.system.status(descriptor, &status) == 0, known.mark == ListedFolder.mark(status)
      {
        return known
      }
      return try ListedFolder(path, descriptor, store)
    }

    /// Remembers a folder, or nothing.
    func set(_ folder: ListedFolder?) { self.folder.withLock { $0 = folder } }
  }

  /// Reads the folder behind a descriptor, which stays the caller's.
  ///
  /// - Throws: An error of the code `io` when it cannot be read to its end.
  init(_ path: String, _ descriptor: Int32, _ store: DiskStore) throws(DatasetError) {
    self.path = path
    let shown = joinedPath(store.location, path)
    var status = stat()
    guard store.system.status(descriptor, &status) == 0 else { throw systemError("cannot be examined", path: shown) }
    mark = Self.mark(status)
    // The kernel's clock stands still for milliseconds, that of some file systems for two seconds: a change within them would go unseen.
    isSettled = store.clock() - max(status.st_mtim.tv_sec, status.st_ctim.tv_sec) > 2
    let second = store.system.open(descriptor, ".", O_RDONLY | O_DIRECTORY)
    guard second >= 0, let listing = FolderListing(consuming: second, store.system) else {
      throw systemError("cannot be listed", path: shown)
    }
    var names: [String] = []
    for entry in listing.entries {
      var kind = entry.kind
      guard kind == .file || kind == .folder || kind == .unknown, let name = listing.text(entry), ObjectKey.isComponent(name.utf8)
      else { continue }
      if kind == .unknown {
        guard store.system.status(descriptor, name, &status, follow: false) == 0 else {
          if errno == ENOENT { continue }
          throw systemError("cannot be examined", path: joinedPath(shown, name))
        }
        kind = fileKind(status.st_mode)
      }
      switch kind {
      case .file: names.append(name)
      case .folder: names.append(name + "/")
      default: continue
      }
    }
    // All of them are ASCII, whose text order is that of the bytes.
    names.sort()
    self.names = names
  }

  private static func mark(_ status: stat) -> [Int] {
    [
      Int(truncatingIfNeeded: status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
      status.st_ctim.tv_nsec,
    ]
  }

  /// Where the names begin below which some key may come after a text.
  ///
  /// A folder's keys all begin with its name, so a text that begins with it too is not behind the folder.
  func position(after text: Substring) -> Int {
    position { $0 <= text && !($0.utf8.last == 0x2F && text.utf8.starts(with: $0.utf8)) }
  }

  /// Where the names begin that come from a text on.
  func position(from text: Substring) -> Int { position { $0 < text } }

  private func position(_ isBefore: (String) -> Bool) -> Int {
    var low = 0
    var high = names.count
    while low < high {
      let middle = (low + high) / 2
      if isBefore(names[middle]) { low = middle + 1 } else { high = middle }
    }
    return low
  }
}
