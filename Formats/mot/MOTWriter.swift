import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Writes sequences: rows wait in a spool, and each file gets them in the order they had.
final class MOTWriter: FormatWriter {
  private var output: StagedOutput?
  private var fileName: String?
  private var settings: MOTSettings?
  private var labels: [Label] = []
  private var spool: Spool?
  private var sequences: [MOTSequenceOutput] = []
  private var positions: [String: Int] = [:]
  private var current: (folder: String, split: String, at: Int)?

  let demand = Demand(labels: true)

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let settings = MOTSettings(header)
    output = context.output
    fileName = context.fileName
    labels = header.labels.labels
    self.settings = settings
    spool = try context.output.openSpool()
    return MOTEncoder(settings: settings, isFile: context.fileName != nil)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let spool, let settings else { return }
    let bytes = batch.bytes.bytes
    var at = 0
    var track: RecordID?
    var attributes: Range<Int>?
    let base = spool.count
    var open: MOTSequenceOutput?
    while at < batch.records.count {
      let record = batch.records[at]
      at += 1
      switch record.kind {
      case MOTRecord.sample, MOTRecord.numbered:
        var split = ""
        var size: Int64 = -1
        while at < batch.records.count, [MOTRecord.split, MOTRecord.size].contains(batch.records[at].kind) {
          let next = batch.records[at]
          if next.kind == MOTRecord.split { split = String(decoding: bytes[next.range], as: UTF8.self) } else { size = next.id }
          at += 1
        }
        let key = String(decoding: bytes[record.range], as: UTF8.self)
        let sequence = try sequence(of: key, split, settings)
        open = sequence
        try sequence.begin(key, wanted: Int(record.id), isGiven: record.kind == MOTRecord.numbered, size: size, split: split)
      case MOTRecord.track: track = .string(String(decoding: bytes[record.range], as: UTF8.self))
      case MOTRecord.bigTrack: track = .integer(record.id)
      case MOTRecord.attributes: attributes = record.range
      default:
        open?.add(record, base: base, track: track, attributes: attributes)
        (track, attributes) = (nil, nil)
      }
    }
    try spool.append(bytes)
  }

  /// The sequence a sample belongs to.
  private func sequence(of key: String, _ split: String, _ settings: MOTSettings) throws(DatasetError) -> MOTSequenceOutput {
    let folder = FileName.folder(of: key)
    if let current, current.folder == folder, current.split == split { return sequences[current.at] }
    let kept = settings.sequence(ofFolder: folder, split: split.isEmpty ? nil : split)
    let path = MOTFolder.path(of: key, split: split.isEmpty ? nil : split, kept.map { settings.sequences[$0] })
    let mark = kept.map { "#\($0)" } ?? "\(MOTFolder.sequence(of: key))\n\(path)"
    let at: Int
    if let known = positions[mark] {
      at = known
    } else {
      guard fileName == nil || sequences.isEmpty else {
        throw DatasetError(
          .usage, "A file of rows holds one sequence, and there are several: give a folder as the output")
      }
      at = sequences.count
      positions[mark] = at
      sequences.append(
        MOTSequenceOutput(
          kept.map { settings.sequences[$0] }, path: free(path, kept),
          ending: FileName.extension(of: key), numbers: settings.numbers[kept ?? settings.sequences.count], labels: labels))
    }
    current = (folder, split, at)
    return sequences[at]
  }

  private var paths: Set<String> = []

  /// A folder no other sequence has.
  private func free(_ path: String, _ kept: Int?) -> String {
    guard kept == nil else { return path }
    var found = path
    var number = 2
    while !paths.insert(found).inserted || settings?.sequences.contains(where: { $0.path == found }) == true {
      found = "\(path)-\(number)"
      number += 1
    }
    return found
  }

  func finish() throws(DatasetError) {
    guard let output, let spool else { return }
    let mapped = try spool.map()
    for sequence in sequences { try sequence.finish(output, as: fileName, rows: mapped) }
    guard let settings else { return }
    let voids = fileName == nil ? settings.sequences.indices.filter { isVoid($0, settings) } : []
    for at in voids {
      let layout = settings.sequences[at]
      let sequence = MOTSequenceOutput(layout, path: layout.path, ending: "", numbers: settings.numbers[at], labels: labels)
      try sequence.finish(output, as: nil, rows: mapped)
    }
    if sequences.isEmpty, voids.isEmpty { try finishEmpty(output, settings) }
  }

  /// Whether a sequence had no frames, so that no sample brings it back.
  private func isVoid(_ at: Int, _ settings: MOTSettings) -> Bool {
    settings.sequences[at].isVoid && positions["#\(at)"] == nil
  }

  /// A dataset without samples is an empty file of rows.
  private func finishEmpty(_ output: StagedOutput, _ settings: MOTSettings) throws(DatasetError) {
    let rows = settings.sequences.first.map { joinedPath($0.path, $0.rows) } ?? "gt/gt.txt"
    try output.writeFile(fileName ?? rows, [])
  }
}
