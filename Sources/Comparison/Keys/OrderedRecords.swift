import WaybillDiagnostics
import WaybillFormatSupport

/// Gives records one after the other.
protocol RecordSource {
  /// The next record.
  mutating func next() throws(DatasetError) -> RecordStep
}

/// What a source of records gives.
enum RecordStep {
  /// A record.
  case record(SampleRecord)
  /// There are no more.
  case end
  /// Something whose key cannot be found without decoding.
  case unknown
}

/// Records in the order of their keys, checked as they come; of those with one key the first counts.
struct OrderedRecords<Source: RecordSource> {
  /// What ``advance()`` found.
  enum Step {
    /// ``record`` is the next one.
    case record
    /// There are no more.
    case end
    /// The records are not in the order of their keys, or one of them has no key that can be found.
    case disorder
  }

  private var source: Source
  /// The record that is next.
  private(set) var record: SampleRecord?
  /// Its position, counting all records.
  private(set) var position = -1
  /// How many records with other keys came so far.
  private(set) var count = 0
  /// How many records were passed over because an earlier one has their key.
  private(set) var duplicateCount = 0
  /// The first of them, each with the position of the record before it that has its key.
  private(set) var duplicates: [(first: Int, later: Int)] = []
  /// Whether a record was met that is out of order or has no key.
  private(set) var isInDisorder = false
  private let duplicateLimit: Int
  private var last = -1

  /// The records of a source; the places of some duplicates are kept.
  init(_ source: Source, duplicateLimit: Int = 0) {
    self.source = source
    self.duplicateLimit = duplicateLimit
  }

  /// Moves on to the next record with another key.
  @inline(__always) mutating func advance() throws(DatasetError) -> Step {
    let before = record
    let first = position
    while true {
      last += 1
      switch try source.next() {
      case .unknown:
        isInDisorder = true
        return .disorder
      case .end:
        record = nil
        return .end
      case .record(let next):
        if let before {
          let order = next.keyOrder(to: before)
          if order < 0 {
            isInDisorder = true
            return .disorder
          }
          if order == 0 {
            duplicateCount += 1
            if duplicates.count < duplicateLimit { duplicates.append((first, last)) }
            continue
          }
        }
        record = next
        position = last
        count += 1
        return .record
      }
    }
  }
}

/// Walks two runs of records side by side.
enum SortedMerge {
  /// What became of a key.
  enum Outcome {
    case same, changed, added, removed
  }

  /// Calls a closure for each key of either side, in order; false when a side is not in order, and what was said so far means nothing.
  static func run<Source: RecordSource>(
    _ old: inout OrderedRecords<Source>, _ new: inout OrderedRecords<Source>,
    visit: (Outcome, SampleRecord, _ old: Int, _ new: Int) throws(DatasetError) -> Void
  ) throws(DatasetError) -> Bool {
    if case .disorder = try old.advance() { return false }
    if case .disorder = try new.advance() { return false }
    while true {
      guard let first = old.record else {
        guard let second = new.record else { return true }
        try visit(.added, second, -1, new.position)
        if case .disorder = try new.advance() { return false }
        continue
      }
      guard let second = new.record else {
        try visit(.removed, first, old.position, -1)
        if case .disorder = try old.advance() { return false }
        continue
      }
      // Equal bytes have equal keys, and nearly all records are the same.
      let isSame = first.isSame(as: second)
      let order = isSame ? 0 : first.keyOrder(to: second)
      if order < 0 {
        try visit(.removed, first, old.position, -1)
      } else if order > 0 {
        try visit(.added, second, -1, new.position)
      } else {
        try visit(isSame ? .same : .changed, second, old.position, new.position)
      }
      if order <= 0, case .disorder = try old.advance() { return false }
      if order >= 0, case .disorder = try new.advance() { return false }
    }
  }
}
