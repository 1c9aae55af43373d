import WaybillDatasetModel
import WaybillDiagnostics

/// A box that a sample has, with what must be the same for another to be the same again.
struct SeenBox: Hashable {
  var label: LabelID?
  var left: Double
  var top: Double
  var width: Double
  var height: Double
  var time: TimeExtent?
  var track: TrackID?
}

extension StatisticsTally {
  /// Notes the box of an annotation, or the box around its shape.
  func note(
    _ box: Box, _ annotation: Annotation, _ index: Int, in sample: Sample, _ size: Size?, _ places: inout Set<SeenBox>
  ) {
    let edges = Edges(box)
    func report(_ problem: String, _ message: String) {
      suspect(problem, "Annotation \(index + 1) of \"\(terminalSafe(sample.key))\" \(message)", sample)
    }
    if edges.width <= 0 || edges.height <= 0 {
      report("zero-size", "has a box without an area")
    } else if case .mask = annotation.shape {
      // Masks that share their bounds are not the same masks.
    } else if annotation.shape == nil {
      let seen = SeenBox(
        label: annotation.label, left: edges.left, top: edges.top, width: edges.width, height: edges.height,
        time: annotation.time, track: annotation.track)
      if !places.insert(seen).inserted { report("duplicate-box", "has the label and the box of an earlier one") }
    }
    measure(edges, size)
    // Half a pixel is rounding; a thousandth where the picture's size is not known.
    let pixel = size.map { (x: 1 / Double($0.width), y: 1 / Double($0.height)) }
    guard let relative = edges.relative(to: size) else { return }
    let (slackX, slackY) = pixel.map { ($0.x / 2, $0.y / 2) } ?? (0.001, 0.001)
    if relative.left < -slackX || relative.top < -slackY || relative.left + relative.width > 1 + slackX
      || relative.top + relative.height > 1 + slackY
    {
      report("outside", "reaches beyond the picture")
    }
    let (x, y) = (relative.left + relative.width / 2, relative.top + relative.height / 2)
    if x >= 0, x <= 1, y >= 0, y <= 1 {
      let last = Double(StatisticsTally.gridSize - 1)
      let column = min(last, (x * Double(StatisticsTally.gridSize)).rounded(.down))
      let row = min(last, (y * Double(StatisticsTally.gridSize)).rounded(.down))
      cells.append(UInt16(row) * UInt16(StatisticsTally.gridSize) + UInt16(column))
    }
  }

  private func measure(_ edges: Edges, _ size: Size?) {
    let (width, height) = (edges.width, edges.height)
    guard width > 0, height > 0 else { return }
    if let relative = edges.relative(to: size) { add(relative.width * relative.height, .boxShare) }
    guard let pixels = edges.pixels(in: size) else { return }
    add(pixels.width, .boxWidth)
    add(pixels.height, .boxHeight)
    add(pixels.width * pixels.height, .boxArea)
    add(pixels.width / pixels.height, .boxAspect)
  }

  /// A box by its top left corner and its sides.
  struct Edges {
    var left: Double
    var top: Double
    var width: Double
    var height: Double
    var unit: CoordinateUnit

    init(_ box: Box) {
      unit = box.unit
      switch box.form {
      case .corners: (left, top, width, height) = (box.first, box.second, box.third - box.first, box.fourth - box.second)
      case .extent: (left, top, width, height) = (box.first, box.second, box.third, box.fourth)
      case .centered:
        (left, top, width, height) = (box.first - box.third / 2, box.second - box.fourth / 2, box.third, box.fourth)
      }
    }

    private func scaled(_ x: Double, _ y: Double, _ unit: CoordinateUnit) -> Edges {
      var result = self
      (result.left, result.top, result.width, result.height) = (left * x, top * y, width * x, height * y)
      result.unit = unit
      return result
    }

    /// The box in shares of its picture; nil when the size is needed and not known.
    func relative(to size: Size?) -> Edges? {
      if unit == .unit { return self }
      return size.map { scaled(1 / Double($0.width), 1 / Double($0.height), .unit) }
    }

    /// The box in pixels; nil when the size is needed and not known.
    func pixels(in size: Size?) -> Edges? {
      if unit == .pixels { return self }
      return size.map { scaled(Double($0.width), Double($0.height), .pixels) }
    }
  }
}
