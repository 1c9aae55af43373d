import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Places the medium of a sample, writes its text file, and appends its line or row to the batch.
struct MediaFolderEncoder: SampleEncoder {
  let plan: WritePlan

  func encode(_ sample: Sample, at position: Int, into batch: inout EncodedBatch, _ context: EncodeContext) throws(DatasetError) {
    let report = SampleReport(sample: sample, context: context)
    let location = sample.media.location ?? sample.key
    guard let path = WritePlan.path(of: location) else {
      return report.error(
        "media-folder.write.path", "The medium \"\(terminalSafe(location))\" has no path that can lie below a folder")
    }
    switch plan.layout {
    case .classFolders: try encodeClassFolder(sample, path, &batch, report)
    case .textFiles: try encodeTextFile(sample, path, report)
    case .list: try encodeLine(sample, path, &batch, report)
    case .metadata: try encodeRow(sample, path, &batch, report)
    }
  }

  func account(for sample: Sample, _ context: EncodeContext) {
    let worker = context.scratch.thing(RowEncoder.self) { RowEncoder() }
    switch plan.layout {
    case .classFolders, .textFiles, .list: context.losses += lossesOfClasses(sample)
    case .metadata: context.losses += worker.losses(of: sample, plan, context.labels)
    }
  }

  /// What a layout loses that holds classes alone: all else, and where it holds one class, those behind the first.
  private func lossesOfClasses(_ sample: Sample) -> [EncodingLoss] {
    var losses: [EncodingLoss] = []
    var hasClass = false
    for annotation in sample.annotations {
      let features = annotation.features
      let isHeld = features.contains(.classification) && !(hasClass && plan.layout == .classFolders)
      if features.contains(.classification) { hasClass = true }
      for feature in (isHeld ? features.subtracting(FeatureSet(.classification)) : features).features {
        losses.append(EncodingLoss(feature, isApproximated: false))
      }
    }
    return losses
  }

  /// The classes of a sample.
  private func classes(of sample: Sample) -> [LabelID] {
    sample.annotations.compactMap { $0.features.contains(.classification) ? $0.label : nil }
  }

  // MARK: Class folders

  private func encodeClassFolder(
    _ sample: Sample, _ path: String, _ batch: inout EncodedBatch, _ report: SampleReport
  ) throws(DatasetError) {
    let context = report.context
    let id = classes(of: sample).first
    let name = id.flatMap { context.labels.label($0)?.name }
    if let name, !WritePlan.canBeFolder(name) {
      return report.error("media-folder.write.label", "The label \"\(terminalSafe(name))\" cannot be the name of a folder")
    }
    let split = plan.split(of: sample)
    guard split.map(MediaPlaces.isFolder) ?? true else { return report.split(split) }
    let target = plan.classPath(path, name, in: split)
    let place = plan.places.place(of: target)
    guard place.split == split, place.label == name else {
      return report.error(
        "media-folder.write.label",
        "The folder of \"\(terminalSafe(target))\" would be read as a split; --to media-folder:split=train puts samples without a split in one"
      )
    }
    guard report.isSeen(target) else { return }
    context.losses += lossesOfClasses(sample)
    if let id { note(id, &batch) }
    let location = sample.media.location ?? sample.key
    guard context.media.path(of: location) != nil else {
      return report.error(
        "media-folder.write.no-media",
        "The medium \"\(terminalSafe(location))\" was not found, and its place is all that tells its class; --media-root names its folder"
      )
    }
    try report.place(at: target)
  }

  /// Notes that a class is used, once in each batch.
  private func note(_ id: LabelID, _ batch: inout EncodedBatch) {
    for record in batch.records where record.id == Int64(id.index) { return }
    batch.records.append(.init(kind: FolderRecord.used, range: batch.bytes.count..<batch.bytes.count, id: Int64(id.index)))
  }

  // MARK: Text files

  private func encodeTextFile(_ sample: Sample, _ path: String, _ report: SampleReport) throws(DatasetError) {
    let context = report.context
    let split = plan.split(of: sample)
    let (folder, rest) = plan.path(path, in: split)
    let target = folder + rest
    guard plan.places.place(of: target).split == split else { return report.split(split) }
    guard context.mediaMode == .none ? report.isShown(target) : report.isSeen(target) else { return }
    var lines = ByteBuffer()
    for id in classes(of: sample) {
      let name = context.labels.label(id)?.name ?? ""
      guard ClassNames.canBeTrimmedLine(name) else {
        return report.error("media-folder.write.label", "The label \"\(terminalSafe(name))\" cannot be a line of a text file")
      }
      lines.append(name)
      lines.append(UInt8(ascii: "\n"))
    }
    context.losses += lossesOfClasses(sample)
    if !lines.isEmpty {
      let file = FileName.withoutExtension(target) + ".txt"
      guard !MediaPlaces.isNames(file), !MediaPlaces.isAside(file) else {
        return report.error("media-folder.write.path", "The text file \"\(terminalSafe(file))\" would be taken for something else")
      }
      try report.collision(file) { () throws(DatasetError) in try context.output.writeFile(file, lines.bytes) }
    }
    try report.place(at: target)
  }

  // MARK: Lists

  private func encodeLine(
    _ sample: Sample, _ path: String, _ batch: inout EncodedBatch, _ report: SampleReport
  ) throws(DatasetError) {
    guard let list = WritePlan.listName(plan.split(of: sample)) else { return report.split(plan.split(of: sample)) }
    guard ListLine.canHold(path) else {
      return report.error("media-folder.write.path", "The path \"\(terminalSafe(path))\" cannot be part of a line of a list")
    }
    // Lists of other names are known by the ending of their first path.
    guard MediaPlaces.isList(list) && MediaPlaces.kind(of: path) == nil && sample.media.kind == .image || report.isOfItsKind(path)
    else { return }
    report.context.losses += lossesOfClasses(sample)
    append(to: list, &batch) { out in
      ListLine.append(path, to: &out)
      for id in classes(of: sample) {
        out.append(UInt8(ascii: " "))
        out.append(decimal: Int(id.index))
      }
      out.append(UInt8(ascii: "\n"))
    }
    try report.place(at: path)
  }

  // MARK: Metadata

  private func encodeRow(
    _ sample: Sample, _ path: String, _ batch: inout EncodedBatch, _ report: SampleReport
  ) throws(DatasetError) {
    let context = report.context
    let worker = context.scratch.thing(RowEncoder.self) { RowEncoder() }
    var split = sample.split ?? plan.defaultSplit
    if plan.columns.isTable { split = plan.split(of: sample) }
    var (folder, rest) = plan.columns.isSingle ? ("", path) : plan.path(path, in: split)
    // Without a member for the split, it is told by the path alone.
    if plan.columns.isSingle, plan.columns.isTable, plan.places.place(of: path).split != split {
      (folder, rest) = plan.path(path, in: split)
    }
    let target = folder + rest
    guard target.utf8.count <= ListLine.pathLimit else {
      return report.error(
        "media-folder.write.path", "The path \"\(terminalSafe(String(target.prefix(64))))...\" is longer than any file's")
    }
    do throws(WriteFault) {
      try worker.encode(sample, plan, file: rest, target: target, split: split, context)
    } catch {
      return report.error(error.rule, error.message)
    }
    context.losses += worker.losses(of: sample, plan, context.labels)
    append(to: folder + plan.metadataName, &batch) { $0.append(worker.row.bytes) }
    try report.place(at: target)
  }

  /// Appends lines for a file; those of one file that follow each other are one record.
  private func append(to file: String, _ batch: inout EncodedBatch, _ body: (inout ByteBuffer) -> Void) {
    if let last = batch.records.last, last.kind == FolderRecord.lines, last.range.upperBound == batch.bytes.count {
      let bytes = UnsafeRawBufferPointer(rebasing: batch.bytes.bytes[last.range])
      let isSame = file.withBytes { bytes.count > $0.count && bytes[$0.count] == 0 && bytes[..<$0.count].elementsEqual($0) }
      if isSame {
        body(&batch.bytes)
        batch.records[batch.records.count - 1].range = last.range.lowerBound..<batch.bytes.count
        return
      }
    }
    let start = batch.bytes.count
    batch.bytes.append(file)
    batch.bytes.append(UInt8(0))
    body(&batch.bytes)
    batch.records.append(.init(kind: FolderRecord.lines, range: start..<batch.bytes.count))
  }
}

/// Why a sample cannot be written.
struct WriteFault: Error {
  var rule: String
  var message: String
}

/// Says what is wrong with a sample, and places its medium.
struct SampleReport {
  let sample: Sample
  let context: EncodeContext

  func error(_ rule: String, _ message: String) { context.diagnostics.report(.error, rule, message, at: sample.source) }

  func split(_ split: String?) {
    error(
      "media-folder.write.split",
      split.map { "The split \"\(terminalSafe($0))\" of \"\(terminalSafe(sample.key))\" cannot be told by a folder or list" }
        ?? "\"\(terminalSafe(sample.key))\" has no split, and its path would be read as one; --to media-folder:split=train gives one"
    )
  }

  /// Whether the ending of a path tells the kind of the medium; reports it when not.
  func isOfItsKind(_ path: String) -> Bool {
    if MediaPlaces.kind(of: path) == sample.media.kind { return true }
    error(
      "media-folder.write.kind",
      "The ending of \"\(terminalSafe(path))\" does not tell that it is \(sample.media.kind == .image ? "an image" : "\(sample.media.kind)"); --to media-folder:layout=metadata can hold it"
    )
    return false
  }

  /// Whether a walk over the folder sees a path; reports it when not.
  func isShown(_ path: String) -> Bool {
    guard WritePlan.isHidden(path) else { return true }
    error("media-folder.write.path", "\"\(terminalSafe(path))\" is hidden by a dot, and would not be read")
    return false
  }

  /// Whether the reader sees a path, and takes it for what it is.
  func isSeen(_ path: String) -> Bool { isShown(path) && isOfItsKind(path) }

  /// Places the medium, as the media mode says.
  func place(at path: String) throws(DatasetError) {
    guard context.mediaMode != .none else { return }
    try collision(path) { () throws(DatasetError) in try context.placeMedia(of: sample, at: path) }
  }

  /// Reports a file that is there already, or whose name cannot be one.
  func collision(_ path: String, _ body: () throws(DatasetError) -> Void) throws(DatasetError) {
    do throws(DatasetError) { try body() } catch {
      guard error.code == .invalidInput else { throw error }
      self.error(
        "media-folder.write.collision",
        "\"\(terminalSafe(sample.key))\" would be written to \"\(terminalSafe(path))\", and that cannot be: \(error.message)")
    }
  }
}
