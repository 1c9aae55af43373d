import WaybillBytes

/// The names that a writer has seen, as hashes: 64 bits each, so that millions cost little memory.
///
/// A hit may be an accident, so it must be confirmed; a miss is certain. Files and the folders their paths imply are told apart.
struct ZipNameSet {
  /// What a hash is known as.
  enum Kind: UInt64 {
    case file = 0, folder = 1
  }

  private var slots = [UInt64](repeating: 0, count: 1024)
  private(set) var count = 0
  // Names may be chosen by someone who knows the hash and wants the table slow.
  private let seed = UInt64.random(in: 0...UInt64.max)

  private func key(_ name: UnsafeRawBufferPointer, _ kind: Kind) -> UInt64 {
    // The lowest bit is the kind, the next keeps the key from being the 0 of an empty slot.
    Hash64.hash(name, seed: seed) & ~3 | 2 | kind.rawValue
  }

  /// Whether a name may have been inserted as this kind.
  func mayContain(_ name: UnsafeRawBufferPointer, as kind: Kind) -> Bool {
    let key = key(name, kind)
    var slot = Self.place(key, slots.count)
    while slots[slot] != 0 {
      if slots[slot] == key { return true }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    return false
  }

  /// Inserts a name; does nothing when it seems to be there.
  mutating func insert(_ name: UnsafeRawBufferPointer, as kind: Kind) {
    if (count &+ 1) &* 4 > slots.count &* 3 { grow() }
    if Self.insert(key(name, kind), &slots) { count &+= 1 }
  }

  private mutating func grow() {
    var grown = [UInt64](repeating: 0, count: slots.count * 2)
    for key in slots where key != 0 { _ = Self.insert(key, &grown) }
    slots = grown
  }

  private static func insert(_ key: UInt64, _ slots: inout [UInt64]) -> Bool {
    var slot = place(key, slots.count)
    while slots[slot] != 0 {
      if slots[slot] == key { return false }
      slot = (slot &+ 1) & (slots.count &- 1)
    }
    slots[slot] = key
    return true
  }

  private static func place(_ key: UInt64, _ count: Int) -> Int { Int(truncatingIfNeeded: key >> 2) & (count &- 1) }
}
