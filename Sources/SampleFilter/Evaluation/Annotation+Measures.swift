import WaybillDatasetModel
import WaybillFormatSupport

/// Measures of where an annotation is, in pixels.
extension UnsafePointer<Annotation> {
  /// Whether a measure in pixels needs the size of the picture.
  var isShareOfPicture: Bool {
    if let box = pointee.box, box.unit == .unit { return true }
    switch pointee.shape {
    case .rotatedBox(let box): return box.unit == .unit
    case .polygon(let polygon): return polygon.unit == .unit
    case .polyline(let line): return line.unit == .unit
    case .circle(let circle): return circle.unit == .unit
    case .ellipse(let ellipse): return ellipse.unit == .unit
    case .point(let point): return point.unit == .unit
    case .mask: return false
    case nil: return pointee.keypoints?.unit == .unit
    }
  }

  /// Width and height of the box, else of the box around the shape, else around the keypoints; nil where there is none.
  package func sides(in size: PixelSize?) -> (width: Double, height: Double)? {
    let box =
      pointee.box ?? pointee.shape.flatMap { Bounds.box(around: $0) } ?? pointee.keypoints.flatMap { Bounds.box(around: $0) }
    guard let box, let scale = scale(box.unit, size) else { return nil }
    let extent = box.form == .corners ? box.converted(to: .extent) : box
    return (extent.third * scale.width, extent.fourth * scale.height)
  }

  /// The area in square pixels: as the file states it, else of the shape, else of the box; nil for what encloses nothing.
  package func area(in size: PixelSize?) -> Double? {
    if let stated = pointee.area { return stated }
    switch pointee.shape {
    case .polygon(let polygon): return scaled(polygon.area, polygon.unit, size)
    case .circle(let circle): return scaled(.pi * circle.radius * circle.radius, circle.unit, size)
    case .ellipse(let ellipse): return scaled(.pi * ellipse.radiusX * ellipse.radiusY, ellipse.unit, size)
    case .rotatedBox(let box): return scaled(box.width * box.height, box.unit, size)
    case .mask(let mask): return (try? RunLength.runs(of: mask)).map { Double(RunLength.area(of: $0)) }
    case .polyline, .point, nil:
      guard pointee.box != nil, let sides = sides(in: size) else { return nil }
      return rounded(sides.width * sides.height)
    }
  }

  private func scaled(_ area: Double, _ unit: CoordinateUnit, _ size: PixelSize?) -> Double? {
    scale(unit, size).map { rounded(area * $0.width * $0.height) }
  }

  private func scale(_ unit: CoordinateUnit, _ size: PixelSize?) -> (width: Double, height: Double)? {
    if unit == .pixels { return (1, 1) }
    return size.map { (Double($0.width), Double($0.height)) }
  }

  /// The number to four decimals, without the noise of its computation.
  private func rounded(_ value: Double) -> Double {
    value.magnitude < 1e11 ? (value * 10_000).rounded() / 10_000 : value
  }
}

extension Polygon {
  /// The area inside its parts and outside their holes, by the shoelace formula.
  var area: Double {
    var total = 0.0
    for index in 0..<ringCount {
      let ring = ring(index)
      guard ring.count >= 6 else { continue }
      var sum = 0.0
      var (x, y) = (coordinates[ring.upperBound - 2], coordinates[ring.upperBound - 1])
      for at in stride(from: ring.lowerBound, to: ring.upperBound - 1, by: 2) {
        let (nextX, nextY) = (coordinates[at], coordinates[at + 1])
        sum += x * nextY - nextX * y
        (x, y) = (nextX, nextY)
      }
      total += holes.contains(index) ? -abs(sum) / 2 : abs(sum) / 2
    }
    return total
  }
}
