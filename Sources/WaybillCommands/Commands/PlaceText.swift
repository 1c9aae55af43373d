import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Where an annotation is, in a few words: `box 12,30 76x31`.
enum PlaceText {
  /// The place of an annotation; nil when it has none.
  static func of(_ annotation: Annotation) -> String? {
    var parts: [String] = []
    if let shape = annotation.shape {
      parts.append(text(shape))
    } else if let keypoints = annotation.keypoints {
      parts.append("keypoints \(extent(Bounds.box(around: keypoints))) (\(keypoints.points.count) points)")
    } else if let box = annotation.box {
      parts.append("box \(extent(box))")
    }
    if let span = annotation.span { parts.append("span \(span.start)-\(span.end)") }
    switch annotation.time {
    case .frame(let frame): parts.append("frame \(frame)")
    case .instant(let moment): parts.append("at \(number(moment.seconds)) s")
    case .interval(let start, let end): parts.append("\(number(start.seconds))-\(number(end.seconds)) s")
    case nil: break
    }
    if let link = annotation.link { parts.append("from \(id(link.source)) to \(id(link.target))") }
    if let reference = annotation.reference { parts.append("in \(terminalSafe(reference))") }
    return parts.isEmpty ? nil : parts.joined(separator: ", ")
  }

  private static func text(_ shape: Shape) -> String {
    switch shape {
    case .rotatedBox(let box): "rotated box \(extent(Bounds.box(around: shape))) at \(number(box.angleDegrees)) degrees"
    case .polygon(let polygon): "polygon \(extent(Bounds.box(around: shape))) (\(polygon.coordinates.count / 2) points)"
    case .polyline(let line): "polyline \(extent(Bounds.box(around: shape))) (\(line.coordinates.count / 2) points)"
    case .circle: "circle \(extent(Bounds.box(around: shape)))"
    case .ellipse: "ellipse \(extent(Bounds.box(around: shape)))"
    case .point(let point): "point \(coordinate(point.x, point.unit)),\(coordinate(point.y, point.unit))"
    case .mask: "mask \(extent(Bounds.box(around: shape)))"
    }
  }

  /// Left, top, width and height of a box.
  private static func extent(_ box: Box?) -> String {
    guard let box = box?.converted(to: .extent) else { return "of nothing" }
    return "\(coordinate(box.first, box.unit)),\(coordinate(box.second, box.unit)) "
      + "\(coordinate(box.third, box.unit))x\(coordinate(box.fourth, box.unit))"
  }

  private static func coordinate(_ value: Double, _ unit: CoordinateUnit) -> String {
    unit == .pixels ? number(value) : "\(number(value * 100))%"
  }

  /// An id as people write it.
  static func id(_ id: RecordID) -> String {
    switch id {
    case .integer(let number): "\(number)"
    case .string(let text): terminalSafe(text)
    }
  }

  /// A number from 0 to 1 with two decimals; what is less than 1 never looks like it.
  static func share(_ value: Double) -> String {
    let hundredths = value >= 1 ? 100 : min(99, Int((max(value, 0) * 100).rounded()))
    return "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
  }

  /// A number with at most two decimals.
  static func number(_ value: Double) -> String {
    guard value.magnitude < 1e12 else { return "\(value)" }
    let rounded = (value * 100).rounded() / 100
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}
