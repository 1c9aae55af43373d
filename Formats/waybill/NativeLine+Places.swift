import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension NativeLine {
  mutating func append(_ box: Box, since start: Int, to out: inout ByteBuffer) {
    switch box.form {
    case .corners: out.member("\"box\":[", since: start)
    case .extent: out.member("\"box_xywh\":[", since: start)
    case .centered: out.member("\"box_cxcywh\":[", since: start)
    }
    append(box.first, box.second, box.third, box.fourth, to: &out)
    out.append(UInt8(ascii: "]"))
  }

  private mutating func append(_ a: Double, _ b: Double, _ c: Double, _ d: Double, to out: inout ByteBuffer) {
    let isFinite = withUnsafeBytes(of: (a, b, c, d)) { out.append(numbers: $0.bindMemory(to: Double.self)) }
    if !isFinite { finite = .nan }
  }

  mutating func append(_ shape: Shape, since start: Int, to out: inout ByteBuffer) -> Problem? {
    switch shape {
    case .polygon(let polygon): return append(polygon, since: start, to: &out)
    case .rotatedBox(let box):
      out.member("\"rotated_box\":[", since: start)
      append(box.centerX, box.centerY, box.width, box.height, to: &out)
      append(",", box.angleDegrees, to: &out)
      out.append(UInt8(ascii: "]"))
    case .polyline(let line):
      if line.coordinates.count % 2 != 0 { return NativeLine.brokenRings }
      out.member("\"polyline\":", since: start)
      if !out.appendRing(line.coordinates, 0..<line.coordinates.count) { finite = .nan }
      if line.isDashed { out.append(",\"dashed\":true") }
    case .circle(let circle):
      out.member("\"circle\":[", since: start)
      append("", circle.centerX, to: &out)
      append(",", circle.centerY, to: &out)
      append(",", circle.radius, to: &out)
      out.append(UInt8(ascii: "]"))
    case .ellipse(let ellipse):
      out.member("\"ellipse\":[", since: start)
      append(ellipse.centerX, ellipse.centerY, ellipse.radiusX, ellipse.radiusY, to: &out)
      append(",", ellipse.angleDegrees, to: &out)
      out.append(UInt8(ascii: "]"))
    case .point(let point):
      out.member("\"point\":[", since: start)
      append("", point.x, to: &out)
      append(",", point.y, to: &out)
      out.append(UInt8(ascii: "]"))
    case .mask(let mask):
      out.member("\"mask\":{\"width\":", since: start)
      out.append(decimal: mask.width)
      out.append(",\"height\":")
      out.append(decimal: mask.height)
      switch mask.runs {
      case .compressed(let text):
        out.append(",\"rle\":")
        out.appendJSON(text)
        out.append(UInt8(ascii: "}"))
      case .counts(let runs):
        out.append(",\"runs\":[")
        for (index, run) in runs.enumerated() {
          if index > 0 { out.append(UInt8(ascii: ",")) }
          out.append(decimal: Int(run))
        }
        out.append("]}")
      }
    }
    return nil
  }

  private static let brokenRings: Problem = (
    "waybill.write.polygon", "Rings that do not lie one after the other in pairs of numbers cannot be written"
  )

  private mutating func append(_ polygon: Polygon, since start: Int, to out: inout ByteBuffer) -> Problem? {
    out.member("\"polygon\":[", since: start)
    var from = 0
    for index in 0..<polygon.ringCount {
      let to = index < polygon.ringEnds.count ? polygon.ringEnds[index] : polygon.coordinates.count
      guard to >= from, to <= polygon.coordinates.count, (to &- from) & 1 == 0 else { return NativeLine.brokenRings }
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if !out.appendRing(polygon.coordinates, from..<to) { finite = .nan }
      from = to
    }
    out.append(UInt8(ascii: "]"))
    if !polygon.holes.isEmpty {
      guard polygon.holes.allSatisfy({ $0 >= 0 && $0 < polygon.ringCount }) else {
        return ("waybill.write.polygon", "Holes that are not positions of rings cannot be written")
      }
      out.append(",\"holes\":")
      out.appendList(of: polygon.holes)
    }
    return nil
  }

  mutating func append(_ keypoints: Keypoints, since start: Int, to out: inout ByteBuffer) {
    out.member("\"keypoints\":[", since: start)
    for (index, point) in keypoints.points.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      append("[", point.x, to: &out)
      append(",", point.y, to: &out)
      if let visibility = point.visibility { append(",", visibility, to: &out) }
      out.append(UInt8(ascii: "]"))
    }
    out.append(UInt8(ascii: "]"))
  }

  /// Appends the units of places: one for all when it is the same, else one for each by name.
  func appendUnits(of annotation: Annotation, since start: Int, to out: inout ByteBuffer) {
    var units: [(name: StaticString, unit: CoordinateUnit)] = []
    if let box = annotation.box { units.append((AnnotationMember(form: box.form).name, box.unit)) }
    if let shape = annotation.shape, let name = AnnotationMember(placeOf: shape)?.name, let unit = shape.unit {
      units.append((name, unit))
    }
    if let keypoints = annotation.keypoints { units.append(("keypoints", keypoints.unit)) }
    if units.allSatisfy({ $0.unit == .unit }) { return out.member("\"unit\":\"unit\"", since: start) }
    out.member("\"unit\":{", since: start)
    for (index, (name, unit)) in units.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(UInt8(ascii: "\""))
      out.append(name)
      if unit == .unit { out.append("\":\"unit\"") } else { out.append("\":\"pixels\"") }
    }
    out.append(UInt8(ascii: "}"))
  }
}
