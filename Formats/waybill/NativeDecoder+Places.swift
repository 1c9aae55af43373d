import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// The units that a member `unit` gives: one for all places of an annotation, or one for each by name.
struct Units {
  var all: CoordinateUnit?
  var box: CoordinateUnit?
  var boxName: AnnotationMember?
  var shape: CoordinateUnit?
  var shapeName: AnnotationMember?
  var keypoints: CoordinateUnit?
  var offset: Int
}

extension NativeDecoder {
  /// Reads as many numbers as something has.
  mutating func numbers(_ count: Int, of what: @autoclosure () -> String) throws(JSONFault) -> NumberList {
    let start = scanner.offset
    let list = scratch.numbers
    list.removeAll()
    try list.read(&scanner, bytes, limit: line.upperBound)
    if list.count != count {
      throw broken("waybill.annotation.number-count", "\(what()); here are \(list.count)", at: start)
    }
    return list
  }

  private func warnIfNegative(_ a: Double, _ b: Double, _ what: String, at offset: Int) {
    if a < 0 || b < 0 { warn("waybill.annotation.negative-size", "The size of this \(what) is negative", at: offset) }
  }

  /// Reads a box in a form.
  mutating func box(_ form: Box.Form) throws(JSONFault) -> Box {
    let start = scanner.offset
    let list = try numbers(4, of: "A box is four numbers")
    let box = Box(list[0], list[1], list[2], list[3], form: form)
    if form == .corners {
      warnIfNegative(box.third - box.first, box.fourth - box.second, "box", at: start)
    } else {
      warnIfNegative(box.third, box.fourth, "box", at: start)
    }
    return box
  }

  /// Reads any other shape.
  mutating func shape(_ name: AnnotationMember) throws(JSONFault) -> Shape {
    let start = scanner.offset
    switch name {
    case .polygon: return .polygon(try polygon())
    case .polyline:
      let list = scratch.numbers
      list.removeAll()
      try list.read(&scanner, bytes, limit: line.upperBound)
      if list.count % 2 != 0 { throw oddCount("polyline", at: start) }
      return .polyline(Polyline(coordinates: list.array()))
    case .rotatedBox:
      let list = try numbers(5, of: "A rotated box is x and y of its centre, width, height and angle")
      warnIfNegative(list[2], list[3], "rotated box", at: start)
      return .rotatedBox(RotatedBox(centerX: list[0], centerY: list[1], width: list[2], height: list[3], angleDegrees: list[4]))
    case .circle:
      let list = try numbers(3, of: "A circle is x and y of its centre and a radius")
      warnIfNegative(list[2], 0, "circle", at: start)
      return .circle(Circle(centerX: list[0], centerY: list[1], radius: list[2]))
    case .ellipse:
      let list = try numbers(5, of: "An ellipse is x and y of its centre, two radii and an angle")
      warnIfNegative(list[2], list[3], "ellipse", at: start)
      return .ellipse(Ellipse(centerX: list[0], centerY: list[1], radiusX: list[2], radiusY: list[3], angleDegrees: list[4]))
    case .mask: return .mask(try mask())
    default:
      let list = try numbers(2, of: "A point is x and y")
      return .point(Point(x: list[0], y: list[1]))
    }
  }

  private mutating func oddCount(_ what: String, at offset: Int) -> JSONFault {
    broken("waybill.annotation.number-count", "The numbers of a \(what) are pairs of x and y", at: offset)
  }

  private mutating func polygon() throws(JSONFault) -> Polygon {
    let start = scanner.offset
    let list = scratch.numbers
    list.removeAll()
    var ends: [Int] = []
    var last = -1
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let ring = scanner.offset
      if last >= 0 { ends.append(last) }
      try list.read(&scanner, bytes, limit: line.upperBound)
      last = list.count
      if last % 2 != 0 { throw oddCount("polygon", at: ring) }
    }
    if last < 0 { throw broken("waybill.annotation.number-count", "A polygon has one ring or more", at: start) }
    return Polygon(coordinates: list.array(), ringEnds: ends)
  }

  private mutating func mask() throws(JSONFault) -> Mask {
    var mask = Mask(width: 0, height: 0, runs: .counts([]))
    var seen: UInt64 = 0
    let start = scanner.offset
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "width":
        try note(key, 1, &seen)
        mask.width = Int(try scanner.integer())
      case "height":
        try note(key, 2, &seen)
        mask.height = Int(try scanner.integer())
      case "runs":
        try note(key, 4, &seen)
        mask.runs = .counts(try runs())
      case "rle":
        try note(key, 8, &seen)
        mask.runs = .compressed(try scanner.string().makeString())
      default: throw unknown(key, "annotation", "a mask")
      }
    }
    guard seen == 7 || seen == 11 else {
      throw broken("waybill.annotation.type", "A mask has a width, a height, and either runs or rle", at: start)
    }
    warnIfNegative(Double(mask.width), Double(mask.height), "mask", at: start)
    return mask
  }

  private mutating func runs() throws(JSONFault) -> [UInt32] {
    let start = scanner.offset
    let list = scratch.numbers
    list.removeAll()
    try list.read(&scanner, bytes, limit: line.upperBound)
    var runs: [UInt32] = []
    runs.reserveCapacity(list.count)
    for index in 0..<list.count {
      guard let run = UInt32(exactly: list[index]) else {
        throw broken("waybill.annotation.type", "The runs of a mask are whole numbers from 0 to \(UInt32.max)", at: start)
      }
      runs.append(run)
    }
    return runs
  }

  /// Reads whole numbers.
  mutating func integers() throws(JSONFault) -> [Int] {
    var integers: [Int] = []
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) { integers.append(Int(try scanner.integer())) }
    return integers
  }

  /// Reads named points: each two numbers, and the visibility when it is known.
  mutating func keypoints() throws(JSONFault) -> Keypoints {
    var keypoints = Keypoints(points: [])
    let list = scratch.numbers
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let start = scanner.offset
      list.removeAll()
      try list.read(&scanner, bytes, limit: line.upperBound)
      guard list.count == 2 || list.count == 3 else {
        throw broken(
          "waybill.annotation.number-count", "A keypoint is x, y and a visibility when it is known; here are \(list.count)",
          at: start)
      }
      keypoints.points.append(.init(x: list[0], y: list[1], visibility: list.count == 3 ? list[2] : nil))
    }
    return keypoints
  }

  private mutating func unit() throws(JSONFault) -> CoordinateUnit {
    let at = scanner.offset
    switch try scanner.string() {
    case "pixels": return .pixels
    case "unit": return .unit
    default: throw broken("waybill.annotation.type", "A unit of coordinates is pixels or unit", at: at)
    }
  }

  /// Reads the units of the places beside.
  mutating func units() throws(JSONFault) -> Units {
    var units = Units(offset: scanner.offset)
    if try scanner.peekKind() == .string {
      units.all = try unit()
      return units
    }
    var seen: UInt64 = 0
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let name = AnnotationMember(key)
      try note(key, name?.bit ?? 0, &seen)
      switch name {
      case .box?, .boxXYWH?, .boxCXCYWH?:
        units.box = try unit()
        units.boxName = name
      case .rotatedBox?, .polygon?, .polyline?, .circle?, .ellipse?, .point?:
        units.shape = try unit()
        units.shapeName = name
      case .keypoints?: units.keypoints = try unit()
      default:
        throw broken(
          "waybill.annotation.unit", "A unit belongs to a place, which \"\(terminalSafe(key.makeString()))\" is not",
          at: offset(of: key))
      }
    }
    return units
  }

  /// Gives the places of an annotation their units.
  mutating func apply(_ units: Units, to annotation: inout Annotation) throws(JSONFault) {
    let shapeName = annotation.shape.flatMap(AnnotationMember.init(placeOf:))
    if let all = units.all {
      if annotation.box == nil && shapeName == nil && annotation.keypoints == nil {
        throw broken("waybill.annotation.unit", "A unit belongs to a place that stands beside it", at: units.offset)
      }
      annotation.box?.unit = all
      annotation.shape?.setUnit(all)
      if annotation.keypoints != nil { annotation.keypoints?.unit = all }
      return
    }
    let fits =
      (units.boxName == nil || units.boxName == annotation.box.map { AnnotationMember(form: $0.form) })
      && (units.shapeName == nil || units.shapeName == shapeName) && (units.keypoints == nil || annotation.keypoints != nil)
    if !fits { throw broken("waybill.annotation.unit", "A unit belongs to a place that stands beside it", at: units.offset) }
    if let unit = units.box { annotation.box?.unit = unit }
    if let unit = units.shape { annotation.shape?.setUnit(unit) }
    if let unit = units.keypoints { annotation.keypoints?.unit = unit }
  }
}

extension AnnotationMember {
  /// The member that holds a box of a form.
  init(form: Box.Form) {
    switch form {
    case .corners: self = .box
    case .extent: self = .boxXYWH
    case .centered: self = .boxCXCYWH
    }
  }

  /// The member that holds a shape with coordinates; nil for a mask, which has none.
  init?(placeOf shape: Shape) {
    switch shape {
    case .rotatedBox: self = .rotatedBox
    case .polygon: self = .polygon
    case .polyline: self = .polyline
    case .circle: self = .circle
    case .ellipse: self = .ellipse
    case .point: self = .point
    case .mask: return nil
    }
  }
}

extension Shape {
  /// The unit of its coordinates; nil for a mask, which has none.
  var unit: CoordinateUnit? {
    switch self {
    case .rotatedBox(let shape): shape.unit
    case .polygon(let shape): shape.unit
    case .polyline(let shape): shape.unit
    case .circle(let shape): shape.unit
    case .ellipse(let shape): shape.unit
    case .point(let shape): shape.unit
    case .mask: nil
    }
  }

  /// The same numbers in another unit.
  mutating func setUnit(_ unit: CoordinateUnit) {
    switch self {
    case .rotatedBox(var shape):
      shape.unit = unit
      self = .rotatedBox(shape)
    case .polygon(var shape):
      shape.unit = unit
      self = .polygon(shape)
    case .polyline(var shape):
      shape.unit = unit
      self = .polyline(shape)
    case .circle(var shape):
      shape.unit = unit
      self = .circle(shape)
    case .ellipse(var shape):
      shape.unit = unit
      self = .ellipse(shape)
    case .point(var shape):
      shape.unit = unit
      self = .point(shape)
    case .mask: break
    }
  }
}
