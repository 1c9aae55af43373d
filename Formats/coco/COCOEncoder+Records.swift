import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension COCOEncoder {
  /// Appends an image's record.
  func encodeImage(
    _ sample: Sample, _ id: RecordID, _ size: (width: Int, height: Int)?, _ kind: Int, _ position: Int, _ batch: inout EncodedBatch
  ) {
    let start = batch.bytes.count
    batch.bytes.put(",\n{\"id\":")
    let idStart = batch.bytes.count
    batch.bytes.append(json: id)
    var record = EncodedBatch.Record(kind: kind, range: 0..<0, position: position)
    if case .integer(let number) = id {
      record.id = number
      record.hasID = true
    } else {
      record.id = Int64(
        bitPattern: Hash64.hash(UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[idStart..<batch.bytes.count])))
    }
    if let location = sample.media.location {
      batch.bytes.put(",\"file_name\":")
      batch.bytes.appendJSON(location)
    }
    if let width = sample.media.width ?? size?.width {
      batch.bytes.put(",\"width\":")
      batch.bytes.append(decimal: width)
    }
    if let height = sample.media.height ?? size?.height {
      batch.bytes.put(",\"height\":")
      batch.bytes.append(decimal: height)
    }
    appendMembers(sample.preserved, &batch.bytes)
    batch.bytes.put("}")
    record.range = start..<batch.bytes.count
    batch.records.append(record)
  }

  private func appendMembers(_ preserved: Preserved, _ bytes: inout ByteBuffer) {
    guard !preserved.isEmpty else { return }
    let members = preserved[COCOFormat.id]
    guard !members.isEmpty else { return }
    bytes.put(",")
    bytes.append(members)
  }

  /// Appends an annotation's members from `image_id` on; false when it cannot be written, which is reported.
  func encodeBody(
    _ annotation: borrowing Annotation, of sample: Sample, _ imageID: RecordID, _ bytes: inout ByteBuffer,
    _ context: EncodeContext
  ) -> Bool {
    let members = annotation.hasRareAnswers ? annotation.preserved[COCOFormat.id] : []
    var raw = members.isEmpty ? RawKeys() : RawKeys(members)
    if renumbersIDs {
      // What was kept as it was spelled names ids that are no more.
      raw.remove(.imageID)
      if annotation.label != nil { raw.remove(.categoryID) }
    }
    let first = bytes.bytes.last == UInt8(ascii: "{") ? bytes.count : -1
    if !raw.contains(.imageID) {
      bytes.put(first == bytes.count ? "\"image_id\":" : ",\"image_id\":")
      bytes.append(json: imageID)
    }
    if let label = annotation.label, !raw.contains(.categoryID) {
      guard Int(label.index) < categoryIDs.count else {
        context.diagnostics.report(
          .error, "coco.write.unknown-label", "A label of \(terminalSafe(sample.key)) is not in the label table", at: sample.source)
        return false
      }
      bytes.put(first == bytes.count ? "\"category_id\":" : ",\"category_id\":")
      bytes.append(categoryIDs[Int(label.index)])
    }
    guard encodePlace(annotation, of: sample, raw, &bytes, context) else { return false }
    guard annotation.hasRareAnswers || annotation.confidence != nil else { return true }
    if let text = annotation.text, !raw.contains(.caption) {
      bytes.put(",\"caption\":")
      bytes.appendJSON(text)
    }
    if let confidence = annotation.confidence, !raw.contains(.score) {
      bytes.put(",\"score\":")
      bytes.append(confidence)
    }
    let attributes = annotation.attributes
    if !attributes.isEmpty, !raw.contains(.attributes) {
      bytes.put(",\"attributes\":")
      bytes.append(json: attributes)
    }
    if !members.isEmpty { appendRaw(members, raw, first == bytes.count, &bytes) }
    // The ids may stand among the preserved members, behind all others: then the object began with a comma.
    if first >= 0, first < bytes.count, bytes.bytes[first] == UInt8(ascii: ",") {
      let rest = Array(bytes.bytes[(first + 1)...])
      bytes.truncate(to: first)
      bytes.append(rest)
    }
    return true
  }

  /// Appends the preserved members, without those that no longer hold.
  func appendRaw(_ members: [UInt8], _ raw: RawKeys, _ isFirst: Bool, _ bytes: inout ByteBuffer) {
    guard raw.hasRemoved else {
      if !isFirst { bytes.put(",") }
      bytes.append(members)
      return
    }
    var isFirst = isFirst
    PreservedReader(Preserved(COCOFormat.id, members: members), COCOFormat.id).forEach { key, value in
      if raw.isRemoved(key) { return }
      if !isFirst { bytes.put(",") }
      isFirst = false
      bytes.put("\"")
      bytes.append(key.raw)
      bytes.put("\":")
      bytes.append(value)
    }
  }
}

/// Which of the members that the model knows are among the preserved ones, kept there in a spelling of their own.
struct RawKeys {
  /// A member that the model knows.
  enum Key: UInt8, CaseIterable {
    case imageID, categoryID, box, segmentation, area, crowd, keypoints, keypointCount, caption, score, attributes

    init?(_ key: JSONString) {
      switch key {
      case "image_id": self = .imageID
      case "category_id": self = .categoryID
      case "bbox": self = .box
      case "segmentation": self = .segmentation
      case "area": self = .area
      case "iscrowd": self = .crowd
      case "keypoints": self = .keypoints
      case "num_keypoints": self = .keypointCount
      case "caption": self = .caption
      case "score": self = .score
      case "attributes": self = .attributes
      default: return nil
      }
    }
  }

  private var bits: UInt16 = 0
  private var removed: UInt16 = 0

  /// None.
  init() {}

  /// Those among some members.
  init(_ members: [UInt8]) {
    let found = members.withUnsafeBytes { bytes -> UInt16 in
      var bits: UInt16 = 0
      var scanner = JSONScanner(bytes)
      while !scanner.isAtEnd() {
        guard let key = try? scanner.string() else { break }
        if let known = Key(key) { bits |= 1 << UInt16(known.rawValue) }
        scanner.offset += 1
        guard (try? scanner.skipValueStructurally()) != nil else { break }
        scanner.offset += 1
      }
      return bits
    }
    bits = found
  }

  /// Whether a member is among them.
  @inline(__always) func contains(_ key: Key) -> Bool { bits & (1 &<< UInt16(key.rawValue)) != 0 }

  /// Leaves a member out, so that the model's answer is written.
  mutating func remove(_ key: Key) {
    guard contains(key) else { return }
    bits &= ~(1 << UInt16(key.rawValue))
    removed |= 1 << UInt16(key.rawValue)
  }

  /// Whether a member is left out.
  var hasRemoved: Bool { removed != 0 }

  /// Whether a member is left out.
  func isRemoved(_ key: JSONString) -> Bool { Key(key).map { removed & (1 << UInt16($0.rawValue)) != 0 } ?? false }
}

extension ByteBuffer {
  /// Appends a category's record.
  mutating func append(category label: Label, id: RecordID) {
    put("{\"id\":")
    append(json: id)
    put(",\"name\":")
    appendJSON(label.name)
    if let parent = label.parent {
      put(",\"supercategory\":")
      appendJSON(parent)
    }
    if let names = label.keypointNames {
      put(",\"keypoints\":[")
      for (index, name) in names.enumerated() {
        if index > 0 { put(",") }
        appendJSON(name)
      }
      put("]")
    }
    if let skeleton = label.skeleton {
      put(",\"skeleton\":[")
      for (index, pair) in skeleton.enumerated() {
        put(index > 0 ? ",[" : "[")
        for (at, point) in pair.enumerated() {
          if at > 0 { put(",") }
          append(decimal: point)
        }
        put("]")
      }
      put("]")
    }
    let members = label.preserved[COCOFormat.id]
    if !members.isEmpty {
      put(",")
      append(members)
    }
    put("}")
  }
}
