import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSampleFilter

/// Which samples of a dataset are in a subset.
///
/// A share is decided sample by sample; a count, and a stratified subset, in a pass over all samples before the conversion, which then
/// decodes the chosen ones only.
struct SubsetChoice: Sendable {
  private let seed: UInt64
  /// The first hash that is out; nil when none is.
  private let bound: UInt64?
  /// A bit for each position, when a pass has chosen.
  private let chosen: [UInt64]?

  /// Chooses; the problems and the account of what is left out go to the report.
  init(
    _ subset: Subset, _ dataset: Dataset, split: String?, filter: SampleFilter?, media: MediaResolver, jobs: Int,
    _ report: inout ConversionReport, progress: ((Int, Int) -> Void)?
  ) throws(DatasetError) {
    seed = subset.seed
    if case .share(let share) = subset.size, !subset.isStratified {
      bound = Subset.bound(ofShare: share)
      chosen = nil
      return
    }
    bound = nil
    var candidates = SubsetCandidates(subset)
    var request = ScanRequest(input: dataset.path)
    request.jobs = jobs
    request.filter = filter
    try DatasetScan(dataset: dataset, request: request, media: media).run(
      make: { Tally(seed: subset.seed, split: split, keepsLabels: subset.isStratified) }, progress: progress
    ) { (tally, found) throws(DatasetError) in
      report.diagnostics.append(found)
      report.ledger.add(tally.ledger)
      candidates.add(tally.candidates, labels: tally.labels)
    }
    let positions = candidates.choose()
    report.ledger.filteredSamples += candidates.count - positions.count
    report.ledger.unchosenSamples += candidates.count - positions.count
    var bits = [UInt64](repeating: 0, count: (dataset.count + 63) / 64)
    for position in positions { bits[position / 64] |= 1 << UInt64(position % 64) }
    chosen = bits
  }

  /// The samples of a dataset that a subset may be chosen from, by a pass over all of them.
  static func candidates(
    _ subset: Subset, _ dataset: Dataset, filter: SampleFilter?, media: MediaResolver, jobs: Int,
    progress: ((Int, Int) -> Void)?, accepts: @escaping @Sendable (borrowing Sample) -> Bool
  ) throws(DatasetError) -> SubsetCandidates {
    var candidates = SubsetCandidates(subset)
    var request = ScanRequest(input: dataset.path)
    request.jobs = jobs
    request.filter = filter
    try DatasetScan(dataset: dataset, request: request, media: media).run(
      make: { Tally(seed: subset.seed, split: nil, keepsLabels: subset.isStratified, accepts: accepts) }, progress: progress
    ) { (tally, _) throws(DatasetError) in candidates.add(tally.candidates, labels: tally.labels) }
    return candidates
  }

  /// Whether a pass has chosen, and has reported what is wrong with any sample.
  var isComplete: Bool { chosen != nil }

  /// Whether a sample is worth decoding.
  func mayHold(_ position: Int) -> Bool {
    guard let chosen else { return true }
    return chosen[position / 64] & (1 << UInt64(position % 64)) != 0
  }

  /// Whether a decoded sample is in; the account is kept.
  func holds(_ sample: borrowing Sample, _ ledger: inout Ledger) -> Bool {
    if chosen != nil {
      // The pass has counted the annotations of all samples as left out.
      ledger.filteredAnnotations -= sample.annotations.count
      return true
    }
    guard let bound, Subset.hash(of: sample.key, seed: seed) >= bound else { return true }
    ledger.filteredSamples += 1
    ledger.unchosenSamples += 1
    ledger.filteredAnnotations += sample.annotations.count
    return false
  }

  /// What one worker notes.
  private final class Tally: ScanTally {
    let seed: UInt64
    let split: String?
    let keepsLabels: Bool
    let accepts: @Sendable (borrowing Sample) -> Bool
    var ledger = Ledger()
    var candidates: [SubsetCandidates.Candidate] = []
    var labels: [UInt32] = []

    init(
      seed: UInt64, split: String?, keepsLabels: Bool, accepts: @escaping @Sendable (borrowing Sample) -> Bool = { _ in true }
    ) {
      self.seed = seed
      self.split = split
      self.keepsLabels = keepsLabels
      self.accepts = accepts
    }

    func note(_ sample: Sample?, at position: Int) {
      guard let sample else {
        ledger.skippedSamples += 1
        return
      }
      ledger.filteredAnnotations += sample.annotations.count
      guard isOfSplit(sample), accepts(sample) else { return }
      var candidate = SubsetCandidates.Candidate(
        hash: Subset.hash(of: sample.key, seed: seed), position: UInt32(truncatingIfNeeded: position))
      if keepsLabels {
        let found = Set(sample.annotations.compactMap { $0.label?.index }).sorted()
        labels += found
        candidate.labels = UInt32(truncatingIfNeeded: found.count)
      }
      candidates.append(candidate)
    }

    func noteUnfit(_ sample: borrowing Sample) {
      ledger.filteredAnnotations += sample.annotations.count
      guard isOfSplit(sample) else { return }
      ledger.filteredSamples += 1
      ledger.unfitSamples += 1
    }

    /// Whether a sample is of the split that is asked for; the account is kept.
    private func isOfSplit(_ sample: borrowing Sample) -> Bool {
      guard let split, sample.split != split else { return true }
      ledger.filteredSamples += 1
      ledger.filteredSplits[sample.split ?? "", default: 0] += 1
      return false
    }
  }
}
