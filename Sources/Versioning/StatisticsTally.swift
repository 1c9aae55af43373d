import WaybillBytes
import WaybillDatasetModel

/// Counts what the samples of a version hold, batch by batch.
struct StatisticsTally {
  private struct Counts {
    var samples = 0
    var annotations = 0
  }

  private var samples = 0
  private var labeled = 0
  private var annotations = 0
  private var unsplit = 0
  private var labels: [Counts] = []
  private var splits: [ExactText: Counts] = [:]
  private var kinds = [Int](repeating: 0, count: Media.Kind.allCases.count)
  /// The sample in which a label was counted last, by the label's position.
  private var lastSample: [Int] = []

  mutating func note(_ sample: borrowing Sample) {
    samples += 1
    annotations += sample.annotations.count
    if !sample.annotations.isEmpty || sample.tokens != nil { labeled += 1 }
    if let position = Media.Kind.allCases.firstIndex(of: sample.media.kind) { kinds[position] += 1 }
    if let split = sample.split {
      var counts = splits[ExactText(split)] ?? Counts()
      counts.samples += 1
      counts.annotations += sample.annotations.count
      splits[ExactText(split)] = counts
    } else {
      unsplit += 1
    }
    for annotation in sample.annotations {
      guard let label = annotation.label else { continue }
      let position = Int(label.index)
      while labels.count <= position {
        labels.append(Counts())
        lastSample.append(-1)
      }
      labels[position].annotations += 1
      if lastSample[position] != samples {
        lastSample[position] = samples
        labels[position].samples += 1
      }
    }
  }

  /// Adds the counts of a later batch.
  mutating func add(_ later: StatisticsTally) {
    samples += later.samples
    labeled += later.labeled
    annotations += later.annotations
    unsplit += later.unsplit
    for position in kinds.indices { kinds[position] += later.kinds[position] }
    while labels.count < later.labels.count {
      labels.append(Counts())
      lastSample.append(-1)
    }
    for position in later.labels.indices {
      labels[position].annotations += later.labels[position].annotations
      labels[position].samples += later.labels[position].samples
    }
    for (split, counts) in later.splits {
      splits[split, default: Counts()].samples += counts.samples
      splits[split, default: Counts()].annotations += counts.annotations
    }
  }

  /// The counts, with the names of the labels.
  func statistics(_ table: LabelTable) -> VersionStatistics {
    var statistics = VersionStatistics()
    statistics.samples = samples
    statistics.labeled = labeled
    statistics.annotations = annotations
    statistics.unsplit = unsplit
    for (position, label) in table.labels.enumerated() {
      let counts = position < labels.count ? labels[position] : Counts()
      statistics.labels.append(.init(name: label.name, annotations: counts.annotations, samples: counts.samples))
    }
    for (split, counts) in splits.sorted(by: { $0.key.text.utf8.lexicographicallyPrecedes($1.key.text.utf8) }) {
      statistics.splits.append(.init(name: split.text, samples: counts.samples, annotations: counts.annotations))
    }
    for (position, kind) in Media.Kind.allCases.enumerated() where kinds[position] > 0 {
      statistics.media.append((kind.rawValue, kinds[position]))
    }
    return statistics
  }
}
