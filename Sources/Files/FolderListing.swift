import Glibc

/// The names in one folder as bytes, read at once so that no descriptor stays open.
package struct FolderListing {
  /// What the system says an entry is.
  package enum Kind: UInt8 {
    case file, folder, link, special, unknown
  }

  /// One entry: its name is a range of ``names``.
  package struct Entry {
    package var offset: UInt32
    package var length: UInt16
    package var kind: Kind
  }

  /// All names, each followed by a zero byte.
  package private(set) var names: [CChar] = []
  /// The entries, in the file system's order until sorted.
  package private(set) var entries: [Entry] = []

  private static let nameOffset = MemoryLayout<dirent>.offset(of: \dirent.d_name) ?? 19

  /// Reads a folder and closes its descriptor; nil and `errno` when that failed.
  package init?(consuming descriptor: Int32, _ system: SystemCalls) {
    guard system.mayList(), let stream = fdopendir(descriptor) else {
      let number = errno
      close(descriptor)
      errno = number
      return nil
    }
    defer { closedir(stream) }
    while true {
      errno = 0
      guard let entry = readdir(stream) else {
        if errno == 0 { return }
        let number = errno
        // The stream is closed on the way out, which may change the number.
        defer { errno = number }
        return nil
      }
      let name = (UnsafeRawPointer(entry) + Self.nameOffset).assumingMemoryBound(to: CChar.self)
      let length = strlen(name)
      if name[0] == 0x2E && (length == 1 || (length == 2 && name[1] == 0x2E)) { continue }
      guard let offset = UInt32(exactly: names.count), let short = UInt16(exactly: length) else {
        errno = EOVERFLOW
        return nil
      }
      names.append(contentsOf: UnsafeBufferPointer(start: name, count: length + 1))
      entries.append(Entry(offset: offset, length: short, kind: Self.kind(entry.pointee.d_type)))
    }
  }

  private static func kind(_ type: UInt8) -> Kind {
    switch Int(type) {
    case Int(DT_REG): .file
    case Int(DT_DIR): .folder
    case Int(DT_LNK): .link
    case Int(DT_UNKNOWN): .unknown
    default: .special
    }
  }

  /// Calls with the name of an entry, zero-terminated.
  package func withName<Result>(_ entry: Entry, _ body: (UnsafePointer<CChar>) -> Result) -> Result {
    names.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return withUnsafePointer(to: 0) { body($0) } }
      return body(base + Int(entry.offset))
    }
  }

  /// The bytes of a name.
  func bytes(_ entry: Entry) -> [UInt8] {
    names[Int(entry.offset)..<(Int(entry.offset) + Int(entry.length))].map { UInt8(bitPattern: $0) }
  }

  /// A name as text, or nil if it is not UTF-8.
  package func text(_ entry: Entry) -> String? {
    withName(entry) { String(validatingCString: $0) }
  }

  /// Asks the system what an entry is, following links or not.
  package mutating func setKind(_ position: Int, _ kind: Kind) { entries[position].kind = kind }

  /// Leaves entries out.
  package mutating func removeAll(where isUnwanted: (Entry, UnsafeRawBufferPointer) -> Bool) {
    names.withUnsafeBytes { all in
      entries.removeAll { isUnwanted($0, UnsafeRawBufferPointer(rebasing: all[Int($0.offset)...].prefix(Int($0.length)))) }
    }
  }

  /// Orders the entries so that the relative paths below this folder come out in bytewise order.
  ///
  /// A folder sorts as if its name ended in a slash: `a.xml`, `a/x.xml`, `a0.xml`.
  package mutating func sort() {
    names.withUnsafeBytes { all in
      entries.sort { a, b in
        let common = Int(min(a.length, b.length))
        let first = UnsafeRawBufferPointer(rebasing: all[Int(a.offset)...].prefix(Int(a.length) + 1))
        let second = UnsafeRawBufferPointer(rebasing: all[Int(b.offset)...].prefix(Int(b.length) + 1))
        guard let left = first.baseAddress, let right = second.baseAddress else { return false }
        let order = memcmp(left, right, common)
        if order != 0 { return order < 0 }
        return Self.tail(first, a, common) < Self.tail(second, b, common)
      }
    }
  }

  /// The byte that follows the common part of two names.
  private static func tail(_ name: UnsafeRawBufferPointer, _ entry: Entry, _ common: Int) -> UInt8 {
    if common < Int(entry.length) { return name[common] }
    return entry.kind == .folder ? 0x2F : 0
  }
}

/// What a mode says a file is.
package func fileKind(_ mode: mode_t) -> FolderListing.Kind {
  switch mode & S_IFMT {
  case S_IFREG: .file
  case S_IFDIR: .folder
  case S_IFLNK: .link
  default: .special
  }
}
