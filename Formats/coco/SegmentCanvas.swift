import WaybillDatasetModel
import WaybillPNG

/// What becomes of a pixel that several segments have.
enum SegmentOverlap: String, Sendable {
  /// It is an error.
  case refuse
  /// It is the first segment's.
  case first
  /// It is the last segment's.
  case last
}

/// A picture of segment ids that runs are painted into; one per worker, its memory kept from picture to picture.
final class SegmentCanvas {
  /// How many columns are turned into rows at a time.
  private static let columns = 32

  private(set) var width = 0
  private(set) var height = 0
  /// Ids, column by column; 0 is no segment.
  private var ids: [UInt32] = []

  /// What painting a segment met.
  struct Painted {
    /// How many of its pixels another segment had.
    var overlapping = 0
    /// One of those segments.
    var other: UInt32 = 0
  }

  /// What is left of a segment.
  struct Remains {
    var pixels = 0
    var left = Int.max
    var top = Int.max
    var right = -1
    var bottom = -1

    /// The box around the pixels.
    var box: Box { Box(Double(left), Double(top), Double(right - left + 1), Double(bottom - top + 1), form: .extent) }
  }

  /// Begins an empty picture.
  func reset(width: Int, height: Int) {
    self.width = width
    self.height = height
    ids.removeAll(keepingCapacity: true)
    ids.append(contentsOf: repeatElement(0, count: width * height))
  }

  /// Paints a segment's runs, which cover the picture.
  func paint(_ runs: [UInt32], _ id: UInt32, _ overlap: SegmentOverlap) -> Painted {
    var painted = Painted()
    ids.withUnsafeMutableBufferPointer { ids in
      var start = 0
      for (at, run) in runs.enumerated() {
        let end = min(start + Int(run), ids.count)
        defer { start = end }
        guard at % 2 == 1 else { continue }
        for pixel in start..<end {
          if ids[pixel] != 0 {
            painted.overlapping += 1
            painted.other = ids[pixel]
            if overlap != .last { continue }
          }
          ids[pixel] = id
        }
      }
    }
    return painted
  }

  /// What is left of each segment.
  func remains() -> [UInt32: Remains] {
    var found: [UInt32: Remains] = [:]
    var start = 0
    while start < ids.count {
      let id = ids[start]
      // A run within one column.
      let column = start / height
      var end = start + 1
      while end < (column + 1) * height, ids[end] == id { end += 1 }
      if id != 0 {
        var remains = found[id] ?? Remains()
        remains.pixels += end - start
        remains.left = min(remains.left, column)
        remains.right = max(remains.right, column)
        remains.top = min(remains.top, start - column * height)
        remains.bottom = max(remains.bottom, end - 1 - column * height)
        found[id] = remains
      }
      start = end
    }
    return found
  }

  /// The picture, its colours being the ids.
  func picture() -> PNGPicture {
    let bytesPerPixel = PNGPicture.Form.rgb8.bytesPerPixel
    let pixels = [UInt8](unsafeUninitializedCapacity: width * height * bytesPerPixel) { pixels, count in
      count = width * height * bytesPerPixel
      guard let base = pixels.baseAddress else { return }
      ids.withUnsafeBufferPointer { ids in
        for first in stride(from: 0, to: width, by: Self.columns) {
          for y in 0..<height {
            var pixel = base + (y * width + first) * bytesPerPixel
            for x in first..<min(first + Self.columns, width) {
              let id = ids[x * height + y]
              pixel[0] = UInt8(truncatingIfNeeded: id)
              pixel[1] = UInt8(truncatingIfNeeded: id &>> 8)
              pixel[2] = UInt8(truncatingIfNeeded: id &>> 16)
              pixel += bytesPerPixel
            }
          }
        }
      }
    }
    return PNGPicture(width: width, height: height, form: .rgb8, pixels: pixels)
  }
}
