import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Finds the samples that may differ between two datasets in any order: those of one key are compared, and what has no partner is added.
struct KeyJoin: Sendable {
  /// Samples a worker takes at once.
  static let batchSize = 128

  let old: Dataset
  let new: Dataset
  let oldTable: KeyTable
  let newTable: KeyTable
  /// Whether the records of both sides say all there is to say.
  let usesRecords: Bool
  let jobs: Int
  let makeWorker: @Sendable () -> ComparisonWorker

  /// What became of one batch.
  private final class Outcome: @unchecked Sendable {
    var differences: [(entry: SampleDifferences.Entry, key: String)] = []
    /// Places in the table of samples of the new side that have a partner.
    var partners: [Int] = []
    var unchanged = 0
    var leftOutSamples = 0
    var leftOutAnnotations = 0
  }

  /// The samples that differ, in the order of their keys.
  func run(
    _ report: inout ComparisonReport, _ progress: inout ComparisonProgress
  ) throws(DatasetError) -> SampleDifferences {
    var found = UnorderedDifferences()
    var differences = SampleDifferences()
    var hasPartner = [Bool](repeating: false, count: new.count)
    func note(_ outcome: Outcome, count: Int) throws(DatasetError) {
      try InterruptFlag.check()
      for (entry, key) in outcome.differences {
        key.withBytes { found.add(entry, key: UnsafeRawBufferPointer($0)) }
      }
      for partner in outcome.partners { hasPartner[partner] = true }
      differences.unchanged += outcome.unchanged
      report.leftOutSamples += outcome.leftOutSamples
      report.leftOutAnnotations += outcome.leftOutAnnotations
      progress.add(count)
    }
    try pass(over: oldTable.positions) { (position, worker, outcome) throws(DatasetError) in
      try compare(position, worker, outcome)
    } consume: { (outcome, count) throws(DatasetError) in
      try note(outcome, count: 2 * count)
    }
    let rest = newTable.positions.filter { !hasPartner[Int($0)] }
    try pass(over: rest) { (position, worker, outcome) throws(DatasetError) in
      guard let sample = try new.sample(at: position, worker.newContext) else { return }
      KeyJoin.note(.init(old: -1, new: position), sample, worker, outcome)
    } consume: { (outcome, count) throws(DatasetError) in
      try note(outcome, count: 0)
    }
    differences.entries = found.sorted()
    return differences
  }

  private func pass(
    over positions: [UInt32], _ body: @escaping @Sendable (Int, ComparisonWorker, Outcome) throws(DatasetError) -> Void,
    consume: (Outcome, Int) throws(DatasetError) -> Void
  ) throws(DatasetError) {
    var done = 0
    try OrderedPool.run(
      pieces: (positions.count + KeyJoin.batchSize - 1) / KeyJoin.batchSize, jobs: jobs, makeWorker: makeWorker,
      produce: { (piece, worker: ComparisonWorker) throws(DatasetError) in
        let outcome = Outcome()
        let start = piece * KeyJoin.batchSize
        for index in start..<min(start + KeyJoin.batchSize, positions.count) {
          try body(Int(positions[index]), worker, outcome)
        }
        outcome.leftOutAnnotations = worker.takeLeftOut()
        return outcome
      },
      consume: { outcome throws(DatasetError) in
        let count = min(KeyJoin.batchSize, positions.count - done)
        done += count
        try consume(outcome, count)
      })
  }

  private static func note(
    _ entry: SampleDifferences.Entry, _ sample: Sample, _ worker: ComparisonWorker, _ outcome: Outcome
  ) {
    guard worker.comparison.rules.features.contains(sample.media.feature) else {
      outcome.leftOutSamples += 1
      return
    }
    outcome.differences.append((entry, sample.key))
  }

  /// Compares a sample of the old side with its partner.
  private func compare(_ position: Int, _ worker: ComparisonWorker, _ outcome: Outcome) throws(DatasetError) {
    if usesRecords, let record = old.record(at: position) {
      let hash = record.withKey { KeyTable.hash($0, seed: oldTable.seed) }
      for candidate in newTable.candidates(hash) {
        guard let other = new.record(at: candidate), record.keyOrder(to: other) == 0 else { continue }
        outcome.partners.append(candidate)
        if record.isSame(as: other) {
          outcome.unchanged += 1
        } else {
          outcome.differences.append(
            (.init(old: position, new: candidate), record.withKey { String(decoding: $0, as: UTF8.self) }))
        }
        return
      }
    }
    guard let sample = try old.sample(at: position, worker.oldContext) else { return }
    for candidate in newTable.candidates(KeyTable.hash(sample.key, seed: oldTable.seed)) {
      guard let other = try new.sample(at: candidate, worker.newContext), ExactComparison.same(sample.key, other.key) else {
        continue
      }
      outcome.partners.append(candidate)
      if worker.comparison.change(from: sample, to: other) == nil {
        outcome.unchanged += 1
      } else {
        outcome.differences.append((.init(old: position, new: candidate), sample.key))
      }
      return
    }
    KeyJoin.note(.init(old: position, new: -1), sample, worker, outcome)
  }
}
