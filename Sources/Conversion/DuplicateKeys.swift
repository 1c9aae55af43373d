import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Finds samples that share a key: twelve to sixteen bytes a sample, whatever the keys' length.
struct DuplicateKeys {
  /// Hashes of the keys by the order of arrival.
  private var hashes: [UInt64] = []
  /// Positions of the samples by the order of arrival.
  private var positions: [UInt32] = []
  /// Open addressing: order of arrival plus one, 0 for free.
  private var slots = [UInt32](repeating: 0, count: 1024)

  /// No keys yet, and room for some number of them.
  init(capacity: Int = 0) {
    var count = 1024
    while count < capacity &* 2, count < 1 << 26 { count *= 2 }
    if count > slots.count { slots = [UInt32](repeating: 0, count: count) }
    hashes.reserveCapacity(min(capacity, count))
    positions.reserveCapacity(min(capacity, count))
  }

  /// Begins to fetch what ``insert(_:position:)`` will look at, so that the waits for many keys run beside one another.
  @inline(__always) func fetch(_ hash: UInt64) {
    let at = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    slots.withUnsafeBytes { ReadAhead.fetch($0, at: at * MemoryLayout<UInt32>.stride, count: MemoryLayout<UInt32>.stride) }
  }

  static func hash(_ key: String) -> UInt64 {
    key.withBytes { Hash64.hash(UnsafeRawBufferPointer($0)) }
  }

  /// Notes a key; returns the position of an earlier sample whose key has the same hash.
  mutating func insert(_ hash: UInt64, position: Int) -> Int? {
    if (hashes.count + 1) * 2 > slots.count { grow() }
    var at = Int(truncatingIfNeeded: hash) & (slots.count - 1)
    while slots[at] != 0 {
      let known = Int(slots[at]) - 1
      if hashes[known] == hash { return Int(positions[known]) }
      at = (at + 1) & (slots.count - 1)
    }
    hashes.append(hash)
    positions.append(UInt32(truncatingIfNeeded: position))
    slots[at] = UInt32(truncatingIfNeeded: hashes.count)
    return nil
  }

  private mutating func grow() {
    slots = [UInt32](repeating: 0, count: slots.count * 2)
    for index in hashes.indices {
      var at = Int(truncatingIfNeeded: hashes[index]) & (slots.count - 1)
      while slots[at] != 0 { at = (at + 1) & (slots.count - 1) }
      slots[at] = UInt32(truncatingIfNeeded: index + 1)
    }
  }
}
