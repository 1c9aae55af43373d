import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

/// Looks through one file of samples: counts them, and finds what breaks a rule or is not canonical.
struct ShardSurvey {
  let repository: LabelRepository
  let settings: RepositorySettings

  /// What was found in a file.
  final class Finding {
    var tally = ShardTally()
    var conflictKeys: [String] = []
    /// Whether the file holds what it would be written with: nothing was found wrong with it.
    var isCanonical = true
    let context: ReadContext

    init(_ context: ReadContext) { self.context = context }
  }

  func run(_ number: Int, _ context: ReadContext) throws(DatasetError) -> Finding {
    let finding = Finding(context)
    let layout = ShardLayout(count: settings.shardCount)
    let shard = try ShardFile(path: repository.path(layout.path(of: number)), context)
    let names = settings.labels
    let rules = SampleRules(type: settings.type, labels: names)
    // A table of its own: names that are not in the set must not become part of it.
    let records = NativeRecords(labels: LabelTable(names), context: context)
    finding.tally.labels = Array(repeating: .init(), count: names.count)
    var seen = Array(repeating: 0, count: names.count)
    if !shard.isSorted { finding.note("repository.order", "The lines are not in the order of their keys", shard, nil) }
    if !shard.isPlain {
      finding.note("repository.lines", "The file has blank lines, carriage returns or no line feed at its end", shard, nil)
    }
    var out = ByteBuffer()
    for line in shard.lines {
      shard.release(behind: line)
      if layout.count > 1 {
        let place = shard.withKey(of: line) { layout.shard(ofKey: $0) }
        if place != number {
          finding.note(
            "repository.shard", "\"\(terminalSafe(shard.key(of: line)))\" belongs into \(layout.path(of: place))", shard, line)
        }
      }
      if ConflictLine.isConflict(shard.bytes(of: line)) {
        finding.tally.conflicts += 1
        finding.tally.samples += 1
        if finding.conflictKeys.count < RepositoryStatus.keyLimit { finding.conflictKeys.append(shard.key(of: line)) }
        continue
      }
      guard let sample = records.sample(shard.bytes, line.range, of: shard.file) else {
        finding.isCanonical = false
        continue
      }
      finding.tally.add(sample, &seen)
      rules.check(sample) { problem in
        finding.isCanonical = false
        context.report(
          .error, problem.rule, "\"\(terminalSafe(shard.key(of: line)))\": \(problem.message)", at: shard.place(of: line))
      }
      out.removeAll()
      guard records.append(sample, to: &out), !shard.holds(out.bytes, at: line) else { continue }
      let key = terminalSafe(shard.key(of: line))
      if isCanonical(line, of: shard, names) {
        // What a merge brings is understood as it is, and no reason to stop it.
        finding.note("repository.former-name", "\"\(key)\" uses a name that a label had before", shard, line, .note)
      } else {
        finding.note("repository.bytes", "\"\(key)\" is not written in the canonical way", shard, line)
      }
    }
    return finding
  }

  /// Whether a line is canonical when the names labels had before are left as they are.
  private func isCanonical(_ line: ShardFile.Line, of shard: ShardFile, _ labels: [Label]) -> Bool {
    let plain = LabelTable(labels.map { Label(name: $0.name) })
    let records = NativeRecords(labels: plain, context: ReadContext(sources: SourceMap()))
    var out = ByteBuffer()
    guard let sample = records.sample(shard.bytes, line.range, of: shard.file), records.append(sample, to: &out) else {
      return false
    }
    return shard.holds(out.bytes, at: line)
  }
}

extension ShardSurvey.Finding {
  /// Notes something that `waybill fix` repairs.
  fileprivate func note(
    _ rule: String, _ message: String, _ shard: ShardFile, _ line: ShardFile.Line?, _ severity: Diagnostic.Severity = .warning
  ) {
    isCanonical = false
    context.report(severity, rule, "\(message); waybill fix repairs it", at: line.map { shard.place(of: $0) } ?? shard.beginning)
  }
}
