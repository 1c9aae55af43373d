import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// The keys of an object in a picture or a frame, by what they mean.
enum ObjectSlot {
  static let classID: UInt8 = 0
  static let left: UInt8 = 1
  static let top: UInt8 = 2
  static let width: UInt8 = 3
  static let height: UInt8 = 4
  static let vertices: UInt8 = 5
  static let x: UInt8 = 6
  static let y: UInt8 = 7
  static let attributes: UInt8 = 8
  static let track: UInt8 = 9
  static let confidence: UInt8 = 10
  static let author: UInt8 = 11
  static let createdAt: UInt8 = 12
  static let foreign: UInt8 = 15

  /// What a key means; pictures give confidences elsewhere.
  static func of(_ key: JSONString, inFrame: Bool) -> UInt8 {
    switch key {
    case "class_id": inFrame ? foreign : classID
    case "class-id": inFrame ? classID : foreign
    case "left": left
    case "top": top
    case "width": width
    case "height": height
    case "vertices": vertices
    case "x": x
    case "y": y
    case "label-category-attributes": attributes
    case "object-id": track
    case "confidence": inFrame ? confidence : foreign
    case "annotated-by": inFrame ? author : foreign
    case "creation-date": inFrame ? createdAt : foreign
    default: foreign
    }
  }
}

/// The lists of objects a frame has.
enum ObjectList: Int, CaseIterable, Sendable {
  case boxes, polylines, polygons, keypoints
  /// Classes of the frame as a whole, which the service does not know.
  case classes

  /// The key of the list.
  var key: StaticString {
    switch self {
    case .boxes: "annotations"
    case .polylines: "polylines"
    case .polygons: "polygons"
    case .keypoints: "keypoints"
    case .classes: "classes"
    }
  }

  /// The list an object of a frame stands in; nil for one that no list takes.
  init?(_ annotation: Annotation) {
    switch annotation.shape {
    case .polyline: self = .polylines
    case .polygon: self = .polygons
    case .point: self = .keypoints
    case nil:
      if annotation.box != nil {
        self = .boxes
      } else if annotation.label != nil, annotation.reference == nil {
        self = .classes
      } else {
        return nil
      }
    default: return nil
    }
  }
}

/// The object being read.
struct ObjectFacts: ~Copyable {
  var left: Double?
  var top: Double?
  var width: Double?
  var height: Double?
  var x: Double?
  var y: Double?
  var vertices: [Double]?
  var classID: Range<Int>?
  var attributes = Attributes()
  var track: RecordID?
  var confidence: Double?
  var objectName: Range<Int>?
  var author: String?
  var createdAt: Timestamp?
  /// What is not what it should be, and where.
  var problem: (what: String, offset: Int)?
  var members = PreservedMembers()
  private var seen: UInt32 = 0

  /// Reads an object; what is wrong with its values is left in ``problem``.
  mutating func read(_ scanner: inout JSONScanner, inFrame: Bool) throws(JSONFault) {
    reset()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let slot = ObjectSlot.of(key, inFrame: inFrame)
      guard slot != ObjectSlot.foreign else {
        if key == "object-name" {
          var again = scanner
          if (try? again.string()) != nil { objectName = scanner.offset..<again.offset }
        }
        try members.take(key, from: &scanner)
        continue
      }
      guard seen & (1 << UInt32(slot)) == 0 else {
        throw JSONFault(.duplicateKey(key.makeString()), at: scanner.offset(of: key))
      }
      seen |= 1 << UInt32(slot)
      try value(slot, key, &scanner)
    }
  }

  private mutating func value(_ slot: UInt8, _ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) {
    let kind = try scanner.peekKind()
    switch slot {
    case ObjectSlot.classID:
      let range = try scanner.skipValue()
      if kind == .string {
        classID = range.lowerBound + 1..<range.upperBound - 1
      } else if kind == .number {
        classID = range
      } else {
        wrong("class", range.lowerBound)
      }
    case ObjectSlot.vertices:
      guard kind == .array else { return try skip("vertices", &scanner) }
      vertices = try points(&scanner)
    case ObjectSlot.attributes:
      guard kind == .object else { return try members.take(key, from: &scanner) }
      attributes = try scanner.attributes()
    case ObjectSlot.track:
      guard kind == .string || kind == .number else { return try members.take(key, from: &scanner) }
      let start = scanner.offset
      if kind == .number, case .double = try scanner.number() {
        scanner.offset = start
        return try members.take(key, from: &scanner)
      }
      scanner.offset = start
      track = try scanner.recordID()
    case ObjectSlot.author:
      guard kind == .string else { return try members.take(key, from: &scanner) }
      author = try scanner.string().makeString()
    case ObjectSlot.createdAt:
      let start = scanner.offset
      if kind == .string {
        let text = try scanner.string()
        if !text.hasEscape, let time = Timestamp(text.raw, separator: UInt8(ascii: "T")) {
          createdAt = time
          return
        }
      }
      scanner.offset = start
      try members.take(key, from: &scanner)
    default:
      guard kind == .number else {
        // An object without a confidence has `null` or nothing.
        if slot == ObjectSlot.confidence { return try members.take(key, from: &scanner) }
        return try skip(key.makeString(), &scanner)
      }
      let number = try scanner.double()
      switch slot {
      case ObjectSlot.left: left = number
      case ObjectSlot.top: top = number
      case ObjectSlot.width: width = number
      case ObjectSlot.height: height = number
      case ObjectSlot.x: x = number
      case ObjectSlot.y: y = number
      default: confidence = number
      }
    }
  }

  private mutating func points(_ scanner: inout JSONScanner) throws(JSONFault) -> [Double]? {
    var numbers: [Double] = []
    var list = try scanner.beginArray()
    while try scanner.nextElement(&list) {
      let start = scanner.offset
      guard try scanner.peekKind() == .object else {
        try skip("vertices", &scanner)
        continue
      }
      var progress = try scanner.beginObject()
      var point: (x: Double?, y: Double?) = (nil, nil)
      while let key = try scanner.nextKey(&progress) {
        guard try scanner.peekKind() == .number else {
          try scanner.skipValue()
          continue
        }
        switch key {
        case "x": point.x = try scanner.double()
        case "y": point.y = try scanner.double()
        default: try scanner.skipValue()
        }
      }
      guard let x = point.x, let y = point.y else {
        wrong("vertices", start)
        continue
      }
      numbers.append(x)
      numbers.append(y)
    }
    return numbers
  }

  private mutating func skip(_ what: String, _ scanner: inout JSONScanner) throws(JSONFault) {
    let range = try scanner.skipValue()
    wrong(what, range.lowerBound)
  }

  private mutating func wrong(_ what: String, _ offset: Int) { if problem == nil { problem = (what, offset) } }

  private mutating func reset() {
    (left, top, width, height) = (nil, nil, nil, nil)
    (x, y, vertices, classID, track, confidence, objectName, problem) = (nil, nil, nil, nil, nil, nil, nil, nil)
    (author, createdAt) = (nil, nil)
    if !attributes.isEmpty { attributes = Attributes() }
    members.removeAll()
    seen = 0
  }

  /// Gives an annotation its place; false when the object does not tell it.
  func place(_ list: ObjectList, _ annotation: inout Annotation) -> Bool {
    if let left, let top, let width, let height { annotation.box = Box(left, top, width, height, form: .extent) }
    switch list {
    case .boxes: return annotation.box != nil
    case .polylines:
      guard let vertices, vertices.count >= 2 else { return false }
      annotation.shape = .polyline(Polyline(coordinates: vertices))
    case .polygons:
      guard let vertices, vertices.count >= 2 else { return false }
      annotation.shape = .polygon(Polygon(coordinates: vertices))
    case .keypoints:
      guard let x, let y else { return false }
      annotation.shape = .point(Point(x: x, y: y))
    case .classes: return classID != nil
    }
    return true
  }
}
