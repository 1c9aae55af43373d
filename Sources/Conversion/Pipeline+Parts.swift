import Synchronization
import WaybillLocks
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Outcomes that are used again, so that their buffers grow once and not once a batch.
final class OutcomePool: Sendable {
  private let free = Lock<[Pipeline.Outcome]>([])

  func take() -> Pipeline.Outcome {
    let outcome = free.withLock { $0.popLast() } ?? Pipeline.Outcome()
    outcome.reset()
    return outcome
  }

  func give(_ outcome: Pipeline.Outcome) { free.withLock { $0.append(outcome) } }
}

/// A flag that workers look at and the consumer sets.
final class StopFlag: Sendable {
  private let flag: Atomic<Bool>

  init(_ isSet: Bool) { flag = Atomic(isSet) }

  var isSet: Bool { flag.load(ordering: .relaxed) }
  func set() { flag.store(true, ordering: .relaxed) }
}

/// Reports samples that share a key, each with both places.
struct DuplicateKeyReport {
  private let dataset: Dataset
  private var seen: DuplicateKeys
  private var confirmed = 0

  init(dataset: Dataset) {
    self.dataset = dataset
    seen = DuplicateKeys(capacity: dataset.count)
  }

  /// Prepares for keys that are noted next.
  func prepare(_ keys: [(hash: UInt64, position: Int)]) {
    for key in keys { seen.fetch(key.hash) }
  }

  mutating func note(_ hash: UInt64, at position: Int, _ diagnostics: inout DiagnosticList) throws(DatasetError) {
    guard let earlier = seen.insert(hash, position: position) else { return }
    confirmed += 1
    guard confirmed <= diagnostics.limitPerRule else {
      diagnostics.report(.warning, "dataset.duplicate-key", "", at: nil)
      return
    }
    try dataset.reportDuplicateKey(earlier, position, to: &diagnostics)
  }
}

extension Dataset {
  /// Reports that two samples have one key, with both places; does nothing when they have not.
  package func reportDuplicateKey(_ earlier: Int, _ later: Int, to diagnostics: inout DiagnosticList) throws(DatasetError) {
    guard let first = try sample(at: earlier), let second = try sample(at: later), first.key == second.key else { return }
    diagnostics.report(
      Diagnostic(
        .warning, "dataset.duplicate-key", "Two samples have the key \"\(terminalSafe(second.key))\"", at: second.source,
        related: first.source.map { [.init(range: $0, message: "the first one is here")] } ?? []))
  }
}

extension DiagnosticList {
  /// Whether a writer met something it cannot write; skipping invalid input does not excuse that.
  var hasWriteErrors: Bool { counts.contains { $0.severity == .error && $0.rule.contains(".write.") } }
}
