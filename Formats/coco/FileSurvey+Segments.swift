import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension FileSurvey {
  /// Notes the categories that the segments of a panoptic file name, for a file without a list of them.
  mutating func implyCategories() {
    let bytes = file.mapped.bytes
    for offset in annotationOffsets {
      guard let segments = RecordName.member("segments_info", bytes, at: offset) else { continue }
      var scanner = JSONScanner(bytes, from: segments.lowerBound, to: segments.upperBound)
      guard var list = try? scanner.beginArray() else { continue }
      while (try? scanner.nextElement(&list)) == true {
        guard (try? noteCategory(&scanner)) != nil else { break }
      }
    }
  }

  private mutating func noteCategory(_ scanner: inout JSONScanner) throws(JSONFault) {
    let bytes = file.mapped.bytes
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      guard key == "category_id" else {
        try scanner.skipValueStructurally()
        continue
      }
      var number: Int64 = 0
      var text: String?
      if try Self.id(&scanner, bytes, &number, &text) { impliedCategories.note(number, text) }
    }
  }
}
