import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG
import WaybillSyntax

/// What a panoptic file says of one image, beside its segments.
struct PanopticRecord {
  /// The name of the member of an image that keeps what its record says beyond the usual.
  static let key: StaticString = "waybill:panoptic"

  /// Where the record is in its file.
  var range: Range<Int>
  /// The name of its PNG file, and where that stands.
  var name = ""
  var nameRange = 0..<0
  /// Where the list of segments is.
  var segments: Range<Int>?
}

extension DecodingState {
  /// Decodes the records of segments of one image; what breaks a rule is reported and left out.
  mutating func panoptic(
    _ offsets: [Int], _ first: Int, _ index: COCOIndex, _ scene: AnnotationScene, into sample: inout Sample
  ) {
    let ordinal = index.ordinals.isEmpty ? nil : index.ordinals[first]
    for (at, offset) in offsets.enumerated() {
      guard at == 0 else {
        scene.report(
          .error, "coco.panoptic.second-record", "The image \(terminalSafe(sample.key)) has a second record of segments",
          at: offset,
          offset + 1)
        continue
      }
      do throws(JSONFault) {
        guard let record = try record(at: offset, scene) else { continue }
        try segments(of: record, ordinal, scene, into: &sample)
      } catch {
        scene.context.diagnostics.report(error.diagnostic(in: scene.file.id))
      }
    }
  }

  /// Reads the members of a record, its segments apart; those that are not its own go to ``imageMembers``.
  private mutating func record(at start: Int, _ scene: AnnotationScene) throws(JSONFault) -> PanopticRecord? {
    imageMembers.removeAll()
    var scanner = JSONScanner(bytes, from: start)
    var record = PanopticRecord(range: start..<start)
    var seen = KeySet()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      switch key {
      case "image_id":
        try seen.insert(0, key, in: bytes)
        if try (scanner.peekKind() == .string) == scene.hasTextID {
          try scanner.skipValue()
        } else {
          try imageMembers.take(key, from: &scanner)
        }
      case "file_name":
        try seen.insert(1, key, in: bytes)
        let value = scanner.offset
        if try scanner.peekKind() == .string { record.name = try scanner.string().makeString() } else { try scanner.skipValue() }
        record.nameRange = value..<scanner.offset
      case "segments_info":
        try seen.insert(2, key, in: bytes)
        let isList = try scanner.peekKind() == .array
        let value = try scanner.skipValue()
        if isList { record.segments = value }
      default: try imageMembers.take(key, from: &scanner)
      }
    }
    record.range = start..<scanner.offset
    guard record.segments != nil else {
      scene.report(
        .error, "coco.panoptic.segments", "The record has no list segments_info, as the others of a panoptic file have", at: start,
        scanner.offset)
      return nil
    }
    guard (try? RelativePath(record.name)) != nil else {
      let problem = record.name.isEmpty ? "is missing" : "leads out of their folder"
      let range = record.nameRange.isEmpty ? record.range : record.nameRange
      scene.report(
        .error, "coco.panoptic.file-name", "The file_name of the segments' PNG file \(problem)", at: range.lowerBound,
        range.upperBound)
      return nil
    }
    return record
  }

  /// Decodes the segments of a record and gives them their pixels.
  private mutating func segments(
    of record: PanopticRecord, _ ordinal: UInt32?, _ scene: AnnotationScene, into sample: inout Sample
  ) throws(JSONFault) {
    guard let list = record.segments else { return }
    // Before the segments, whose decoding uses the same memory.
    let isMarked = note(record, ordinal, into: &sample)
    var listed = ListedSegments()
    var scanner = JSONScanner(bytes, from: list.lowerBound, to: list.upperBound)
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let start = scanner.offset
      let end = try scanner.skipValue().upperBound
      do throws(JSONFault) {
        try segment(at: start, end, scene, into: &listed)
      } catch {
        scene.context.diagnostics.report(error.diagnostic(in: scene.file.id))
      }
    }
    if listed.isEmpty, !isMarked { mark(&sample, ordinal: nil) }
    guard let picture = picture(of: record, sample, scene) else { return }
    if scene.file.variant?.impliesImages == true {
      sample.media.width = picture.width
      sample.media.height = picture.height
    }
    fill(&listed, SegmentRuns(picture, ids: listed.ids), record, scene)
    sample.annotations = listed.annotations.compactMap { $0 }
  }

  /// Gives segments their masks; one without pixels is reported and left out, and so are pixels without a segment.
  private func fill(
    _ listed: inout ListedSegments, _ runs: SegmentRuns, _ record: PanopticRecord, _ scene: AnnotationScene
  ) {
    for slot in listed.ids.indices {
      let range = listed.ranges[slot]
      let pixels = runs.pixelCounts[slot]
      guard pixels > 0 else {
        scene.report(
          .error, "coco.segment.no-pixels", "No pixel of \(terminalSafe(record.name)) belongs to the segment \(listed.ids[slot])",
          at: range.lowerBound, range.upperBound)
        listed.annotations[slot] = nil
        continue
      }
      if let area = listed.annotations[slot]?.area, area != Double(pixels) {
        scene.report(
          .warning, "coco.segment.area",
          "The area of the segment \(listed.ids[slot]) differs from the \(pixels) pixels it has in \(terminalSafe(record.name))",
          at: range.lowerBound, range.upperBound)
      }
      listed.annotations[slot]?.shape = .mask(runs.mask(slot))
    }
    if runs.unknownPixels > 0 {
      let names = runs.unknown.map { "\($0)" }.joined(separator: ", ")
      let name = terminalSafe(record.name)
      let isOne = runs.unknownPixels == 1
      scene.report(
        .error, "coco.panoptic.unknown-segment",
        "\(runs.unknownPixels) pixel\(isOne ? " of \(name) belongs" : "s of \(name) belong") to segments that are not listed: \(names)",
        at: record.nameRange.lowerBound, record.nameRange.upperBound)
    }
  }

  /// Keeps what a record says beyond the usual: another name of the PNG file, other members, its place among the others.
  ///
  /// - Returns: Whether there was anything to keep.
  private func note(_ record: PanopticRecord, _ ordinal: UInt32?, into sample: inout Sample) -> Bool {
    var members = imageMembers.preserved(COCOFormat.id)
    if record.name != SegmentFolder.usualName(of: sample) {
      var name = ByteBuffer()
      name.appendJSON(record.name)
      members.append("file_name", json: name.array(), format: COCOFormat.id)
    }
    if ordinal == nil, members.isEmpty { return false }
    mark(&sample, ordinal: ordinal, members[COCOFormat.id])
    return true
  }

  private func mark(_ sample: inout Sample, ordinal: UInt32?, _ members: [UInt8] = []) {
    var value = ByteBuffer()
    value.put("{")
    if let ordinal {
      value.put("\"order\":")
      value.append(decimal: Int(ordinal))
    }
    if !members.isEmpty {
      value.put(ordinal == nil ? "\"members\":{" : ",\"members\":{")
      value.append(members)
      value.put("}")
    }
    value.put("}")
    sample.preserved.append(PanopticRecord.key.description, json: value.array(), format: COCOFormat.id)
  }
}
