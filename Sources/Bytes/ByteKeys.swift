/// The keys of one object as ranges of the memory their owner puts them in, told apart by their bytes.
///
/// The usual handful is compared one by one; from ``hashedFrom`` keys on they are hashed, so that any number costs its length and not its
/// square. The hash is seeded anew in each process: no input can be made to collide.
public struct ByteKeys {
  /// The number of keys from which on they are hashed.
  public static let hashedFrom = 32

  private var ranges: [Range<Int>] = []
  /// Positions of ranges by hash, counted from 1: a power of two, at most half full; empty while there are few keys.
  private var table: [UInt32] = []
  /// How many keys were compared so far: what the cost of ``insert(_:in:)`` is proportional to.
  public private(set) var comparisons = 0

  /// No keys.
  public init() {}

  /// How many keys there are.
  public var count: Int { ranges.count }

  /// Forgets the keys; the memory of many is given back.
  public mutating func removeAll() {
    ranges.removeAll(keepingCapacity: ranges.count <= 1024)
    if !table.isEmpty { table = [] }
  }

  /// Adds the key at a range of the owner's bytes; false, and nothing is added, when the same bytes are there already.
  ///
  /// The bytes of all keys must still stand where they stood.
  public mutating func insert(_ range: Range<Int>, in bytes: UnsafeRawBufferPointer) -> Bool {
    guard table.isEmpty else { return insertHashed(range, bytes) }
    for known in ranges where known.count == range.count {
      comparisons &+= 1
      if ByteKeys.same(known, range, bytes) { return false }
    }
    ranges.append(range)
    if ranges.count == ByteKeys.hashedFrom { grow(bytes) }
    return true
  }

  @inline(never) private mutating func insertHashed(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
    var slot = ByteKeys.hash(range, bytes) & (table.count &- 1)
    while table[slot] != 0 {
      comparisons &+= 1
      let known = ranges[Int(table[slot]) &- 1]
      if known.count == range.count, ByteKeys.same(known, range, bytes) { return false }
      slot = (slot &+ 1) & (table.count &- 1)
    }
    ranges.append(range)
    table[slot] = UInt32(truncatingIfNeeded: ranges.count)
    if ranges.count &* 2 > table.count { grow(bytes) }
    return true
  }

  private mutating func grow(_ bytes: UnsafeRawBufferPointer) {
    table = Array(repeating: 0, count: max(table.count &* 2, ByteKeys.hashedFrom &* 4))
    for (position, range) in ranges.enumerated() {
      var slot = ByteKeys.hash(range, bytes) & (table.count &- 1)
      while table[slot] != 0 { slot = (slot &+ 1) & (table.count &- 1) }
      table[slot] = UInt32(truncatingIfNeeded: position &+ 1)
    }
  }

  private static func hash(_ range: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Int {
    var hasher = Hasher()
    hasher.combine(bytes: UnsafeRawBufferPointer(rebasing: bytes[range]))
    return hasher.finalize()
  }

  private static func same(_ a: Range<Int>, _ b: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let base = bytes.baseAddress else { return true }
    let (x, y) = (base + a.lowerBound, base + b.lowerBound)
    var at = 0
    while a.count &- at >= 8 {
      if x.loadUnaligned(fromByteOffset: at, as: UInt64.self) != y.loadUnaligned(fromByteOffset: at, as: UInt64.self) {
        return false
      }
      at &+= 8
    }
    while at < a.count {
      if x.load(fromByteOffset: at, as: UInt8.self) != y.load(fromByteOffset: at, as: UInt8.self) { return false }
      at &+= 1
    }
    return true
  }
}
