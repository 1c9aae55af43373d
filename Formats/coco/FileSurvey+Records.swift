import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

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

extension FileSurvey {
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

  mutating func images(_ scanner: inout JSONScanner, _ context: ReadContext) throws(SurveyStop) {
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
}
