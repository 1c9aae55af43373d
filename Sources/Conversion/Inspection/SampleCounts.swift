import WaybillBytes
import WaybillDatasetModel

/// What a run of samples holds, counted.
public struct SampleCounts: Sendable, Equatable {
  /// A name with its count.
  public struct Named: Sendable, Equatable {
    /// The name.
    public var name: String
    /// How many.
    public var count: Int
  }

  /// Samples that could be read.
  public private(set) var samples = 0
  /// Samples that carry at least one annotation or tokens.
  public private(set) var labeled = 0
  /// Records that could not be read.
  public private(set) var unreadable = 0
  /// Annotations.
  public private(set) var annotations = 0
  /// Samples that name no split.
  public private(set) var unsplit = 0
  private var bySplit: [ExactText: Int] = [:]
  private var splitOrder: [String] = []
  private var byLabel: [Int] = []
  private var byFeature = [Int](repeating: 0, count: Feature.allCases.count)

  /// Nothing counted yet.
  public init() {}

  /// Samples without annotations and tokens.
  public var unlabeled: Int { samples - labeled }

  /// Splits in the order of their first samples.
  public var splits: [Named] { splitOrder.map { Named(name: $0, count: bySplit[ExactText($0)] ?? 0) } }

  /// How often a feature occurs.
  public subscript(feature: Feature) -> Int { byFeature[Int(feature.rawValue)] }

  /// How many annotations carry the label at a position of the table.
  public func annotations(ofLabelAt position: Int) -> Int { position < byLabel.count ? byLabel[position] : 0 }

  /// Features that occur, in order.
  public var features: [Feature] { Feature.allCases.filter { self[$0] > 0 } }

  /// Kinds of media with their counts.
  public var media: [Named] {
    [Feature.image, .textMedia, .audio, .video, .table, .file].compactMap { feature in
      let name = feature == .textMedia ? Media.Kind.text.rawValue : feature.name
      return self[feature] > 0 ? Named(name: name, count: self[feature]) : nil
    }
  }

  /// Counts a sample; nil for a record that could not be read.
  package mutating func add(_ sample: Sample?) {
    guard let sample else {
      unreadable += 1
      return
    }
    samples += 1
    annotations += sample.annotations.count
    if !sample.annotations.isEmpty || sample.tokens != nil { labeled += 1 }
    if let split = sample.split { add(split: split, 1) } else { unsplit += 1 }
    add(sample.features)
    for annotation in sample.annotations {
      add(annotation.features)
      if let label = annotation.label { add(label: Int(label.index), 1) }
    }
  }

  /// Counts features.
  package mutating func add(_ features: FeatureSet) {
    features.forEach { byFeature[Int($0.rawValue)] &+= 1 }
  }

  /// Adds the counts of a later run of samples.
  package mutating func add(_ later: SampleCounts) {
    samples += later.samples
    labeled += later.labeled
    unreadable += later.unreadable
    annotations += later.annotations
    unsplit += later.unsplit
    for split in later.splitOrder { add(split: split, later.bySplit[ExactText(split)] ?? 0) }
    for position in later.byLabel.indices { add(label: position, later.byLabel[position]) }
    for index in byFeature.indices { byFeature[index] += later.byFeature[index] }
  }

  private mutating func add(split: String, _ count: Int) {
    let name = ExactText(split)
    if let known = bySplit[name] {
      bySplit[name] = known + count
    } else {
      bySplit[name] = count
      splitOrder.append(split)
    }
  }

  private mutating func add(label position: Int, _ count: Int) {
    while byLabel.count <= position { byLabel.append(0) }
    byLabel[position] += count
  }
}
