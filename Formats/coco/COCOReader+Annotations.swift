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
    var progress = try scanner.beginObject(&annotationKeys)
    while true {
      guard let meant = try scanner.nextKey(&progress, &annotationKeys, AnnotationKey.meaning) else { break }
      let key = meant.key
      let value = scanner.offset
      switch AnnotationKey(rawValue: meant.meaning) {
      case .id:
        try seen.insert(0, key, in: bytes)
        try takeID(key, &scanner, &annotation)
      case .imageID:
        try seen.insert(1, key, in: bytes)
        if !scene.hasTextID, scanner.plainInteger(bytes) != nil { continue }
        let isText = try scanner.peekKind() == .string
        if isText != scene.hasTextID {
          try members.take(key, from: &scanner)
        } else {
          try scanner.skipValue()
        }
      case .categoryID:
        try seen.insert(2, key, in: bytes)
        if let number = scanner.plainInteger(bytes) {
          categoryID = number
          category = value..<scanner.offset
        } else if try scanner.peekKind() == .number {
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
      case .box:
        try seen.insert(3, key, in: bytes)
        guard try takeBox(key, &scanner, &annotation, scene, start) else { return }
      case .segmentation:
        try seen.insert(4, key, in: bytes)
        guard try takeSegmentation(key, &scanner, &annotation, scene, start) else { return }
      case .area:
        try seen.insert(5, key, in: bytes)
        annotation.area = try takeNumber(key, &scanner)
      case .crowd:
        try seen.insert(6, key, in: bytes)
        try takeCrowd(key, &scanner, &annotation)
      case .keypoints:
        try seen.insert(7, key, in: bytes)
        guard try takeKeypoints(key, &scanner, &annotation, scene, start) else { return }
      case .caption:
        try seen.insert(8, key, in: bytes)
        if try scanner.peekKind() == .string {
          annotation.text = try scanner.string().makeString()
        } else {
          try members.take(key, from: &scanner)
        }
      case .score:
        try seen.insert(9, key, in: bytes)
        annotation.confidence = try takeNumber(key, &scanner)
      case .attributes:
        try seen.insert(10, key, in: bytes)
        guard try scanner.peekKind() == .object else {
          try members.take(key, from: &scanner)
          continue
        }
        let attributes = try scanner.attributes()
        // An empty object is not the same as none.
        if attributes.isEmpty { try members.take(key, from: &scanner, at: value) } else { annotation.attributes = attributes }
      case nil: try members.take(key, from: &scanner)
      }
    }
    if let category {
      if let categoryID, let label = scene.file.categories.label(categoryID) {
        annotation.label = label
      } else {
        guard try takeCategory(category, &annotation, scene, start) else { return }
      }
    }
    if annotation.hasRareAnswers, let keypoints = annotation.keypoints {
      checkNames(keypoints, annotation.label, scene, start, scanner.offset)
    }
    if !members.isEmpty { annotation.preserved = members.preserved(COCOFormat.id) }
    // Handed over, not copied.
    annotations.append(consume annotation)
  }

  /// Resolves a category that is no known number; true when the annotation can be kept.
  mutating func takeCategory(
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
      "\(scene.name(at: start).capitalizedFirst) has \(keypoints.points.count) keypoints, and its category names \(named)",
      at: start,
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
