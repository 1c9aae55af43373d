import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  // A value that the model cannot hold as it is goes to the preserved members, whole.

  mutating func takeID(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation
  ) throws(JSONFault) {
    let start = scanner.offset
    if let id = scanner.plainInteger(bytes) {
      annotation.id = .integer(id)
      return
    }
    switch try scanner.peekKind() {
    case .number:
      if case .integer(let id) = try scanner.number() {
        annotation.id = .integer(id)
        return
      }
      scanner.offset = start
      if let id = try? scanner.integer() {
        annotation.id = .integer(id)
      } else {
        try members.take(key, from: &scanner, at: start)
      }
    case .string: annotation.id = .string(try scanner.string().makeString())
    default: try members.take(key, from: &scanner)
    }
  }

  /// Reads a number; any other value, and a whole number a double cannot hold, is kept as it is.
  mutating func takeNumber(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) -> Double? {
    let start = scanner.offset
    if let value = scanner.plainDecimal(bytes) { return value }
    guard try scanner.peekKind() == .number else {
      try members.take(key, from: &scanner)
      return nil
    }
    let value = try scanner.double()
    if value.magnitude >= 9_007_199_254_740_992, value == value.rounded() { try members.take(key, from: &scanner, at: start) }
    return value
  }

  mutating func takeCrowd(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation
  ) throws(JSONFault) {
    let start = scanner.offset
    if let value = scanner.plainInteger(bytes) {
      if value == 0 || value == 1 { annotation.flags.crowd = value == 1 } else { try members.take(key, from: &scanner, at: start) }
      return
    }
    switch try scanner.peekKind() {
    case .number:
      if case .integer(let value) = try scanner.number(), value == 0 || value == 1 {
        annotation.flags.crowd = value == 1
      } else {
        try members.take(key, from: &scanner, at: start)
      }
    case .boolean:
      annotation.flags.crowd = try scanner.boolean()
      try members.take(key, from: &scanner, at: start)
    default: try members.take(key, from: &scanner)
    }
  }

  mutating func takeBox(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene,
    _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    guard try scanner.peekKind() == .array else {
      let isNull = scanner.skipNull()
      try members.take(key, from: &scanner, at: value)
      if isNull { return true }
      return refuse(
        "box-count", "Box of \(scene.name(at: start)) is no list; a COCO box is x, y, width, height", scene, value, scanner)
    }
    numbers.removeAll()
    try takeNumbers(&scanner)
    guard numbers.count == 4 else {
      return refuse(
        "box-count",
        "Box of \(scene.name(at: start)) has \(numbers.count) number\(numbers.count == 1 ? "" : "s"); "
          + "a COCO box is x, y, width, height",
        scene, value, scanner)
    }
    let base = numbers.base
    guard base[2] >= 0, base[3] >= 0 else {
      return refuse(
        "box-negative", "Box of \(scene.name(at: start)) has a negative \(base[2] < 0 ? "width" : "height")", scene, value, scanner)
    }
    annotation.box = Box(base[0], base[1], base[2], base[3], form: .extent)
    return true
  }

  mutating func takeKeypoints(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene,
    _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    guard try scanner.peekKind() == .array else {
      try members.take(key, from: &scanner)
      return true
    }
    numbers.removeAll()
    try takeNumbers(&scanner)
    guard numbers.count > 0 else {
      try members.take(key, from: &scanner, at: value)
      return true
    }
    guard numbers.count % 3 == 0 else {
      return refuse(
        "keypoint-count",
        "Keypoints of \(scene.name(at: start)) have \(numbers.count) numbers; COCO keypoints are triples of x, y, visibility",
        scene,
        value, scanner)
    }
    var points: [Keypoints.Keypoint] = []
    points.reserveCapacity(numbers.count / 3)
    for at in stride(from: 0, to: numbers.count, by: 3) {
      points.append(.init(x: numbers.base[at], y: numbers.base[at + 1], visibility: numbers.base[at + 2]))
    }
    annotation.keypoints = Keypoints(points: points)
    return true
  }
}

/// The members of an annotation that the model knows, told apart by their length first.
enum AnnotationKey: UInt8 {
  case id, imageID, categoryID, box, segmentation, area, crowd, keypoints, caption, score, attributes

  @inline(__always) init?(_ key: JSONString) {
    switch key.hasEscape ? key.makeString().utf8.count : key.raw.count {
    case 2 where key == "id": self = .id
    case 4 where key == "bbox": self = .box
    case 4 where key == "area": self = .area
    case 5 where key == "score": self = .score
    case 7 where key == "iscrowd": self = .crowd
    case 7 where key == "caption": self = .caption
    case 8 where key == "image_id": self = .imageID
    case 9 where key == "keypoints": self = .keypoints
    case 10 where key == "attributes": self = .attributes
    case 11 where key == "category_id": self = .categoryID
    case 12 where key == "segmentation": self = .segmentation
    default: return nil
    }
  }

  /// The number of the member that a key names; of none for all others.
  static func meaning(_ key: JSONString) -> UInt8 { AnnotationKey(key)?.rawValue ?? .max }
}
