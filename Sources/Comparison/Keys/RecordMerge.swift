import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The records of a dataset, one position after the other.
struct DatasetRecords: RecordSource {
  private let dataset: Dataset
  private var position = 0

  /// The records of a dataset that has them.
  init(_ dataset: Dataset) { self.dataset = dataset }

  mutating func next() throws(DatasetError) -> RecordStep {
    guard position < dataset.count else { return .end }
    position += 1
    return dataset.record(at: position - 1).map { .record($0) } ?? .unknown
  }
}

/// Finds the samples that may differ between two datasets whose records are in the order of their keys: those whose bytes differ.
struct RecordMerge {
  let old: Dataset
  let new: Dataset
  let keys: KeyPattern?

  /// The samples, with duplicates reported; nil when a side is not in order.
  func run(
    _ oldSide: inout ComparedDataset, _ newSide: inout ComparedDataset, _ progress: inout ComparisonProgress
  ) throws(DatasetError) -> SampleDifferences? {
    var differences = SampleDifferences()
    var (first, second) = (
      OrderedRecords(DatasetRecords(old), duplicateLimit: oldSide.diagnostics.limitPerRule),
      OrderedRecords(DatasetRecords(new), duplicateLimit: newSide.diagnostics.limitPerRule)
    )
    var leftOut = (old: 0, new: 0)
    var visited = 0
    let isSorted = try SortedMerge.run(&first, &second) { (outcome, record, old, new) throws(DatasetError) in
      visited += 1
      if visited & 0xFFF == 0 { try InterruptFlag.check() }
      progress.add(outcome == .same || outcome == .changed ? 2 : 1)
      if let keys, !record.withKey({ keys.matches($0) }) {
        if old >= 0 { leftOut.old += 1 }
        if new >= 0 { leftOut.new += 1 }
      } else if outcome == .same {
        differences.unchanged += 1
      } else {
        differences.entries.append(.init(old: old, new: new))
      }
    }
    guard isSorted else { return nil }
    try RecordMerge.report(first, old, to: &oldSide)
    try RecordMerge.report(second, new, to: &newSide)
    oldSide.samples = first.count - leftOut.old
    newSide.samples = second.count - leftOut.new
    return differences
  }

  private static func report(
    _ records: OrderedRecords<DatasetRecords>, _ dataset: Dataset, to side: inout ComparedDataset
  ) throws(DatasetError) {
    side.duplicates = records.duplicateCount
    for duplicate in records.duplicates {
      try dataset.reportDuplicateKey(duplicate.first, duplicate.later, to: &side.diagnostics)
    }
    // Those beyond the limit are counted without a look at their places.
    for _ in records.duplicates.count..<max(records.duplicates.count, records.duplicateCount) {
      side.diagnostics.report(.warning, "dataset.duplicate-key", "", at: nil)
    }
  }
}
