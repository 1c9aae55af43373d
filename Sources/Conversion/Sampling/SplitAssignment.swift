import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSampleFilter

/// How samples are put into the splits `train` and `validation` on their way.
///
/// A sample is in `train` when the hash of the seed and its key lies below the share, so that adding samples moves no other. With
/// ``isStratified``, each group of samples with the same rarest label gives its share to `train`, those with the smallest hashes, as
/// ``Subset`` does; a sample that is added may then move one at the border of its group.
public struct SplitAssignment: Sendable, Equatable {
  /// The share of `train`, above 0 and below 1; nil assigns nothing.
  public var trainShare: Double?
  /// Another seed gives other splits.
  public var seed: UInt64
  /// Whether labels keep their shares in both splits.
  public var isStratified: Bool
  /// Whether the splits that samples have are forgotten first; else samples with a split keep it.
  public var dropsExisting: Bool

  /// What becomes of the splits.
  public init(trainShare: Double? = nil, seed: UInt64 = 0, isStratified: Bool = false, dropsExisting: Bool = false) {
    self.trainShare = trainShare
    self.seed = seed
    self.isStratified = isStratified
    self.dropsExisting = dropsExisting
  }
}

/// Puts the samples of one dataset into splits.
struct SplitChoice: Sendable {
  private let assignment: SplitAssignment
  private let bound: UInt64?
  /// A bit for each position in `train`, when a pass has chosen.
  private let training: [UInt64]?

  /// Chooses; a stratified choice takes a pass over all samples, whose problems are reported when they are converted.
  init(
    _ assignment: SplitAssignment, _ dataset: Dataset, filter: SampleFilter?, media: MediaResolver, jobs: Int,
    progress: ((Int, Int) -> Void)?
  ) throws(DatasetError) {
    self.assignment = assignment
    guard let share = assignment.trainShare else {
      (bound, training) = (nil, nil)
      return
    }
    bound = Subset.bound(ofShare: share)
    guard assignment.isStratified else {
      training = nil
      return
    }
    let keepsOwn = !assignment.dropsExisting
    var candidates = try SubsetChoice.candidates(
      Subset(.share(share), seed: assignment.seed, isStratified: true), dataset, filter: filter, media: media, jobs: jobs,
      progress: progress,
      accepts: { !keepsOwn || $0.split == nil })
    var bits = [UInt64](repeating: 0, count: (dataset.count + 63) / 64)
    for position in candidates.choose() { bits[position / 64] |= 1 << UInt64(position % 64) }
    training = bits
  }

  /// The splits there are afterwards, when so many were there before.
  func names(_ before: [String]) -> [String] {
    var names = assignment.dropsExisting ? [] : before
    guard assignment.trainShare != nil else { return names }
    for name in ["train", "validation"] where !names.contains(name) { names.append(name) }
    return names
  }

  /// Gives a sample its split.
  func apply(to sample: inout Sample, at position: Int) {
    if assignment.dropsExisting { sample.split = nil }
    guard assignment.trainShare != nil, sample.split == nil else { return }
    let isTraining: Bool
    if let training {
      isTraining = training[position / 64] & (1 << UInt64(position % 64)) != 0
    } else {
      isTraining = bound.map { Subset.hash(of: sample.key, seed: assignment.seed) < $0 } ?? true
    }
    sample.split = isTraining ? "train" : "validation"
  }
}
