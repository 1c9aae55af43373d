import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a folder of media: the survey lists files, lines or rows, decoding reads one of them at a time.
struct MediaFolderReader: FormatReader {
  let input: DatasetInput
  let options: FormatOptions

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> MediaFolderIndex {
    var survey = try FolderSurvey(input: input, options: options, context: context)
    try survey.run()
    var index = survey.index
    index.header.preserved = Preserved(MediaFolderFormat.id, members: index.columns.members(index.layout))
    if demand.labels, !index.header.labelsAreComplete { try lookAhead(&index, context) }
    if demand.splits, index.layout == .metadata { try findSplits(&index, context) }
    return index
  }

  /// Decodes every sample once for the labels it names, in order.
  private func lookAhead(_ index: inout MediaFolderIndex, _ context: ReadContext) throws(DatasetError) {
    try forEachSample(index, context) { _ in }
    index.header.labelsAreComplete = true
  }

  /// Decodes every row once for its split: the path it names tells it.
  private func findSplits(_ index: inout MediaFolderIndex, _ context: ReadContext) throws(DatasetError) {
    var found = MediaFolderIndex()
    try forEachSample(index, context) { _ = found.splitIndex($0.split) }
    index.splits = found.splits
  }

  private func forEachSample(
    _ index: MediaFolderIndex, _ context: ReadContext, _ body: (Sample) -> Void
  ) throws(DatasetError) {
    let quiet = ReadContext(sources: SourceMap(), urlMap: context.urlMap, limitPerRule: 0)
    var sample = Sample(key: "", media: Media(.image))
    for position in 0..<index.count {
      if position % 1024 == 0 { try InterruptFlag.check() }
      if try decode(position, in: index, into: &sample, quiet) { body(sample) }
    }
  }

  func decode(_ position: Int, in index: MediaFolderIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.image))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: MediaFolderIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    let worker = context.scratch.thing(FolderWorkerHolder.self) { FolderWorkerHolder() }.worker(for: index)
    switch index.layout {
    case .classFolders: return worker.classFolder(position, in: index, into: &sample)
    case .textFiles: return worker.textFile(position, in: index, into: &sample, context)
    case .list: return worker.line(position, in: index, into: &sample, context)
    case .metadata: return worker.row(position, in: index, into: &sample, context)
    }
  }
}

/// Holds a worker, made anew when it turns to another dataset.
final class FolderWorkerHolder {
  private var current: FolderWorker?

  func worker(for index: MediaFolderIndex) -> FolderWorker {
    if let current, current.labels.table === index.header.labels { return current }
    let worker = FolderWorker(index)
    current = worker
    return worker
  }
}

/// A worker's memory for decoding.
final class FolderWorker {
  let labels: LabelCache
  private let rows: RowDecoder
  private var buffer = ReusableBuffer()

  init(_ index: MediaFolderIndex) {
    labels = LabelCache(index.header.labels)
    rows = RowDecoder(columns: index.columns, places: index.places, labels: labels)
  }

  /// Fills in what the index says of a medium.
  private func begin(_ item: MediaFolderIndex.Item, _ index: MediaFolderIndex, _ sample: inout Sample) {
    sample.reset()
    sample.key = item.path
    sample.media.kind = item.kind
    sample.media.location = item.path
    if item.split >= 0 { sample.split = index.splits[Int(item.split)] }
    sample.source = SourceRange(file: item.file, offset: 0)
  }

  // MARK: Class folders

  func classFolder(_ position: Int, in index: MediaFolderIndex, into sample: inout Sample) -> Bool {
    guard index.items.indices.contains(position) else { return false }
    let item = index.items[position]
    begin(item, index, &sample)
    if item.label >= 0 { sample.annotations.append(Annotation(label: LabelID(index: UInt32(truncatingIfNeeded: item.label)))) }
    return true
  }

  // MARK: Text files

  func textFile(_ position: Int, in index: MediaFolderIndex, into sample: inout Sample, _ context: ReadContext) -> Bool {
    guard index.items.indices.contains(position) else { return false }
    let item = index.items[position]
    begin(item, index, &sample)
    guard item.hasText, let folder = index.folder else { return true }
    let path = item.isOrphan ? item.path + ".txt" : FileName.withoutExtension(item.path) + ".txt"
    do throws(DatasetError) {
      try folder.read(path, into: &buffer)
    } catch {
      context.report(unreadable: error, at: sample.source)
      return false
    }
    let bytes = buffer.bytes
    guard ClassNames.isText(bytes, item.file, context) else { return false }
    sample.source = SourceRange(file: item.file, offset: 0, length: bytes.count)
    var lines = LineScanner(bytes, from: CSVScanner.byteOrderMarkLength(of: bytes))
    while let line = lines.next() {
      var range = line
      while let first = range.first, ListLine.isBlank(bytes[first]) { range = first + 1..<range.upperBound }
      while let last = range.last, ListLine.isBlank(bytes[last]) { range = range.lowerBound..<last }
      if range.isEmpty { continue }
      let name = UnsafeRawBufferPointer(rebasing: bytes[range]).bindMemory(to: UInt8.self)
      let label = labels.intern(name)
      // A text of very many labels is none of these; the first ones are compared.
      if sample.annotations.prefix(64).contains(where: { $0.label == label }) {
        context.report(
          .warning, "media-folder.text.duplicate",
          "The label \"\(terminalSafe(String(decoding: name, as: UTF8.self)))\" stands twice in this file",
          at: SourceRange(file: item.file, offset: range.lowerBound, length: range.count))
      }
      sample.annotations.append(Annotation(label: label))
    }
    return true
  }

  // MARK: Lists

  func line(_ position: Int, in index: MediaFolderIndex, into sample: inout Sample, _ context: ReadContext) -> Bool {
    guard let shard = index.shard(of: position) else { return false }
    let bytes = shard.mapped.bytes
    let start = index.starts[position]
    shard.mapped.releaseBehind(start)
    var lines = LineScanner(bytes, from: start)
    let range = lines.next() ?? start..<start
    sample.reset()
    sample.source = SourceRange(file: shard.file, offset: range.lowerBound, length: range.count)
    func report(_ rule: String, _ message: String, _ place: Range<Int>) {
      context.report(.error, rule, message, at: SourceRange(file: shard.file, offset: place.lowerBound, length: place.count))
    }
    guard let line = ListLine(bytes, range) else { return false }
    guard line.path.count <= ListLine.pathLimit else {
      report("media-folder.list.path", "This path is longer than any file's", line.path.lowerBound..<line.path.lowerBound + 1)
      return false
    }
    let name = String(decoding: UnsafeRawBufferPointer(rebasing: bytes[line.path]), as: UTF8.self)
    do throws(RelativePath.Problem) { sample.key = try RelativePath(name).text } catch {
      report("media-folder.list.path", "The path \"\(terminalSafe(name))\" \(error.phrase)", line.path)
      return false
    }
    sample.media = Media(MediaPlaces.kind(of: sample.key) ?? .image, location: sample.key)
    sample.split = shard.split
    for (number, place) in line.classes {
      guard number < index.classCount else {
        report("media-folder.list.class-range", "The class \(number) has no name; there are \(index.classCount)", place)
        continue
      }
      sample.annotations.append(Annotation(label: LabelID(index: UInt32(truncatingIfNeeded: number))))
    }
    return true
  }

  // MARK: Metadata

  func row(_ position: Int, in index: MediaFolderIndex, into sample: inout Sample, _ context: ReadContext) -> Bool {
    guard let shard = index.shard(of: position) else { return false }
    let start = index.starts[position]
    shard.mapped.releaseBehind(start)
    do throws(RowFault) {
      let range = try rows.decode(shard, from: start, into: &sample)
      sample.source = SourceRange(file: shard.file, offset: range.lowerBound, length: range.count)
    } catch {
      context.report(.error, error.rule, error.message, at: SourceRange(file: shard.file, offset: error.offset, length: 1))
      return false
    }
    guard !index.media.isEmpty, let location = sample.media.location else { return true }
    if !index.media.contains(ExactText(location)), !index.media.contains(ExactText(rows.path)) {
      context.report(
        .warning, "media-folder.metadata.no-media", "The file \"\(terminalSafe(location))\" is not there", at: sample.source)
    }
    return true
  }
}

extension ReadContext {
  /// Reports a file that cannot be read.
  func report(unreadable error: DatasetError, at range: SourceRange?) {
    report(
      .error, "media-folder.file.unreadable", "The file \(error.message)\(error.errno.map { ": \(systemMessage($0))" } ?? "")",
      at: range)
  }
}
