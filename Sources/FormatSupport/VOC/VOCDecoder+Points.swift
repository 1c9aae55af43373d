import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Names of the numbers of shapes: `x12` is 22, `y12` is 23 in a list of coordinates.
enum VOCShapePoints {
  /// Position of a named coordinate among x1, y1, x2, y2 ...; nil for any other name.
  @inline(__always) static func position(_ name: UnsafeBufferPointer<UInt8>) -> Int? {
    guard name.count >= 2, name.count <= 9, name[0] == 0x78 || name[0] == 0x79, name[1] != 48 else { return nil }
    var number = 0
    for index in 1..<name.count {
      let digit = name[index] &- 48
      if digit > 9 { return nil }
      number = number &* 10 &+ Int(digit)
    }
    return (number &- 1) &* 2 &+ (name[0] == 0x79 ? 1 : 0)
  }

  /// Whether a name is that of a number of some shape.
  static func isName(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    if position(name) != nil { return true }
    for word in ["x", "y", "cx", "cy", "r", "w", "h", "angle"] where name.elementsEqual(word.utf8) { return true }
    return false
  }
}

extension VOCSpelled {
  /// The angle to write for degrees, and the degrees themselves when the radians alone would not give them back.
  static func radians(of degrees: Double) -> (radians: Double, degrees: Double?) {
    let radians = degrees * .pi / 180
    for candidate in [radians, radians.nextUp, radians.nextDown] where candidate * 180 / .pi == degrees { return (candidate, nil) }
    return (radians, degrees)
  }
}

extension VOCDecoder {
  /// Reads `polygon`, `line`, `polyline` or `dashed`: points numbered from 1, in any order.
  mutating func readPoints(_ element: Int, _ name: UnsafeBufferPointer<UInt8>, _ object: inout VOCObject) {
    var coordinates: [Double] = []
    var isExact = true
    var isOrdered = true
    var scratch = ByteBuffer(capacity: 32)
    var numbered: [(position: Int, value: Double, element: Int)] = []
    var child = tree.firstChild(element)
    while child >= 0 {
      if let position = VOCShapePoints.position(tree.name(child)) {
        guard let value = VOCSpelled.number(tree.trimmed(child)) else {
          report(
            .error, "voc.box.number", "The coordinate \"\(shown(child))\" is a finite number, not \"\(shownText(child))\"", child)
          object.isBad = true
          return
        }
        if !VOCSpelled.isCanonical(tree.text(child), value, &scratch) { isExact = false }
        if tree.hasAttributes(child) { unkept(child) }
        if isOrdered, position != coordinates.count {
          isOrdered = false
          for (index, value) in coordinates.enumerated() { numbered.append((index, value, element)) }
        }
        if isOrdered { coordinates.append(value) } else { numbered.append((position, value, child)) }
      } else {
        isExact = false
      }
      child = tree.next(child)
    }
    if tree.hasStrayText(element) { stray(element) }
    if !isOrdered {
      isExact = false
      numbered.sort { $0.position < $1.position }
      coordinates = numbered.map(\.value)
      if let wrong = numbered.indices.first(where: { numbered[$0].position != $0 }) {
        return badPoints(element, "numbers its points from 1 without a gap, x before y", numbered[wrong].element, &object)
      }
    }
    let least = name.equals("polygon") ? 6 : 4
    if coordinates.count % 2 != 0 { return badPoints(element, "has as many x as y", element, &object) }
    if coordinates.count < least || (name.equals("line") && coordinates.count != 4) {
      let count = name.equals("line") ? "two points" : name.equals("polygon") ? "three points or more" : "two points or more"
      return badPoints(element, "has \(count)", element, &object)
    }
    object.annotation.shape =
      name.equals("polygon")
      ? .polygon(Polygon(coordinates: coordinates))
      : .polyline(Polyline(coordinates: coordinates, isDashed: name.equals("dashed")))
    if name.equals("polyline"), coordinates.count == 4 { object.isPlain = false }
    if !isExact { keepShape(element, &object) }
  }

  private mutating func badPoints(_ element: Int, _ rule: String, _ place: Int, _ object: inout VOCObject) {
    report(.error, "voc.polygon.points", "A \(shown(element)) \(rule)", place)
    object.isBad = true
  }
}
