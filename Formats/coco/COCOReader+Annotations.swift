import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// Decodes the annotation at an offset; one that breaks a rule is reported and left out.
  mutating func annotation(
    at start: Int, _ ordinal: UInt32?, _ scene: borrowing AnnotationScene, into annotations: inout [Annotation]
  ) throws(JSONFault) {
    members.removeAll()
    var scanner = JSONScanner(scene.file.mapped.bytes, from: start)
    var annotation = Annotation()
    annotation.ordinal = ordinal
    var category: Range<Int>?
    var categoryID: Int64?
    var seen = KeySet()
    var progress = try scanner.beginObject()
    while true {
      let keyOffset = scanner.offset
      guard let key = try scanner.nextKey(&progress) else { break }
      let value = scanner.offset
      switch key {
      case "id":
        try seen.insert(0, key, at: keyOffset)
        try takeID(key, &scanner, &annotation)
      case "image_id":
        try seen.insert(1, key, at: keyOffset)
        let isText = try scanner.peekKind() == .string
        if isText != scene.hasTextID {
          try members.take(key, from: &scanner)
        } else {
          try scanner.skipValue()
        }
      case "category_id":
        try seen.insert(2, key, at: keyOffset)
        if try scanner.peekKind() == .number {
          if case .integer(let number) = try scanner.number() {
            categoryID = number
          } else {
            scanner.offset = value
            categoryID = try? scanner.integer()
          }
          category = value..<scanner.offset
          if categoryID == nil {
            scanner.offset = value
            category = try scanner.skipValue()
          }
        } else {
          category = try scanner.skipValue()
        }
      case "bbox":
        try seen.insert(3, key, at: keyOffset)
        guard try takeBox(key, &scanner, &annotation, scene, start) else { return }
      case "segmentation":
        try seen.insert(4, key, at: keyOffset)
        guard try takeSegmentation(key, &scanner, &annotation, scene, start) else { return }
      case "area":
        try seen.insert(5, key, at: keyOffset)
        annotation.area = try takeNumber(key, &scanner)
      case "iscrowd":
        try seen.insert(6, key, at: keyOffset)
        try takeCrowd(key, &scanner, &annotation)
      case "keypoints":
        try seen.insert(7, key, at: keyOffset)
        guard try takeKeypoints(key, &scanner, &annotation, scene, start) else { return }
      case "caption":
        try seen.insert(8, key, at: keyOffset)
        if try scanner.peekKind() == .string {
          annotation.text = try scanner.string().makeString()
        } else {
          try members.take(key, from: &scanner)
        }
      case "score":
        try seen.insert(9, key, at: keyOffset)
        annotation.confidence = try takeNumber(key, &scanner)
      case "attributes":
        try seen.insert(10, key, at: keyOffset)
        guard try scanner.peekKind() == .object else {
          try members.take(key, from: &scanner)
          continue
        }
        let attributes = try scanner.attributes()
        // An empty object is not the same as none.
        if attributes.isEmpty { try members.take(key, from: &scanner, at: value) } else { annotation.attributes = attributes }
      default: try members.take(key, from: &scanner)
      }
    }
    if let category {
      if let categoryID, let label = scene.file.categories.label(categoryID) {
        annotation.label = label
      } else {
        guard try takeCategory(category, &annotation, scene, start) else { return }
      }
    }
    if let keypoints = annotation.keypoints { checkNames(keypoints, annotation.label, scene, start, scanner.offset) }
    if !members.isEmpty { annotation.preserved = members.preserved(COCOFormat.id) }
    annotations.append(annotation)
  }

  private mutating func takeID(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation
  ) throws(JSONFault) {
    let start = scanner.offset
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
  private mutating func takeNumber(_ key: JSONString, _ scanner: inout JSONScanner) throws(JSONFault) -> Double? {
    let start = scanner.offset
    guard try scanner.peekKind() == .number else {
      try members.take(key, from: &scanner)
      return nil
    }
    let value = try scanner.double()
    if value.magnitude >= 9_007_199_254_740_992, value == value.rounded() { try members.take(key, from: &scanner, at: start) }
    return value
  }

  private mutating func takeCrowd(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation
  ) throws(JSONFault) {
    let start = scanner.offset
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

  private mutating func takeBox(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene, _ start: Int
  ) throws(JSONFault) -> Bool {
    let value = scanner.offset
    guard try scanner.peekKind() == .array else {
      let isNull = scanner.skipNull()
      try members.take(key, from: &scanner, at: value)
      if isNull { return true }
      return refuse("box-count", "Box of \(scene.name(at: start)) is no list; a COCO box is x, y, width, height", scene, value, scanner)
    }
    numbers.removeAll()
    try takeNumbers(&scanner)
    guard numbers.count == 4 else {
      return refuse(
        "box-count",
        "Box of \(scene.name(at: start)) has \(numbers.count) number\(numbers.count == 1 ? "" : "s"); a COCO box is x, y, width, height",
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

  private mutating func takeKeypoints(
    _ key: JSONString, _ scanner: inout JSONScanner, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene, _ start: Int
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
        "Keypoints of \(scene.name(at: start)) have \(numbers.count) numbers; COCO keypoints are triples of x, y, visibility", scene,
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

  /// Resolves a category that is no known number; true when the annotation can be kept.
  private mutating func takeCategory(
    _ range: Range<Int>, _ annotation: inout Annotation, _ scene: borrowing AnnotationScene, _ start: Int
  ) throws(JSONFault) -> Bool {
    let bytes = scene.file.mapped.bytes
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    let raw = scanner.bytes(from: range.lowerBound, to: range.upperBound)
    guard let id = try? scanner.recordID() else {
      members.add("category_id", json: raw)
      return true
    }
    if let label = scene.file.categories.label(id) {
      annotation.label = label
      return true
    }
    if let label = scene.file.categories.labelOfOtherKind(id) {
      annotation.label = label
      members.add("category_id", json: raw)
      scene.report(
        .warning, "coco.annotation.category-id-kind",
        "The category_id of \(scene.name(at: start)) is \(id.safeText), while the category's id is \(id.otherKind?.safeText ?? "")",
        at: range.lowerBound, range.upperBound)
      return true
    }
    // Files of captions give a category that means nothing.
    if annotation.text != nil, annotation.box == nil, annotation.shape == nil, annotation.keypoints == nil {
      members.add("category_id", json: raw)
      return true
    }
    scene.report(
      .error, "coco.annotation.unknown-category",
      "The category_id \(id.safeText) of \(scene.name(at: start)) is not the id of a category", at: range.lowerBound,
      range.upperBound)
    return false
  }

  private func checkNames(
    _ keypoints: Keypoints, _ label: LabelID?, _ scene: borrowing AnnotationScene, _ start: Int, _ end: Int
  ) {
    guard let label, Int(label.index) < scene.keypointCounts.count else { return }
    let named = scene.keypointCounts[Int(label.index)]
    guard named >= 0, named != keypoints.points.count else { return }
    scene.report(
      .warning, "coco.annotation.keypoint-names",
      "\(scene.name(at: start).capitalizedFirst) has \(keypoints.points.count) keypoints, and its category names \(named)", at: start,
      end)
  }

  /// Reports an error of the annotation, which is then left out.
  func refuse(
    _ problem: String, _ message: String, _ scene: borrowing AnnotationScene, _ start: Int, _ scanner: borrowing JSONScanner
  ) -> Bool {
    scene.report(.error, "coco.annotation." + problem, message, at: start, scanner.offset)
    return false
  }
}

extension String {
  /// The text with its first letter in upper case.
  var capitalizedFirst: String { isEmpty ? self : prefix(1).uppercased() + dropFirst() }
}
