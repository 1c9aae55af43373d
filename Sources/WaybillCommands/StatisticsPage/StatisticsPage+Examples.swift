import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillFormatSupport

extension StatisticsPage {
  private static let shapeLimit = 300
  private static let pointLimit = 4000

  /// Labeled pictures with what is said about them drawn on; a frame of the same proportion where there is no picture.
  var examples: String {
    guard !report.examples.isEmpty else { return "" }
    return "<div class=\"cards\">\n" + report.examples.map(card).joined() + "</div>\n"
  }

  private func card(_ example: PictureExample) -> String {
    let (width, height) = (example.width, example.height)
    let sample = example.sample
    let key = HTMLText.escaped(sample.key)
    var text = "<figure><svg viewBox=\"0 0 \(width) \(height)\" role=\"img\" "
    text += "aria-label=\"\(key): \(counted(sample.annotations.count, "annotation"))\">"
    if let picture = example.picture {
      text += "<image width=\"\(width)\" height=\"\(height)\" preserveAspectRatio=\"none\" "
      text += "href=\"data:image/\(picture.kind.rawValue);base64,\(HTMLText.base64(picture.bytes))\"/>"
    } else {
      text += "<path class=\"frame\" d=\"M0 0H\(width)V\(height)H0ZL\(width) \(height)M\(width) 0L0 \(height)\"/>"
    }
    var points = StatisticsPage.pointLimit
    for annotation in sample.annotations.prefix(StatisticsPage.shapeLimit) {
      text += drawing(of: annotation, Double(width), Double(height), &points)
    }
    text += "</svg>\n<figcaption>\(key)"
    var seen: [LabelID: Int] = [:]
    var order: [LabelID] = []
    for annotation in sample.annotations {
      guard let label = annotation.label else { continue }
      if seen[label] == nil { order.append(label) }
      seen[label, default: 0] += 1
    }
    text += "<span>"
    for label in order.prefix(8) where Int(label.index) < report.labels.count {
      let position = Int(label.index)
      text += "<b><i class=\"dot\" style=\"background:\(color(position))\"></i>"
      text +=
        "\(HTMLText.escaped(report.labels[position].label.name, limit: 32))\((seen[label] ?? 0) > 1 ? " × \(seen[label] ?? 0)" : "")</b> "
    }
    if order.count > 8 { text += "<b>and \(order.count - 8) more</b>" }
    return text + "</span></figcaption></figure>\n"
  }

  private func drawing(of annotation: Annotation, _ width: Double, _ height: Double, _ points: inout Int) -> String {
    let position = annotation.label.map { Int($0.index) }
    let paint = position.map(color) ?? "#888"
    let name = position.flatMap { $0 < report.labels.count ? report.labels[$0].label.name : nil } ?? ""
    var path = ""
    var isOpen = false
    var isArea = false
    switch annotation.shape {
    case .polygon(let polygon):
      for ring in 0..<polygon.ringCount {
        path += line(Array(polygon.coordinates[polygon.ring(ring)]), polygon.unit, width, height, &points) + "Z"
      }
    case .polyline(let polyline):
      path = line(polyline.coordinates, polyline.unit, width, height, &points)
      isOpen = true
    case .rotatedBox, .circle, .ellipse:
      if let polygon = annotation.shape.flatMap(Outlines.polygon) {
        path = line(polygon.coordinates, polygon.unit, width, height, &points) + "Z"
      }
    case .point(let point): path = dot(point.x, point.y, point.unit, width, height, &points)
    case .mask(let mask):
      path = area(of: mask, &points)
      isArea = !path.isEmpty
    case nil: break
    }
    if path.isEmpty, let box = annotation.box {
      let corners = Outlines.polygon(for: box)
      path = line(corners.coordinates, corners.unit, width, height, &points) + "Z"
    }
    for point in annotation.keypoints?.points ?? [] where point.visibility != 0 {
      path += dot(point.x, point.y, annotation.keypoints?.unit ?? .pixels, width, height, &points)
    }
    guard path.count > 1 else { return "" }
    // A mask has no line about each of its columns.
    let kind = isArea ? " class=\"area\"" : ""
    return
      "<path\(kind) d=\"\(path)\" stroke=\"\(paint)\" fill=\"\(isOpen ? "none" : paint)\"><title>\(HTMLText.escaped(name))</title></path>"
  }

  private func line(
    _ coordinates: [Double], _ unit: CoordinateUnit, _ width: Double, _ height: Double, _ points: inout Int
  ) -> String {
    guard coordinates.count >= 4, points >= coordinates.count / 2 else { return "" }
    points -= coordinates.count / 2
    var text = "M"
    for index in stride(from: 0, to: coordinates.count - 1, by: 2) {
      if index > 0 { text += "L" }
      text += place(coordinates[index], unit == .unit ? width : 1) + " " + place(coordinates[index + 1], unit == .unit ? height : 1)
    }
    return text
  }

  /// A small square about a point.
  private func dot(
    _ x: Double, _ y: Double, _ unit: CoordinateUnit, _ width: Double, _ height: Double, _ points: inout Int
  ) -> String {
    guard points > 0 else { return "" }
    points -= 1
    let (x, y) = unit == .unit ? (x * width, y * height) : (x, y)
    let half = max(width, height) / 150
    return "M\(place(x - half, 1)) \(place(y - half, 1))h\(place(half * 2, 1))v\(place(half * 2, 1))h\(place(half * -2, 1))z"
  }

  /// The columns of a mask; nothing, so that the box is drawn, when they are too many.
  private func area(of mask: Mask, _ points: inout Int) -> String {
    guard let runs = try? RunLength.runs(of: mask), mask.height > 0, runs.count / 2 <= points else { return "" }
    points -= runs.count / 2
    var text = ""
    var start = 0
    for (index, run) in runs.enumerated() {
      var (at, left) = (start, Int(run))
      // A run may go on over the next columns; what fills whole columns is one rectangle.
      while index % 2 == 1, left > 0 {
        let (column, row) = (at / mask.height, at % mask.height)
        let columns = row == 0 ? max(1, left / mask.height) : 1
        let count = row == 0 && left >= mask.height ? columns * mask.height : min(left, mask.height - row)
        text += "M\(column) \(row)h\(columns)v\(columns > 1 || count == mask.height ? mask.height : count)h-\(columns)z"
        at += count
        left -= count
      }
      start += Int(run)
    }
    return text
  }

  /// A coordinate with two decimals at most, near enough to the picture to be drawn.
  private func place(_ value: Double, _ scale: Double) -> String {
    var out = ByteBuffer()
    let scaled = value * scale
    out.append(((scaled.isNaN ? 0 : min(1e6, max(-1e6, scaled))) * 100).rounded() / 100 + 0)
    return out.string()
  }
}
