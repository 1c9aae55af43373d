import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads records: the survey finds where they begin, decoding reads one of them.
struct JSONLTextReader: FormatReader {
  /// Endings of the files of a folder, the first that is found counting.
  static let endings = [".jsonl", ".ndjson", ".json"]

  private let input: DatasetInput
  private let options: FormatOptions

  init(_ input: DatasetInput, _ options: FormatOptions) {
    self.input = input
    self.options = options
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> JSONLTextIndex {
    var survey = RecordSurvey(context)
    var names: [String: String] = [:]
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      let files = SplitFiles.find(in: tree.files, endings: JSONLTextReader.endings)
      guard !files.isEmpty else { throw DatasetError(.invalidInput, "holds no .jsonl file", path: input.path) }
      for file in files {
        let path = joinedPath(input.path, file.path)
        try survey.walk(try input.files.map(path), path: path, split: file.split)
        noteName(file, &names)
      }
    } else {
      try survey.walk(try input.map(), path: input.path, split: nil)
    }
    var observer = LayoutObserver(
      text: options["text"], label: options["label"],
      texts: options["labels"] == "auto" ? nil : options["labels"] == "texts", tags: options["tags"],
      names: options["names"].split(separator: "+").map(String.init))
    for position in 0..<min(LayoutObserver.recordLimit, survey.starts.count) {
      if let (bytes, range) = survey.record(position) { observer.note(bytes, range) }
    }
    if let key = observer.unreadTags, let shard = survey.shards.first {
      context.report(
        .warning, "jsonl-text.tags.unread",
        "The lists under \(key) are no tags such as O, B-PER and I-PER, or not as long as the tokens: they are no labels but columns of the tokens",
        at: SourceRange(file: shard.file, offset: survey.starts.first ?? 0, length: 1))
    }
    var layout = observer.finish()
    switch options["offsets"] {
    case "utf16": layout.offsets = .utf16
    case "utf8": layout.offsets = .utf8
    default: break
    }
    survey.noteSurroundings(&layout)
    layout.files = names
    var header = DatasetHeader()
    header.preserved = Preserved(JSONLTextFormat.id, members: layout.members)
    // The layout is taken from the header, as the writer does, so that both follow the same.
    var index = JSONLTextIndex(
      header: header, mediaFolders: [input.folder], shards: survey.shards, starts: survey.starts,
      layout: RecordLayout(header.preserved) ?? layout)
    if demand.splits { index.splits = splits(of: index) }
    if demand.labels { try lookAhead(&index, context) }
    return index
  }

  /// Remembers the name of a split's file, where it is not what the writer would call it.
  private func noteName(_ file: SplitFiles.Item, _ names: inout [String: String]) {
    guard let stem = SplitFiles.stem(of: file.split) else { return }
    let name = FileName.basename(of: file.path)
    if FileName.stem(of: name) != stem || !name.hasSuffix(".jsonl") { names[file.split ?? ""] = name }
  }

  private func splits(of index: JSONLTextIndex) -> [String] {
    var splits: [String] = []
    for shard in index.shards { if let split = shard.split, !splits.contains(split) { splits.append(split) } }
    return splits
  }

  /// Decodes every record once for the labels it names.
  private func lookAhead(_ index: inout JSONLTextIndex, _ context: ReadContext) throws(DatasetError) {
    let quiet = ReadContext(sources: SourceMap(), urlMap: context.urlMap, limitPerRule: 0)
    var sample = Sample(key: "", media: Media(.text))
    let worker = RecordWorker(index, usesIDs: true)
    for position in 0..<index.count {
      if position % 1024 == 0 { try InterruptFlag.check() }
      _ = worker.decode(position, in: index, into: &sample, checksForm: false, quiet)
    }
    index.header.labelsAreComplete = true
  }

  func decode(_ position: Int, in index: JSONLTextIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.text))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: JSONLTextIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    let holder = context.scratch.thing(RecordWorkerHolder.self) { RecordWorkerHolder() }
    return holder.worker(for: index, usesIDs: options["key"] != "number")
      .decode(position, in: index, into: &sample, checksForm: true, context)
  }
}

/// Holds a worker, made anew when it turns to another dataset.
final class RecordWorkerHolder {
  private var current: RecordWorker?

  func worker(for index: JSONLTextIndex, usesIDs: Bool) -> RecordWorker {
    if let current, current.decoder.labels.table === index.header.labels, current.decoder.usesIDs == usesIDs { return current }
    let worker = RecordWorker(index, usesIDs: usesIDs)
    current = worker
    return worker
  }
}

/// Decodes records, and sees whether they are spelled as the writer would spell them.
final class RecordWorker {
  let decoder: RecordDecoder
  private let encoder: RecordEncoder
  private var written = ByteBuffer(capacity: 4096)

  init(_ index: JSONLTextIndex, usesIDs: Bool) {
    let labels = LabelCache(index.header.labels)
    decoder = RecordDecoder(layout: index.layout, labels: labels, usesIDs: usesIDs)
    encoder = RecordEncoder(layout: index.layout, labels: labels, isForeign: false)
  }

  func decode(
    _ position: Int, in index: JSONLTextIndex, into sample: inout Sample, checksForm: Bool, _ context: ReadContext
  ) -> Bool {
    guard let shard = index.shard(of: position) else { return false }
    let bytes = shard.mapped.bytes
    let start = index.starts[position]
    let range = RecordRange.range(from: start, in: bytes, isArray: shard.isArray, spansLines: shard.spansLines)
    shard.mapped.releaseBehind(start)
    var isWhole = true
    let isRead = decoder.decode(bytes, range, position: position, into: &sample) { severity, rule, message, place in
      if severity == .error { isWhole = false }
      context.report(severity, rule, message, at: SourceRange(file: shard.file, offset: place.lowerBound, length: place.count))
    }
    guard isRead else { return false }
    sample.source = SourceRange(file: shard.file, offset: range.lowerBound, length: range.count)
    sample.split = shard.split
    if checksForm {
      keepLead(position, shard, bytes, range.lowerBound, &sample)
      // What was left out must not come back with the spelling.
      if isWhole { keepForm(position, bytes, range, &sample) }
    }
    return true
  }

  /// Keeps what stands before the record, where it is something else than between most.
  private func keepLead(
    _ position: Int, _ shard: JSONLTextIndex.Shard, _ bytes: UnsafeRawBufferPointer, _ start: Int, _ sample: inout Sample
  ) {
    if position == shard.first { return }
    let lead = UnsafeRawBufferPointer(rebasing: bytes[RecordRange.leadStart(of: start, in: bytes, isArray: shard.isArray)..<start])
    let isUsual = decoder.layout.separator.withBytes { $0.elementsEqual(lead) }
    if isUsual { return }
    var json = ByteBuffer()
    json.appendJSON(utf8: lead.bindMemory(to: UInt8.self))
    sample.preserved.append("$lead", json: json.array(), format: JSONLTextFormat.id)
  }

  /// Keeps the spelling of the record, where the writer would spell it otherwise.
  private func keepForm(_ position: Int, _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ sample: inout Sample) {
    written.removeAll()
    let raw = UnsafeRawBufferPointer(rebasing: bytes[range])
    encoder.prepare(sample)
    if encoder.encode(sample, at: position, asRead: false, into: &written, { _, _ in }), SampleRecord.order(written.bytes, raw) == 0
    {
      return
    }
    var json = ByteBuffer(capacity: range.count + 64)
    let text = decoder.textRange
    written.removeAll()
    if let content = sample.media.text, !text.isEmpty { encoder.text.text(content, &written) }
    if !text.isEmpty, SampleRecord.order(written.bytes, UnsafeRawBufferPointer(rebasing: bytes[text])) == 0 {
      json.append(UInt8(ascii: "["))
      json.appendJSON(utf8: UnsafeRawBufferPointer(rebasing: bytes[range.lowerBound..<text.lowerBound]).bindMemory(to: UInt8.self))
      json.append(UInt8(ascii: ","))
      json.appendJSON(utf8: UnsafeRawBufferPointer(rebasing: bytes[text.upperBound..<range.upperBound]).bindMemory(to: UInt8.self))
      json.append(UInt8(ascii: "]"))
    } else {
      json.appendJSON(utf8: raw.bindMemory(to: UInt8.self))
    }
    sample.preserved.append("$form", json: json.array(), format: JSONLTextFormat.id)
  }
}
