import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

extension DecodingState {
  /// The members of an image that the model knows.
  private enum ImageKey: UInt8 {
    case other, id, fileName, width, height

    static func meaning(_ key: JSONString) -> UInt8 {
      switch key {
      case "id": id.rawValue
      case "file_name": fileName.rawValue
      case "width": width.rawValue
      case "height": height.rawValue
      default: other.rawValue
      }
    }
  }

  /// Decodes the image at an offset, without its annotations.
  mutating func image(
    at start: Int, _ file: COCOFile, into sample: inout Sample, _ context: ReadContext
  ) throws(JSONFault) {
    imageMembers.removeAll()
    var scanner = JSONScanner(file.mapped.bytes, from: start)
    sample.media.kind = .image
    var seen = KeySet()
    var progress = try scanner.beginObject(&imageKeys)
    while true {
      guard let meant = try scanner.nextKey(&progress, &imageKeys, ImageKey.meaning) else { break }
      let key = meant.key
      let value = scanner.offset
      switch ImageKey(rawValue: meant.meaning) ?? .other {
      case .id:
        try seen.insert(0, key, in: bytes)
        sample.id = if let id = scanner.plainInteger(bytes) { .integer(id) } else { try scanner.recordID() }
      case .fileName:
        try seen.insert(1, key, in: bytes)
        guard try scanner.peekKind() == .string else {
          try imageMembers.take(key, from: &scanner)
          continue
        }
        let name = try scanner.string()
        if name.raw.isEmpty {
          try imageMembers.take(key, from: &scanner, at: value)
          continue
        }
        sample.media.location = name.makeString()
      case .width:
        try seen.insert(2, key, in: bytes)
        sample.media.width = try size(key, &scanner, file, start, context)
      case .height:
        try seen.insert(3, key, in: bytes)
        sample.media.height = try size(key, &scanner, file, start, context)
      case .other: try imageMembers.take(key, from: &scanner)
      }
    }
    sample.key = sample.media.location ?? sample.id?.plainText ?? ""
    sample.source = file.range(start, scanner.offset)
    if !imageMembers.isEmpty { sample.preserved = imageMembers.preserved(COCOFormat.id) }
  }

  /// Reads a width or height; a value that is no whole number is kept as it is.
  private mutating func size(
    _ key: JSONString, _ scanner: inout JSONScanner, _ file: COCOFile, _ start: Int, _ context: ReadContext
  ) throws(JSONFault) -> Int? {
    let offset = scanner.offset
    if let whole = scanner.plainInteger(bytes), whole > 0 { return Int(whole) }
    scanner.offset = offset
    guard try scanner.peekKind() == .number else {
      try imageMembers.take(key, from: &scanner)
      return nil
    }
    let number = try scanner.number()
    var whole: Int?
    switch number {
    case .integer(let value): whole = Int(value)
    case .double(let value): if value == value.rounded(), value.magnitude < 9_007_199_254_740_992 { whole = Int(value) }
    }
    if number.doubleValue <= 0 {
      let name = RecordName.id(file.mapped.bytes, at: start)?.safeText ?? ""
      context.report(
        .error, "coco.image.size", "The \(key.makeString()) of image \(name) is not above zero",
        at: file.range(offset, scanner.offset))
      return nil
    }
    if whole == nil { try imageMembers.take(key, from: &scanner, at: offset) }
    return whole
  }
}
