import Glibc
import WaybillDatasetModel

/// The smallest upright boxes around shapes.
public enum Bounds {
  /// The box around points given as x, y, x, y; nil when there is no point.
  public static func box(around coordinates: some Collection<Double>, unit: CoordinateUnit) -> Box? {
    var x0 = Double.infinity
    var y0 = Double.infinity
    var x1 = -Double.infinity
    var y1 = -Double.infinity
    var isX = true
    for value in coordinates {
      if isX {
        x0 = min(x0, value)
        x1 = max(x1, value)
      } else {
        y0 = min(y0, value)
        y1 = max(y1, value)
      }
      isX.toggle()
    }
    guard x0 <= x1, y0 <= y1 else { return nil }
    return Box(x0, y0, x1, y1, form: .corners, unit: unit)
  }

  /// The box around a shape; nil when the shape is empty.
  public static func box(around shape: Shape) -> Box? {
    switch shape {
    case .polygon(let polygon): return box(around: polygon.coordinates, unit: polygon.unit)
    case .polyline(let line): return box(around: line.coordinates, unit: line.unit)
    case .point(let point): return Box(point.x, point.y, point.x, point.y, form: .corners, unit: point.unit)
    case .circle(let circle):
      return Box(
        circle.centerX - circle.radius, circle.centerY - circle.radius, circle.centerX + circle.radius,
        circle.centerY + circle.radius, form: .corners, unit: circle.unit)
    case .ellipse(let ellipse):
      let angle = ellipse.angleDegrees * .pi / 180
      let dx = (pow(ellipse.radiusX * cos(angle), 2) + pow(ellipse.radiusY * sin(angle), 2)).squareRoot()
      let dy = (pow(ellipse.radiusX * sin(angle), 2) + pow(ellipse.radiusY * cos(angle), 2)).squareRoot()
      return Box(
        ellipse.centerX - dx, ellipse.centerY - dy, ellipse.centerX + dx, ellipse.centerY + dy, form: .corners, unit: ellipse.unit)
    case .rotatedBox(let box): return Bounds.box(around: Outlines.corners(of: box), unit: box.unit)
    case .mask(let mask):
      guard let runs = try? RunLength.runs(of: mask) else { return nil }
      return RunLength.bounds(of: runs, height: mask.height)
    }
  }

  /// The box around the keypoints that are labeled; nil when none is.
  public static func box(around keypoints: Keypoints) -> Box? {
    box(around: keypoints.points.filter { $0.visibility != 0 }.flatMap { [$0.x, $0.y] }, unit: keypoints.unit)
  }
}

/// Polygons that stand in for other shapes.
public enum Outlines {
  /// How many corners a polygon that stands in for a circle has.
  public static let circleCorners = 32

  /// The four corners of a turned box, clockwise from the one that is top left before turning.
  public static func corners(of box: RotatedBox) -> [Double] {
    let angle = box.angleDegrees * .pi / 180
    let (c, s) = (cos(angle), sin(angle))
    var result: [Double] = []
    for (dx, dy) in [(-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)] {
      let (x, y) = (dx * box.width, dy * box.height)
      result.append(box.centerX + x * c - y * s)
      result.append(box.centerY + x * s + y * c)
    }
    return result
  }

  /// A polygon in place of a shape; nil for shapes that enclose nothing.
  public static func polygon(for shape: Shape) -> Polygon? {
    switch shape {
    case .polygon(let polygon): return polygon
    case .rotatedBox(let box): return Polygon(coordinates: corners(of: box), unit: box.unit)
    case .circle(let circle):
      return polygon(
        for: .ellipse(
          Ellipse(
            centerX: circle.centerX, centerY: circle.centerY, radiusX: circle.radius, radiusY: circle.radius, unit: circle.unit)))
    case .ellipse(let ellipse):
      let turn = ellipse.angleDegrees * .pi / 180
      var coordinates: [Double] = []
      for index in 0..<circleCorners {
        let angle = 2 * Double.pi * Double(index) / Double(circleCorners)
        let (x, y) = (ellipse.radiusX * cos(angle), ellipse.radiusY * sin(angle))
        coordinates.append(ellipse.centerX + x * cos(turn) - y * sin(turn))
        coordinates.append(ellipse.centerY + x * sin(turn) + y * cos(turn))
      }
      return Polygon(coordinates: coordinates, unit: ellipse.unit)
    case .polyline, .point, .mask: return nil
    }
  }

  /// A polygon in place of a box.
  public static func polygon(for box: Box) -> Polygon {
    let corners = box.converted(to: .corners)
    return Polygon(
      coordinates: [
        corners.first, corners.second, corners.third, corners.second, corners.third, corners.fourth, corners.first, corners.fourth,
      ], unit: box.unit)
  }
}
