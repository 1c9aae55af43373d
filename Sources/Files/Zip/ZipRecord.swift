import Glibc

/// What an archive's table holds of one entry: 56 bytes, and its name elsewhere.
struct ZipRecord: Sendable {
  /// Where its name begins in the names of the table.
  var nameStart: Int
  /// Where its local header begins.
  var headerOffset: Int
  /// Where the next header, or the directory, begins.
  var limit = 0
  /// Number of bytes it stands for.
  var size: Int
  /// Number of bytes in the archive.
  var storedSize: Int
  var crc32: UInt32
  /// Bytes of the name without `./` before it and without a slash after it.
  var nameLength: UInt16
  var flags: UInt16
  var isDeflated: Bool
  var isFolder: Bool
  /// Whether the archive has `./` before the name.
  var isDotted: Bool

  /// Bytes of the name in the archive.
  var rawNameLength: Int { Int(nameLength) + (isFolder ? 1 : 0) + (isDotted ? 2 : 0) }
}

/// All entries of an archive in the order of their names, which lie in one piece of memory.
struct ZipTable: Sendable {
  var names: [UInt8] = []
  var records: [ZipRecord] = []

  /// Calls with the bytes of a name.
  @inline(__always) func withName<R>(_ record: ZipRecord, _ body: (UnsafeRawBufferPointer) -> R) -> R {
    names.withUnsafeBytes { body($0.part(record.nameStart, Int(record.nameLength))) }
  }

  /// Whether bytes are the name of an entry as the archive has it.
  func isRawName(_ raw: UnsafeRawBufferPointer, _ record: ZipRecord) -> Bool {
    guard raw.count == record.rawNameLength else { return false }
    let start = record.isDotted ? 2 : 0
    if record.isDotted, raw[0] != 0x2E || raw[1] != 0x2F { return false }
    if record.isFolder, raw[raw.count - 1] != 0x2F { return false }
    return withName(record) { $0.isSame(as: raw.part(start, Int(record.nameLength))) }
  }

  /// The position of a name; nil when there is none.
  ///
  /// Costs O(log n).
  func find(_ name: UnsafeRawBufferPointer) -> Int? {
    names.withUnsafeBytes { names in
      records.withUnsafeBufferPointer { records in
        var low = 0
        var high = records.count
        while low < high {
          let middle = (low &+ high) / 2
          let record = records[middle]
          let order = compare(names.part(record.nameStart, Int(record.nameLength)), name)
          if order == 0 { return middle }
          if order < 0 { low = middle &+ 1 } else { high = middle }
        }
        return nil
      }
    }
  }
}

/// Orders bytes: negative, zero or positive as `memcmp` does, the shorter first where one begins the other.
@inline(__always) func compare(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
  if let first = a.baseAddress, let second = b.baseAddress {
    let order = memcmp(first, second, min(a.count, b.count))
    if order != 0 { return Int(order) }
  }
  return a.count &- b.count
}
