import Glibc

extension ZipTable {
  /// A record's place, and what it is ordered by first.
  private struct Key {
    var value: UInt64
    var position: UInt32
  }

  /// Positions in the order of where the headers lie.
  func positionsByOffset() -> [Int] {
    var keys = records.indices.map { Key(value: UInt64(records[$0].headerOffset), position: UInt32($0)) }
    keys.sort { $0.value < $1.value }
    return keys.map { Int($0.position) }
  }

  /// Puts the records in the order of their names' bytes.
  mutating func sortByName() {
    // Names of an archive begin alike; the eight bytes after that tell most of them apart without looking at the names.
    let shared = sharedPrefix()
    var keys: [Key] = []
    keys.reserveCapacity(records.count)
    for position in records.indices {
      let value = withName(records[position]) { name in
        var value: UInt64 = 0
        for offset in shared..<(shared + 8) { value = value << 8 | UInt64(offset < name.count ? name[offset] : 0) }
        return value
      }
      keys.append(Key(value: value, position: UInt32(position)))
    }
    keys.sort { a, b in
      if a.value != b.value { return a.value < b.value }
      return withName(records[Int(a.position)]) { first in
        withName(records[Int(b.position)]) { second in compare(first, second) < 0 }
      }
    }
    records = keys.map { records[Int($0.position)] }
  }

  /// Number of bytes that all names have in common at their beginning.
  private func sharedPrefix() -> Int {
    guard let first = records.first else { return 0 }
    return withName(first) { first in
      var shared = first.count
      for record in records {
        withName(record) { name in
          shared = min(shared, name.count)
          if name.part(0, shared).isSame(as: first.part(0, shared)) { return }
          var same = 0
          while same < shared && name[same] == first[same] { same += 1 }
          shared = same
        }
      }
      return shared
    }
  }
}
