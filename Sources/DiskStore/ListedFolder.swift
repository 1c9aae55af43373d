import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillLocks
import WaybillObjectStore

/// The names in one folder that may be parts of keys, in the order of the keys.
final class ListedFolder: Sendable {
  /// Files and folders, sorted as if a folder's name ended in a slash.
  private let listing: FolderListing
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
    guard second >= 0, var listing = FolderListing(consuming: second, store.system) else {
      throw systemError("cannot be listed", path: shown)
    }
    listing.removeAll { entry, name in entry.kind == .link || entry.kind == .special || !ObjectKey.isComponent(name) }
    for (position, entry) in listing.entries.enumerated() where entry.kind == .unknown {
      let name = listing.text(entry) ?? ""
      if store.system.status(descriptor, name, &status, follow: false) == 0 {
        listing.setKind(position, fileKind(status.st_mode))
      } else if errno != ENOENT {
        throw systemError("cannot be examined", path: joinedPath(shown, name))
      }
    }
    listing.removeAll { entry, _ in entry.kind != .file && entry.kind != .folder }
    listing.sort()
    self.listing = listing
  }

  private static func mark(_ status: stat) -> [Int] {
    [
      Int(truncatingIfNeeded: status.st_ino), status.st_mtim.tv_sec, status.st_mtim.tv_nsec, status.st_ctim.tv_sec,
      status.st_ctim.tv_nsec,
    ]
  }

  /// Number of names.
  var count: Int { listing.entries.count }

  /// A name, and whether it is a folder's.
  subscript(position: Int) -> (name: String, isFolder: Bool) {
    let entry = listing.entries[position]
    return (listing.text(entry) ?? "", entry.kind == .folder)
  }

  /// How a name lies to a text; a folder's name ends in a slash there.
  private enum Order {
    case before, same, after
    /// The text begins with the folder's name.
    case holding
  }

  /// Where the names begin below which some key may come after a text.
  func position(after text: Substring) -> Int { position(text) { $0 == .before || $0 == .same } }

  /// Where the names begin that come from a text on.
  func position(from text: Substring) -> Int { position(text) { $0 == .before } }

  private func position(_ text: Substring, _ isBefore: (Order) -> Bool) -> Int {
    var text = text
    return text.withUTF8 { bytes in
      var low = 0
      var high = count
      while low < high {
        let middle = (low + high) / 2
        if isBefore(order(listing.entries[middle], UnsafeRawBufferPointer(bytes))) { low = middle + 1 } else { high = middle }
      }
      return low
    }
  }

  private func order(_ entry: FolderListing.Entry, _ text: UnsafeRawBufferPointer) -> Order {
    let length = Int(entry.length)
    let common = listing.withName(entry) { name in text.baseAddress.map { memcmp(name, $0, min(length, text.count)) } ?? 0 }
    guard common == 0 else { return common < 0 ? .before : .after }
    guard length < text.count else { return length == text.count && entry.kind == .file ? .same : .after }
    guard entry.kind == .folder, text[length] <= 0x2F else { return .before }
    return text[length] == 0x2F ? .holding : .after
  }
}
