import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

extension VOCDecoder {
  /// Reads where an object is: a box, another shape, or both.
  mutating func readPlace(_ element: Int, _ object: inout VOCObject) {
    if object.box >= 0 {
      readBox(object.box, &object)
      // VOC2011 marks a point on each person beside the box.
      if object.point >= 0 { object.isPlain = false }
    } else if object.point >= 0 {
      if object.shape >= 0 {
        report(.error, "voc.object.two-shapes", "An object has one place; \"point\" is a second one", object.point)
        object.isBad = true
      } else {
        object.shape = object.point
      }
    }
    if object.shape >= 0 { readShape(object.shape, &object) }
    if object.box < 0, object.shape < 0, !object.isBad, !dialect.readsMaskColors || maskColor(of: object) == nil {
      report(
        .error, "voc.object.no-shape", "An \(shown(element)) has a \"bndbox\" or another shape; this one has none", element)
      object.isBad = true
    }
  }

  /// The colour of an object's mask.
  func maskColor(of object: VOCObject) -> UInt32? {
    object.maskColor < 0 ? nil : VOCMaskColor.color(tree.trimmed(object.maskColor))
  }

  private mutating func readBox(_ element: Int, _ object: inout VOCObject) {
    var values = (0.0, 0.0, 0.0, 0.0)
    var seen = 0
    var order: UInt16 = 0
    var isExact = true
    var scratch = ByteBuffer(capacity: 32)
    var child = tree.firstChild(element)
    if !hasSeenBox { chooseFraction(element) }
    while child >= 0 {
      let corner = VOCDecoder.corner(tree.name(child))
      guard corner < 4 else {
        isExact = false
        child = tree.next(child)
        continue
      }
      if seen & 1 << corner != 0 {
        duplicate(child, of: element)
        object.isBad = true
      }
      seen |= 1 << corner
      order = order &<< 4 | UInt16(truncatingIfNeeded: corner)
      guard let value = coordinate(child, &object) else { return }
      if !VOCSpelled.isCanonical(tree.text(child), value, fraction: keepsFraction, &scratch) || tree.hasAttributes(child) {
        isExact = false
      }
      switch corner {
      case 0: values.0 = value
      case 1: values.1 = value
      case 2: values.2 = value
      default: values.3 = value
      }
      child = tree.next(child)
    }
    if tree.hasStrayText(element) { stray(element) }
    guard seen == 15 else {
      let missing = (0..<4).filter { seen & 1 << $0 == 0 }.map { ["xmin", "ymin", "xmax", "ymax"][$0] }.joined(separator: ", ")
      report(.error, "voc.box.corner", "A box has xmin, ymin, xmax and ymax; this one lacks \(missing)", element)
      object.isBad = true
      return
    }
    guard !object.isBad else { return }
    place(values, element, &object)
    keepCorners(element, isExact ? order : 0xFFFF, &object)
  }

  private mutating func place(_ corners: (Double, Double, Double, Double), _ element: Int, _ object: inout VOCObject) {
    var (x0, y0) = (corners.0, corners.1)
    let (x1, y1) = (corners.2, corners.3)
    if x1 < x0 || y1 < y0 {
      let axis = x1 < x0 ? "x" : "y"
      report(.error, "voc.box.negative", "The box has an \(axis)max below its \(axis)min", element)
      object.isBad = true
      return
    }
    if dialect.origin == 1 {
      x0 = decimalSum(x0, -1)
      y0 = decimalSum(y0, -1)
    }
    if x0 < 0 || y0 < 0 || x1 > Double(document.width ?? .max) || y1 > Double(document.height ?? .max) {
      report(.warning, "voc.box.outside", "The box reaches over the edge of the image", element)
    }
    object.annotation.box = Box(x0, y0, x1, y1, form: .corners)
  }

  /// The corner a name means: 0 to 3 for xmin, ymin, xmax, ymax; 4 for none.
  @inline(__always) private static func corner(_ name: UnsafeBufferPointer<UInt8>) -> Int {
    guard name.count == 4, name[1] == 0x6D else { return 4 }
    let axis = name[0] == 0x78 ? 0 : name[0] == 0x79 ? 1 : 4
    if name[2] == 0x69, name[3] == 0x6E { return min(axis, 4) }
    if name[2] == 0x61, name[3] == 0x78 { return min(axis &+ 2, 4) }
    return 4
  }

  /// The first box of a file says whether whole numbers carry `.0`.
  private mutating func chooseFraction(_ element: Int) {
    hasSeenBox = true
    var child = tree.firstChild(element)
    var count = 0
    while child >= 0 {
      let text = tree.text(child)
      guard text.contains(0x2E), !text.contains(0x65) else { return }
      if text.count > 2, text[text.count &- 2] == 0x2E, text[text.count &- 1] == 0x30 { count &+= 1 }
      child = tree.next(child)
    }
    guard count > 0 else { return }
    keepsFraction = true
    members.append(("fraction", Array("true".utf8)))
  }

  /// Keeps the order of a box's elements where it is not that of the first box.
  private mutating func keepCorners(_ element: Int, _ order: UInt16, _ object: inout VOCObject) {
    if order == corners { return }
    var tokens: [VOCToken] = []
    var scratch = ByteBuffer(capacity: 32)
    var child = tree.firstChild(element)
    while child >= 0 {
      if VOCDecoder.corner(tree.name(child)) == 4 {
        tokens.append(tree.token(child))
      } else {
        let isExact = VOCSpelled.number(tree.trimmed(child)).map {
          VOCSpelled.isCanonical(tree.text(child), $0, fraction: keepsFraction, &scratch)
        }
        tokens.append(self.element(child, text: isExact == true ? nil : tree.text(child)))
      }
      child = tree.next(child)
    }
    if order != 0xFFFF, corners == VOCTemplate.canonicalCorners, !hasSeenObject, object.annotation.partOf == nil,
      document.annotations.isEmpty
    {
      corners = order
      addMember("corners", tokens: tokens)
    } else {
      object.members.append(("box", VOCToken.json(tokens)))
    }
  }

  /// Reads one coordinate.
  private mutating func coordinate(_ element: Int, _ object: inout VOCObject) -> Double? {
    if let value = VOCSpelled.number(tree.trimmed(element)) { return value }
    report(
      .error, "voc.box.number", "The coordinate \"\(shown(element))\" is a finite number, not \"\(shownText(element))\"", element)
    object.isBad = true
    return nil
  }

  // MARK: Other shapes

  private mutating func readShape(_ element: Int, _ object: inout VOCObject) {
    let name = tree.name(element)
    if name.equals("circle") {
      readFixed(element, ["cx", "cy", "r"], &object) { .circle(Circle(centerX: $0[0], centerY: $0[1], radius: $0[2])) }
    } else if name.equals("point") {
      let isNumbered = tree.firstChild(element) >= 0 && tree.name(tree.firstChild(element)).count == 2
      readFixed(element, isNumbered ? ["x1", "y1"] : ["x", "y"], &object) { .point(Point(x: $0[0], y: $0[1])) }
      if isNumbered { keepShape(element, &object) }
    } else if name.equals("robndbox") {
      readRotated(element, &object)
    } else {
      readPoints(element, name, &object)
    }
  }

  private mutating func readRotated(_ element: Int, _ object: inout VOCObject) {
    var degrees: Double?
    if let angle = tree.reader.firstChild(of: element, named: "angle") {
      degrees = tree.reader.attribute(of: angle, named: "degrees").flatMap { VOCSpelled.number($0) }
    }
    readFixed(element, ["cx", "cy", "w", "h", "angle"], &object) { values in
      let turned = values[4] * 180 / .pi
      let angle = degrees.map { abs($0 - turned) <= 1e-9 * max(1, abs(turned)) ? $0 : turned } ?? turned
      return .rotatedBox(
        RotatedBox(centerX: values[0], centerY: values[1], width: values[2], height: values[3], angleDegrees: angle))
    }
    guard case .rotatedBox(let box) = object.annotation.shape else { return }
    if degrees == nil, VOCSpelled.radians(of: box.angleDegrees).degrees != nil { keepShape(element, &object) }
    if box.width < 0 || box.height < 0 {
      report(.error, "voc.box.negative", "The turned box has a negative width or height", element)
      object.isBad = true
    }
  }

  /// Reads a shape of named numbers.
  private mutating func readFixed(
    _ element: Int, _ names: [String], _ object: inout VOCObject, _ make: ([Double]) -> Shape
  ) {
    var values = [Double](repeating: 0, count: names.count)
    var seen = 0
    var isExact = true
    var next = 0
    var scratch = ByteBuffer(capacity: 32)
    var child = tree.firstChild(element)
    while child >= 0 {
      let name = tree.name(child)
      if let index = names.firstIndex(where: { name.elementsEqual($0.utf8) }) {
        if seen & 1 << index != 0 {
          duplicate(child, of: element)
          object.isBad = true
        }
        seen |= 1 << index
        if index != next { isExact = false }
        next += 1
        guard let value = coordinate(child, &object) else { return }
        if !VOCSpelled.isCanonical(tree.text(child), value, &scratch) { isExact = false }
        if tree.hasAttributes(child), names[index] != "angle" { unkept(child) }
        values[index] = value
      } else {
        isExact = false
      }
      child = tree.next(child)
    }
    guard seen == 1 << names.count &- 1 else {
      report(
        .error, "voc.shape.number", "A \(shown(element)) has \(names.joined(separator: ", ")), each once", element)
      object.isBad = true
      return
    }
    let shape = make(values)
    if case .circle(let circle) = shape, circle.radius < 0 {
      report(.error, "voc.box.negative", "The circle has a negative radius", element)
      object.isBad = true
    }
    object.annotation.shape = shape
    if !isExact { keepShape(element, &object) }
  }

  /// Keeps the order and the spellings of a shape's numbers.
  mutating func keepShape(_ element: Int, _ object: inout VOCObject) {
    guard !object.members.contains(where: { $0.name.description == "shape" }) else { return }
    var tokens: [VOCToken] = []
    var scratch = ByteBuffer(capacity: 32)
    var child = tree.firstChild(element)
    while child >= 0 {
      if let value = tree.firstChild(child) < 0 ? VOCSpelled.number(tree.trimmed(child)) : nil,
        VOCShapePoints.isName(tree.name(child))
      {
        let isExact = VOCSpelled.isCanonical(tree.text(child), value, &scratch) && !tree.isNamed(child, "angle")
        tokens.append(
          .element(name: String(decoding: tree.name(child), as: UTF8.self), text: isExact ? nil : text(child), attributes: ""))
      } else {
        tokens.append(tree.token(child))
      }
      child = tree.next(child)
    }
    object.members.append(("shape", VOCToken.json(tokens)))
  }

  private func text(_ element: Int) -> String { String(decoding: tree.text(element), as: UTF8.self) }
}
