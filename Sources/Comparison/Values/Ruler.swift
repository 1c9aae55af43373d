import WaybillDatasetModel
import WaybillFormatSupport

/// Tells whether places of one sample are the same, over forms and units.
struct Ruler {
  /// What coordinates are taken to be apart at most when they were written in different forms: a hundredth of a pixel.
  ///
  /// Six decimals of a share, as many tools write, are 0.003 pixels of 4000.
  static let formTolerance = 0.01

  /// How many pixels stand for the whole of an image whose size is not known.
  static let standardSize = 1000.0

  /// The size of the image in pixels, when known.
  let size: (width: Double, height: Double)?
  /// How far apart coordinates may be in any case.
  let tolerance: Double?

  /// A ruler for a sample.
  init(size: (width: Int, height: Int)?, tolerance: Double?) {
    self.size = size.flatMap { $0.width > 0 && $0.height > 0 ? (Double($0.width), Double($0.height)) : nil }
    self.tolerance = tolerance
  }

  /// Whether coordinates in a unit can be had in pixels.
  func hasPixels(_ unit: CoordinateUnit) -> Bool { unit == .pixels || size != nil }

  /// A coordinate along an axis in pixels, or in thousandths where the size is not known.
  private func pixels(_ value: Double, _ unit: CoordinateUnit, isX: Bool) -> Double {
    guard unit == .unit else { return value }
    guard let size else { return value * Ruler.standardSize }
    return value * (isX ? size.width : size.height)
  }

  /// A box as corners in pixels, or in thousandths where the size is not known; the smaller corner first.
  func corners(of box: Box) -> (x0: Double, y0: Double, x1: Double, y1: Double) {
    let corners = box.converted(to: .corners)
    let (x0, x1) = (pixels(corners.first, box.unit, isX: true), pixels(corners.third, box.unit, isX: true))
    let (y0, y1) = (pixels(corners.second, box.unit, isX: false), pixels(corners.fourth, box.unit, isX: false))
    return (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
  }

  /// Whether both units can be laid beside one another.
  private func areComparable(_ a: CoordinateUnit, _ b: CoordinateUnit) -> Bool { a == b || size != nil }

  private func near(_ a: Double, _ b: Double, _ limit: Double) -> Bool {
    a == b || (a - b).magnitude <= max(limit, 1e-9 * min(a.magnitude, b.magnitude))
  }

  /// Whether two boxes are the same; those that follow from shapes may be up to a pixel apart.
  func same(_ a: Box, _ b: Box, isImplied: Bool = false) -> Bool {
    if a.form == b.form, a.unit == b.unit, tolerance == nil, !isImplied {
      return a.first == b.first && a.second == b.second && a.third == b.third && a.fourth == b.fourth
    }
    guard areComparable(a.unit, b.unit) else { return false }
    let limit = max(tolerance ?? Ruler.formTolerance, isImplied ? 1 : 0)
    let (a, b) = (corners(of: a), corners(of: b))
    return near(a.x0, b.x0, limit) && near(a.y0, b.y0, limit) && near(a.x1, b.x1, limit) && near(a.y1, b.y1, limit)
  }

  /// Whether coordinates given as x, y, x, y are the same.
  private func same(_ a: [Double], _ aUnit: CoordinateUnit, _ b: [Double], _ bUnit: CoordinateUnit) -> Bool {
    guard a.count == b.count else { return false }
    if aUnit == bUnit, tolerance == nil { return a == b }
    guard areComparable(aUnit, bUnit) else { return false }
    let limit = tolerance ?? Ruler.formTolerance
    for index in a.indices {
      let isX = index & 1 == 0
      guard near(pixels(a[index], aUnit, isX: isX), pixels(b[index], bUnit, isX: isX), limit) else { return false }
    }
    return true
  }

  /// Whether two shapes are the same.
  func same(_ a: Shape, _ b: Shape) -> Bool {
    switch (a, b) {
    case (.polygon(let a), .polygon(let b)):
      return a.ringEnds == b.ringEnds && a.holes == b.holes && same(a.coordinates, a.unit, b.coordinates, b.unit)
    case (.polyline(let a), .polyline(let b)):
      return a.isDashed == b.isDashed && same(a.coordinates, a.unit, b.coordinates, b.unit)
    case (.point(let a), .point(let b)): return same([a.x, a.y], a.unit, [b.x, b.y], b.unit)
    case (.mask(let a), .mask(let b)):
      if a == b { return true }
      guard a.width == b.width, a.height == b.height, let first = try? RunLength.runs(of: a),
        let second = try? RunLength.runs(of: b)
      else { return false }
      return RunLength.canonical(first) == RunLength.canonical(second)
    // Lengths that are shares have no axis of their own: they are compared as they are.
    case (.circle(let a), .circle(let b)):
      return a.unit == b.unit && same([a.centerX, a.centerY, a.radius, 0], a.unit, [b.centerX, b.centerY, b.radius, 0], b.unit)
    case (.rotatedBox(let a), .rotatedBox(let b)):
      return a.unit == b.unit && a.angleDegrees == b.angleDegrees
        && same([a.centerX, a.centerY, a.width, a.height], a.unit, [b.centerX, b.centerY, b.width, b.height], b.unit)
    case (.ellipse(let a), .ellipse(let b)):
      return a.unit == b.unit && a.angleDegrees == b.angleDegrees
        && same([a.centerX, a.centerY, a.radiusX, a.radiusY], a.unit, [b.centerX, b.centerY, b.radiusX, b.radiusY], b.unit)
    default: return false
    }
  }

  /// Whether two sets of named points are the same; a visibility that a format cannot leave out says nothing against one left out.
  func same(_ a: Keypoints, _ b: Keypoints, visibilityMayBeLeftOut: Bool) -> Bool {
    guard a.points.count == b.points.count else { return false }
    for (a, b) in zip(a.points, b.points) {
      guard a.visibility == b.visibility || visibilityMayBeLeftOut && (a.visibility == nil || b.visibility == nil) else {
        return false
      }
    }
    return same(a.points.flatMap { [$0.x, $0.y] }, a.unit, b.points.flatMap { [$0.x, $0.y] }, b.unit)
  }
}
