import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes COCO files: images go straight to the file, annotations to a spool that is put in order and appended at the end.
final class COCOWriter: FormatWriter {
  let demand = Demand(labels: true, splits: true)
  private let options: COCOWriteOptions
  private var renumbersIDs: Bool { options.renumbersIDs }
  private var kind = COCOKind.instances
  private var layout = COCOLayout(Preserved())
  private var isOrigin = false
  private var labels: [Label] = []
  private var categoryIDs: [RecordID] = []
  private var output: StagedOutput?
  private var fileName: String?
  /// The splits by the numbers that records carry; the last is for samples without one.
  private var splits: [String?] = [nil]
  // The pipeline calls its writer from one thread, one call after the other: an access is never checked against another.
  @exclusivity(unchecked) private var parts: [COCOPart?] = [nil]

  init(_ options: COCOWriteOptions) { self.options = options }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    layout = COCOLayout(header.preserved)
    kind = options.kind ?? (layout.kind == .joined ? .instances : layout.kind)
    // Where files of several kinds come together, only what is of the kind written is complete as it is.
    isOrigin = layout.files.isEmpty ? context.sourceFormat == COCOFormat.id && kind == .instances : layout.isAll(kind)
    labels = header.labels.labels
    categoryIDs = try assignIDs(labels)
    try checkKind(context)
    output = context.output
    fileName = context.fileName
    splits = context.fileName == nil ? context.splits.map { $0 } + [nil] : [nil]
    parts = splits.map { _ in nil }
    if context.fileName != nil { _ = try part(0) }
    return encoder()
  }

  /// The encoder of the kind that is written.
  private func encoder() -> any SampleEncoder {
    let records = COCOEncoder(
      categoryIDs: categoryIDs.map { id in
        var text = ByteBuffer()
        text.append(json: id)
        return text.array()
      }, splits: splits, isOrigin: isOrigin || kind == .results, renumbersIDs: renumbersIDs,
      renumbersAnnotations: options.renumbersAnnotations, runSpelling: options.runSpelling)
    switch kind {
    case .instances, .joined: return records
    case .results:
      var unnamed: Set<LabelID> = []
      for (at, label) in labels.enumerated() where label.id == nil && !renumbersIDs {
        unnamed.insert(LabelID(index: UInt32(truncatingIfNeeded: at)))
      }
      return ResultsEncoder(records: records, unnamed: unnamed, isAskedFor: options.kind != nil)
    case .panoptic:
      return PanopticEncoder(
        records: records, folders: splits.map { Self.partName(kind, $0) }, overlap: options.overlap,
        impliesImages: impliesImages)
    }
  }

  /// Whether the images, or the categories, are named by the records alone, as they were in the file that was read.
  private var impliesImages: Bool { implies("images") }
  private var impliesCategories: Bool { implies("categories") }

  private func implies(_ member: String) -> Bool {
    isOrigin && kind == .panoptic && layout.files.allSatisfy { !$0.order.isEmpty && !$0.order.contains(member) }
  }

  /// Refuses what the kind cannot be written as.
  private func checkKind(_ context: WriteContext) throws(DatasetError) {
    if kind == .panoptic, context.fileName != nil {
      throw DatasetError(
        .usage,
        "Panoptic segments are written to PNG files beside a JSON file: give a folder as the output, or the option "
          + "kind=instances, which writes them as masks")
    }
    let hasNames = labels.contains { !$0.isBareID }
    if hasNames, impliesCategories || (kind == .results && options.kind == nil) {
      throw DatasetError(
        .invalidInput,
        "The labels say more than their ids, and the file they are from has no place for it; the option kind says what to write")
    }
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    let bytes = batch.bytes.bytes
    let count = batch.records.count
    var at = 0
    // Neighbours of one kind go to the files in one piece.
    while at < count {
      let kind = batch.records[at].kind
      let part = try part(kind / RecordKind.count)
      switch kind % RecordKind.count {
      case RecordKind.image:
        let record = batch.records[at]
        try part.addImage(bytes, record)
        at += 1
      default:
        if batch.records[at].ordinal != .max {
          try part.addPlaced(batch.records[at], UnsafeRawBufferPointer(rebasing: bytes[batch.records[at].range]))
          at += 1
          continue
        }
        let start = batch.records[at].range.lowerBound
        var end = start
        while at < count, batch.records[at].kind == kind, batch.records[at].ordinal == .max,
          end == start || batch.records[at].range.lowerBound == end
        {
          part.addAnnotation(batch.records[at])
          end = batch.records[at].range.upperBound
          at += 1
        }
        try part.appendAnnotations(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
      }
    }
  }

  func finish() throws(DatasetError) {
    if !parts.contains(where: { $0 != nil }) { _ = try part(parts.count - 1) }
    for part in parts {
      if let part { try part.finish() }
    }
    parts = []
  }

  /// The file of a split, opened at its first record.
  private func part(_ number: Int) throws(DatasetError) -> COCOPart {
    if let part = parts[number] { return part }
    guard let output else { throw DatasetError(.usage, "A writer must begin before it writes") }
    let split = splits[number]
    let name = fileName ?? Self.partName(kind, split) + ".json"
    // Segments have ids that are unique in their image alone.
    let mergesFiles = layout.files.count > 1 || (kind == .instances && layout.hasSegments)
    let made = try COCOPart(
      file: try output.openFile(name), output, layout: layout(of: split),
      labels: impliesCategories ? [] : labels, categoryIDs: categoryIDs, isOrigin: isOrigin, isList: kind == .results,
      renumbersIDs: options.renumbersAnnotations, mergesFiles: mergesFiles)
    parts[number] = made
    return made
  }

  /// The path of a split's file in a folder, without its ending.
  static func partName(_ kind: COCOKind, _ split: String?) -> String { "annotations/\(kind.rawValue)_\(fileWord(split))" }

  /// The word for a split in a file name.
  static func fileWord(_ split: String?) -> String {
    guard let split else { return "all" }
    return String(split.map { $0 == "/" ? "_" : $0 })
  }

  /// The other members of the file of a split.
  private func layout(of split: String?) -> COCOLayout.File? {
    if kind != layout.kind, layout.kind == .results { return nil }
    if fileName != nil { return layout.merged }
    if layout.files.count == 1 { return layout.files.first }
    return layout.files.first { $0.split == split }
  }

  /// The ids of the categories: those they have, else the next free ones.
  private func assignIDs(_ labels: [Label]) throws(DatasetError) -> [RecordID] {
    var next: Int64 = 1
    var isExhausted = false
    if !renumbersIDs {
      for label in labels {
        guard case .integer(let id) = label.id, id >= next else { continue }
        isExhausted = id == .max
        next = id &+ (isExhausted ? 0 : 1)
      }
    }
    var used: Set<RecordID> = []
    var ids: [RecordID] = []
    for label in labels {
      var id = RecordID.integer(next)
      if !renumbersIDs, let own = label.id {
        id = own
      } else {
        if isExhausted { throw Self.noIDsLeft("category") }
        next += 1
      }
      guard used.insert(id).inserted else {
        throw DatasetError(
          .invalidInput,
          "Two labels have the category id \(id.safeText), the second is \"\(terminalSafe(label.name))\"; the option ids=renumber "
            + "numbers them anew")
      }
      ids.append(id)
    }
    return ids
  }

  static func noIDsLeft(_ record: String) -> DatasetError {
    DatasetError(.invalidInput, "The largest \(record) id leaves no number for the next; the option ids=renumber numbers them anew")
  }
}

/// What was asked of the writer.
struct COCOWriteOptions: Sendable {
  /// What to write; nil for what was read.
  var kind: COCOKind?
  /// Whether all ids are numbered from 1.
  var renumbersIDs = false
  /// Whether the ids of annotations are, with or without the others.
  var renumbersAnnotations = false
  var runSpelling = RunSpelling.keep
  var overlap = SegmentOverlap.refuse
}

/// What a record of a batch is, beside the number of its split.
enum RecordKind {
  static let image = 0
  static let annotation = 1
  static let count = 2
}
