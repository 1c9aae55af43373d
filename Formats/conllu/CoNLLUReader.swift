import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Reads a file, or a folder of them as one dataset.
struct CoNLLUReader: FormatReader {
  let input: DatasetInput
  /// Whether heads, features and dependencies are looked at as well.
  let isStrict: Bool

  func survey(_ demand: Demand, _ context: ReadContext) throws(DatasetError) -> CoNLLUIndex {
    var survey = CoNLLUSurvey(demand: demand, context: context)
    if input.isFolder {
      let tree = try FileTree(root: input.path, in: input.files)
      context.reportSkipped(tree)
      let names = CoNLLUDetection.files(of: tree.files)
      if names.isEmpty { throw DatasetError(.invalidInput, "No file of this folder has a name of CoNLL-U", path: input.path) }
      for name in names {
        let path = joinedPath(input.path, name)
        try survey.walk(try input.files.map(path), path: path)
      }
    } else {
      try survey.walk(try input.map(), path: input.path)
    }
    return survey.finish(mediaFolders: [input.folder])
  }

  func decode(_ position: Int, in index: CoNLLUIndex, _ context: ReadContext) throws(DatasetError) -> Sample? {
    guard let (shard, range) = index.place(of: position) else { return nil }
    shard.mapped.releaseBehind(range.lowerBound)
    let worker = context.scratch.thing(CoNLLUWorker.self) { CoNLLUWorker() }
    worker.use(index.header.labels)
    return CoNLLUDecoder(
      index: index, shard: shard, range: range, position: position, worker: worker, context: context, isStrict: isStrict
    ).decode()
  }
}

/// What a worker keeps from sentence to sentence.
final class CoNLLUWorker {
  let rows = CoNLLURows()
  private(set) var labels = LabelCache(LabelTable())
  var positions = TextPositions()

  func use(_ table: LabelTable) {
    if labels.table !== table { labels = LabelCache(table) }
  }
}
