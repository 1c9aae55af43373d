import WaybillDiagnostics
import WaybillLocks

/// Blocks of objects in memory, bounded; the one that was used longest ago goes first.
final class BlockCache: Sendable {
  let blockSize: Int
  /// Most blocks.
  let limit: Int
  private let state = Lock(State())

  /// Which block: of which source, from which byte on.
  private struct Place: Hashable {
    var source: Int
    var start: Int
  }

  private struct State {
    var slots: [Place: (slot: Slot, lastUse: Int)] = [:]
    var uses = 0
    var sources = 0
  }

  /// The place of one block, locked while it is fetched, so that whoever wants it meanwhile waits for it.
  private final class Slot: Sendable {
    let bytes = Lock<[UInt8]?>(nil)
  }

  init(capacity: Int, blockSize: Int) {
    self.blockSize = max(1, min(blockSize, capacity))
    limit = max(1, capacity / self.blockSize)
  }

  var byteCount: Int {
    let slots = state.withLock { $0.slots.values.map(\.slot) }
    return slots.reduce(0) { sum, slot in sum + slot.bytes.withLock { $0?.count ?? 0 } }
  }

  /// A number that no other source has had.
  func newSource() -> Int {
    state.withLock { state in
      state.sources += 1
      return state.sources
    }
  }

  /// A block of a source, fetched if it is not there.
  func block(
    of source: Int, from start: Int, _ fetch: () throws(DatasetError) -> [UInt8]
  ) throws(DatasetError) -> [UInt8] {
    let slot = slot(Place(source: source, start: start))
    return try slot.bytes.withLock { (bytes) throws(DatasetError) in
      if let bytes { return bytes }
      let fetched = try fetch()
      bytes = fetched
      return fetched
    }
  }

  /// Whether a block is there or being fetched.
  func holds(_ source: Int, from start: Int) -> Bool {
    state.withLock { $0.slots[Place(source: source, start: start)] != nil }
  }

  /// Keeps a block that came with another one, unless someone is fetching it.
  func keep(_ block: [UInt8], of source: Int, from start: Int) {
    let place = Place(source: source, start: start)
    guard state.withLock({ $0.slots[place] == nil }) else { return }
    slot(place).bytes.withLock { if $0 == nil { $0 = block } }
  }

  private func slot(_ place: Place) -> Slot {
    state.withLock { state in
      state.uses += 1
      if let known = state.slots[place]?.slot {
        state.slots[place]?.lastUse = state.uses
        return known
      }
      // As few as there are blocks; a block that is still being fetched stays with those who wait for it.
      if state.slots.count >= limit, let oldest = state.slots.min(by: { $0.value.lastUse < $1.value.lastUse })?.key {
        state.slots[oldest] = nil
      }
      let slot = Slot()
      state.slots[place] = (slot, state.uses)
      return slot
    }
  }

  /// Gives up the blocks of a source.
  func remove(_ source: Int) {
    state.withLock { state in
      for place in state.slots.keys where place.source == source { state.slots[place] = nil }
    }
  }
}
