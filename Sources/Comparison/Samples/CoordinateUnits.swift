import WaybillDatasetModel

/// The units in which places of samples are given.
struct CoordinateUnits {
  /// Whether any is in pixels.
  private(set) var hasPixels = false
  /// Whether any is in shares of the image.
  private(set) var hasShares = false

  /// The units of a sample.
  init(_ sample: Sample) { add(sample) }

  /// Adds the units of another sample.
  mutating func add(_ sample: Sample) {
    for annotation in sample.annotations {
      if let box = annotation.box { note(box.unit) }
      if let shape = annotation.shape { note(shape.unit) }
      if annotation.hasRareAnswers, let keypoints = annotation.keypoints { note(keypoints.unit) }
    }
  }

  private mutating func note(_ unit: CoordinateUnit) {
    if unit == .pixels { hasPixels = true } else { hasShares = true }
  }
}

extension Shape {
  /// The unit of its numbers.
  var unit: CoordinateUnit {
    switch self {
    case .rotatedBox(let box): box.unit
    case .polygon(let polygon): polygon.unit
    case .polyline(let line): line.unit
    case .circle(let circle): circle.unit
    case .ellipse(let ellipse): ellipse.unit
    case .point(let point): point.unit
    case .mask: .pixels
    }
  }
}
