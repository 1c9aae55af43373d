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
    var names = SeenTexts()
    var progress = try strictly { () throws(JSONFault) in try scanner.beginObject() }
    while true {
      guard let key = try strictly({ () throws(JSONFault) in try scanner.nextKey(&progress) }) else { break }
      let name = key.makeString()
      guard names.insert(name) else { throw .fault(JSONFault(.duplicateKey(name), at: key.offset(in: bytes))) }
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
  func strictly<Result>(_ body: () throws(JSONFault) -> Result) throws(SurveyStop) -> Result {
    do throws(JSONFault) { return try body() } catch { throw .fault(error) }
  }

  /// Notes the textual id of the annotation that comes next.
  mutating func note(_ id: String, _ start: Int, _ context: ReadContext) {
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
