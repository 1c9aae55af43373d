import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads rows: the survey finds where they begin, decoding reads one of them.
struct TextClassificationReader: FormatReader {
  /// Endings of the files of a folder, the first that is found counting.
  static let endings = [".csv", ".tsv", ".txt"]
  /// What the name of a file of labels beside a file of texts ends in.
  static let resultEnding = "_result.txt"

  private let input: DatasetInput
  private let options: FormatOptions

  init(_ input: DatasetInput, _ options: FormatOptions) {
    self.input = input
    self.options = options
  }

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> RowIndex {
    var encoding: TextEncoding?
    if !options["encoding"].isEmpty, options["encoding"] != "auto" {
      encoding = TextEncoding(named: options["encoding"])
      guard encoding != nil else {
        throw DatasetError(.usage, "The encoding \"\(terminalSafe(options["encoding"]))\" is not known")
      }
    }
    var survey = RowSurvey(context, RowOptions(options), encoding: encoding)
    var names: [String: String] = [:]
    if input.isFolder {
      try walkFolder(&survey, &names, context)
    } else {
      try walk(&survey, input.path, split: nil)
    }
    var layout = survey.layout ?? RowLayout()
    layout.files = names
    var header = DatasetHeader()
    header.preserved = Preserved(TextClassificationFormat.id, members: layout.members)
    // The layout is taken from the header, as the writer does, so that both follow the same.
    var index = RowIndex(
      header: header, mediaFolders: [input.folder], shards: survey.shards, starts: survey.starts, places: survey.places,
      results: survey.results, layout: RowLayout(header.preserved) ?? layout)
    if demand.splits {
      for shard in index.shards { if let split = shard.split, !index.splits.contains(split) { index.splits.append(split) } }
    }
    if demand.labels { try lookAhead(&index, context) }
    return index
  }

  private func walkFolder(
    _ survey: inout RowSurvey, _ names: inout [String: String], _ context: ReadContext
  ) throws(DatasetError) {
    let tree = try FileTree(root: input.path, in: input.files)
    context.reportSkipped(tree)
    let texts = tree.files.filter {
      !$0.hasSuffix(TextClassificationReader.resultEnding) && FileName.stem(of: $0).lowercased() != "readme"
    }
    let files = SplitFiles.find(in: texts, endings: TextClassificationReader.endings)
    guard !files.isEmpty else { throw DatasetError(.invalidInput, "holds no .csv, .tsv or .txt file", path: input.path) }
    for file in files {
      try walk(&survey, joinedPath(input.path, file.path), split: file.split)
      let name = FileName.basename(of: file.path)
      if FileName.stem(of: name) != SplitFiles.stem(of: file.split)
        || FileName.extension(of: name).lowercased() != FileName.extension(of: name)
        || FileName.extension(of: name) != FileName.extension(of: "x" + (survey.layout ?? RowLayout()).ending)
      {
        names[file.split ?? ""] = name
      }
    }
  }

  private func walk(_ survey: inout RowSurvey, _ path: String, split: String?) throws(DatasetError) {
    let result = FileName.withoutExtension(path) + TextClassificationReader.resultEnding
    let mayPair = options["layout"] == "modelarts" || (options["layout"] == "auto" && path.lowercased().hasSuffix(".txt"))
    if mayPair, !input.isSpooled, try input.files.findFirmly(result) != nil {
      return try survey.walk(
        pair: try input.files.map(path), path: path, with: try input.files.map(result), at: result, split: split)
    }
    guard options["layout"] != "modelarts" else {
      throw DatasetError(
        .invalidInput, "has no file of labels beside it, which would be called \(terminalSafe(result))", path: path)
    }
    try survey.walk(try input.files.map(path), path: path, split: split)
  }

  /// Decodes every row once for the labels it names.
  private func lookAhead(_ index: inout RowIndex, _ context: ReadContext) throws(DatasetError) {
    let quiet = ReadContext(sources: SourceMap(), urlMap: context.urlMap, limitPerRule: 0)
    var sample = Sample(key: "", media: Media(.text))
    let worker = RowWorker(index, options)
    for position in 0..<index.count {
      if position % 1024 == 0 { try InterruptFlag.check() }
      _ = worker.decode(position, in: index, into: &sample, checksRow: false, quiet)
    }
    index.header.labelsAreComplete = true
  }

  func decode(_ position: Int, in index: RowIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.text))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: RowIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    let holder = context.scratch.thing(RowWorkerHolder.self) { RowWorkerHolder() }
    return holder.worker(for: index, options).decode(position, in: index, into: &sample, checksRow: true, context)
  }
}

/// Holds a worker, made anew when it turns to another dataset.
final class RowWorkerHolder {
  private var current: RowWorker?

  func worker(for index: RowIndex, _ options: FormatOptions) -> RowWorker {
    if let current, current.labels === index.header.labels { return current }
    let worker = RowWorker(index, options)
    current = worker
    return worker
  }
}

/// Decodes rows, and sees whether they are spelled as the writer would spell them.
final class RowWorker {
  let labels: LabelTable
  private let decoder: RowDecoder
  private let encoder: RowEncoder
  private var written = ByteBuffer(capacity: 4096)
  private let between: [UInt8]

  init(_ index: RowIndex, _ options: FormatOptions) {
    labels = index.header.labels
    let cache = LabelCache(labels)
    decoder = RowDecoder(
      layout: index.layout, labels: cache, usesIDs: options["key"] != "number", givesAttributes: options["extra"] == "attributes")
    encoder = RowEncoder(layout: index.layout, labels: cache, isForeign: false)
    between = Array(index.layout.between.utf8)
  }

  func decode(
    _ position: Int, in index: RowIndex, into sample: inout Sample, checksRow: Bool, _ context: ReadContext
  ) -> Bool {
    guard let shard = index.shard(of: position) else { return false }
    let bytes = shard.text.bytes
    let start = index.starts[position]
    let place = index.place(of: position, in: shard)
    shard.text.releaseBehind(start)
    let row = decoder.decode(bytes, from: start, position: position, into: &sample) { severity, rule, message, offset in
      // Inside a row of another encoding only its beginning is known.
      let at = shard.base == nil ? place : place + offset - start
      context.report(severity, rule, message, at: SourceRange(file: shard.file, offset: at, length: 1))
    }
    guard let row else { return false }
    sample.source = SourceRange(file: shard.file, offset: place, length: shard.base == nil ? 0 : row.count)
    sample.split = shard.split
    var marks: UnsafeRawBufferPointer?
    if let result = shard.result, position < index.results.count {
      let line = RowDecoder.line(result.bytes, from: index.results[position])
      let names = UnsafeRawBufferPointer(rebasing: result.bytes[line])
      decoder.names(names, &sample)
      marks = names
    }
    if checksRow { keep(position, shard, bytes, row, marks, &sample) }
    return true
  }

  /// Keeps the spelling of the row, and what stands before it, where the writer would write something else.
  private func keep(
    _ position: Int, _ shard: RowIndex.Shard, _ bytes: UnsafeRawBufferPointer, _ row: Range<Int>, _ marks: UnsafeRawBufferPointer?,
    _ sample: inout Sample
  ) {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[row])
    if position > shard.first, !endsAsUsual(bytes, row.lowerBound) {
      sample.preserved.append("lead", json: json(lead(bytes, row.lowerBound)), format: TextClassificationFormat.id)
    }
    // A short row of a table without a header is written with all its columns: how many there are is told by the rows.
    if decoder.isShort, decoder.layout.header == nil, decoder.layout.separator == nil { return }
    written.removeAll()
    encoder.prepare(sample)
    let isWritten = encoder.encode(sample, at: position, asRead: false, into: &written, { _, _ in })
    if !isWritten || SampleRecord.order(written.bytes, raw) != 0 {
      sample.preserved.append("row", json: json(raw), format: TextClassificationFormat.id)
    }
    if let marks, !isWritten || SampleRecord.order(encoder.result.bytes, marks) != 0 {
      sample.preserved.append("result", json: json(marks), format: TextClassificationFormat.id)
    }
  }

  private func json(_ text: UnsafeRawBufferPointer) -> [UInt8] {
    var out = ByteBuffer(capacity: text.count + 16)
    out.appendJSON(utf8: text.bindMemory(to: UInt8.self))
    return out.array()
  }

  private func endsAsUsual(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Bool {
    lead(bytes, start).elementsEqual(between)
  }

  /// The line ends before a row.
  private func lead(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> UnsafeRawBufferPointer {
    var at = start
    while at > 0, bytes[at - 1] == 0x0A {
      at -= 1
      if at > 0, bytes[at - 1] == 0x0D { at -= 1 }
      // Every line of a text and of its labels counts, blank or not.
      if decoder.layout.kind == .pair { break }
    }
    return UnsafeRawBufferPointer(rebasing: bytes[at..<start])
  }
}
