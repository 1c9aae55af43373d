import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

/// The work of a ``LabelEdit`` on one file of samples.
struct ShardWork {
  let shard: ShardFile
  let records: NativeRecords
  let rules: SampleRules
  private(set) var rewriter: ShardRewriter
  private(set) var changed = 0
  private(set) var removed = 0
  private(set) var added = 0

  init(shard: ShardFile, records: NativeRecords, rules: SampleRules) {
    self.shard = shard
    self.records = records
    self.rules = rules
    rewriter = ShardRewriter(shard)
  }

  /// Looks at the samples of some keys.
  mutating func run(
    keys: [String], adding additions: [Sample], _ body: (inout Sample) throws(DatasetError) -> LabelEdit.Outcome
  ) throws(DatasetError) {
    var wanted: [[UInt8]] = []
    for key in keys {
      if shard.line(of: key) == nil {
        throw DatasetError(.usage, "There is no sample with the key \"\(terminalSafe(key))\"\(hint(key))")
      }
      wanted.append(Array(key.utf8))
    }
    wanted.sort { $0.lexicographicallyPrecedes($1) }
    var next = 0
    try walk(additions) { [shard, wanted] line in
      while next < wanted.count, shard.order(line, toKey: wanted[next]) > 0 { next += 1 }
      return next < wanted.count && shard.order(line, toKey: wanted[next]) == 0
    } body: { (sample) throws(DatasetError) in
      try body(&sample)
    }
  }

  /// Looks at all samples.
  mutating func run(
    adding additions: [Sample], _ body: (inout Sample) throws(DatasetError) -> LabelEdit.Outcome
  ) throws(DatasetError) {
    try walk(additions, { _ in true }, body: body)
  }

  private func hint(_ key: String) -> String {
    let others = shard.lines.prefix(2000).map { shard.key(of: $0) }
    return nearestKey(to: key, among: others).map { "; did you mean \"\(terminalSafe($0))\"?" } ?? ""
  }

  private mutating func walk(
    _ additions: [Sample], _ isWanted: (ShardFile.Line) -> Bool,
    body: (inout Sample) throws(DatasetError) -> LabelEdit.Outcome
  ) throws(DatasetError) {
    let new = additions.map { (key: Array($0.key.utf8), sample: $0) }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    for (before, after) in zip(new, new.dropFirst()) where before.key == after.key {
      throw DatasetError(.usage, "Two samples with the key \"\(terminalSafe(after.sample.key))\" are to be added")
    }
    var next = 0
    var out = ByteBuffer()
    for line in shard.lines {
      while next < new.count, shard.order(line, toKey: new[next].key) > 0 {
        try insert(new[next].sample, &out)
        next += 1
      }
      if next < new.count, shard.order(line, toKey: new[next].key) == 0 {
        throw DatasetError(.usage, "There is a sample with the key \"\(terminalSafe(new[next].sample.key))\" already")
      }
      guard isWanted(line) else {
        rewriter.keep()
        continue
      }
      if ConflictLine.isConflict(shard.bytes(of: line)) {
        records.context.report(
          .error, "repository.conflict",
          "\"\(terminalSafe(shard.key(of: line)))\" holds both sides of a merge; waybill resolve ends it",
          at: shard.place(of: line))
        rewriter.keep()
        continue
      }
      guard var sample = records.sample(shard.bytes, line.range, of: shard.file) else {
        rewriter.keep()
        continue
      }
      let outcome = try body(&sample)
      if outcome == .changed, shard.order(line, toKey: Array(sample.key.utf8)) != 0 {
        throw DatasetError(.usage, "A sample keeps its key: \"\(terminalSafe(shard.key(of: line)))\" cannot get another one")
      }
      switch outcome {
      case .kept: rewriter.keep()
      case .removed:
        try rewriter.remove()
        removed += 1
      case .changed:
        check(sample)
        out.removeAll()
        guard records.append(sample, to: &out) else {
          rewriter.keep()
          continue
        }
        if shard.holds(out.bytes, at: line) {
          rewriter.keep()
        } else {
          try rewriter.replace(with: out.bytes)
          changed += 1
        }
      }
    }
    for item in new[next...] { try insert(item.sample, &out) }
    try rewriter.finish()
  }

  private mutating func insert(_ sample: Sample, _ out: inout ByteBuffer) throws(DatasetError) {
    check(sample)
    out.removeAll()
    guard records.append(sample, to: &out) else { return }
    try rewriter.insert(out.bytes)
    added += 1
  }

  private func check(_ sample: borrowing Sample) {
    let (key, source) = (sample.key, sample.source)
    rules.check(sample) { problem in
      records.context.report(.error, problem.rule, "\"\(terminalSafe(key))\": \(problem.message)", at: source)
    }
  }
}

/// The key that is nearest to one that is not there, when it is near enough to be meant.
func nearestKey(to key: String, among keys: [String]) -> String? {
  if let same = keys.first(where: { $0.hasSuffix("/\(key)") }) { return same }
  return nearest(to: key, among: keys)
}
