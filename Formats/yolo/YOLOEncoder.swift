import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Writes the label file of a sample, and appends its line of a list to the batch.
struct YOLOEncoder: SampleEncoder {
  let dialect: YOLODialect

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let split = sample.split ?? dialect.defaultSplit
    guard let list = YOLOSplit.fileName(split, isDarknet: dialect.isDarknet) else {
      return context.diagnostics.report(
        .error, "yolo.write.split",
        "The split \"\(terminalSafe(split ?? ""))\" of \"\(terminalSafe(sample.key))\" cannot be the name of a list",
        at: sample.source)
    }
    if split == "val" || split == "valid" {
      context.diagnostics.report(
        .warning, "yolo.write.split-name", "The split \"\(split ?? "")\" is written as \(list), which is read as validation",
        at: sample.source)
    }
    let key = sample.media.location ?? sample.key
    let line = YOLOPlaces.line(for: key, isDarknet: dialect.isDarknet, split: list)
    guard YOLOEncoder.isLine(key), let path = try? RelativePath(line.hasPrefix("/") ? String(line.dropFirst()) : line) else {
      return context.diagnostics.report(
        .error, "yolo.write.name",
        "The image \"\(terminalSafe(key))\" cannot be a line of a list and a path below a folder", at: sample.source)
    }
    let isUnlabeled = sample.annotations.isEmpty && sample.preserved == YOLOReader.unlabeled
    if !isUnlabeled { try writeLabels(sample, path.text, &batch, context) }
    append(line, to: list, &batch)
    if context.mediaMode != .none { try context.placeMedia(of: sample, at: path.text) }
  }

  private func writeLabels(
    _ sample: Sample, _ image: String, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let worker = context.scratch.thing(YOLORowWriter.self) { YOLORowWriter() }
    worker.write(sample, dialect, &batch, context)
    let file = YOLOPlaces.label(of: image)
    do throws(DatasetError) {
      try context.output.writeFile(file, worker.bytes.bytes)
    } catch {
      guard error.code == .invalidInput else { throw error }
      var clear = error
      clear.message =
        "The labels of \"\(terminalSafe(sample.key))\" would be written to \"\(terminalSafe(file))\", and that cannot be: "
        + error.message + "; two images whose names differ only in their endings are one such case"
      clear.range = sample.source
      throw clear
    }
  }

  /// Whether a name comes back from a line of a list.
  private static func isLine(_ key: String) -> Bool {
    guard let first = key.utf8.first, let last = key.utf8.last, !YOLOLines.isBlank(first), !YOLOLines.isBlank(last) else {
      return false
    }
    if key.utf8.contains(where: { $0 == 0x0A || $0 == 0x0D || $0 == 0 }) { return false }
    let parts = key.split(separator: "/", omittingEmptySubsequences: false)
    return !parts.contains("..") && parts.last != "." && parts.last != ""
  }

  /// Appends a line of a list; lines of one list that follow each other are one record.
  private func append(_ line: String, to list: String, _ batch: inout EncodedBatch) {
    let kind: YOLORecord =
      switch list {
      case "train": .train
      case "val", "valid": .validation
      case "test": .test
      case YOLOSplit.none: .unsplit
      default: .other
      }
    let start = batch.bytes.count
    if kind == .other {
      batch.bytes.append(list)
      batch.bytes.append(UInt8(0))
    }
    batch.bytes.append(dialect.isDarknet ? "data/" : "./")
    batch.bytes.append(line)
    batch.bytes.append(UInt8(ascii: "\n"))
    if kind != .other, let last = batch.records.indices.last, batch.records[last].kind == kind.rawValue,
      batch.records[last].range.upperBound == start
    {
      batch.records[last].range = batch.records[last].range.lowerBound..<batch.bytes.count
    } else {
      batch.records.append(.init(kind: kind.rawValue, range: start..<batch.bytes.count))
    }
  }
}

/// What a record of a batch is.
enum YOLORecord: Int {
  /// Lines of a list.
  case unsplit, train, validation, test
  /// A line of any other list, led by the name of the list.
  case other
  /// The first row of a kind: its bytes are the key of the sample, its id the kind and the shape of its keypoints.
  case kind
}

/// What a row says; the task of a dataset follows from the kinds of its rows.
enum YOLORowKind: Int64, CaseIterable {
  case box, quad, polygon, pose

  /// The words for it.
  var name: String {
    switch self {
    case .box: "boxes"
    case .quad: "outlines of four points"
    case .polygon: "outlines"
    case .pose: "keypoints"
    }
  }
}
