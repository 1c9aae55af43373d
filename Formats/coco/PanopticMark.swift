import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What was kept of an image's record of segments: its place among the others and its members beyond the usual.
///
/// It lives in the image's preserved section, in the member ``PanopticRecord/key``: `{"order":5,"members":{..}}`.
struct PanopticMark {
  /// The place of the record among all.
  var ordinal: UInt32?
  /// The name of the PNG file.
  var fileName: String?
  /// `image_id` as JSON, where it is not spelled as the image's own id is.
  var imageID: [UInt8]?
  /// The other members, as the inside of an object.
  var members: [UInt8] = []
  /// The preserved members of the image itself.
  var others: [UInt8] = []

  /// Reads a preserved section; nil when nothing was kept.
  init?(_ preserved: Preserved) {
    guard !preserved.isEmpty, !preserved[COCOFormat.id].isEmpty else { return nil }
    var value: [UInt8]?
    var others = ByteBuffer()
    PreservedReader(preserved, COCOFormat.id).forEach { key, json in
      if key == PanopticRecord.key { value = Array(json) } else { Self.append(key, json, &others) }
    }
    guard let value else { return nil }
    self.others = others.array()
    let inner = Preserved(COCOFormat.id, members: Array(value.dropFirst().dropLast()))
    let reader = PreservedReader(inner, COCOFormat.id)
    if let order = reader.value("order") { ordinal = order.withUnsafeBytes { Self.ordinal($0) } }
    if let kept = reader.value("members") { takeMembers(Array(kept.dropFirst().dropLast())) }
  }

  private mutating func takeMembers(_ kept: [UInt8]) {
    var rest = ByteBuffer()
    PreservedReader(Preserved(COCOFormat.id, members: kept), COCOFormat.id).forEach { key, json in
      switch key {
      case "file_name":
        var scanner = JSONScanner(json)
        fileName = (try? scanner.string())?.makeString()
      case "image_id": imageID = Array(json)
      case "segments_info": break
      default: Self.append(key, json, &rest)
      }
    }
    members = rest.array()
  }

  private static func ordinal(_ json: UnsafeRawBufferPointer) -> UInt32? {
    var scanner = JSONScanner(json)
    return (try? scanner.integer()).flatMap { UInt32(exactly: $0) }
  }

  private static func append(_ key: JSONString, _ json: UnsafeRawBufferPointer, _ text: inout ByteBuffer) {
    if !text.isEmpty { text.put(",") }
    text.put("\"")
    text.append(key.raw)
    text.put("\":")
    text.append(json)
  }
}
