import WaybillDatasetModel

/// Which region each pixel of a picture belongs to, for pictures whose regions do not overlap; 0 belongs to none.
///
/// Kept column by column, as run-length masks are: masks of all regions cost one pass over the pixels, and painting a mask writes
/// whole runs.
public struct RegionMap: Equatable, Sendable {
  /// Width in pixels.
  public let width: Int
  /// Height in pixels.
  public let height: Int
  /// The regions of all pixels, column by column from the top left.
  public private(set) var columns: [UInt16]

  /// A picture without regions.
  ///
  /// The caller has checked that width and height are not negative and their product fits into memory.
  public init(width: Int, height: Int) {
    self.width = width
    self.height = height
    columns = Array(repeating: 0, count: width * height)
  }

  /// A picture of regions given row by row; nil when there are not as many as pixels.
  public init?(width: Int, height: Int, rows: [UInt16]) {
    guard width >= 0, height >= 0, rows.count == width * height else { return nil }
    self.width = width
    self.height = height
    columns = RegionMap.turned(rows, width: width, height: height)
  }

  /// The regions of all pixels, row by row.
  public func rows() -> [UInt16] { RegionMap.turned(columns, width: height, height: width) }

  /// Rows as columns, in squares that stay in the cache.
  private static func turned(_ rows: [UInt16], width: Int, height: Int) -> [UInt16] {
    let side = 32
    return [UInt16](unsafeUninitializedCapacity: rows.count) { columns, count in
      rows.withUnsafeBufferPointer { rows in
        var top = 0
        while top < height {
          let bottom = min(top &+ side, height)
          var left = 0
          while left < width {
            let right = min(left &+ side, width)
            for x in left..<right {
              var from = top &* width &+ x
              for to in x &* height &+ top..<x &* height &+ bottom {
                columns[to] = rows[from]
                from &+= width
              }
            }
            left = right
          }
          top = bottom
        }
      }
      count = rows.count
    }
  }

  /// The runs of the regions from 1 to a number, in order; a region without pixels has no runs at all.
  ///
  /// One pass over the pixels, whatever the number of regions.
  public func runs(of count: Int) -> [[UInt32]] {
    var runs = [[UInt32]](repeating: [], count: count)
    var ends = [Int](repeating: 0, count: count)
    columns.withUnsafeBufferPointer { columns in
      var start = 0
      while start < columns.count {
        let region = columns[start]
        var end = start &+ 1
        while end < columns.count, columns[end] == region { end &+= 1 }
        let at = Int(region) &- 1
        if at >= 0, at < count {
          // A picture has fewer pixels than a run can count: the limits of pictures see to it.
          if start == ends[at], !runs[at].isEmpty {
            runs[at][runs[at].count &- 1] &+= UInt32(truncatingIfNeeded: end &- start)
          } else {
            runs[at].append(UInt32(truncatingIfNeeded: start &- ends[at]))
            runs[at].append(UInt32(truncatingIfNeeded: end &- start))
          }
          ends[at] = end
        }
        start = end
      }
    }
    for at in runs.indices where !runs[at].isEmpty && ends[at] < columns.count {
      runs[at].append(UInt32(truncatingIfNeeded: columns.count &- ends[at]))
    }
    return runs
  }

  /// The number of pixels of the regions from 0 to a number.
  public func areas(upTo count: Int) -> [Int] {
    var areas = [Int](repeating: 0, count: count &+ 1)
    for region in columns where Int(region) <= count { areas[Int(region)] &+= 1 }
    return areas
  }

  /// Paints a mask over what is there, and calls back for each stretch of pixels taken from another region.
  ///
  /// Runs that reach beyond the picture are cut off.
  public mutating func paint(_ runs: [UInt32], as region: UInt16, covering: (_ other: UInt16, _ pixels: Int) -> Void = { _, _ in })
  {
    columns.withUnsafeMutableBufferPointer { columns in
      var start = 0
      for (index, run) in runs.enumerated() {
        let end = min(start &+ Int(run), columns.count)
        if index & 1 == 1 {
          var at = start
          while at < end {
            let other = columns[at]
            let from = at
            while at < end, columns[at] == other {
              columns[at] = region
              at &+= 1
            }
            if other != 0, other != region { covering(other, at &- from) }
          }
        }
        start = end
      }
    }
  }
}

/// Small numbers for the values of pixels, in the order in which they are met.
public struct RegionNumbering: Sendable {
  /// The values, by number less one.
  public private(set) var values: [UInt64] = []
  private var numbers: [UInt64: UInt16] = [:]
  private var last: (value: UInt64, number: UInt16)?

  /// The most regions a picture may have.
  public static let limit = Int(UInt16.max)

  /// No values yet.
  public init() {}

  /// The number of a value, 1 for the first one; nil when there are too many.
  @inline(__always) public mutating func number(of value: UInt64) -> UInt16? {
    if let last, last.value == value { return last.number }
    return look(value)
  }

  private mutating func look(_ value: UInt64) -> UInt16? {
    if let known = numbers[value] {
      last = (value, known)
      return known
    }
    guard values.count < RegionNumbering.limit else { return nil }
    values.append(value)
    let number = UInt16(truncatingIfNeeded: values.count)
    numbers[value] = number
    last = (value, number)
    return number
  }
}

extension RunLength {
  /// Runs without empty ones, which say the same: the first may be empty, no other, and none follows the end.
  public static func canonical(_ runs: [UInt32]) -> [UInt32] {
    var result: [UInt32] = []
    for (index, run) in runs.enumerated() {
      if run == 0, index > 0 { continue }
      // After a run that was left out, the next one continues the last but one.
      if index & 1 == result.count & 1 { result.append(run) } else { result[result.count &- 1] &+= run }
    }
    return result
  }
}
