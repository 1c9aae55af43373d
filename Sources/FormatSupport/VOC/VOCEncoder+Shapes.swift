import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension VOCEncoder {
  /// Writes `bndbox`.
  mutating func writeBox(_ box: Box, _ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer) {
    var box = box.converted(to: .corners)
    if box.unit == .unit {
      guard let size = size() else { return }
      box = box.converted(to: .pixels, width: size.x, height: size.y)
    }
    if dialect.origin == 1 {
      box.first = decimalSum(box.first, 1)
      box.second = decimalSum(box.second, 1)
    }
    guard finite(box.first) != nil, finite(box.second) != nil, finite(box.third) != nil, finite(box.fourth) != nil else { return }
    guard box.third >= box.first, box.fourth >= box.second else { return negative("box") }
    let level = object.level + 2
    begin("bndbox", attributes, level: level - 1, &out)
    let tokens = object.box.isEmpty ? corners : object.box
    var written = 0
    for token in tokens {
      switch token {
      case .xml(let xml, let isVerbatim): if !object.box.isEmpty { append(xml, isVerbatim, level: level, &out) }
      case .element(let name, let text, let attributes):
        guard let corner = VOCEncoder.cornerNames.firstIndex(where: { $0.description == name }) else { continue }
        writeCorner(corner, box, object.box.isEmpty ? nil : text, attributes, level, &out)
        written |= 1 << corner
      }
    }
    for corner in 0..<4 where written & 1 << corner == 0 { writeCorner(corner, box, nil, "", level, &out) }
    end("bndbox", level: level - 1, &out)
  }

  private static let cornerNames: [StaticString] = ["xmin", "ymin", "xmax", "ymax"]

  private mutating func writeCorner(
    _ corner: Int, _ box: Box, _ text: String?, _ attributes: String, _ level: Int, _ out: inout ByteBuffer
  ) {
    switch corner {
    case 0: number("xmin", box.first, text, attributes, fraction: keepsFraction, level: level, &out)
    case 1: number("ymin", box.second, text, attributes, fraction: keepsFraction, level: level, &out)
    case 2: number("xmax", box.third, text, attributes, fraction: keepsFraction, level: level, &out)
    default: number("ymax", box.fourth, text, attributes, fraction: keepsFraction, level: level, &out)
    }
  }

  private mutating func size() -> (x: Double, y: Double)? {
    if let width = document.width, let height = document.height { return (Double(width), Double(height)) }
    report("voc.write.no-size", "Shares of the image become pixels only when the size of the image is known")
    return nil
  }

  /// Writes any other shape.
  mutating func writeShape(
    _ shape: Shape, named name: String, _ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer
  ) {
    switch shape {
    case .polygon(let polygon):
      guard polygon.ringEnds.isEmpty else { return unwritable("polygon of several rings") }
      guard polygon.coordinates.count >= 6 else { return unwritable("polygon of fewer than three points") }
      writePoints("polygon", polygon.coordinates, polygon.unit, attributes, object, &out)
    case .polyline(let line):
      guard line.coordinates.count >= 4 else { return unwritable("line of fewer than two points") }
      let isLine = line.coordinates.count == 4 && name != "polyline"
      writePoints(line.isDashed ? "dashed" : isLine ? "line" : "polyline", line.coordinates, line.unit, attributes, object, &out)
    case .point(let point):
      guard object.annotation.box == nil else { return unwritable("point beside a box") }
      guard let scale = scale(point.unit) else { return }
      write("point", [("x", point.x * scale.x), ("y", point.y * scale.y)], attributes, object, &out)
    case .circle(let circle):
      guard let scale = scale(circle.unit), scale.x == scale.y else {
        return unwritable("circle in shares of an image that is not square")
      }
      guard circle.radius >= 0 else { return negative("circle") }
      write(
        "circle", [("cx", circle.centerX * scale.x), ("cy", circle.centerY * scale.y), ("r", circle.radius * scale.x)], attributes,
        object,
        &out)
    case .rotatedBox(let box):
      guard let scale = scale(box.unit), scale.x == scale.y || box.angleDegrees == 0 else {
        return unwritable("turned box in shares of an image that is not square")
      }
      guard box.width >= 0, box.height >= 0 else { return negative("turned box") }
      let angle = VOCSpelled.radians(of: box.angleDegrees)
      write(
        "robndbox",
        [
          ("cx", box.centerX * scale.x), ("cy", box.centerY * scale.y), ("w", box.width * scale.x), ("h", box.height * scale.y),
          ("angle", angle.radians),
        ], attributes, object, degrees: angle.degrees, &out)
    case .ellipse: unwritable("ellipse")
    case .mask: unwritable("mask")
    }
  }

  private mutating func negative(_ what: String) {
    report("voc.write.negative", "The \(what) has a negative width, height or radius")
  }

  private mutating func unwritable(_ what: String) {
    report("voc.write.shape", "Pascal VOC has no element for a \(what)")
  }

  /// Factors to pixels; 1 for what is in pixels.
  private mutating func scale(_ unit: CoordinateUnit) -> (x: Double, y: Double)? { unit == .pixels ? (1, 1) : size() }

  private mutating func writePoints(
    _ name: StaticString, _ coordinates: [Double], _ unit: CoordinateUnit, _ attributes: String, _ object: VOCObjectWriting,
    _ out: inout ByteBuffer
  ) {
    guard let scale = scale(unit) else { return }
    if !object.shape.isEmpty {
      var values: [(String, Double)] = []
      for (index, value) in coordinates.enumerated() {
        values.append((index % 2 == 0 ? "x\(index / 2 + 1)" : "y\(index / 2 + 1)", value * (index % 2 == 0 ? scale.x : scale.y)))
      }
      return write(name, values, attributes, object, &out)
    }
    let level = object.level + 2
    begin(name, attributes, level: level - 1, &out)
    for (index, value) in coordinates.enumerated() {
      let isX = index % 2 == 0
      guard let value = finite(value * (isX ? scale.x : scale.y)) else { return }
      let axis: UInt8 = isX ? 0x78 : 0x79
      indent(level, &out)
      out.append(UInt8(ascii: "<"))
      out.append(axis)
      out.append(decimal: index / 2 + 1)
      out.append(UInt8(ascii: ">"))
      out.append(value)
      out.append("</")
      out.append(axis)
      out.append(decimal: index / 2 + 1)
      out.append(">\n")
    }
    end(name, level: level - 1, &out)
  }

  /// Writes named numbers, in the order and spelling of the file where they are still the same ones.
  private mutating func write(
    _ name: StaticString, _ values: [(name: String, value: Double)], _ attributes: String, _ object: VOCObjectWriting,
    degrees: Double? = nil, _ out: inout ByteBuffer
  ) {
    for (_, value) in values where finite(value) == nil { return }
    let level = object.level + 2
    begin(name, attributes, level: level - 1, &out)
    var names: [String] = []
    for case .element(let name, _, _) in object.shape { names.append(name) }
    let isNumberedPoint = names.sorted() == ["x1", "y1"] && values.map(\.name) == ["x", "y"]
    if isNumberedPoint || names.sorted() == values.map(\.name).sorted() {
      for token in object.shape {
        switch token {
        case .xml(let xml, let isVerbatim): append(xml, isVerbatim, level: level, &out)
        case .element(let spelled, let text, _):
          let key = isNumberedPoint ? String(spelled.prefix(1)) : spelled
          guard let value = values.first(where: { $0.name == key })?.value else { continue }
          writeNumber(spelled, value, text, key == "angle" ? degrees : nil, level, &out)
        }
      }
    } else {
      for (name, value) in values { writeNumber(name, value, nil, name == "angle" ? degrees : nil, level, &out) }
    }
    end(name, level: level - 1, &out)
  }

  private mutating func writeNumber(
    _ name: String, _ value: Double, _ text: String?, _ degrees: Double?, _ level: Int, _ out: inout ByteBuffer
  ) {
    indent(level, &out)
    out.append(UInt8(ascii: "<"))
    out.append(name)
    let spelled = text.flatMap { text in
      var text = text
      let number = text.withUTF8 { VOCSpelled.number(VOCTree.trim($0)) }
      // An angle of the file's own that gives the same degrees stands for them.
      let isSame =
        name == "angle" ? number.map { $0 * 180 / .pi == value * 180 / .pi || degrees == $0 * 180 / .pi } == true : number == value
      return isSame ? text : nil
    }
    if let degrees, spelled == nil {
      out.append(" degrees=\"")
      out.append(degrees)
      out.append(UInt8(ascii: "\""))
    }
    out.append(UInt8(ascii: ">"))
    if let spelled { append(spelled, "angle", &out) } else { out.append(value) }
    out.append("</")
    out.append(name)
    out.append(">\n")
  }
}
