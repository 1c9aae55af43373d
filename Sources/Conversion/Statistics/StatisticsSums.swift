import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// Adds up what the workers find, in the order of the samples, with a bound on every list of names.
struct StatisticsSums {
  private var samplesOfLabel: [Int] = []
  private var secondsOfLabel: [Double] = []
  private var tracks: [StatisticsTally.Track: Int] = [:]
  private var sizes: [StatisticsTally.Size: Int] = [:]
  private var sizeOrder: [StatisticsTally.Size] = []
  private var authors: [ExactText: Int] = [:]
  private var authorOrder: [String] = []
  private var reasons: [Int: Int] = [:]
  private var splits: [ExactText: Int] = [:]
  /// Counts of labels, by split and then by label.
  private var splitLabels: [[(annotations: Int, samples: Int)]] = []

  /// Adds a run of samples.
  mutating func add(_ tally: StatisticsTally, to report: inout StatisticsReport) {
    report.counts.add(tally.counts)
    report.leftOut?.samples += tally.leftOut.samples
    report.leftOut?.annotations += tally.leftOut.annotations
    report.withoutLabel += tally.withoutLabel
    report.hard.samples += tally.hardSamples
    report.hard.annotations += tally.hardAnnotations
    report.suspicions.append(tally.suspicions)
    report.add(tally.values)
    for cell in tally.cells { report.positions[Int(cell)] += 1 }
    while samplesOfLabel.count < tally.samplesOfLabel.count { samplesOfLabel.append(0) }
    for (label, count) in tally.samplesOfLabel.enumerated() { samplesOfLabel[label] += count }
    while secondsOfLabel.count < tally.secondsOfLabel.count { secondsOfLabel.append(0) }
    for (label, seconds) in tally.secondsOfLabel.enumerated() { secondsOfLabel[label] += seconds }
    report.timeUse.add(tally.timeUse)
    for track in tally.trackOrder { tracks[track, default: 0] += tally.tracks[track] ?? 0 }
    for size in tally.sizeOrder {
      let count = tally.sizes[size] ?? 0
      if sizes[size] == nil {
        guard sizeOrder.count < StatisticsReport.sizeLimit else {
          report.otherSizes += count
          continue
        }
        sizeOrder.append(size)
      }
      sizes[size, default: 0] += count
    }
    for author in tally.authorOrder {
      let name = ExactText(author)
      let count = tally.authors[name] ?? 0
      if authors[name] == nil {
        guard authorOrder.count < StatisticsReport.nameLimit else {
          report.otherAuthors += count
          continue
        }
        authorOrder.append(author)
      }
      authors[name, default: 0] += count
    }
    // By number, so that which ones are counted does not depend on a dictionary's order.
    for (reason, count) in tally.reasons.sorted(by: { $0.key < $1.key })
    where reasons[reason] != nil || reasons.count < StatisticsReport.nameLimit {
      reasons[reason, default: 0] += count
    }
    addSplits(of: tally)
  }

  private mutating func addSplits(of tally: StatisticsTally) {
    for split in tally.splitOrder where splits[ExactText(split)] == nil && splits.count < StatisticsReport.splitLimit {
      splits[ExactText(split)] = splits.count
      splitLabels.append([])
    }
    for (key, counts) in tally.splitLabels {
      guard let split = splits[key.split] else { continue }
      let label = Int(key.label)
      while splitLabels[split].count <= label { splitLabels[split].append((0, 0)) }
      splitLabels[split][label].annotations += counts.annotations
      splitLabels[split][label].samples += counts.samples
    }
  }

  /// Puts the lists in order.
  func finish(_ header: DatasetHeader, _ report: inout StatisticsReport) {
    report.counts.add(header.features)
    let labels = header.labels.labels
    for (position, label) in labels.enumerated() {
      report.counts.add(label.features)
      let annotations = report.counts.annotations(ofLabelAt: position)
      if annotations == 0 {
        report.suspicions.report(
          .note, "stats.unused-label", "No annotation carries the label \"\(terminalSafe(label.name))\"", at: nil)
      }
      report.labels.append(
        .init(
          label: label, annotations: annotations, samples: position < samplesOfLabel.count ? samplesOfLabel[position] : 0,
          seconds: position < secondsOfLabel.count ? secondsOfLabel[position] : 0,
          bySplit: splitLabels.map { position < $0.count ? $0[position] : (0, 0) }))
    }
    report.trackCount = tracks.count
    // In order, so that no sum depends on that of a dictionary.
    report.add(tracks.values.sorted().map(Double.init), .trackLength)
    report.sizes = sizeOrder.enumerated().map { (order: $0.offset, size: $0.element, count: sizes[$0.element] ?? 0) }
      .sorted { ($1.count, $0.order) < ($0.count, $1.order) }.map { ($0.size.width, $0.size.height, $0.count) }
    report.authors = authorOrder.enumerated().map {
      (order: $0.offset, name: $0.element, count: authors[ExactText($0.element)] ?? 0)
    }
    .sorted { ($1.count, $0.order) < ($0.count, $1.order) }.map { SampleCounts.Named(name: $0.name, count: $0.count) }
    report.hardReasons = reasons.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }
}
