import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Reads a manifest, or a folder of shards as one dataset.
struct NativeReader: FormatReader {
  let input: DatasetInput

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> NativeIndex {
    var survey = NativeSurvey(header: DatasetHeader(), demand: demand, context: context)
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      var names = tree.files.filter { $0.hasSuffix(NativeFormat.ending) }
      let shards = names.filter { $0.hasPrefix("\(NativeHeaderText.labelFolder)/") }
      // A published version has its manifest beside the header, and the manifest has one of its own.
      if !shards.isEmpty || names.isEmpty, let header = try repositoryHeader(tree.files, context) {
        survey.take(header)
        names = shards
      } else if names.isEmpty {
        context.report(.error, "waybill.file.none", "No file of this folder ends in \(NativeFormat.ending)", at: nil)
      }
      for name in names {
        let path = "\(input.path == "/" ? "" : input.path)/\(name)"
        try survey.walk(try input.files.map(path), path: path)
      }
    } else {
      try survey.walk(try input.map(), path: input.path)
    }
    return survey.index(mediaFolders: [input.folder, "\(input.folder)/media"])
  }

  /// What `dataset.json` says, when the folder is a label repository.
  private func repositoryHeader(_ files: [String], _ context: ReadContext) throws(DatasetError) -> NativeHeader? {
    guard files.contains(NativeHeaderText.fileName) else { return nil }
    let path = "\(input.path == "/" ? "" : input.path)/\(NativeHeaderText.fileName)"
    guard NativeFormat.isHeader(try input.files.readHead(path, count: 4096)) else { return nil }
    let mapped = try input.files.map(path)
    let file = context.sources.add(path)
    if let bad = UTF8Check.firstInvalid(in: mapped.bytes) {
      context.diagnostics.report(JSONFault(.invalidUTF8, at: bad).diagnostic(in: file))
      return nil
    }
    var reader = NativeHeaderReader(mapped.bytes, 0..<mapped.bytes.count, file: file, context: context)
    return reader.read()
  }

  func decode(_ position: Int, in index: NativeIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard let (shard, line) = index.line(position) else { return nil }
    shard.mapped.releaseBehind(line.lowerBound)
    let scratch = context.scratch.thing(NativeScratch.self) { NativeScratch() }
    scratch.use(index.header.labels)
    var decoder = NativeDecoder(shard.mapped.bytes, line, file: shard.file, scratch: scratch, context: context)
    return decoder.decode()
  }
}

/// Where the lines of a manifest's samples begin: eight bytes a sample.
struct NativeIndex: SampleIndex {
  /// One file of the input.
  struct Shard {
    let mapped: MappedFile
    let file: FileID
    /// Where its bytes begin when all files are laid end to end.
    let base: Int
  }

  var header: DatasetHeader
  var shards: [Shard]
  /// Where the line of each sample begins when all files are laid end to end.
  var starts: [Int]
  /// Whether each line of a file is followed at once by the line of the next sample.
  var isDense: Bool
  var mediaFolders: [String]
  var splits: [String]

  var count: Int { starts.count }

  /// The line of a sample, whose key is looked for in it.
  func record(_ position: Int) -> SampleRecord? {
    guard let (shard, line) = line(position), case .sample(let key) = ManifestLine(shard.mapped.bytes, line) else { return nil }
    shard.mapped.releaseBehind(line.lowerBound)
    return SampleRecord(bytes: UnsafeRawBufferPointer(rebasing: shard.mapped.bytes[line]), key: key)
  }

  /// The file and the range of a sample's line, without its line feed.
  func line(_ position: Int) -> (Shard, Range<Int>)? {
    guard starts.indices.contains(position), var shard = shards.first else { return nil }
    let start = starts[position]
    if shards.count > 1 {
      var low = 0
      var high = shards.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if shards[middle].base <= start { low = middle } else { high = middle }
      }
      shard = shards[low]
    }
    if isDense, position + 1 < starts.count, starts[position + 1] - shard.base <= shard.mapped.bytes.count {
      let end = starts[position + 1] - shard.base - 1
      if end > start - shard.base, shard.mapped.bytes[end] == 0x0A { return (shard, (start - shard.base)..<end) }
    }
    var lines = LineScanner(shard.mapped.bytes, from: start - shard.base)
    return lines.next().map { (shard, $0) }
  }
}

/// What a worker keeps from line to line.
final class NativeScratch {
  private(set) var labels = LabelCache(LabelTable())
  private var sameNamed: [String: [LabelID]]?
  let numbers = NumberList()
  /// Where the annotations kept of the sample stand: place in its list, and offset in the file.
  var places: [(position: Int, offset: Int)] = []
  /// How many annotations the sample before had.
  var annotationCount = 0

  func use(_ table: LabelTable) {
    if labels.table === table { return }
    labels = LabelCache(table)
    for alias in NativeHeaderText.aliases(in: table.labels) { labels.add(alias.name, for: alias.id) }
    sameNamed = nil
  }

  /// The label of a name that stands at a number, from 1, among the labels of that name; nil if there are fewer.
  func label(like first: LabelID, number: Int) -> LabelID? {
    if number == 1 { return first }
    // Only headers define several labels of one name, and the survey has read them all.
    if sameNamed == nil {
      var found: [String: [LabelID]] = [:]
      for (index, label) in labels.table.labels.enumerated() {
        found[label.name, default: []].append(LabelID(index: UInt32(index)))
      }
      sameNamed = found
    }
    guard let name = labels.label(first)?.name, let same = sameNamed?[name], number > 0, number <= same.count else { return nil }
    return same[number - 1]
  }
}
