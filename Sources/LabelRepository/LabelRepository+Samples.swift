import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative
import WaybillSampleFilter

extension LabelRepository {
  /// Calls with the samples a filter takes, or with all, in the bytewise order of their keys.
  ///
  /// - Throws: ``RepositoryFailure`` when a line cannot be read, or holds both sides of a merge.
  public func forEachSample(_ filter: SampleFilter? = nil, _ body: (Sample) -> Void) throws(RepositoryFailure) {
    let context = ReadContext(sources: SourceMap())
    context.sources.setOpener { try? MappedFile(path: $0) }
    let labels = settings.header.labels
    let records = NativeRecords(labels: labels, context: context)
    let evaluator = filter.map { FilterEvaluator($0, labels: labels) }
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      var shards: [ShardFile] = []
      for number in 0..<layout.count { shards.append(try ShardFile(path: path(layout.path(of: number)), context)) }
      var merge = ShardOrder(shards)
      while let (shard, line) = merge.next() {
        try InterruptFlag.check()
        guard let sample = records.sample(shard.bytes, line.range, of: shard.file) else { continue }
        if evaluator?.accepts(sample) ?? true { body(sample) }
      }
      if context.diagnostics.hasErrors { throw DatasetError(.invalidInput, "Not all samples can be read", path: root) }
    }
  }
}

/// The lines of several files in the order of their keys.
struct ShardOrder {
  private let shards: [ShardFile]
  private var positions: [Int]
  /// The files that have lines left, as a heap by their next keys.
  private var heap: [Int] = []

  init(_ shards: [ShardFile]) {
    self.shards = shards
    positions = Array(repeating: 0, count: shards.count)
    for (number, shard) in shards.enumerated() where !shard.lines.isEmpty {
      heap.append(number)
      rise(heap.count - 1)
    }
  }

  /// The next line and the file it is in.
  mutating func next() -> (ShardFile, ShardFile.Line)? {
    guard let number = heap.first else { return nil }
    let line = shards[number].lines[positions[number]]
    positions[number] += 1
    if positions[number] == shards[number].lines.count {
      heap[0] = heap[heap.count - 1]
      heap.removeLast()
    }
    sink()
    return (shards[number], line)
  }

  private func isBelow(_ a: Int, _ b: Int) -> Bool {
    let (one, other) = (shards[a], shards[b])
    return one.withKey(of: one.lines[positions[a]]) { first in
      other.withKey(of: other.lines[positions[b]]) { SampleRecord.order(first, $0) < 0 }
    }
  }

  private mutating func rise(_ start: Int) {
    var at = start
    while at > 0, isBelow(heap[at], heap[(at - 1) / 2]) {
      heap.swapAt(at, (at - 1) / 2)
      at = (at - 1) / 2
    }
  }

  private mutating func sink() {
    var at = 0
    while true {
      var least = at
      for child in [2 * at + 1, 2 * at + 2] where child < heap.count && isBelow(heap[child], heap[least]) { least = child }
      if least == at { return }
      heap.swapAt(at, least)
      at = least
    }
  }
}
