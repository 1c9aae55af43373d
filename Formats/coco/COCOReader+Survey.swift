import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What ends the survey of a file before its end.
enum SurveyStop: Error {
  /// The text is not JSON.
  case fault(JSONFault)
  /// It is JSON, but not what is read here.
  case refused(rule: String, message: String, at: Int)
  /// Someone asked to stop.
  case interrupted(DatasetError)
}

/// The members of a record that a survey looks at.
private enum RecordKey {
  static let other: UInt8 = 0
  static let id: UInt8 = 1
  static let imageID: UInt8 = 2
  static let categoryID: UInt8 = 3
  static let segments: UInt8 = 4

  static func meaning(_ key: JSONString) -> UInt8 {
    switch key {
    case "id": id
    case "image_id": imageID
    case "category_id": categoryID
    case "segments_info": segments
    default: other
    }
  }
}

/// What one pass over a file finds: offsets and ids of its records, and its other members.
struct FileSurvey {
  let file: COCOFile
  /// What the file turned out to be.
  var kind = COCOKind.instances
  /// The file that ``imageOffsets`` point into, when it is another.
  var imageFile: COCOFile?
  /// Whether annotations are passed over: only images and categories are wanted.
  var passesAnnotations = false
  /// The categories that records name, where no list of categories can be.
  var impliedCategories = ImpliedCategories()
  /// The members at the top, in order.
  var order: [String] = []
  /// The members at the top that the model has no place for.
  var preserved: [UInt8] = []
  /// Where the value of `categories` begins.
  var categoriesOffset: Int?
  var imageOffsets: [Int] = []
  var imageIDs = IDColumn()
  var annotationOffsets: [Int] = []
  /// The images of the annotations.
  var references = IDColumn()
  /// Numeric ids of annotations, and the positions of those annotations.
  var annotationIDs: [Int64] = []
  var annotationIDOwners: [UInt32] = []
  var textAnnotationIDs: [String: UInt32] = [:]

  init(_ file: COCOFile) { self.file = file }

  /// Walks over the file once.
  mutating func run(from start: Int, _ context: ReadContext) throws(SurveyStop) {
    let bytes = file.mapped.bytes
    if let invalid = UTF8Check.firstInvalid(in: bytes) { throw .fault(JSONFault(.invalidUTF8, at: invalid)) }
    var scanner = JSONScanner(bytes, from: start)
    if try strictly({ () throws(JSONFault) in try scanner.peekKind() }) == .array {
      return try results(&scanner, context)
    }
    var members = PreservedMembers()
    var progress = try strictly { () throws(JSONFault) in try scanner.beginObject() }
    while true {
      guard let key = try strictly({ () throws(JSONFault) in try scanner.nextKey(&progress) }) else { break }
      let name = key.makeString()
      guard !order.contains(name) else { throw .fault(JSONFault(.duplicateKey(name), at: key.offset(in: bytes))) }
      order.append(name)
      switch name {
      case "images": try images(&scanner, context)
      case "annotations" where passesAnnotations:
        try strictly { () throws(JSONFault) in try scanner.skipValueStructurally() }
      case "annotations": try annotations(&scanner, context)
      case "categories":
        categoriesOffset = scanner.offset
        try strictly { () throws(JSONFault) in try scanner.skipValueStructurally() }
      case "videos":
        throw .refused(
          rule: "coco.unsupported.video", message: "A file with a member videos holds labels of videos, which is not read yet",
          at: key.offset(in: bytes))
      default: try strictly { () throws(JSONFault) in try members.take(key, from: &scanner) }
      }
    }
    try strictly { () throws(JSONFault) in try scanner.expectEnd() }
    guard order.contains("images") || order.contains("annotations") || order.contains("categories") else {
      throw .refused(
        rule: "coco.file.structure", message: "A COCO file has a member images, annotations or categories; this one has none",
        at: start)
    }
    preserved = members.preserved(COCOFormat.id)[COCOFormat.id]
  }

  /// Turns faults of the text into what ends the survey.
  @inline(__always)
  private func strictly<Result>(_ body: () throws(JSONFault) -> Result) throws(SurveyStop) -> Result {
    do throws(JSONFault) { return try body() } catch { throw .fault(error) }
  }

  /// Walks over a list of objects; each is handed to the closure, which leaves the scanner behind it.
  ///
  /// A record with a fault inside is reported and left out when its brackets still tell where it ends.
  @inline(__always)
  private mutating func records(
    _ scanner: inout JSONScanner, _ member: String, _ context: ReadContext,
    _ body: (inout FileSurvey, inout JSONScanner, Int) throws(JSONFault) -> Void
  ) throws(SurveyStop) {
    let listOffset = scanner.offset
    guard try strictly({ () throws(JSONFault) in try scanner.peekKind() }) == .array else {
      throw .refused(rule: "coco.file.structure", message: "The member \(member) is a list of objects", at: listOffset)
    }
    var progress = try strictly { () throws(JSONFault) in try scanner.beginArray() }
    var count = 0
    while true {
      guard try strictly({ () throws(JSONFault) in try scanner.nextElement(&progress) }) else { return }
      let start = scanner.offset
      do throws(JSONFault) {
        try body(&self, &scanner, start)
      } catch {
        let fault = error
        scanner.offset = start
        do throws(JSONFault) { try scanner.skipValueStructurally() } catch { throw .fault(fault) }
        context.diagnostics.report(fault.diagnostic(in: file.id))
      }
      count &+= 1
      if count & 0xFFFF == 0 {
        do throws(DatasetError) { try InterruptFlag.check() } catch { throw .interrupted(error) }
        if count >= 4_000_000_000 {
          throw .refused(
            rule: "coco.file.structure", message: "The member \(member) has more than 4,000,000,000 records", at: start)
        }
      }
    }
  }

  private mutating func images(_ scanner: inout JSONScanner, _ context: ReadContext) throws(SurveyStop) {
    let bytes = file.mapped.bytes
    var keys = JSONKeyTrail()
    try records(&scanner, "images", context) { (survey, scanner, start) throws(JSONFault) in
      var progress = try scanner.beginObject(&keys)
      var number: Int64 = 0
      var text: String?
      var hasID = false
      while let meant = try scanner.nextKey(&progress, &keys, RecordKey.meaning) {
        guard meant.meaning == RecordKey.id else {
          try scanner.skipValueStructurally()
          continue
        }
        hasID = try Self.id(&scanner, bytes, &number, &text)
      }
      guard hasID else {
        context.report(
          .error, "coco.image.id", "An image has an id, a whole number or a text", at: survey.file.range(start, scanner.offset))
        return
      }
      survey.imageOffsets.append(start)
      survey.imageIDs.append(number, text)
    }
  }

  mutating func annotations(_ scanner: inout JSONScanner, _ context: ReadContext) throws(SurveyStop) {
    let bytes = file.mapped.bytes
    let takesCategories = kind == .results
    var keys = JSONKeyTrail()
    try records(&scanner, "annotations", context) { (survey, scanner, start) throws(JSONFault) in
      var progress = try scanner.beginObject(&keys)
      var number: Int64 = 0
      var text: String?
      var hasImage = false
      var id: Int64 = 0
      var textID: String?
      var hasID = false
      while let meant = try scanner.nextKey(&progress, &keys, RecordKey.meaning) {
        if meant.meaning == RecordKey.imageID {
          hasImage = try Self.id(&scanner, bytes, &number, &text)
        } else if meant.meaning == RecordKey.id {
          hasID = try Self.id(&scanner, bytes, &id, &textID)
        } else {
          if takesCategories {
            if meant.meaning == RecordKey.categoryID {
              var category: Int64 = 0
              var name: String?
              if try Self.id(&scanner, bytes, &category, &name) { survey.impliedCategories.note(category, name) }
              continue
            }
          } else if meant.meaning == RecordKey.segments {
            survey.kind = .panoptic
          }
          try scanner.skipValueStructurally()
        }
      }
      guard hasImage else {
        context.report(
          .error, "coco.annotation.no-image",
          "The member image_id is missing in \(RecordName.annotation(survey.file, at: start)), or is neither a number nor a text",
          at: survey.file.range(start, scanner.offset))
        return
      }
      if hasID {
        if let textID {
          survey.note(textID, start, context)
        } else {
          survey.annotationIDs.append(id)
          survey.annotationIDOwners.append(UInt32(truncatingIfNeeded: survey.annotationOffsets.count))
        }
      }
      survey.annotationOffsets.append(start)
      survey.references.append(number, text)
    }
  }

  /// Reads an id of either kind; false for a value of another kind.
  @inline(__always)
  static func id(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer, _ number: inout Int64, _ text: inout String?
  ) throws(JSONFault) -> Bool {
    let start = scanner.offset
    text = nil
    if let value = scanner.plainInteger(bytes) {
      number = value
      return true
    }
    switch try scanner.peekKind() {
    case .number:
      if case .integer(let value) = try scanner.number() {
        number = value
        return true
      }
      scanner.offset = start
      if let value = try? scanner.integer() {
        number = value
        return true
      }
      scanner.offset = start
      try scanner.skipValue()
      return false
    case .string:
      text = try scanner.string().makeString()
      return true
    default:
      try scanner.skipValueStructurally()
      return false
    }
  }

  /// Notes the textual id of the annotation that comes next.
  private mutating func note(_ id: String, _ start: Int, _ context: ReadContext) {
    let position = UInt32(truncatingIfNeeded: annotationOffsets.count)
    guard let first = textAnnotationIDs[id] else {
      textAnnotationIDs[id] = position
      return
    }
    reportDuplicate(.string(id), first: annotationOffsets[Int(first)], second: start, context)
  }

  /// Reports an annotation id that stands twice.
  func reportDuplicate(_ id: RecordID, first: Int, second: Int, _ context: ReadContext) {
    context.diagnostics.report(
      Diagnostic(
        .warning, "coco.annotation.duplicate-id", "The annotation id \(id.safeText) stands for two annotations",
        at: idRange(at: second), related: [.init(range: idRange(at: first), message: "first used here")]))
  }

  /// Where the id of the object at an offset stands.
  func idRange(at offset: Int) -> SourceRange { Self.idRange(file, at: offset) }

  /// Where the id of an image stands.
  func imageIDRange(_ position: Int) -> SourceRange { Self.idRange(imageFile ?? file, at: imageOffsets[position]) }

  private static func idRange(_ file: COCOFile, at offset: Int) -> SourceRange {
    let found = RecordName.member("id", file.mapped.bytes, at: offset)
    return file.range(found?.lowerBound ?? offset, found?.upperBound ?? offset + 1)
  }
}
