import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a manifest, or a file of frames: the survey finds lines and frames, decoding reads one of them.
struct GroundTruthReader: FormatReader {
  private let input: DatasetInput
  private let attribute: String

  init(_ input: DatasetInput, _ options: FormatOptions) {
    self.input = input
    attribute = options["attribute"]
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> GroundTruthIndex {
    let path = try GroundTruthReader.manifest(of: input, context)
    let file = try input.files.map(path)
    let fileID = context.sources.add(path)
    let home = FileName.folder(of: path)
    let folder = home.isEmpty ? "." : home
    let folders = input.isSpooled ? [] : [folder, joinedPath(folder, "data")]
    let resolver = MediaResolver(folders: folders, urlMap: context.urlMap, files: input.files)
    let isSequence = file.bytes.withMemoryRebound(to: UInt8.self) { GroundTruthDetection.isSequence($0.prefix(4096)) }
    var index = GroundTruthIndex(
      header: DatasetHeader(), mediaFolders: folders, file: isSequence ? nil : file, fileID: fileID,
      masks: MaskFinder(resolver: resolver), attribute: attribute)
    if isSequence {
      try readAlone(file, fileID, &index, context)
    } else {
      var survey = ManifestSurvey(file, fileID, resolver, attribute)
      try survey.run(&index, context)
    }
    index.header.labelsAreComplete = true
    index.header.preserved = Preserved(GroundTruthFormat.id, members: index.layout.members)
    // The layout is taken from the header, as the writer does, so that both follow the same one.
    index.layout = ManifestLayout(index.header.preserved) ?? index.layout
    for at in index.sequences.indices where at < index.layout.sequences.count {
      index.sequences[at].layout = index.layout.sequences[at]
    }
    return index
  }

  /// Reads a file of frames that stands alone.
  private func readAlone(
    _ file: MappedFile, _ fileID: FileID, _ index: inout GroundTruthIndex, _ context: ReadContext
  ) throws(DatasetError) {
    var sequence = SequenceIndex(file, fileID)
    let labels = LabelTable()
    guard sequence.survey(labels, context) else { return }
    var attribute = LabelAttribute(
      name: "frames-ref", type: sequence.layout.type, task: .frames)
    attribute.classes = sequence.classes.map { item in
      (String(decoding: item.id, as: UTF8.self), labels[item.label]?.name ?? "")
    }
    index.header.labels = LabelNumbers.table(of: [attribute])
    sequence.layout.attribute = attribute.name
    index.layout.attributes = [attribute]
    index.layout.sequences = [sequence.layout]
    sequence.classes = attribute.classes.map { item in (Array(item.id.utf8), index.header.labels.intern(item.name)) }
    for frame in sequence.frames.indices { index.entries.append(.init(place: frame, sequence: 0)) }
    index.sequences = [sequence]
  }

  /// Finds the manifest of a folder: the one whose lines are those of this format.
  static func manifest(of input: DatasetInput, _ context: ReadContext?) throws(DatasetError) -> String {
    guard input.isFolder else { return input.path }
    let tree = try FileTree(root: input.path, in: input.files)
    context?.reportSkipped(tree)
    let named = GroundTruthDetection.candidates(tree.files)
    var found: [String] = []
    for name in named {
      let head = try input.files.readHead(joinedPath(input.path, name), count: 4096)
      if GroundTruthDetection.judge(head, name, inFolder: true) != nil { found.append(name) }
    }
    if found.isEmpty { found = named.filter { $0.hasSuffix(".manifest") } }
    guard let first = found.first else {
      throw DatasetError(.invalidInput, "holds no manifest of Ground Truth", path: input.path)
    }
    guard found.count == 1 else {
      throw DatasetError(
        .ambiguous, "holds \(found.count) manifests; name one of them, such as \(terminalSafe(first))", path: input.path)
    }
    return joinedPath(input.path, first)
  }

  func decode(_ position: Int, in index: GroundTruthIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.image))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: GroundTruthIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    sample.reset()
    guard index.entries.indices.contains(position) else { return false }
    let entry = index.entries[position]
    let worker = context.scratch.thing(WorkerHolder.self) { WorkerHolder() }.worker(for: index)
    if entry.sequence >= 0 { return worker.frame(entry, position, index, into: &sample, context) }
    guard let file = index.file, let base = file.bytes.baseAddress else { return false }
    var end = file.bytes.count
    if let mark = memchr(base + entry.place, 0x0A, end - entry.place) { end = UnsafeRawPointer(mark) - base }
    if end < file.bytes.count, end > entry.place, file.bytes[end - 1] == 0x0D { end -= 1 }
    return worker.line(file.bytes, entry.place..<end, position, into: &sample, context)
  }
}

/// Holds a worker, made anew when it turns to another dataset.
final class WorkerHolder {
  private var current: GroundTruthWorker?

  func worker(for index: GroundTruthIndex) -> GroundTruthWorker {
    if let current, current.fileID == index.fileID, current.labels.table === index.header.labels { return current }
    let worker = GroundTruthWorker(index)
    current = worker
    return worker
  }
}

/// What one worker keeps from sample to sample.
final class GroundTruthWorker {
  let labels: LabelCache
  let fileID: FileID
  // One worker alone uses it.
  @exclusivity(unchecked) private var lines: LineDecoder
  @exclusivity(unchecked) private var frames: (sequence: Int32, decoder: FrameDecoderBox)?
  private let text: LineText
  private let spacing: JSONSpacing
  @exclusivity(unchecked) private var compact = ByteBuffer(capacity: 4096)
  @exclusivity(unchecked) private var spaced = ByteBuffer(capacity: 4096)

  init(_ index: GroundTruthIndex) {
    labels = LabelCache(index.header.labels)
    fileID = index.fileID
    lines = LineDecoder(
      layout: index.layout, labels: labels, file: index.fileID, masks: index.masks, attribute: index.attribute)
    let layout = index.layout.completed(name: "")
    text = LineText(layout: layout, name: "", ids: ClassIDs(layout, index.header.labels.labels))
    spacing = index.layout.spacing
  }

  /// Decodes a line, and keeps it as it stands where it would come out differently and nothing of it was left out.
  func line(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ position: Int, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    guard lines.decode(bytes, range, position: position, into: &sample, context) else { return false }
    guard lines.faults == 0 else { return true }
    compact.removeAll()
    let draft = text.draft(sample, source: sample.media.location, nil)
    text.append(sample, draft, position: position, labels: labels, to: &compact)
    keep(UnsafeRawBufferPointer(rebasing: bytes[range]), spacing, &sample)
    return true
  }

  /// Decodes a frame, and keeps it as it stands where it would come out differently and nothing of it was left out.
  func frame(
    _ entry: GroundTruthIndex.Entry, _ position: Int, _ index: GroundTruthIndex, into sample: inout Sample, _ context: ReadContext
  ) -> Bool {
    let sequence = index.sequences[Int(entry.sequence)]
    if frames?.sequence != entry.sequence {
      frames = (entry.sequence, FrameDecoderBox(sequence, labels: labels, index.layout))
    }
    guard let box = frames?.decoder, sequence.frames.indices.contains(entry.place) else { return false }
    let range = sequence.frames[entry.place]
    guard box.decoder.decode(sequence.file.bytes, range, position: position, into: &sample, context) else { return false }
    guard box.decoder.faults == 0 else { return true }
    compact.removeAll()
    let name = String(sample.key.utf8.dropFirst(sequence.layout.folder.utf8.count)) ?? sample.key
    box.text.append(sample, name: name, number: sample.media.frame?.number ?? -1, to: &compact) {
      text.ids.text($0.label, box.attribute)
    }
    keep(UnsafeRawBufferPointer(rebasing: sequence.file.bytes[range]), sequence.layout.spacing, &sample)
    return true
  }

  private func keep(_ raw: UnsafeRawBufferPointer, _ spacing: JSONSpacing, _ sample: inout Sample) {
    spaced.removeAll()
    spacing.append(compact: compact.bytes, to: &spaced)
    guard raw.count != spaced.count || !raw.elementsEqual(spaced.bytes) else { return }
    sample.preserved.mark("@line", text: String(decoding: raw, as: UTF8.self))
  }
}

/// A decoder of one sequence, with the writer that shows what comes out as it stands.
final class FrameDecoderBox {
  @exclusivity(unchecked) var decoder: FrameDecoder
  let text: FrameText
  /// The attribute whose classes the frames have.
  let attribute: Int

  init(_ sequence: SequenceIndex, labels: LabelCache, _ layout: ManifestLayout) {
    decoder = FrameDecoder(sequence, labels: labels)
    text = FrameText(sequence.layout)
    attribute = layout.position(sequence.layout.attribute, .frames) ?? -1
  }
}
