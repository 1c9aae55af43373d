import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Writes a manifest and, beside it, the files of frames it points at; masks are written by the encoder.
final class GroundTruthWriter: FormatWriter {
  private let attribute: String
  private let name: String
  private var file: OutputFile?
  private var output: StagedOutput?
  private var settings: WriterSettings?
  private var labels: LabelTable?
  private var hasLines = false
  private var sequence: SequenceOutput?
  private var taken: Set<String> = []
  private var number = 0
  private var scratch = ByteBuffer(capacity: 1 << 16)

  init(_ options: FormatOptions) throws(DatasetError) {
    attribute = options["attribute"]
    name = options["name"]
    guard !attribute.hasSuffix(LabelAttribute.suffix), !attribute.contains("-metadata"), attribute.first != "$" else {
      throw DatasetError(.usage, "The name of a label attribute holds no -metadata and begins with no $")
    }
    do throws(RelativePath.Problem) { _ = try RelativePath(name) } catch {
      throw DatasetError(.usage, "The option groundtruth:name is a file name; \"\(terminalSafe(name))\" \(error.phrase)")
    }
  }

  let demand = Demand(labels: true)

  func begin(_ header: DatasetHeader, _ context: WriteContext) throws(DatasetError) -> any SampleEncoder {
    let kept = ManifestLayout(header.preserved)
    let source = kept ?? ManifestLayout()
    let layout = source.completed(name: attribute)
    let isSequence = context.fileName?.lowercased().hasSuffix(".json") == true
    let settings = WriterSettings(
      source: source, text: LineText(layout: layout, name: attribute, ids: ClassIDs(layout, header.labels.labels)),
      frames: layout.attributes.firstIndex { $0.task == .frames } ?? -1, isNew: kept == nil,
      isFolder: context.fileName == nil,
      isSequence: isSequence)
    output = context.output
    labels = header.labels
    self.settings = settings
    let file = try context.output.openFile(context.fileName ?? "\(name).manifest")
    taken.insert("\(name).manifest")
    if source.hasMark, !isSequence { try file.append([0xEF, 0xBB, 0xBF]) }
    self.file = file
    return GroundTruthEncoder(settings: settings)
  }

  func write(_ batch: borrowing EncodedBatch) throws(DatasetError) {
    guard let settings else { return }
    let bytes = batch.bytes.bytes
    var folder = 0..<0
    var entry = 0..<0
    var source = -1
    for record in batch.records {
      let text = UnsafeRawBufferPointer(rebasing: bytes[record.range])
      switch record.kind {
      case RecordKind.line, RecordKind.keptLine:
        try endSequence()
        try line(text, isKept: record.kind == RecordKind.keptLine)
      case RecordKind.folder:
        folder = record.range
        source = Int(record.id)
      case RecordKind.entry: entry = record.range
      default:
        let name = String(decoding: bytes[folder], as: UTF8.self)
        if sequence?.folder != name || sequence?.source != source {
          try endSequence()
          try beginSequence(name, source, hasTracks: record.id == 1, settings)
        }
        try sequence?.append(
          text, isKept: record.kind == RecordKind.keptFrame, entry: UnsafeRawBufferPointer(rebasing: bytes[entry]))
      }
    }
  }

  private func line(_ text: UnsafeRawBufferPointer, isKept: Bool) throws(DatasetError) {
    guard let file, let layout = settings?.source else { return }
    scratch.removeAll()
    if hasLines { end(layout) }
    hasLines = true
    if isKept { scratch.append(text) } else { layout.spacing.append(compact: text, to: &scratch) }
    try file.append(scratch.bytes)
  }

  /// Appends the end of a line, which waits for the next one.
  private func end(_ layout: ManifestLayout) {
    if layout.hasCarriageReturns { scratch.append(UInt8(ascii: "\r")) }
    scratch.append(UInt8(ascii: "\n"))
  }

  func finish() throws(DatasetError) {
    try endSequence()
    if hasLines, let layout = settings?.source, layout.endsWithLineFeed {
      scratch.removeAll()
      end(layout)
      try file?.append(scratch.bytes)
    }
    try file?.close()
  }

  // MARK: Sequences

  /// Opens the file of frames of a sequence, and writes its line.
  private func beginSequence(
    _ folder: String, _ source: Int, hasTracks: Bool, _ settings: WriterSettings
  ) throws(DatasetError) {
    guard let output else { return }
    var layout = settings.source.sequences.indices.contains(source) ? settings.source.sequences[source] : SequenceLayout()
    if source < 0 {
      layout.root = hasTracks ? "tracking-annotations" : "detection-annotations"
      layout.folder = folder
    }
    if settings.isSequence {
      guard number == 0, let file else {
        throw DatasetError(.usage, "A .json file holds the frames of one sequence, and there are several: give a folder")
      }
      number = 1
      sequence = try SequenceOutput(layout, source, folder, file)
      return
    }
    number += 1
    let place = free(layout.location) ?? "annotations/consolidated-annotation/output/\(number - 1)/SeqLabel.json"
    let list = free(layout.sourceLocation)
    let listPlace = list ?? "sequences/\(number).json"
    taken.insert(place)
    taken.insert(listPlace)
    let isKept = layout.line != nil && place == MediaPlace.kept(layout.location)
    sequence = try SequenceOutput(layout, source, folder, try output.openFile(place), list: listPlace, number: number)
    if let text = layout.line, isKept, list != nil || layout.source == nil {
      if layout.source == nil { sequence?.writesList = false }
      var kept = ByteBuffer(capacity: text.utf8.count)
      kept.append(text)
      return try line(kept.bytes, isKept: true)
    }
    try newLine(layout, place, listPlace, settings)
  }

  /// The path of a file that keeps its name, if that is free.
  private func free(_ location: String) -> String? {
    guard !location.isEmpty, let path = MediaPlace.kept(location), !taken.contains(path) else { return nil }
    return path
  }

  private func newLine(
    _ layout: SequenceLayout, _ place: String, _ list: String, _ settings: WriterSettings
  ) throws(DatasetError) {
    let at = settings.text.layout.position(layout.attribute, .frames) ?? settings.frames
    let attribute = settings.text.layout.attributes.indices.contains(at) ? settings.text.layout.attributes[at].name : "frames-ref"
    let isNew = settings.text.layout.attributes.indices.contains(at) && settings.text.layout.attributes[at].isNew
    let option = settings.text.name
    let name = isNew && !option.isEmpty ? (option.hasSuffix("-ref") ? option : option + "-ref") : attribute
    var out = ByteBuffer(capacity: 1024)
    out.append("{\"source-ref\":")
    out.appendJSON(list)
    out.append(UInt8(ascii: ","))
    out.appendJSON(name)
    out.append(UInt8(ascii: ":"))
    out.appendJSON(place)
    out.append(UInt8(ascii: ","))
    out.appendJSON(name + LabelAttribute.suffix)
    out.append(":{\"class-map\":{")
    var isFirst = true
    for (index, label) in (labels?.labels ?? []).enumerated() {
      let id = LabelID(index: UInt32(truncatingIfNeeded: index))
      guard labels?.id(named: label.name) == id, !settings.text.ids.plain(id, at).isEmpty else { continue }
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.append(settings.text.ids.text(id, at))
      out.append(UInt8(ascii: ":"))
      out.appendJSON(label.name)
    }
    out.append("},\"type\":")
    out.appendJSON(layout.type)
    out.append("}}")
    try line(out.bytes, isKept: false)
  }

  private func endSequence() throws(DatasetError) {
    guard let sequence, let output else { return }
    self.sequence = nil
    try sequence.finish(output, closes: settings?.isSequence == false)
  }
}

/// A file of frames that is being written, and the list of its frames.
final class SequenceOutput {
  /// The folder of its frames.
  let folder: String
  /// Its position among the sequences of the header, or -1.
  let source: Int
  /// Whether the list of frames is written.
  var writesList = true
  private let layout: SequenceLayout
  private let file: OutputFile
  private let list: String?
  private let number: Int
  private var entries = ByteBuffer(capacity: 4096)
  private var count = 0
  private var scratch = ByteBuffer(capacity: 4096)

  init(
    _ layout: SequenceLayout, _ source: Int, _ folder: String, _ file: OutputFile, list: String? = nil, number: Int = 1
  ) throws(DatasetError) {
    self.layout = layout
    self.source = source
    self.folder = folder
    self.file = file
    self.list = list
    self.number = number
    try file.append(Array((layout.head.isEmpty ? "{\"\(layout.root)\":[" : layout.head).utf8))
  }

  /// Appends a frame, and its entry in the list.
  func append(_ frame: UnsafeRawBufferPointer, isKept: Bool, entry: UnsafeRawBufferPointer) throws(DatasetError) {
    scratch.removeAll()
    if count > 0 {
      scratch.append(layout.separator)
      entries.append(UInt8(ascii: ","))
    }
    if isKept { scratch.append(frame) } else { layout.spacing.append(compact: frame, to: &scratch) }
    entries.append(entry)
    count += 1
    try file.append(scratch.bytes)
  }

  /// Ends the file and writes the list: as it stood when it names the same frames.
  func finish(_ output: StagedOutput, closes: Bool) throws(DatasetError) {
    try file.append(Array((layout.tail.isEmpty ? "]}" : layout.tail).utf8))
    if closes { try file.close() }
    guard let list, writesList else { return }
    var out = ByteBuffer(capacity: entries.count + 256)
    out.append("{\"seq-no\":")
    out.append(decimal: number)
    out.append(",\"prefix\":")
    out.appendJSON(folder)
    out.append(",\"number-of-frames\":")
    out.append(decimal: count)
    out.append(",\"frames\":[")
    out.append(entries.bytes)
    out.append("]}")
    if let kept = layout.source, !kept.isEmpty {
      let before = Array(kept.utf8).withUnsafeBytes { SequenceSource($0) }
      let after = SequenceSource(out.bytes)
      if before.prefix == after.prefix, Set(before.names).isSuperset(of: after.names) {
        return try output.writeFile(list, Array(kept.utf8))
      }
    }
    try output.writeFile(list, out.bytes)
  }
}
