import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillPNG
import WaybillSyntax

/// Turns samples into images with segments: a record for each, and a PNG file with the segments' pixels.
struct PanopticEncoder: SampleEncoder {
  /// Writes the records of images.
  let records: COCOEncoder
  /// The folders of the PNG files, by the number of the split.
  let folders: [String]
  let overlap: SegmentOverlap
  /// Whether there is no list of images.
  let impliesImages: Bool

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    var split = records.splits.count - 1
    if split > 0, let name = sample.split { split = records.splits.firstIndex(of: name) ?? split }
    let id: RecordID = records.renumbersIDs ? .integer(Int64(position) + 1) : sample.id ?? .integer(Int64(position) + 1)
    let mark = PanopticMark(sample.preserved)
    if impliesImages {
      guard sample.media.location == nil, sample.id != nil, mark?.others.isEmpty ?? sample.preserved[COCOFormat.id].isEmpty else {
        return report(
          "coco.write.bare",
          "says more than its id, and the file it is from has no list of images; kind=instances writes all of it",
          sample, context)
      }
    } else {
      let size = records.isOrigin ? nil : context.imageSize(of: sample)
      var image = sample
      if let mark { image.preserved[COCOFormat.id] = mark.others }
      records.encodeImage(image, id, size, split * RecordKind.count + RecordKind.image, position, &batch)
      if context.mediaMode != .none, let location = sample.media.location {
        try context.placeMedia(of: sample, at: "images/" + COCOEncoder.relative(location))
      }
    }
    // What had no record stays without one.
    if records.isOrigin, mark == nil, sample.annotations.isEmpty { return }
    let canvas = context.scratch.thing(SegmentCanvas.self) { SegmentCanvas() }
    guard let segments = paint(sample, canvas, context) else { return }
    let (name, path) = SegmentFolder.place(of: mark?.fileName ?? SegmentFolder.usualName(of: sample))
    try write(canvas, sample, folders[split] + "/" + path, context)
    let start = batch.bytes.count
    append(sample, id, name, segments, mark, &batch.bytes)
    batch.records.append(
      EncodedBatch.Record(
        kind: split * RecordKind.count + RecordKind.annotation, range: start..<batch.bytes.count, ordinal: mark?.ordinal,
        position: position))
  }

  /// Reports that a sample cannot be written.
  func report(_ rule: String, _ problem: String, _ sample: Sample, _ context: EncodeContext) {
    context.diagnostics.report(.error, rule, "The image \(terminalSafe(sample.key)) \(problem)", at: sample.source)
  }

  private func write(
    _ canvas: SegmentCanvas, _ sample: Sample, _ path: String, _ context: EncodeContext
  ) throws(DatasetError) {
    let bytes: [UInt8]
    do throws(PNGProblem) { bytes = try canvas.picture().encoded() } catch {
      return report("coco.write.png", "has segments that cannot be written: \(error.message)", sample, context)
    }
    try context.output.writeFile(path, bytes)
  }

  /// Appends the record of an image's segments.
  private func append(
    _ sample: Sample, _ id: RecordID, _ name: String, _ segments: [PaintedSegment], _ mark: PanopticMark?, _ bytes: inout ByteBuffer
  ) {
    bytes.put(",\n{\"image_id\":")
    if let spelled = mark?.imageID, !records.renumbersIDs { bytes.append(spelled) } else { bytes.append(json: id) }
    bytes.put(",\"file_name\":")
    bytes.appendJSON(name)
    bytes.put(",\"segments_info\":[")
    for (at, segment) in segments.enumerated() {
      if at > 0 { bytes.put(",") }
      sample.annotations.withUnsafeBufferPointer { append(segment, $0[segment.position], &bytes) }
    }
    bytes.put("]")
    if let members = mark?.members, !members.isEmpty {
      bytes.put(",")
      bytes.append(members)
    }
    bytes.put("}")
  }

  /// Appends a segment.
  private func append(_ segment: PaintedSegment, _ annotation: borrowing Annotation, _ bytes: inout ByteBuffer) {
    let members = annotation.hasRareAnswers ? annotation.preserved[COCOFormat.id] : []
    var raw = members.isEmpty ? RawKeys() : RawKeys(members)
    if records.renumbersIDs, annotation.label != nil { raw.remove(.categoryID) }
    if segment.isChanged { raw.remove(.area) }
    bytes.put("{\"id\":")
    bytes.append(decimal: UInt64(segment.id))
    if let label = annotation.label, Int(label.index) < records.categoryIDs.count, !raw.contains(.categoryID) {
      bytes.put(",\"category_id\":")
      bytes.append(records.categoryIDs[Int(label.index)])
    }
    if let box = segment.box, !raw.contains(.box) {
      bytes.put(",\"bbox\":[")
      withUnsafeBytes(of: (box.first, box.second, box.third, box.fourth)) {
        _ = bytes.append(numbers: $0.bindMemory(to: Double.self))
      }
      bytes.put("]")
    }
    if let area = segment.area, !raw.contains(.area) {
      bytes.put(",\"area\":")
      bytes.append(area)
    }
    if let crowd = annotation.flags.crowd ?? (records.isOrigin ? nil : false), !raw.contains(.crowd) {
      bytes.put(crowd ? ",\"iscrowd\":1" : ",\"iscrowd\":0")
    }
    if let confidence = annotation.confidence, !raw.contains(.score) {
      bytes.put(",\"score\":")
      bytes.append(confidence)
    }
    if annotation.hasRareAnswers, !annotation.attributes.isEmpty, !raw.contains(.attributes) {
      bytes.put(",\"attributes\":")
      bytes.append(json: annotation.attributes)
    }
    if !members.isEmpty { records.appendRaw(members, raw, false, &bytes) }
    bytes.put("}")
  }
}
