import WaybillDatasetModel
import WaybillPNG

/// The runs of the segments in a picture whose colours are ids: red, then green times 256, then blue times 65,536.
struct SegmentRuns {
  /// How many columns are turned into rows at a time; their pixels stay in the processor's cache.
  private static let columns = 32
  /// How many ids that no one listed are told apart.
  private static let strangers = 8

  let width: Int
  let height: Int
  /// How many pixels each listed segment has.
  private(set) var pixelCounts: [Int]
  /// The first ids that were not listed, in the order of their first column.
  private(set) var unknown: [UInt32] = []
  /// How many pixels have ids that were not listed.
  private(set) var unknownPixels = 0
  private var table: SegmentTable
  private var runs: [[UInt32]]
  private var ends: [Int]

  /// Finds the runs of listed ids, each above zero and listed once; 0 is no segment.
  init(_ picture: PNGPicture, ids: [UInt32]) {
    width = picture.width
    height = picture.height
    table = SegmentTable(ids)
    pixelCounts = [Int](repeating: 0, count: ids.count)
    runs = [[UInt32]](repeating: [], count: ids.count)
    ends = [Int](repeating: 0, count: ids.count)
    picture.pixels.withUnsafeBytes { find($0) }
    let total = width * height
    for slot in ids.indices where ends[slot] < total { runs[slot].append(UInt32(truncatingIfNeeded: total - ends[slot])) }
  }

  /// The mask of a listed segment.
  func mask(_ slot: Int) -> Mask { Mask(width: width, height: height, runs: .counts(runs[slot])) }

  private mutating func find(_ pixels: UnsafeRawBufferPointer) {
    let bytesPerPixel = PNGPicture.Form.rgb8.bytesPerPixel
    guard let base = pixels.baseAddress?.assumingMemoryBound(to: UInt8.self), pixels.count == width * height * bytesPerPixel else {
      return
    }
    let block = UnsafeMutablePointer<UInt32>.allocate(capacity: Self.columns * height)
    defer { block.deallocate() }
    var current: UInt32 = 0
    var start = 0
    var passed = 0
    for first in stride(from: 0, to: width, by: Self.columns) {
      let count = min(Self.columns, width - first)
      for y in 0..<height {
        var pixel = base + (y * width + first) * bytesPerPixel
        var target = block + y
        for _ in 0..<count {
          target.pointee = UInt32(pixel[0]) | UInt32(pixel[1]) &<< 8 | UInt32(pixel[2]) &<< 16
          pixel += bytesPerPixel
          target += height
        }
      }
      // One column follows the other, as runs do.
      for at in 0..<count * height where block[at] != current {
        add(current, start, passed + at)
        current = block[at]
        start = passed + at
      }
      passed += count * height
    }
    add(current, start, passed)
  }

  private mutating func add(_ id: UInt32, _ start: Int, _ end: Int) {
    guard id != 0, end > start else { return }
    guard let slot = table.slot(of: id) else {
      unknownPixels += end - start
      if unknown.count < Self.strangers, !unknown.contains(id) { unknown.append(id) }
      return
    }
    runs[slot].append(UInt32(truncatingIfNeeded: start - ends[slot]))
    runs[slot].append(UInt32(truncatingIfNeeded: end - start))
    ends[slot] = end
    pixelCounts[slot] += end - start
  }
}

/// From the ids of segments to their positions in a list.
struct SegmentTable {
  private var slots: [Int32]
  private var ids: [UInt32]
  private let mask: Int
  private var last: (id: UInt32, slot: Int?) = (0, nil)

  /// A table of ids above zero; where one stands twice, the first position counts.
  init(_ ids: [UInt32]) {
    self.ids = ids
    var capacity = 16
    while capacity < ids.count * 2 { capacity *= 2 }
    slots = [Int32](repeating: -1, count: capacity)
    mask = capacity - 1
    for (position, id) in ids.enumerated() where find(id) == nil {
      var at = Self.start(id) & mask
      while slots[at] >= 0 { at = (at + 1) & mask }
      slots[at] = Int32(truncatingIfNeeded: position)
    }
  }

  private static func start(_ id: UInt32) -> Int { Int(truncatingIfNeeded: (UInt64(id) &* 0x9E37_79B9_7F4A_7C15) &>> 40) }

  private func find(_ id: UInt32) -> Int? {
    var at = Self.start(id) & mask
    while slots[at] >= 0 {
      let position = Int(slots[at])
      if ids[position] == id { return position }
      at = (at + 1) & mask
    }
    return nil
  }

  /// The position of an id.
  mutating func slot(of id: UInt32) -> Int? {
    if last.id != id { last = (id, find(id)) }
    return last.slot
  }
}
