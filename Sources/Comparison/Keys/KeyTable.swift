import WaybillBytes

/// Positions of samples by a hash of their keys: about twenty bytes a sample, whatever the keys' length.
///
/// The hash is seeded anew in each process, and a hit is confirmed by the keys themselves: no input can be made to collide.
struct KeyTable: Sendable {
  /// What hashes begin with; both sides of a comparison need the same one.
  let seed: UInt64
  /// Positions of the samples in the order they came.
  private(set) var positions: [UInt32] = []
  private var hashes: [UInt64] = []
  /// Open addressing: place in ``positions`` plus one, 0 for free.
  private var slots: [UInt32]

  /// How many samples a table can hold.
  static let limit = Int(UInt32.max) - 1

  /// A table with room for some number of samples.
  init(seed: UInt64, capacity: Int) {
    self.seed = seed
    var count = 1024
    while count < capacity &* 2, count < 1 << 26 { count *= 2 }
    slots = Array(repeating: 0, count: count)
    hashes.reserveCapacity(min(capacity, count))
    positions.reserveCapacity(min(capacity, count))
  }

  /// Number of samples.
  var count: Int { positions.count }

  /// The hash of a key's text.
  static func hash(_ key: UnsafeRawBufferPointer, seed: UInt64) -> UInt64 { Hash64.hash(key, seed: seed) }

  /// The hash of a key.
  static func hash(_ key: String, seed: UInt64) -> UInt64 { key.withBytes { hash(UnsafeRawBufferPointer($0), seed: seed) } }

  /// The positions of samples with a hash: mostly one or none.
  func candidates(_ hash: UInt64) -> [Int] {
    var found: [Int] = []
    var at = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[at] != 0 {
      let known = Int(slots[at]) - 1
      if hashes[known] == hash { found.append(Int(positions[known])) }
      at = (at + 1) & (slots.count - 1)
    }
    return found
  }

  /// Adds a sample.
  mutating func insert(_ hash: UInt64, position: Int) {
    if (hashes.count + 1) * 2 > slots.count { grow() }
    hashes.append(hash)
    positions.append(UInt32(truncatingIfNeeded: position))
    put(hash, hashes.count)
  }

  private mutating func put(_ hash: UInt64, _ value: Int) {
    var at = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[at] != 0 { at = (at + 1) & (slots.count - 1) }
    slots[at] = UInt32(truncatingIfNeeded: value)
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in hashes.indices { put(hashes[index], index + 1) }
  }
}
