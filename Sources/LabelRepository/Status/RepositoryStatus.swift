import WaybillDatasetModel
import WaybillDiagnostics

/// How far the labeling of a repository has come.
public struct RepositoryStatus: Sendable {
  /// How often a label is used.
  public struct LabelUse: Sendable, Equatable {
    /// Its annotations.
    public var annotations = 0
    /// Samples with one or more of them.
    public var samples = 0

    /// No use yet.
    public init() {}
  }

  /// Number of samples.
  public internal(set) var samples = 0
  /// Samples without annotations.
  public internal(set) var unlabeled = 0
  /// Samples with annotations, all of which stand.
  public internal(set) var labeled = 0
  /// Samples with annotations that wait to be confirmed.
  public internal(set) var unconfirmed = 0
  /// Samples that are hard, or have annotations that are.
  public internal(set) var hard = 0
  /// Samples that hold both sides of a merge.
  public internal(set) var conflicts = 0
  /// Number of annotations.
  public internal(set) var annotations = 0
  /// The use of each label, in the order of the set.
  public internal(set) var labels: [(name: String, use: LabelUse)] = []
  /// Keys of samples that hold both sides of a merge; the first hundred.
  public internal(set) var conflictKeys: [String] = []
  /// What breaks a rule, or is not canonical.
  public internal(set) var diagnostics = DiagnosticList()
  /// The files the problems are in.
  public internal(set) var sources = SourceMap()

  /// Most keys of conflicts that are kept.
  static let keyLimit = 100

  /// Nothing counted yet.
  init() {}

  /// Whether the repository may be published: no rule is broken and no conflict is left.
  public var isClean: Bool { conflicts == 0 && !diagnostics.hasErrors }
}

/// What one file of samples adds to the status.
struct ShardTally: Equatable {
  var samples = 0
  var unlabeled = 0
  var labeled = 0
  var unconfirmed = 0
  var hard = 0
  var conflicts = 0
  var annotations = 0
  /// By position in the label set.
  var labels: [RepositoryStatus.LabelUse] = []

  /// Counts a sample; `seen` is the worker's own, as long as the label set.
  mutating func add(_ sample: borrowing Sample, _ seen: inout [Int]) {
    samples += 1
    annotations += sample.annotations.count
    var isHard = sample.hard?.isHard == true
    var waits = false
    sample.annotations.withUnsafeBufferPointer { all in
      guard var next = all.baseAddress else { return }
      for _ in all.indices {
        if next.pointee.flags.unconfirmed == true { waits = true }
        if next.pointee.hasRareAnswers, next.pointee.hard?.isHard == true { isHard = true }
        if let label = next.pointee.label, Int(label.index) < labels.count {
          labels[Int(label.index)].annotations += 1
          if seen[Int(label.index)] != samples {
            seen[Int(label.index)] = samples
            labels[Int(label.index)].samples += 1
          }
        }
        next += 1
      }
    }
    if isHard { hard += 1 }
    if sample.annotations.isEmpty { unlabeled += 1 } else if waits { unconfirmed += 1 } else { labeled += 1 }
  }
}

extension RepositoryStatus {
  mutating func add(_ tally: ShardTally) {
    samples += tally.samples
    unlabeled += tally.unlabeled
    labeled += tally.labeled
    unconfirmed += tally.unconfirmed
    hard += tally.hard
    conflicts += tally.conflicts
    annotations += tally.annotations
    for index in tally.labels.indices where index < labels.count {
      labels[index].use.annotations += tally.labels[index].annotations
      labels[index].use.samples += tally.labels[index].samples
    }
  }
}
