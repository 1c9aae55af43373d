import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What the options and the header say about the whole output.
struct WriterSettings: Sendable {
  /// The layout the samples came with, which they are read again by.
  var source: ManifestLayout
  /// The writer of lines.
  var text: LineText
  /// The attribute new frames belong to.
  var frames: Int
  /// Whether the samples come from another format.
  var isNew: Bool
  /// Whether the output is a folder, which has room for masks and frames.
  var isFolder: Bool
  /// Whether the output is one file of frames.
  var isSequence: Bool

  /// The layout of the sequence a frame belongs to, which is that of the longest folder its key begins with.
  func sequence(of key: String) -> Int? {
    var best: Int?
    for (index, sequence) in source.sequences.enumerated() where key.utf8.starts(with: sequence.folder.utf8) {
      if let known = best, source.sequences[known].folder.utf8.count >= sequence.folder.utf8.count { continue }
      best = index
    }
    return best
  }
}

/// What the ranges of a batch are.
enum RecordKind {
  /// A line, compact.
  static let line = 1
  /// A line as it stood.
  static let keptLine = 2
  /// The folder of a frame.
  static let folder = 3
  /// The entry of a frame in the list of frames.
  static let entry = 4
  /// A frame, compact or as it stood.
  static let frame = 5
  static let keptFrame = 6
}

/// Turns samples into lines and frames.
struct GroundTruthEncoder: SampleEncoder {
  let settings: WriterSettings

  func encode(
    _ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    let worker = context.scratch.thing(EncoderWorker.self) { EncoderWorker(settings) }
    try worker.encode(sample, position, &batch, context)
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    let worker = context.scratch.thing(EncoderWorker.self) { EncoderWorker(settings) }
    worker.account(sample, context)
  }
}

/// What one worker keeps from sample to sample.
final class EncoderWorker {
  private let settings: WriterSettings
  private var frameTexts: [Int: FrameText] = [:]
  private var check: KeptText?

  init(_ settings: WriterSettings) { self.settings = settings }

  /// Whether a sample is a frame of a sequence: it has a number, or shapes that only frames have.
  static func isFrame(_ sample: Sample) -> Bool {
    guard sample.media.kind == .image else { return false }
    if sample.media.frame?.number != nil { return true }
    return sample.annotations.contains { annotation in
      switch annotation.shape {
      case .polygon, .polyline, .point: true
      default: false
      }
    }
  }

  func account(_ sample: Sample, _ context: EncodeContext) {
    if EncoderWorker.isFrame(sample) { return accountFrame(sample, context) }
    let draft = settings.text.draft(sample, source: sample.media.location, context)
    for part in draft.parts where settings.text.layout.attributes[part.attribute].task == .mask {
      MaskSheet(part.annotations.map { sample.annotations[$0] }).accountOverlap(sample, context)
    }
  }

  func encode(_ given: Sample, _ position: Int, _ batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let sample = Pixels.converted(given, isNew: settings.isNew, context)
    if EncoderWorker.isFrame(sample) { return try frame(sample, position, &batch, context) }
    guard !settings.isSequence else {
      throw DatasetError(
        .usage, "A .json file of Ground Truth holds the frames of one sequence; give a folder or a .manifest as the output",
        range: sample.source)
    }
    checkKind(of: sample, context)
    var source = sample.media.location
    if context.mediaMode != .none, settings.isFolder, let location = source {
      let path = MediaPlace.inData(location)
      try context.placeMedia(of: sample, at: path)
      source = path
    }
    var draft = settings.text.draft(sample, source: source, context)
    for at in draft.parts.indices where settings.text.layout.attributes[draft.parts[at].attribute].task == .mask {
      if let place = try mask(draft.parts[at], sample, position, context) { draft.masks[at] = place }
    }
    let start = batch.bytes.count
    if source == sample.media.location, let kept = keptText(sample, context), kept.lineSays(sample, position, context) {
      batch.bytes.append(kept.text)
      batch.records.append(.init(kind: RecordKind.keptLine, range: start..<batch.bytes.count))
      return
    }
    settings.text.append(sample, draft, position: position, labels: context.labels, to: &batch.bytes)
    batch.records.append(.init(kind: RecordKind.line, range: start..<batch.bytes.count))
  }

  /// Says so where a line would be taken for that of another kind of media: only labels and endings tell.
  private func checkKind(of sample: Sample, _ context: EncodeContext) {
    guard sample.annotations.isEmpty, let location = sample.media.location else { return }
    let told = mediaKind(of: location) ?? .image
    guard told != sample.media.kind else { return }
    context.diagnostics.report(
      .error, "groundtruth.write.media",
      "Without labels, \"\(terminalSafe(location))\" is taken for \(told.rawValue) by its name, and it is \(sample.media.kind.rawValue)",
      at: sample.source)
  }

  /// The text a reader kept of the sample.
  private func keptText(_ sample: Sample, _ context: EncodeContext) -> KeptText? {
    guard !sample.preserved.isEmpty, let line = Marks(sample.preserved).text("@line") else { return nil }
    let check = self.check ?? KeptText(settings.source, context.labels)
    self.check = check
    check.take(line)
    return check
  }

  // MARK: Masks

  /// Paints the masks of a part and writes the picture; nil when the part has none.
  private func mask(
    _ part: LineText.Part, _ sample: Sample, _ position: Int, _ context: EncodeContext
  ) throws(DatasetError) -> String? {
    let annotations = part.annotations.map { sample.annotations[$0] }
    guard annotations.contains(where: { $0.reference == nil }) else { return nil }
    guard settings.isFolder else {
      throw DatasetError(
        .usage, "Masks need a picture beside the manifest: give a folder as the output", range: sample.source)
    }
    let kept = annotations.lazy.compactMap { $0.preserved.isEmpty ? nil : Marks($0.preserved).text("@mask") }.first
    return try MaskSheet(annotations).write(kept, part.name, sample, position, context)
  }

  // MARK: Frames

  private func accountFrame(_ sample: Sample, _ context: EncodeContext) {
    for annotation in sample.annotations {
      let features = annotation.features
      for feature in [Feature.mask, .span, .reference] where features.contains(feature) {
        context.losses.append(EncodingLoss(feature, isApproximated: false))
      }
      guard ObjectList(annotation) != nil else { continue }
      if annotation.label == nil {
        context.diagnostics.report(
          .error, "groundtruth.write.label",
          "A place in \"\(terminalSafe(sample.key))\" has no class, and an object of Ground Truth has one", at: sample.source)
      }
    }
  }

  private func frame(
    _ sample: Sample, _ position: Int, _ batch: inout EncodedBatch, _ context: EncodeContext
  ) throws(DatasetError) {
    guard settings.isFolder || settings.isSequence else {
      throw DatasetError(
        .usage, "Frames need files beside the manifest: give a folder as the output, or a .json for one sequence",
        range: sample.source)
    }
    accountFrame(sample, context)
    let sequence = settings.sequence(of: sample.key)
    let layout = sequence.map { settings.source.sequences[$0] }
    let folder = layout?.folder ?? MediaPlace.folder(of: sample.key)
    let name = String(sample.key.utf8.dropFirst(folder.utf8.count)) ?? sample.key
    if context.mediaMode != .none, settings.isFolder, let location = sample.media.location {
      try context.placeMedia(of: sample, at: MediaPlace.inData(location))
    }
    let number = sample.media.frame?.number ?? MediaPlace.number(of: name) ?? position
    let out = { (kind: Int, start: Int, batch: inout EncodedBatch, id: Int) in
      batch.records.append(
        .init(kind: kind, range: start..<batch.bytes.count, id: Int64(id)))
    }
    var start = batch.bytes.count
    batch.bytes.append(folder)
    out(RecordKind.folder, start, &batch, sequence ?? -1)
    start = batch.bytes.count
    batch.bytes.append("{\"frame-no\":")
    batch.bytes.append(decimal: number)
    batch.bytes.append(",\"frame\":")
    batch.bytes.appendJSON(name)
    batch.bytes.append(UInt8(ascii: "}"))
    out(RecordKind.entry, start, &batch, 0)
    start = batch.bytes.count
    let hasTracks = sample.annotations.contains { $0.track != nil } ? 1 : 0
    let text = frameText(sequence)
    let attribute = layout.flatMap { settings.text.layout.position($0.attribute, .frames) } ?? settings.frames
    if let kept = keptText(sample, context), let sequence, kept.frameSays(sample, sequence, attribute, settings, context) {
      batch.bytes.append(kept.text)
      return out(RecordKind.keptFrame, start, &batch, hasTracks)
    }
    text.append(sample, name: name, number: number, to: &batch.bytes) { settings.text.ids.text($0.label, attribute) }
    out(RecordKind.frame, start, &batch, hasTracks)
  }

  private func frameText(_ sequence: Int?) -> FrameText {
    let key = sequence ?? -1
    if let known = frameTexts[key] { return known }
    let text = FrameText(sequence.map { settings.source.sequences[$0] } ?? SequenceLayout())
    frameTexts[key] = text
    return text
  }
}
