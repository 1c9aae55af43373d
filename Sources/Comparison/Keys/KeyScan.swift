import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// One pass over a dataset that is not in order: where its keys are, and which features it uses.
struct KeyScan: Sendable {
  let dataset: Dataset
  let seed: UInt64
  let keys: KeyPattern?
  let jobs: Int
  /// Whether the features that the samples use are counted.
  let countsFeatures: Bool

  /// What the pass finds.
  struct Found {
    /// The samples by the hashes of their keys.
    var table: KeyTable
    /// What the samples hold, where that was asked for.
    var counts = SampleCounts()
  }

  /// What a worker notes of a run of samples.
  private final class Tally: ScanTally {
    let seed: UInt64
    let pattern: KeyPattern?
    let countsFeatures: Bool
    var counts = SampleCounts()
    var noted = 0
    var unreadable = 0
    var keys: [(hash: UInt64, position: Int)] = []

    init(_ scan: KeyScan) {
      seed = scan.seed
      pattern = scan.keys
      countsFeatures = scan.countsFeatures
    }

    func note(_ sample: Sample?, at position: Int) {
      noted += 1
      if sample == nil { unreadable += 1 }
      guard let sample, pattern?.matches(sample.key) ?? true else { return }
      if countsFeatures { counts.add(sample) }
      keys.append((KeyTable.hash(sample.key, seed: seed), position))
    }
  }

  /// An empty table with room for all samples.
  private func makeTable() throws(DatasetError) -> KeyTable {
    guard dataset.count <= KeyTable.limit else {
      throw DatasetError(.invalidInput, "There are more samples than can be compared, \(KeyTable.limit)", path: dataset.path)
    }
    return KeyTable(seed: seed, capacity: dataset.count)
  }

  /// Finds the keys by decoding every sample.
  func decoding(_ side: inout ComparedDataset, _ progress: inout ComparisonProgress) throws(DatasetError) -> Found {
    var found = Found(table: try makeTable())
    var request = ScanRequest(input: dataset.path)
    request.jobs = jobs
    request.limitPerRule = side.diagnostics.limitPerRule
    let scan = self
    try DatasetScan(dataset: dataset, request: request).run(make: { Tally(scan) }, progress: nil) {
      (tally, diagnostics) throws(DatasetError) in
      found.counts.add(tally.counts)
      side.diagnostics.append(diagnostics)
      for key in tally.keys { try add(key.hash, key.position, to: &found.table, &side) }
      side.unreadable += tally.unreadable
      progress.add(tally.noted)
    }
    side.samples = found.table.count
    return found
  }

  /// Finds the keys in the records; those where that fails are decoded.
  func reading(_ side: inout ComparedDataset, _ progress: inout ComparisonProgress) throws(DatasetError) -> Found {
    var found = Found(table: try makeTable())
    let context = ReadContext(sources: dataset.sources, urlMap: dataset.urlMap, limitPerRule: side.diagnostics.limitPerRule)
    for position in 0..<dataset.count {
      if position & 0xFFF == 0 { try InterruptFlag.check() }
      progress.add(1)
      if let record = dataset.record(at: position) {
        let hash = record.withKey { keys?.matches($0) ?? true ? KeyTable.hash($0, seed: seed) : nil }
        if let hash { try add(hash, position, to: &found.table, &side) }
      } else if let sample = try dataset.sample(at: position, context) {
        if keys?.matches(sample.key) ?? true {
          try add(KeyTable.hash(sample.key, seed: seed), position, to: &found.table, &side)
        }
      } else {
        side.unreadable += 1
      }
    }
    side.diagnostics.append(context.diagnostics)
    side.samples = found.table.count
    return found
  }

  /// Adds a sample unless an earlier one has its key.
  private func add(
    _ hash: UInt64, _ position: Int, to table: inout KeyTable, _ side: inout ComparedDataset
  ) throws(DatasetError) {
    for earlier in table.candidates(hash) {
      guard let first = try dataset.sample(at: earlier), let later = try dataset.sample(at: position),
        ExactComparison.same(first.key, later.key)
      else { continue }
      side.duplicates += 1
      if side.duplicates <= side.diagnostics.limitPerRule {
        try dataset.reportDuplicateKey(earlier, position, to: &side.diagnostics)
      } else {
        side.diagnostics.report(.warning, "dataset.duplicate-key", "", at: nil)
      }
      return
    }
    table.insert(hash, position: position)
  }
}

extension KeyPattern {
  /// Whether a key given as UTF-8 fits.
  func matches(_ key: UnsafeRawBufferPointer) -> Bool { matches(String(decoding: key, as: UTF8.self)) }
}
