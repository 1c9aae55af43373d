import WaybillBytes

/// The paths of an archive, files and all folders above them, as systems compare them that do not tell `a` from `A`.
///
/// Names are folded to lower case and compared by canonical equivalence (NFC), which is what such systems do, near enough.
struct ZipPathTable {
  /// Two paths that cannot both be there.
  struct Conflict {
    var rule: ZipRule
    var sentence: String
  }

  private struct Item {
    var hash: UInt64
    var record: UInt32
    var length: UInt16
    var isFolder: Bool
  }

  private let foldsCase: Bool
  private var isASCII = true
  private var items: [Item] = []
  private var slots: [UInt32]
  private var scratch: [UInt8] = []
  // Names may be chosen by someone who knows the hash and wants the table slow.
  private let seed = UInt64.random(in: 0...UInt64.max)

  init(foldsCase: Bool, capacity: Int) {
    self.foldsCase = foldsCase
    var size = 64
    while size < capacity * 2 { size *= 2 }
    slots = [UInt32](repeating: 0, count: size)
    items.reserveCapacity(capacity)
  }

  /// Takes in all paths of a table in its order; the first that cannot be beside one before.
  mutating func firstConflict(in table: ZipTable) -> Conflict? {
    isASCII = table.names.withUnsafeBytes { ZipName.isASCII($0) }
    var before = UnsafeRawBufferPointer(start: nil, count: 0)
    return table.names.withUnsafeBytes { names in
      for position in table.records.indices {
        let record = table.records[position]
        let name = names.part(record.nameStart, Int(record.nameLength))
        // The folders it shares with the entry before are in already.
        var slash = sharedFolder(before, name)
        while let next = name[slash...].firstIndex(of: 0x2F) {
          if let conflict = insert(position, next, isFolder: true, name, table, names) { return conflict }
          slash = next + 1
        }
        if let conflict = insert(position, name.count, isFolder: record.isFolder, name, table, names) { return conflict }
        before = name
      }
      return nil
    }
  }

  /// Where the part after the folders begins that two names share.
  private func sharedFolder(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Int {
    var at = 0
    var shared = 0
    let end = min(a.count, b.count)
    while at < end && a[at] == b[at] {
      at &+= 1
      if a[at &- 1] == 0x2F { shared = at }
    }
    return shared
  }

  private mutating func insert(
    _ record: Int, _ length: Int, isFolder: Bool, _ name: UnsafeRawBufferPointer, _ table: ZipTable, _ names: UnsafeRawBufferPointer
  ) -> Conflict? {
    let path = name.part(0, length)
    let hash = hash(path)
    if items.count &* 2 >= slots.count { grow() }
    var slot = Int(truncatingIfNeeded: hash) & (slots.count &- 1)
    while slots[slot] != 0 {
      let item = items[Int(slots[slot]) &- 1]
      let other = names.part(table.records[Int(item.record)].nameStart, Int(item.length))
      if item.hash == hash, isSame(path, other) {
        if item.isFolder && isFolder && path.isSame(as: other) { return nil }
        return conflict(path, other)
      }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    items.append(Item(hash: hash, record: UInt32(record), length: UInt16(length), isFolder: isFolder))
    slots[slot] = UInt32(items.count)
    return nil
  }

  private func conflict(_ path: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer) -> Conflict {
    if path.isSame(as: other) {
      return Conflict(rule: .fileAndFolder, sentence: "entry \(ZipName.shown(path)) is both a file and a folder")
    }
    return Conflict(
      rule: .caseConflict,
      sentence: "entries \(ZipName.shown(other)) and \(ZipName.shown(path)) are the same to systems that do not tell case apart")
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in items.indices {
      var slot = Int(truncatingIfNeeded: items[index].hash) & (slots.count &- 1)
      while slots[slot] != 0 { slot = (slot &+ 1) & (slots.count &- 1) }
      slots[slot] = UInt32(index + 1)
    }
  }

  // MARK: Folding

  private func folded(_ path: UnsafeRawBufferPointer) -> String { String(decoding: path, as: UTF8.self).lowercased() }

  private mutating func hash(_ path: UnsafeRawBufferPointer) -> UInt64 {
    guard foldsCase else { return Hash64.hash(path, seed: seed) }
    // A string's hash is that of its normal form; an archive with any such name has all names hashed this way.
    guard isASCII else {
      var hasher = Hasher()
      hasher.combine(folded(path))
      return UInt64(bitPattern: Int64(hasher.finalize()))
    }
    scratch.removeAll(keepingCapacity: true)
    for byte in path { scratch.append(lowered(byte)) }
    return scratch.withUnsafeBytes { Hash64.hash($0, seed: seed) }
  }

  private func isSame(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer) -> Bool {
    if !foldsCase { return a.isSame(as: b) }
    if !isASCII { return folded(a) == folded(b) }
    guard a.count == b.count else { return false }
    for index in 0..<a.count where lowered(a[index]) != lowered(b[index]) { return false }
    return true
  }

  @inline(__always) private func lowered(_ byte: UInt8) -> UInt8 { byte &- 0x41 < 26 ? byte | 0x20 : byte }
}
