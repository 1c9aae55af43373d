import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSampleFilter

/// What to look through, and as what.
public struct ScanRequest: Sendable {
  /// Path of the input; `-` for standard input.
  public var input: String
  /// The files the input is read through: the disk, and what is mounted into it.
  public var files = InputFiles.disk
  /// The format; nil finds it by content.
  public var from: FormatChoice?
  /// Where bucket URLs lie on disk.
  public var urlMap = URLMap()
  /// What samples must fit to be looked at; nil looks at all.
  public var filter: SampleFilter?
  /// Threads that decode.
  public var jobs = 1
  /// How many problems of one rule are kept in full.
  public var limitPerRule = 20

  /// A look through an input.
  public init(input: String, from: FormatChoice? = nil) {
    self.input = input
    self.from = from
  }
}

/// What stopped a look through a dataset, with the problems found so far.
public struct ScanFailure: Error {
  /// What went wrong.
  public var error: DatasetError
  /// The problems so far.
  public var diagnostics: DiagnosticList
  /// The files read so far.
  public var sources: SourceMap
}

/// What one worker notes about a run of samples.
package protocol ScanTally: AnyObject, SendableMetatype {
  /// Notes a sample; nil for a record that could not be read.
  func note(_ sample: Sample?, at position: Int)

  /// Notes a sample that the filter of the request leaves out.
  func noteUnfit(_ sample: borrowing Sample)
}

extension ScanTally {
  /// Takes no note.
  package func noteUnfit(_ sample: borrowing Sample) {}
}

/// A pass over all samples of a dataset: decoded in parallel, handed on in order, with bounded memory.
package struct DatasetScan {
  /// Samples a worker takes at once.
  static let batchSize = 128

  let dataset: Dataset
  let request: ScanRequest
  private let media: MediaResolver

  /// A pass over a dataset; of the request, the filter, the threads and the limit of problems count.
  ///
  /// The filter finds pixel sizes through `media`, else beside the labels.
  package init(dataset: Dataset, request: ScanRequest, media: MediaResolver? = nil) {
    self.dataset = dataset
    self.request = request
    self.media = media ?? MediaResolver(folders: dataset.mediaFolders, urlMap: dataset.urlMap, files: dataset.files)
  }

  /// What one worker keeps for the whole run.
  private final class Worker {
    let context: ReadContext
    let filter: FilterStation?

    init(_ scan: DatasetScan) {
      context = ReadContext(
        sources: scan.dataset.sources, urlMap: scan.dataset.urlMap, limitPerRule: scan.request.limitPerRule)
      filter = scan.request.filter.map { FilterStation($0, labels: scan.dataset.header.labels, media: scan.media) }
    }
  }

  /// What became of one batch.
  private final class Outcome<Tally: ScanTally> {
    let tally: Tally
    var diagnostics = DiagnosticList()

    init(_ tally: Tally) { self.tally = tally }
  }

  /// The input of a request and its format, found by content when it is not named.
  static func choose(
    _ request: ScanRequest, _ registry: FormatRegistry, media: String? = nil
  ) throws(DatasetError) -> (DatasetInput, FormatChoice) {
    let input = try DatasetInput(path: request.input, in: request.files, media: media, request.urlMap)
    let choice: FormatChoice
    if let from = request.from { choice = from } else { choice = try registry.detect(input) }
    return (input.rooted(for: choice.format), choice)
  }

  /// Decodes every sample; `consume` gets the tallies and problems of the batches, in order.
  package func run<Tally: ScanTally>(
    make: @escaping @Sendable () -> Tally, progress: ((Int, Int) -> Void)?,
    consume: (Tally, DiagnosticList) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    let total = dataset.count
    let limit = request.limitPerRule
    let dataset = dataset
    var done = 0
    try OrderedPool.run(
      pieces: (total + DatasetScan.batchSize - 1) / DatasetScan.batchSize, jobs: request.jobs,
      makeWorker: { Worker(self) },
      produce: { (piece, worker: Worker) throws(DatasetError) in
        let outcome = Outcome(make())
        let context = worker.context
        context.diagnostics = DiagnosticList(limitPerRule: limit)
        let start = piece * DatasetScan.batchSize
        // One sample after another in the same place.
        var sample = Sample(key: "", media: Media(.file))
        for position in start..<min(start + DatasetScan.batchSize, total) {
          let isReadable = try dataset.decode(at: position, into: &sample, context)
          if isReadable, let filter = worker.filter, !filter.accepts(sample, context) {
            outcome.tally.noteUnfit(sample)
          } else {
            outcome.tally.note(isReadable ? sample : nil, at: position)
          }
        }
        outcome.diagnostics = context.diagnostics
        return outcome
      },
      consume: { outcome throws(DatasetError) in
        try InterruptFlag.check()
        try consume(outcome.tally, outcome.diagnostics)
        done += DatasetScan.batchSize
        progress?(min(done, total), total)
      })
    try InterruptFlag.check()
  }
}
