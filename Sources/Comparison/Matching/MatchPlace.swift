import WaybillDatasetModel

/// Where an annotation is, as far as matching looks: the bounds of its shape, its range of text, its time, and what it joins.
struct MatchPlace: Hashable {
  /// An upright box, or a stretch whose height is zero.
  struct Extent: Hashable {
    var x0: Double
    var y0: Double
    var x1: Double
    var y1: Double

    /// How much two boxes overlap: the part they share of what both cover, 0 to 1.
    func overlap(_ other: Extent) -> Double {
      if self == other { return 1 }
      let width = min(x1, other.x1) - max(x0, other.x0)
      let height = min(y1, other.y1) - max(y0, other.y0)
      guard width > 0, height > 0 else { return 0 }
      let shared = width * height
      let whole = (x1 - x0) * (y1 - y0) + (other.x1 - other.x0) * (other.y1 - other.y0) - shared
      // Sizes whose product is beyond a double say nothing.
      return whole.isFinite && whole > 0 ? shared / whole : 0
    }

    /// How much two stretches overlap, 0 to 1.
    func overlapAlong(_ other: Extent) -> Double {
      if x0 == other.x0, x1 == other.x1 { return 1 }
      let shared = min(x1, other.x1) - max(x0, other.x0)
      let whole = max(x1, other.x1) - min(x0, other.x0)
      return shared > 0 && whole.isFinite ? shared / whole : 0
    }
  }

  /// One end of a relation.
  enum End: Hashable {
    /// The annotation at a position of the old sample, or the one of the new sample that is matched with it.
    case old(Int)
    /// An annotation of the new sample without a match.
    case new(Int)
    /// No annotation has this id.
    case unknown(RecordID)
  }

  /// Points and lines are taken to be at least as wide and high as this many pixels, so that they can overlap.
  static let leastLineSize = 16.0
  /// An instant stands for this many seconds around it.
  static let instantSeconds = 1.0

  /// Bounds of the shape in pixels, or in thousandths of the image where its size is not known.
  var space: Extent?
  /// Whether ``space`` is in thousandths of an image.
  var isShare = false
  /// The range of text.
  var span: Extent?
  /// What positions of the range count, when it is not scalars.
  var spanUnit: TextSpan.Unit?
  /// The time in seconds.
  var time: Extent?
  /// The frame.
  var frame: Int?
  /// Where a relation leads from.
  var from: End?
  /// Where a relation leads to.
  var to: End?

  /// Whether nothing is said of where it is.
  var isNowhere: Bool { space == nil && span == nil && time == nil && frame == nil && from == nil }

  /// How much two places overlap, 0 to 1: the product over all that both say.
  func overlap(_ other: MatchPlace) -> Double {
    guard frame == other.frame, from == other.from, to == other.to, isShare == other.isShare, spanUnit == other.spanUnit else {
      return 0
    }
    var product = 1.0
    var isSaid = frame != nil || from != nil
    if let space, let others = other.space {
      product *= space.overlap(others)
      isSaid = true
    }
    if let span, let others = other.span {
      product *= span.overlapAlong(others)
      isSaid = true
    }
    if let time, let others = other.time {
      product *= time.overlapAlong(others)
      isSaid = true
    }
    return isSaid ? product : 0
  }

  /// The same place with its bounds rounded, so that what is the same but for the form of its numbers is nearly always equal.
  var rounded: MatchPlace {
    func round(_ value: Double) -> Double { (value * 16).rounded() / 16 + 0.0 }
    var place = self
    place.space = space.map { Extent(x0: round($0.x0), y0: round($0.y0), x1: round($0.x1), y1: round($0.y1)) }
    return place
  }

  /// The distance between the middles of two bounds, in their unit; nil where either has none.
  func distance(to other: MatchPlace) -> Double? {
    guard let space, let others = other.space, isShare == other.isShare else { return nil }
    let x = (space.x0 + space.x1 - others.x0 - others.x1) / 2
    let y = (space.y0 + space.y1 - others.y0 - others.y1) / 2
    let distance = (x * x + y * y).squareRoot()
    return distance.isFinite ? distance : nil
  }
}
