import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Turns samples into COCO records.
struct COCOEncoder: SampleEncoder {
  /// The ids of the categories as JSON, by label.
  let categoryIDs: [[UInt8]]
  /// The splits by number; the last is for samples without one.
  let splits: [String?]
  /// Whether the samples were read from COCO files, so that what is absent stays absent.
  let isOrigin: Bool
  let renumbersIDs: Bool
  /// Whether the annotations are numbered anew, with or without all else.
  let renumbersAnnotations: Bool
  let runSpelling: RunSpelling

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    var split = splits.count - 1
    if split > 0, let name = sample.split { split = splits.firstIndex(of: name) ?? split }
    let imageID: RecordID = renumbersIDs ? .integer(Int64(position) + 1) : sample.id ?? .integer(Int64(position) + 1)
    let size = isOrigin ? nil : context.imageSize(of: sample)
    if (sample.media.width ?? 1) <= 0 || (sample.media.height ?? 1) <= 0 {
      context.diagnostics.report(
        .error, "coco.write.size", "The width or height of \(terminalSafe(sample.key)) is not above zero", at: sample.source)
    }
    encodeImage(sample, imageID, size, split * RecordKind.count + RecordKind.image, position, &batch)
    if context.mediaMode != .none, let location = sample.media.location {
      try context.placeMedia(of: sample, at: "images/" + COCOEncoder.relative(location))
    }
    // By position in the array's memory: a loop over its elements copies each of them.
    sample.annotations.withUnsafeBufferPointer { annotations in
      for at in annotations.indices { encode(annotations[at], of: sample, imageID, split, position, &batch, context) }
    }
  }

  @inline(__always)
  func encode(
    _ annotation: borrowing Annotation, of sample: Sample, _ imageID: RecordID, _ split: Int, _ position: Int,
    _ batch: inout EncodedBatch, _ context: EncodeContext
  ) {
    let start = batch.bytes.count
    let id = renumbersAnnotations ? nil : annotation.id
    batch.bytes.put(",\n{")
    if let id {
      batch.bytes.put("\"id\":")
      batch.bytes.append(json: id)
    }
    guard encodeBody(annotation, of: sample, imageID, &batch.bytes, context) else { return batch.bytes.truncate(to: start) }
    batch.bytes.put("}")
    var record = EncodedBatch.Record(
      kind: split * RecordKind.count + RecordKind.annotation, range: start..<batch.bytes.count, ordinal: annotation.ordinal,
      position: position)
    if case .integer(let number) = id {
      record.id = number
      record.hasID = true
    } else if id == nil, renumbersAnnotations || !isOrigin {
      record.id = EncodedID.missing
    }
    batch.records.append(record)
  }

  /// A path without what leads out of its folder.
  static func below(_ path: some StringProtocol) -> String {
    path.split(separator: "/").filter { $0 != "." && $0 != ".." }.joined(separator: "/")
  }

  /// The place of an image below the folder of images: its path without what leads out of the folder, or the end of its URI.
  static func relative(_ location: String) -> String {
    var rest = Substring(location)
    if URLMap.isURL(location) { rest = location.split(separator: "/").last ?? rest }
    let path = below(rest)
    return path.hasPrefix("images/") ? String(path.dropFirst(7)) : path
  }
}
