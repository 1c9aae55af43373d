import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The run itself: an ordered window of batches, each decoded, audited and encoded on a worker and written in order.
struct Pipeline: Sendable {
  /// Samples a worker takes at once.
  static let batchSize = 128

  let dataset: Dataset
  let encoder: any SampleEncoder
  let auditor: Auditor
  let selection: LabelSelection?
  let split: String?
  let subset: SubsetChoice?
  let stations: SampleStations
  let labels: LabelTable
  let media: MediaResolver
  let output: StagedOutput
  let request: ConversionRequest

  /// What one worker keeps for the whole run.
  private final class Worker {
    let read: ReadContext
    let encode: EncodeContext
    let filter: FilterStation?

    init(_ pipeline: Pipeline) {
      read = pipeline.dataset.makeContext()
      filter = pipeline.request.filter.map { FilterStation($0, labels: pipeline.dataset.header.labels, media: pipeline.media) }
      encode = EncodeContext(
        labels: LabelCache(pipeline.labels), media: pipeline.media, output: pipeline.output, mediaMode: pipeline.request.media)
    }
  }

  /// What became of one batch.
  final class Outcome: @unchecked Sendable {
    // One worker fills it, and then the consumer reads it.
    @exclusivity(unchecked) var batch = EncodedBatch(capacity: 1 << 16)
    var ledger = Ledger()
    var diagnostics = DiagnosticList()
    var writeDiagnostics = DiagnosticList()
    @exclusivity(unchecked) var keys: [(hash: UInt64, position: Int)] = []
    var tally: (any SampleTally)?

    func reset() {
      batch.bytes.removeAll()
      batch.records.removeAll(keepingCapacity: true)
      ledger = Ledger()
      diagnostics = DiagnosticList()
      writeDiagnostics = DiagnosticList()
      keys.removeAll(keepingCapacity: true)
      tally = nil
    }
  }

  /// Runs all batches and adds what happened to the report.
  func run(
    _ writer: any FormatWriter, _ report: inout ConversionReport, progress: ((Int, Int) -> Void)?
  ) throws(DatasetError) {
    let positions = request.shard?.range(of: dataset.count) ?? 0..<dataset.count
    let pieces = (positions.count + Pipeline.batchSize - 1) / Pipeline.batchSize
    let outcomes = OutcomePool()
    let stopsEncoding = StopFlag(request.dryRun)
    var duplicates = DuplicateKeyReport(dataset: dataset)
    var done = 0
    try OrderedPool.run(
      pieces: pieces, jobs: request.jobs, makeWorker: { Worker(self) },
      produce: { (piece, worker) throws(DatasetError) in
        let outcome = outcomes.take()
        let start = positions.lowerBound + piece * Pipeline.batchSize
        let end = min(start + Pipeline.batchSize, positions.upperBound)
        try process(start..<end, worker, outcome, encodes: !stopsEncoding.isSet)
        return outcome
      },
      consume: { outcome throws(DatasetError) in
        try InterruptFlag.check()
        report.ledger.add(outcome.ledger)
        report.diagnostics.append(outcome.diagnostics)
        report.diagnostics.append(outcome.writeDiagnostics)
        duplicates.prepare(outcome.keys)
        for key in outcome.keys { try duplicates.note(key.hash, at: key.position, &report.diagnostics) }
        if isRefused(report) { stopsEncoding.set() }
        if !stopsEncoding.isSet {
          try writer.write(outcome.batch)
          if let tally = outcome.tally { try stations.observer?.take(tally) }
        }
        done += Pipeline.batchSize
        progress?(min(done, positions.count), positions.count)
        outcomes.give(outcome)
      })
    if request.skipInvalid && report.diagnostics.hasWriteErrors {
      throw DatasetError(.invalidInput, "Some labels cannot be written as they are; nothing was written")
    }
  }

  /// Whether the conversion will be refused whatever comes, so that only the account is worth going on for.
  private func isRefused(_ report: ConversionReport) -> Bool {
    (report.diagnostics.hasErrors && !request.skipInvalid) || (report.ledger.hasEssentialLoss && !request.allowLoss)
      || (request.strict && report.ledger.hasAnyLoss)
  }

  private func process(_ positions: Range<Int>, _ worker: Worker, _ outcome: Outcome, encodes: Bool) throws(DatasetError) {
    var ledger = Ledger()
    worker.read.diagnostics = DiagnosticList()
    worker.encode.diagnostics = DiagnosticList()
    // One sample after another in the same place.
    var sample = Sample(key: "", media: Media(.file))
    let tally = encodes ? stations.observer?.makeTally() : nil
    for position in positions {
      if let subset, !subset.mayHold(position) { continue }
      guard try dataset.decode(at: position, into: &sample, worker.read) else {
        ledger.skippedSamples += 1
        continue
      }
      if let split, sample.split != split {
        ledger.filteredSamples += 1
        ledger.filteredSplits[sample.split ?? "", default: 0] += 1
        ledger.filteredAnnotations += sample.annotations.count
        continue
      }
      if !request.keys.isEmpty, !request.keys.contains(where: { $0.matches(sample.key) }) {
        ledger.filteredSamples += 1
        ledger.filteredAnnotations += sample.annotations.count
        continue
      }
      // A choice made in a pass of its own was made among samples that fit.
      if let filter = worker.filter, subset?.isComplete != true, !filter.accepts(sample, worker.read) {
        ledger.filteredSamples += 1
        ledger.unfitSamples += 1
        ledger.filteredAnnotations += sample.annotations.count
        continue
      }
      if let subset, !subset.holds(sample, &ledger) { continue }
      if let selection { ledger.filteredAnnotations += selection.apply(to: &sample) }
      stations.revise(&sample, at: position)
      outcome.keys.append((DuplicateKeys.hash(sample.key), position))
      guard auditor.restrict(&sample, &ledger) else { continue }
      if encodes {
        try encoder.encode(sample, at: position, into: &outcome.batch, worker.encode)
        try tally?.note(sample, worker.encode)
      } else {
        encoder.account(for: sample, worker.encode)
      }
      guard !worker.encode.losses.isEmpty else { continue }
      ledger.note(worker.encode.losses, Ledger.Place(key: sample.key, source: sample.source))
      worker.encode.losses.removeAll()
    }
    outcome.ledger = ledger
    outcome.tally = tally
    // A subset chosen in a pass of its own has found them there, also those of samples it left out.
    outcome.diagnostics = subset?.isComplete == true ? DiagnosticList() : worker.read.diagnostics
    outcome.writeDiagnostics = worker.encode.diagnostics
  }
}
