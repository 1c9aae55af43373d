import WaybillBytes
import WaybillDiagnostics

/// Reads a zip archive (PKWARE's APPNOTE 6.3): stored and deflated entries, ZIP64, from a file or from anything that can be read anywhere.
///
/// Opening reads the end and the directory, in at most four reads for 20,000 entries, and refuses the archive as a whole when anything in
/// them could surprise: names that leave the folder, are absolute, hold a backslash or a control character or are not UTF-8; names that are
/// there twice, or twice to a system that does not tell case apart; files that are folders; links and special files; encrypted entries and
/// other methods; entries that overlap; sizes, counts and offsets that do not add up; split archives; two end records; more than
/// ``ZipLimits`` allow. Each entry's own header is checked against the directory before its bytes are used, and size and checksum while
/// they are. ``confirm()`` also asks libzip.
///
/// Errors are ``DatasetError/Code/corrupt`` where an archive contradicts itself, ``DatasetError/Code/invalidInput`` where it says clearly
/// what is not accepted, ``DatasetError/Code/io`` where it could not be read; the first two end with the name of a rule, such as
/// `[zip.entry.outside]`. Names without the flag for UTF-8 are read as UTF-8 nevertheless, as Info-ZIP, macOS and libzip do.
///
/// A collection of its entries in the order of their names' bytes. Safe to use from several threads.
public final class ZipArchive: Sendable {
  /// The bytes of the archive.
  public let source: any ByteSource
  /// What was allowed when it was opened.
  public let limits: ZipLimits
  /// The path messages show.
  public var path: String { source.path }
  /// Where the directory lies.
  let directory: Range<Int>
  let table: ZipTable

  /// Opens an archive; 100,000 entries take some hundredths of a second, and 56 bytes each besides their names.
  public init(_ source: any ByteSource, limits: ZipLimits = ZipLimits()) throws(DatasetError) {
    self.source = source
    self.limits = limits
    var window = ByteWindow(source, capacity: 8 << 20)
    let end = try ZipEnd(&window, size: source.size, path: source.path)
    directory = end.directory
    var reader = ZipDirectoryReader(path: source.path, limits: limits, directory: end.directory)
    try reader.read(&window, count: end.count)
    table = reader.table
  }

  /// The entry of a name; nil when there is none.
  ///
  /// A folder's name has no slash at its end. Costs O(log n).
  public func entry(named name: String) -> ZipEntry? {
    let position = name.withBytes { table.find(UnsafeRawBufferPointer($0)) }
    return position.map { ZipEntry(archive: self, position: $0) }
  }

  /// The positions of all entries whose names begin with some bytes, such as a folder's name and a slash.
  ///
  /// Costs O(log n).
  public func positions(beginningWith prefix: String) -> Range<Int> {
    prefix.withBytes { prefix in
      let prefix = UnsafeRawBufferPointer(prefix)
      let start = firstPosition { compare($0, prefix) >= 0 }
      return start..<Swift.max(start, firstPosition { compare($0.part(0, Swift.min($0.count, prefix.count)), prefix) > 0 })
    }
  }

  private func firstPosition(_ isReached: (UnsafeRawBufferPointer) -> Bool) -> Int {
    var low = 0
    var high = table.records.count
    while low < high {
      let middle = (low + high) / 2
      if table.withName(table.records[middle], isReached) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}

extension ZipArchive: RandomAccessCollection {
  /// 0.
  public var startIndex: Int { 0 }
  /// Number of entries, folders included.
  public var endIndex: Int { table.records.count }
  /// The entry at a position in the order of names.
  public subscript(position: Int) -> ZipEntry {
    precondition(table.records.indices.contains(position), "position \(position) of \(table.records.count) entries")
    return ZipEntry(archive: self, position: position)
  }
}
