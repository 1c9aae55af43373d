import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes a folder: label files by the encoder, lists of images here, and at the end the file that describes them.
final class YOLOWriter: FormatWriter {
  private let dialect: YOLODialect
  private var output: StagedOutput?
  private var header = DatasetHeader()
  private var lists: [(name: String, file: OutputFile)] = []
  private var kinds = YOLOKinds()

  let demand = Demand(labels: true)

  init(_ dialect: YOLODialect) { self.dialect = dialect }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    output = context.output
    self.header = header
    if dialect.isDarknet {
      for label in header.labels.labels where !YOLODarknetFile.isLine(label.name) {
        throw DatasetError(
          .usage,
          "The label \"\(terminalSafe(label.name))\" cannot be a line of obj.names; --to yolo:layout=ultralytics can hold it")
      }
    }
    return YOLOEncoder(dialect: dialect)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    for record in batch.records {
      let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[record.range])
      switch YOLORecord(rawValue: record.kind) {
      case .kind: kinds.note(record, String(decoding: bytes, as: UTF8.self))
      case .unsplit: try append(bytes, to: YOLOSplit.none)
      case .train: try append(bytes, to: "train")
      case .validation: try append(bytes, to: dialect.isDarknet ? "valid" : "val")
      case .test: try append(bytes, to: "test")
      case .other:
        guard let end = bytes.firstIndex(of: 0) else { continue }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[(end + 1)...])
        try append(rest, to: String(decoding: bytes[..<end], as: UTF8.self))
      case nil: continue
      }
    }
  }

  private func append(_ bytes: UnsafeRawBufferPointer, to name: String) throws(DatasetError) {
    for list in lists where list.name == name { return try list.file.append(bytes) }
    guard let output else { return }
    let file = try output.openFile("\(name).txt")
    lists.append((name, file))
    try file.append(bytes)
  }

  func finish() throws(DatasetError) {
    for list in lists { try list.file.close() }
    guard let output else { return }
    var names: [String] = []
    for list in lists { names.append(list.name) }
    let ranks = ["train": 0, "val": 1, "valid": 1, "test": 2, YOLOSplit.none: 9]
    names.sort { a, b in
      let (first, second) = (ranks[a] ?? 5, ranks[b] ?? 5)
      return first != second ? first < second : a < b
    }
    let kept = YOLOKeptFields(header.preserved)
    if dialect.isDarknet {
      try YOLODarknetFile(labels: header.labels.labels, lists: names, kept: kept).write(to: output)
    } else {
      let task = try kinds.task(dialect.task, kept)
      try output.writeFile(
        "data.yaml",
        YOLODataFile(
          task: task, keypoints: kinds.keypoints ?? kept.keypoints, labels: header.labels.labels, lists: names, kept: kept
        ).bytes())
    }
  }
}

/// The kinds of rows that were written, and which task they make.
struct YOLOKinds {
  private struct First {
    var key: String
    var source: SourceRange?
  }

  private var firsts: [YOLORowKind: First] = [:]
  /// The shape of the keypoints that were written first.
  private(set) var keypoints: YOLOKeypointShape?
  private var otherShape: (shape: YOLOKeypointShape, first: First)?

  /// Notes the first row of a kind in a batch.
  mutating func note(_ record: EncodedBatch.Record, _ key: String) {
    guard let kind = YOLORowKind(rawValue: record.id & 7) else { return }
    let place = record.ordinal == .max ? nil : SourceRange(file: FileID(index: record.ordinal), offset: record.position)
    let first = First(key: key, source: place)
    if firsts[kind] == nil { firsts[kind] = first }
    guard kind == .pose, let shape = YOLOKeypointShape(count: Int(record.id / 64), numbers: Int(record.id / 8 & 7)) else { return }
    if keypoints == nil { keypoints = shape } else if keypoints != shape, otherShape == nil { otherShape = (shape, first) }
  }

  /// The task of the dataset: as asked for, as it was read, or as the rows are when they are all of one.
  func task(_ given: YOLOTask?, _ kept: YOLOKeptFields) throws(DatasetError) -> YOLOTask {
    if let otherShape, let keypoints {
      throw DatasetError(
        .ambiguous,
        "All objects of a YOLO dataset have as many keypoints: the first ones have \(keypoints.count) of \(keypoints.numbers) numbers, "
          + "those of \"\(terminalSafe(otherShape.first.key))\" \(otherShape.shape.count) of \(otherShape.shape.numbers); --keep-labels takes one kind",
        range: otherShape.first.source)
    }
    if let given { return given }
    if let first = firsts[.pose] {
      for other in [YOLORowKind.box, .quad, .polygon] { if let second = firsts[other] { throw mixed(.pose, first, other, second) } }
      return .pose
    }
    if let task = kept.task, holds(task, kept) { return task }
    if firsts[.quad] != nil || firsts[.polygon] != nil { return .segment }
    return .detect
  }

  /// Whether what was written are rows of a task.
  private func holds(_ task: YOLOTask, _ kept: YOLOKeptFields) -> Bool {
    switch task {
    case .detect, .segment: true
    case .obb: firsts[.polygon] == nil
    case .pose: firsts.isEmpty && kept.keypoints != nil
    }
  }

  private func mixed(_ a: YOLORowKind, _ first: First, _ b: YOLORowKind, _ second: First) -> DatasetError {
    DatasetError(
      .ambiguous,
      "A YOLO dataset has one task, and this one holds \(a.name), first in \"\(terminalSafe(first.key))\", and \(b.name), first in "
        + "\"\(terminalSafe(second.key))\"; choose with --to yolo:task=detect, segment or pose",
      range: second.source ?? first.source)
  }
}
