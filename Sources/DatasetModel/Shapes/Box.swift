/// The unit of coordinates.
public enum CoordinateUnit: UInt8, Sendable {
  /// Continuous pixel edges; the origin is the top left corner of the image.
  case pixels
  /// Shares of the image's width and height, 0 to 1.
  case unit
}

/// An upright rectangle, in the form in which the file gave it.
///
/// The four numbers are never converted when read, so that the same form prints the same numbers. Conversions between
/// forms go through ``decimalSum(_:_:)``: the result is what the decimal texts of the numbers would give, so `473.07 + 38.65` is `511.72`.
public struct Box: Hashable, Sendable {
  /// What the four numbers mean.
  public enum Form: UInt8, Sendable {
    /// xmin, ymin, xmax, ymax (Pascal VOC).
    case corners
    /// x, y of the top left corner, width, height (COCO).
    case extent
    /// x, y of the centre, width, height (YOLO).
    case centered
  }

  /// First number: xmin, x or the centre's x.
  public var first: Double
  /// Second number: ymin, y or the centre's y.
  public var second: Double
  /// Third number: xmax or the width.
  public var third: Double
  /// Fourth number: ymax or the height.
  public var fourth: Double
  /// What the four numbers mean.
  public var form: Form
  /// The unit of the numbers.
  public var unit: CoordinateUnit

  /// A box of four numbers in a form.
  @inlinable public init(
    _ first: Double, _ second: Double, _ third: Double, _ fourth: Double, form: Form, unit: CoordinateUnit = .pixels
  ) {
    self.first = first
    self.second = second
    self.third = third
    self.fourth = fourth
    self.form = form
    self.unit = unit
  }

  /// The same box in another form.
  public func converted(to form: Form) -> Box {
    if form == self.form { return self }
    let corners: (Double, Double, Double, Double)
    switch self.form {
    case .corners: corners = (first, second, third, fourth)
    case .extent: corners = (first, second, decimalSum(first, third), decimalSum(second, fourth))
    case .centered:
      corners = (
        decimalSum(first, -third / 2), decimalSum(second, -fourth / 2), decimalSum(first, third / 2), decimalSum(second, fourth / 2)
      )
    }
    let (x0, y0, x1, y1) = corners
    switch form {
    case .corners: return Box(x0, y0, x1, y1, form: .corners, unit: unit)
    case .extent: return Box(x0, y0, decimalSum(x1, -x0), decimalSum(y1, -y0), form: .extent, unit: unit)
    case .centered:
      return Box(
        decimalSum(x0, x1) / 2, decimalSum(y0, y1) / 2, decimalSum(x1, -x0), decimalSum(y1, -y0), form: .centered, unit: unit)
    }
  }

  /// The same box in another unit, for an image of a size in pixels.
  public func converted(to unit: CoordinateUnit, width: Double, height: Double) -> Box {
    if unit == self.unit { return self }
    let (sx, sy) = unit == .pixels ? (width, height) : (1 / width, 1 / height)
    func scale(_ value: Double, _ size: Double, _ factor: Double) -> Double { unit == .pixels ? value * factor : value / size }
    return Box(
      scale(first, width, sx), scale(second, height, sy), scale(third, width, sx), scale(fourth, height, sy), form: form, unit: unit
    )
  }

  /// The four numbers.
  public var numbers: [Double] { [first, second, third, fourth] }
}

/// The sum of two numbers as their decimal texts would give it, when both have at most six decimals; the plain sum otherwise.
public func decimalSum(_ a: Double, _ b: Double) -> Double {
  var scale = 1.0
  while scale <= 1_000_000 {
    let sa = a * scale
    let sb = b * scale
    guard abs(sa) < 4e15, abs(sb) < 4e15 else { break }
    let ra = sa.rounded()
    let rb = sb.rounded()
    if ra / scale == a, rb / scale == b { return (ra + rb) / scale }
    scale *= 10
  }
  return a + b
}
