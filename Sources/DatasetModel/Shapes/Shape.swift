/// Where an annotation is, when a box alone does not say it.
///
/// An upright box is ``Annotation/box``, and may stand beside a shape: COCO gives a box with each polygon.
public enum Shape: Hashable, Sendable {
  /// A box turned about its centre.
  indirect case rotatedBox(RotatedBox)
  /// One or more closed rings.
  case polygon(Polygon)
  /// An open line of two points or more.
  case polyline(Polyline)
  /// A circle.
  indirect case circle(Circle)
  /// An ellipse, which may be turned.
  indirect case ellipse(Ellipse)
  /// One point.
  indirect case point(Point)
  /// A set of pixels.
  indirect case mask(Mask)
}

/// A box turned about its centre.
public struct RotatedBox: Hashable, Sendable {
  /// Centre, horizontally.
  public var centerX: Double
  /// Centre, vertically.
  public var centerY: Double
  /// Width before turning.
  public var width: Double
  /// Height before turning.
  public var height: Double
  /// Clockwise angle in degrees, as seen on the screen.
  public var angleDegrees: Double
  /// The unit of the lengths.
  public var unit: CoordinateUnit

  /// A turned box.
  public init(
    centerX: Double, centerY: Double, width: Double, height: Double, angleDegrees: Double, unit: CoordinateUnit = .pixels
  ) {
    self.centerX = centerX
    self.centerY = centerY
    self.width = width
    self.height = height
    self.angleDegrees = angleDegrees
    self.unit = unit
  }
}

/// One or more closed rings: the parts of an object, and the holes in them.
public struct Polygon: Hashable, Sendable {
  /// x and y of all points of all rings, one after the other.
  ///
  /// An odd count never occurs.
  public var coordinates: [Double]
  /// Where each ring but the last ends, as a count of numbers in ``coordinates``.
  ///
  /// Empty for a polygon of one ring.
  public var ringEnds: [Int]
  /// Positions of the rings that are holes in the part before them.
  public var holes: [Int]
  /// The unit of the coordinates.
  public var unit: CoordinateUnit

  /// A polygon of rings laid end to end.
  @inlinable public init(coordinates: [Double], ringEnds: [Int] = [], holes: [Int] = [], unit: CoordinateUnit = .pixels) {
    self.coordinates = coordinates
    self.ringEnds = ringEnds
    self.holes = holes
    self.unit = unit
  }

  /// Number of rings.
  @inlinable public var ringCount: Int { ringEnds.count &+ 1 }

  /// The range of a ring's numbers in ``coordinates``.
  @inlinable public func ring(_ index: Int) -> Range<Int> {
    let start = index == 0 ? 0 : ringEnds[index &- 1]
    return start..<(index < ringEnds.count ? ringEnds[index] : coordinates.count)
  }
}

/// An open line.
public struct Polyline: Hashable, Sendable {
  /// x and y of the points.
  public var coordinates: [Double]
  /// Whether the line is drawn dashed, such as a lane that may be crossed.
  public var isDashed: Bool
  /// The unit of the coordinates.
  public var unit: CoordinateUnit

  /// An open line through points.
  public init(coordinates: [Double], isDashed: Bool = false, unit: CoordinateUnit = .pixels) {
    self.coordinates = coordinates
    self.isDashed = isDashed
    self.unit = unit
  }
}

/// A circle.
public struct Circle: Hashable, Sendable {
  /// Centre, horizontally.
  public var centerX: Double
  /// Centre, vertically.
  public var centerY: Double
  /// Radius.
  public var radius: Double
  /// The unit of the lengths.
  public var unit: CoordinateUnit

  /// A circle about a centre.
  public init(centerX: Double, centerY: Double, radius: Double, unit: CoordinateUnit = .pixels) {
    self.centerX = centerX
    self.centerY = centerY
    self.radius = radius
    self.unit = unit
  }
}

/// An ellipse.
public struct Ellipse: Hashable, Sendable {
  /// Centre, horizontally.
  public var centerX: Double
  /// Centre, vertically.
  public var centerY: Double
  /// Half axis that is horizontal before turning.
  public var radiusX: Double
  /// Half axis that is vertical before turning.
  public var radiusY: Double
  /// Clockwise angle in degrees, as seen on the screen.
  public var angleDegrees: Double
  /// The unit of the lengths.
  public var unit: CoordinateUnit

  /// An ellipse about a centre.
  public init(
    centerX: Double, centerY: Double, radiusX: Double, radiusY: Double, angleDegrees: Double = 0, unit: CoordinateUnit = .pixels
  ) {
    self.centerX = centerX
    self.centerY = centerY
    self.radiusX = radiusX
    self.radiusY = radiusY
    self.angleDegrees = angleDegrees
    self.unit = unit
  }
}

/// One point.
public struct Point: Hashable, Sendable {
  /// Horizontal position.
  public var x: Double
  /// Vertical position.
  public var y: Double
  /// The unit of the position.
  public var unit: CoordinateUnit

  /// A point.
  public init(x: Double, y: Double, unit: CoordinateUnit = .pixels) {
    self.x = x
    self.y = y
    self.unit = unit
  }
}

/// A set of pixels as run lengths, column by column from the top left, the first run being background (COCO's RLE).
public struct Mask: Hashable, Sendable {
  /// The runs in the spelling of the file.
  public enum Runs: Hashable, Sendable {
    /// Lengths of the runs.
    case counts([UInt32])
    /// COCO's compressed text: six bits a character, differences to the run two before.
    case compressed(String)
  }

  /// Width of the image the mask covers, in pixels.
  public var width: Int
  /// Height of the image the mask covers, in pixels.
  public var height: Int
  /// The runs.
  public var runs: Runs

  /// A mask of a size.
  public init(width: Int, height: Int, runs: Runs) {
    self.width = width
    self.height = height
    self.runs = runs
  }
}

/// Named points of one object, in the order of the label's keypoint names.
public struct Keypoints: Hashable, Sendable {
  /// One named point.
  public struct Keypoint: Hashable, Sendable {
    /// Horizontal position.
    public var x: Double
    /// Vertical position.
    public var y: Double
    /// 0 not labeled, 1 labeled and hidden, 2 labeled and visible; nil when the file does not say.
    public var visibility: Double?

    /// A named point.
    @inlinable public init(x: Double, y: Double, visibility: Double?) {
      self.x = x
      self.y = y
      self.visibility = visibility
    }
  }

  /// The points.
  public var points: [Keypoint]
  /// The unit of the positions.
  public var unit: CoordinateUnit

  /// Named points of one object.
  @inlinable public init(points: [Keypoint], unit: CoordinateUnit = .pixels) {
    self.points = points
    self.unit = unit
  }
}
