import WaybillBytes

/// The paths of the files of an archive that is being gathered, and the folders they imply.
///
/// No two files have the same path, no file is where a folder is, and nothing differs from something else in the case of letters alone:
/// unpacked on a system that does not tell case, one would replace the other. ``ZipArchive`` holds archives of others to the same.
struct ArchiveNames: Sendable {
  /// Why a path cannot be added.
  enum Clash: Error, Equatable {
    /// It is there already.
    case taken
    /// It is a folder already, or a folder above it is a file.
    case fileAndFolder
    /// It differs from another, which is given, in the case of letters alone.
    case differsInCase(String)
  }

  private struct Record {
    var start: Int
    var count: Int
    var isFolder: Bool
  }

  /// The bytes of all paths, one after the other.
  private var bytes: [UInt8] = []
  private var records: [Record] = []
  /// Hashes of folded paths in the upper half, positions of records counted from 1 in the lower: at most half full.
  private var table = [UInt64](repeating: 0, count: 1024)
  private var lastFolder = 0..<0

  /// Adds the path of a file; gives its number.
  mutating func add(_ path: String) throws(Clash) -> Int {
    let result: Result<Int, Clash> = path.withBytes { path in
      do throws(Clash) { return .success(try add(UnsafeRawBufferPointer(path))) } catch { return .failure(error) }
    }
    return try result.get()
  }

  /// Calls with the bytes of all paths, and where in them a path lies.
  func withPaths<Result>(_ body: (UnsafeRawBufferPointer, (Int) -> Range<Int>) -> Result) -> Result {
    bytes.withUnsafeBytes { body($0) { records[$0].start..<(records[$0].start + records[$0].count) } }
  }

  /// A path that was added.
  func path(_ number: Int) -> String {
    let record = records[number]
    return String(decoding: bytes[record.start..<(record.start + record.count)], as: UTF8.self)
  }

  private mutating func add(_ path: UnsafeRawBufferPointer) throws(Clash) -> Int {
    let end = path.lastIndex(of: 0x2F) ?? 0
    let isFolderKnown = end == 0 || isLastFolder(path.part(0, end))
    if !isFolderKnown { for slash in path.indices where path[slash] == 0x2F { try checkFolder(path.part(0, slash)) } }
    let folded = FoldedPath(path)
    if let other = find(folded) {
      guard isSame(records[other], path) else { throw .differsInCase(self.path(other)) }
      throw records[other].isFolder ? .fileAndFolder : .taken
    }
    if !isFolderKnown { for slash in path.indices where path[slash] == 0x2F { addFolder(path.part(0, slash)) } }
    return insert(path, folded, isFolder: false)
  }

  /// Refuses a folder where a file is, and one that differs from another in case.
  private func checkFolder(_ path: UnsafeRawBufferPointer) throws(Clash) {
    guard let other = find(FoldedPath(path)) else { return }
    guard isSame(records[other], path) else { throw .differsInCase(self.path(other)) }
    if !records[other].isFolder { throw .fileAndFolder }
  }

  /// Notes a folder unless it is known.
  private mutating func addFolder(_ path: UnsafeRawBufferPointer) {
    let folded = FoldedPath(path)
    let known = find(folded) ?? insert(path, folded, isFolder: true)
    lastFolder = records[known].start..<(records[known].start + records[known].count)
  }

  private func isLastFolder(_ path: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { $0.part(lastFolder.lowerBound, lastFolder.count).isSame(as: path) }
  }

  private func isSame(_ record: Record, _ path: UnsafeRawBufferPointer) -> Bool {
    bytes.withUnsafeBytes { $0.part(record.start, record.count).isSame(as: path) }
  }

  /// The record of a folded path.
  private func find(_ path: FoldedPath) -> Int? {
    var slot = path.hash & (table.count &- 1)
    while table[slot] != 0 {
      if table[slot] >> 32 == path.mark {
        let position = Int(table[slot] & 0xFFFF_FFFF) &- 1
        let record = records[position]
        if bytes.withUnsafeBytes({ FoldedPath($0.part(record.start, record.count)) }) == path { return position }
      }
      slot = (slot &+ 1) & (table.count &- 1)
    }
    return nil
  }

  private mutating func insert(_ path: UnsafeRawBufferPointer, _ folded: FoldedPath, isFolder: Bool) -> Int {
    records.append(Record(start: bytes.count, count: path.count, isFolder: isFolder))
    bytes.append(contentsOf: path)
    if records.count &* 2 > table.count {
      grow()
    } else {
      ArchiveNames.insert(folded, records.count, &table)
    }
    return records.count &- 1
  }

  private mutating func grow() {
    var grown = [UInt64](repeating: 0, count: table.count * 2)
    bytes.withUnsafeBytes { bytes in
      for (position, record) in records.enumerated() {
        ArchiveNames.insert(FoldedPath(bytes.part(record.start, record.count)), position &+ 1, &grown)
      }
    }
    table = grown
  }

  private static func insert(_ path: FoldedPath, _ number: Int, _ table: inout [UInt64]) {
    var slot = path.hash & (table.count &- 1)
    while table[slot] != 0 { slot = (slot &+ 1) & (table.count &- 1) }
    table[slot] = path.mark << 32 | UInt64(truncatingIfNeeded: number)
  }
}

/// A path as a system that does not tell the case of letters compares it.
struct FoldedPath: Equatable {
  private let text: String
  /// A hash that differs from process to process.
  let hash: Int

  /// Another part of the hash.
  var mark: UInt64 { UInt64(truncatingIfNeeded: hash) >> 32 }

  init(_ path: UnsafeRawBufferPointer) {
    // Texts that are written with other scalars but are the same to a person are equal, as they are to such systems.
    text = String(decoding: path, as: UTF8.self).lowercased()
    hash = text.hashValue
  }
}
