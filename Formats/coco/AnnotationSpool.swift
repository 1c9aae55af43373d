import WaybillBytes
import WaybillDiagnostics
import WaybillFiles

/// Annotations that have a place in the order of their file, taken in any order and given back in that one.
///
/// They are parted by ranges of the order, so that giving back works on one range at a time, some megabytes that are read
/// together, and what was given back no longer takes room. Memory: the buffers of the ranges, at most ``bufferLimit`` bytes, and eight
/// bytes an annotation, so that none is looked for in the spool, where each look waits for memory.
final class AnnotationSpool {
  /// Places of a range, as a power of two.
  private static let rangeBits: UInt32 = 16
  /// A range's buffer goes to the spool when it is as long.
  private static let flushLength = 1 << 19
  /// All buffers go to the spool when they are as long together.
  private static let bufferLimit = 1 << 24
  /// How many annotations ahead of the one given back are fetched, and how much of each.
  private static let ahead = 8
  private static let bytesAhead = 512

  /// The annotations of one range of the order.
  private final class Range {
    let number: UInt32
    // A range is reached by the writer alone, one annotation after the other; so is what the spool itself holds.
    @exclusivity(unchecked) var buffer = ByteBuffer(capacity: 1 << 16)
    /// Where its pieces lie in the spool.
    var pieces: [Swift.Range<Int>] = []
    /// Its annotations as they came, which is as they lie in the pieces.
    @exclusivity(unchecked) var entries: [Entry] = []

    init(_ number: UInt32) { self.number = number }
  }

  /// An annotation in the spool.
  private struct Entry {
    var length: UInt32
    /// The place in its range.
    var place: UInt16
    /// Whether it is to be given an id.
    var needsID: Bool
  }

  private let spool: Spool
  /// The ranges by number: the low ones, which are nearly all, in a table.
  @exclusivity(unchecked) private var table: [Range?] = []
  private var others: [UInt32: Range] = [:]
  @exclusivity(unchecked) private var buffered = 0
  @exclusivity(unchecked) private(set) var count = 0

  init(_ spool: Spool) { self.spool = spool }

  /// Takes an annotation.
  func append(_ bytes: UnsafeRawBufferPointer, place: UInt32, needsID: Bool) throws(DatasetError) {
    guard let length = UInt32(exactly: bytes.count) else {
      throw DatasetError(.invalidInput, "An annotation of \(bytes.count) bytes is too long for a COCO file")
    }
    let range = range(of: place)
    range.buffer.append(bytes)
    range.entries.append(Entry(length: length, place: UInt16(truncatingIfNeeded: place), needsID: needsID))
    count += 1
    buffered += bytes.count
    if range.buffer.count >= Self.flushLength { try flush(range) }
    if buffered >= Self.bufferLimit { try flush() }
  }

  @inline(__always) private func range(of place: UInt32) -> Range {
    let number = place >> Self.rangeBits
    if Int(number) < table.count, let range = table[Int(number)] { return range }
    return newRange(number)
  }

  private func newRange(_ number: UInt32) -> Range {
    if number >= 4096 {
      let range = others[number] ?? Range(number)
      others[number] = range
      return range
    }
    while table.count <= Int(number) { table.append(nil) }
    let range = Range(number)
    table[Int(number)] = range
    return range
  }

  private func flush(_ range: Range) throws(DatasetError) {
    guard !range.buffer.isEmpty else { return }
    let start = spool.count
    try spool.append(range.buffer.bytes)
    range.pieces.append(start..<spool.count)
    buffered -= range.buffer.count
    // A buffer that grew for one long annotation is not kept.
    if range.buffer.capacity > 2 * Self.flushLength { range.buffer = ByteBuffer(capacity: 32) } else { range.buffer.removeAll() }
  }

  private func flush() throws(DatasetError) {
    for range in table {
      if let range { try flush(range) }
    }
    for range in others.values { try flush(range) }
  }

  /// Gives all annotations back in order; those of one place as they came.
  ///
  /// The bytes are valid during the call. What was given back cannot be had again.
  func drain(_ body: (UnsafeRawBufferPointer, _ needsID: Bool) throws(DatasetError) -> Void) throws(DatasetError) {
    guard count > 0 else { return }
    try flush()
    var ranges = table.compactMap { $0 }
    table = []
    ranges += others.values.sorted { $0.number < $1.number }
    others = [:]
    let mapped = try spool.map()
    // The mapping must outlive its bytes' last use.
    defer { withExtendedLifetime(mapped) {} }
    var starts: [Int] = []
    var order: [Int32] = []
    for range in ranges {
      try InterruptFlag.check()
      find(range, &starts)
      sort(range.entries, &order)
      try give(range.entries, starts, order, mapped.bytes, body)
      range.entries = []
      for piece in range.pieces { spool.release(piece) }
    }
    count = 0
  }

  /// Where the annotations of a range begin in the spool.
  private func find(_ range: Range, _ starts: inout [Int]) {
    starts.removeAll(keepingCapacity: true)
    starts.reserveCapacity(range.entries.count)
    var pieces = range.pieces.makeIterator()
    var at = 0
    var end = 0
    for entry in range.entries {
      // None lies in two pieces.
      while at == end, let piece = pieces.next() { (at, end) = (piece.lowerBound, piece.upperBound) }
      starts.append(at)
      at += Int(entry.length)
    }
  }

  /// The positions of entries in the order of their places.
  private func sort(_ entries: [Entry], _ order: inout [Int32]) {
    order.removeAll(keepingCapacity: true)
    if entries.count < 1 << 10 {
      // A table of all places would cost more than a range of few annotations.
      order.append(contentsOf: entries.indices.map { Int32(truncatingIfNeeded: $0) })
      order.sort {
        let (a, b) = (entries[Int($0)].place, entries[Int($1)].place)
        return a == b ? $0 < $1 : a < b
      }
      return
    }
    var firsts = [Int32](repeating: 0, count: 1 << Int(Self.rangeBits) + 1)
    for entry in entries { firsts[Int(entry.place) + 1] += 1 }
    for place in 1..<firsts.count { firsts[place] += firsts[place - 1] }
    order.append(contentsOf: repeatElement(0, count: entries.count))
    for (position, entry) in entries.enumerated() {
      order[Int(firsts[Int(entry.place)])] = Int32(truncatingIfNeeded: position)
      firsts[Int(entry.place)] += 1
    }
  }

  private func give(
    _ entries: [Entry], _ starts: [Int], _ order: [Int32], _ bytes: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer, Bool) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    for step in order.indices {
      // Waits for memory run beside the copying.
      if step + Self.ahead < order.count {
        let next = Int(order[step + Self.ahead])
        ReadAhead.fetch(bytes, at: starts[next], count: min(Int(entries[next].length), Self.bytesAhead))
      }
      let position = Int(order[step])
      let entry = entries[position]
      let start = starts[position]
      try body(UnsafeRawBufferPointer(rebasing: bytes[start..<(start + Int(entry.length))]), entry.needsID)
    }
  }
}
