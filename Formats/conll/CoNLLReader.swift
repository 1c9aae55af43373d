import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// What the reader's options say.
struct CoNLLReadOptions: Sendable {
  /// The columns of labels, counted from 0; nil when the content says it.
  var labels: [Int]?
  /// The column of the token, counted from 0; nil when the content says it.
  var token: Int?
  /// The scheme of the tags; nil when the content says it.
  var scheme: TagScheme?
}

/// Reads a column file, or a folder of them as one dataset.
struct CoNLLReader: FormatReader {
  let input: DatasetInput
  let options: CoNLLReadOptions

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> CoNLLIndex {
    var survey = CoNLLSurvey(options: options, demand: demand, context: context)
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      let names = try CoNLLDetection.files(of: tree.files) { (name) throws(DatasetError) in
        try input.files.readHead(joinedPath(input.path, name), count: 4096)
      }
      if names.isEmpty { throw DatasetError(.invalidInput, "No file of this folder holds rows of tokens", path: input.path) }
      for name in names {
        let path = joinedPath(input.path, name)
        try survey.walk(try input.files.map(path), path: path)
      }
    } else {
      try survey.walk(try input.map(), path: input.path)
    }
    return survey.finish(mediaFolders: [input.folder])
  }

  func decode(_ position: Int, in index: CoNLLIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    var sample = Sample(key: "", media: Media(.text))
    return try decode(position, in: index, into: &sample, context) ? sample : nil
  }

  func decode(
    _ position: Int, in index: CoNLLIndex, into sample: inout Sample, _ context: ReadContext
  ) throws(DatasetError) -> Bool {
    let worker = context.scratch.thing(CoNLLWorker.self) { CoNLLWorker() }
    // The memory of the sentence before is filled again.
    if case .some = sample.tokens { worker.spare = sample.tokens.take() }
    sample.reset()
    guard let (shard, range) = index.place(of: position) else { return false }
    shard.mapped.releaseBehind(range.lowerBound)
    worker.use(index.header.labels)
    return CoNLLDecoder(index: index, shard: shard, range: range, position: position, worker: worker, context: context)
      .decode(into: &sample)
  }
}

/// What a worker keeps from sentence to sentence.
final class CoNLLWorker {
  let rows = CoNLLRows()
  /// Tokens whose memory is free.
  @exclusivity(unchecked) var spare: Tokens?
  @exclusivity(unchecked) private(set) var labels = LabelCache(LabelTable())
  @exclusivity(unchecked) var tags = TagDecoder(.iob2)
  /// Where each token begins in the text made of them, in bytes, and where the text ends.
  @exclusivity(unchecked) var starts: [UInt32] = []
  @exclusivity(unchecked) var positions = TextPositions()
  /// The attributes of the last document, and its number.
  @exclusivity(unchecked) var document: (number: Int, attributes: Attributes)?
  /// Entities of one sentence, column after column.
  @exclusivity(unchecked) var entities: [Entity] = []

  /// An entity as rows, and its column of tags.
  struct Entity {
    var label: LabelID?
    var start: Int
    var end: Int
    var layer: Int
  }

  func use(_ table: LabelTable) {
    if labels.table !== table { labels = LabelCache(table) }
  }
}
