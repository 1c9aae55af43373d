import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes COCO files: images go straight to the file, annotations to a spool that is put in order and appended at the end.
final class COCOWriter: FormatWriter {
  let demand = Demand(labels: true, splits: true)
  private let renumbersIDs: Bool
  private let runSpelling: RunSpelling
  private var layout = COCOLayout(Preserved())
  private var isOrigin = false
  private var labels: [Label] = []
  private var categoryIDs: [RecordID] = []
  private var output: StagedOutput?
  private var fileName: String?
  /// The splits by the numbers that records carry; the last is for samples without one.
  private var splits: [String?] = [nil]
  private var parts: [COCOPart?] = [nil]

  init(renumbersIDs: Bool, runSpelling: RunSpelling) {
    self.renumbersIDs = renumbersIDs
    self.runSpelling = runSpelling
  }

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    layout = COCOLayout(header.preserved)
    isOrigin = context.sourceFormat == COCOFormat.id || !layout.files.isEmpty
    labels = header.labels.labels
    categoryIDs = try assignIDs(labels)
    output = context.output
    fileName = context.fileName
    splits = context.fileName == nil ? context.splits.map { $0 } + [nil] : [nil]
    parts = splits.map { _ in nil }
    if context.fileName != nil { _ = try part(0) }
    return COCOEncoder(
      categoryIDs: categoryIDs.map { id in
        var text = ByteBuffer()
        text.append(json: id)
        return text.array()
      }, splits: splits, isOrigin: isOrigin, renumbersIDs: renumbersIDs, runSpelling: runSpelling)
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
        let start = batch.records[at].range.lowerBound
        var end = start
        while at < count, batch.records[at].kind == kind, at == 0 || end == start || batch.records[at].range.lowerBound == end {
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
    let name = fileName ?? "annotations/instances_\(Self.fileWord(split)).json"
    let made = try COCOPart(
      file: try output.openFile(name), spool: try output.openSpool(), layout: layout(of: split), labels: labels,
      categoryIDs: categoryIDs, isOrigin: isOrigin, renumbersIDs: renumbersIDs, mergesFiles: layout.files.count > 1)
    parts[number] = made
    return made
  }

  /// The word for a split in a file name.
  static func fileWord(_ split: String?) -> String {
    guard let split else { return "all" }
    return String(split.map { $0 == "/" ? "_" : $0 })
  }

  /// The other members of the file of a split.
  private func layout(of split: String?) -> COCOLayout.File? {
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

/// What a record of a batch is, beside the number of its split.
enum RecordKind {
  static let image = 0
  static let annotation = 1
  static let count = 2
}
