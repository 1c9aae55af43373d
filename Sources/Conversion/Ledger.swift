import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// The account of a conversion: for every feature, how many were read, written, approximated and dropped.
///
/// The sums add up.
public struct Ledger: Sendable {
  /// What became of one kind of thing.
  public struct Entry: Sendable, Equatable {
    /// How many were read.
    public var read = 0
    /// How many were written as they were.
    public var written = 0
    /// How many were written as something like them.
    public var approximated = 0
    /// How many were left out because the target has no place for them.
    public var dropped = 0

    static func += (a: inout Entry, b: Entry) {
      a.read += b.read
      a.written += b.written
      a.approximated += b.approximated
      a.dropped += b.dropped
    }
  }

  /// Where a loss was met first.
  public struct Place: Sendable, Equatable {
    /// The sample.
    public var key: String
    /// Where it was read.
    public var source: SourceRange?
  }

  /// Samples.
  public var samples = Entry()
  /// Annotations.
  public var annotations = Entry()
  /// Samples and annotations that filters left out on purpose.
  public var filteredSamples = 0
  /// Samples of each split that a filter left out; the empty name stands for samples without one.
  public var filteredSplits: [String: Int] = [:]
  /// Samples that do not fit the filter of the request; they are among the filtered ones.
  public var unfitSamples = 0
  /// Samples that a subset left out; they are among the filtered ones.
  public var unchosenSamples = 0
  /// Annotations that filters left out on purpose.
  public var filteredAnnotations = 0
  /// Records that could not be read and were skipped.
  public var skippedSamples = 0
  /// Whether anything stands in the three tables: mostly a batch has only features that were kept.
  private var hasEntries = false
  private var entries = [Entry](repeating: Entry(), count: Feature.allCases.count)
  private var firstDrop = [Place?](repeating: nil, count: Feature.allCases.count)
  private var firstApproximation = [Place?](repeating: nil, count: Feature.allCases.count)
  /// Features kept together, and how often, not yet in the entries: a dataset's samples give few different sets.
  private var kept = [(features: FeatureSet, count: Int)](repeating: (FeatureSet(), 0), count: Ledger.keptPlaces)
  private static let keptPlaces = 16
  /// Where the first sample or annotation was dropped as a whole.
  public private(set) var firstWholeDrop: Place?

  /// An empty account.
  public init() {}

  /// The entry of a feature.
  public subscript(feature: Feature) -> Entry {
    var entry = entries[Int(feature.rawValue)]
    for place in kept where place.features.contains(feature) {
      entry.read &+= place.count
      entry.written &+= place.count
    }
    return entry
  }

  /// Where a feature was dropped first.
  public func firstDrop(of feature: Feature) -> Place? { firstDrop[Int(feature.rawValue)] }

  /// Where a feature was approximated first.
  public func firstApproximation(of feature: Feature) -> Place? { firstApproximation[Int(feature.rawValue)] }

  /// Features that occurred.
  public var features: [Feature] { Feature.allCases.filter { self[$0] != Entry() } }

  /// Notes features that were kept, some number of times.
  @inline(__always) mutating func keep(_ features: FeatureSet, times: Int = 1) {
    let at = features.hash & (Ledger.keptPlaces &- 1)
    if kept[at].features == features {
      kept[at].count &+= times
    } else {
      settle(at)
      kept[at] = (features, times)
    }
  }

  /// Moves what was kept from its place to the entries.
  private mutating func settle(_ at: Int) {
    let place = kept[at]
    kept[at] = (FeatureSet(), 0)
    guard place.count != 0 else { return }
    hasEntries = true
    place.features.forEach {
      entries[Int($0.rawValue)].read &+= place.count
      entries[Int($0.rawValue)].written &+= place.count
    }
  }

  mutating func drop(_ features: FeatureSet, _ place: @autoclosure () -> Place) {
    guard !features.isEmpty else { return }
    let place = place()
    hasEntries = true
    features.forEach {
      entries[Int($0.rawValue)].read += 1
      entries[Int($0.rawValue)].dropped += 1
      firstDrop[Int($0.rawValue)] = firstDrop[Int($0.rawValue)] ?? place
    }
  }

  mutating func approximate(_ features: FeatureSet, _ place: @autoclosure () -> Place) {
    guard !features.isEmpty else { return }
    let place = place()
    hasEntries = true
    features.forEach {
      entries[Int($0.rawValue)].read += 1
      entries[Int($0.rawValue)].approximated += 1
      firstApproximation[Int($0.rawValue)] = firstApproximation[Int($0.rawValue)] ?? place
    }
  }

  /// Notes what the encoder could not write of annotations that were booked as written.
  mutating func note(_ losses: [EncodingLoss], _ place: Place) {
    for loss in losses {
      let feature = FeatureSet(loss.feature)
      keep(feature, times: -1)
      if loss.isApproximated {
        approximate(feature, place)
        annotations.written -= 1
        annotations.approximated += 1
      } else {
        drop(feature, place)
      }
    }
  }

  mutating func noteWholeDrop(_ place: @autoclosure () -> Place) {
    if firstWholeDrop == nil { firstWholeDrop = place() }
  }

  /// Whether something was lost without which labels are wrong or gone.
  public var hasEssentialLoss: Bool {
    samples.dropped > 0 || annotations.dropped > 0
      || hasEntries && Feature.allCases.contains { $0.weight == .essential && self[$0].dropped > 0 }
  }

  /// Whether anything was lost or approximated.
  public var hasAnyLoss: Bool {
    hasEssentialLoss || hasEntries && Feature.allCases.contains { self[$0].dropped > 0 || self[$0].approximated > 0 }
  }

  /// Takes the counts of another account away.
  mutating func subtract(_ other: Ledger) {
    hasEntries = hasEntries || other.hasEntries
    for index in entries.indices where other.hasEntries {
      entries[index].read -= other.entries[index].read
      entries[index].written -= other.entries[index].written
    }
    for place in other.kept where place.count != 0 { keep(place.features, times: 0 - place.count) }
  }

  /// Adds the account of a later part of the dataset.
  mutating func add(_ other: Ledger) {
    samples += other.samples
    annotations += other.annotations
    filteredSamples += other.filteredSamples
    if !other.filteredSplits.isEmpty { filteredSplits.merge(other.filteredSplits) { $0 + $1 } }
    unfitSamples += other.unfitSamples
    unchosenSamples += other.unchosenSamples
    filteredAnnotations += other.filteredAnnotations
    skippedSamples += other.skippedSamples
    hasEntries = hasEntries || other.hasEntries
    for index in entries.indices where other.hasEntries {
      entries[index] += other.entries[index]
      firstDrop[index] = firstDrop[index] ?? other.firstDrop[index]
      firstApproximation[index] = firstApproximation[index] ?? other.firstApproximation[index]
    }
    for place in other.kept where place.count != 0 { keep(place.features, times: place.count) }
    firstWholeDrop = firstWholeDrop ?? other.firstWholeDrop
  }
}

extension FeatureSet {
  /// A number that tells most sets apart.
  @inline(__always) fileprivate var hash: Int { Int(truncatingIfNeeded: (bits &* 0x9E37_79B9_7F4A_7C15) >> 59) }
}
