/// One answer that a sample, an annotation, a label or a dataset can give.
///
/// Formats declare their abilities as sets of these, and the account of every conversion is kept by them.
public enum Feature: UInt8, CaseIterable, Sendable, Hashable {
  // What a sample is.
  case image, textMedia, audio, video, table, file
  // What is said about a sample.
  case imageSize, imageChannels, duration, videoFrame, frameNumber, sampleID, split, hardExample, tokens, sampleAttributes,
    samplePreserved
  // What an annotation says: what.
  case classification, label, caption, text
  // Where.
  case box, rotatedBox, polygon, polygonParts, polygonHoles, polyline, dashedLine, circle, ellipse, point, keypoints, mask, span
  // When, and linked to what.
  case frame, instant, interval, track, link, reference
  // Who, how sure, and the rest.
  case id, author, createdAt, confidence, hard, difficult, truncated, occluded, crowd, unconfirmed, group, part, area, order,
    attributes,
    preserved
  // What is said about labels and the dataset.
  case labelID, labelParent, labelColor, labelStyle, labelAttributes, labelRelation, labelKeypoints, labelPreserved
  case datasetName, datasetFields, datasetPreserved

  /// The name in reports, tables and declarations, such as `rotated-box`.
  public var name: String { Feature.names[Int(rawValue)] }

  /// The feature of a name.
  public init?(name: String) {
    guard let found = Feature.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }

  private static let names: [String] = allCases.map { feature in
    var name = ""
    for character in "\(feature)" {
      if character.isUppercase, name.last?.isUppercase == false { name += "-" }
      name.append(character)
    }
    return name.lowercased()
  }

  /// What losing it means.
  public enum Weight: String, Sendable {
    /// Drop it and the label is wrong or gone.
    case essential
    /// The label stands without it.
    case incidental
  }

  /// What losing it means.
  public var weight: Weight { FeatureSet.essential.contains(self) ? .essential : .incidental }

  /// What the feature belongs to.
  public enum Level: String, Sendable {
    case sample, annotation, label, dataset
  }

  /// What the feature belongs to.
  public var level: Level {
    switch rawValue {
    case ...Feature.samplePreserved.rawValue: .sample
    case ...Feature.preserved.rawValue: .annotation
    case ...Feature.labelPreserved.rawValue: .label
    default: .dataset
    }
  }
}

/// A set of features, as bits.
public struct FeatureSet: Hashable, Sendable, ExpressibleByArrayLiteral {
  /// Features 0 to 63, which hold all that annotations can say: the second word stays out of hot loops.
  @usableFromInline var low: UInt64
  /// Features from 64 on.
  @usableFromInline var high: UInt64

  @inlinable init(low: UInt64, high: UInt64) {
    self.low = low
    self.high = high
  }

  /// The empty set.
  @inlinable public init() { self.init(low: 0, high: 0) }

  /// The set of one feature; unlike a literal it makes no array.
  @inlinable public init(_ feature: Feature) {
    self.init()
    insert(feature)
  }

  /// A set of features.
  public init(arrayLiteral elements: Feature...) {
    self.init()
    for feature in elements { insert(feature) }
  }

  /// A set of features.
  public init(_ features: some Sequence<Feature>) {
    self.init()
    for feature in features { insert(feature) }
  }

  /// Whether there is none.
  @inlinable public var isEmpty: Bool { low | high == 0 }
  /// How many there are.
  @inlinable public var count: Int { low.nonzeroBitCount + high.nonzeroBitCount }
  /// A number that differs between sets of samples or of annotations.
  @inlinable public var bits: UInt64 { low ^ high }
  /// Whether a feature is in the set.
  @inlinable public func contains(_ feature: Feature) -> Bool {
    let bit = UInt64(feature.rawValue)
    return bit < 64 ? low & (1 &<< bit) != 0 : high & (1 &<< (bit &- 64)) != 0
  }
  /// Adds a feature.
  @inlinable public mutating func insert(_ feature: Feature) {
    let bit = UInt64(feature.rawValue)
    if bit < 64 { low |= 1 &<< bit } else { high |= 1 &<< (bit &- 64) }
  }
  /// Removes a feature.
  @inlinable public mutating func remove(_ feature: Feature) {
    let bit = UInt64(feature.rawValue)
    if bit < 64 { low &= ~(1 &<< bit) } else { high &= ~(1 &<< (bit &- 64)) }
  }
  /// Those in either set.
  @inlinable public func union(_ other: FeatureSet) -> FeatureSet {
    FeatureSet(low: low | other.low, high: high | other.high)
  }
  /// Those in both sets.
  @inlinable public func intersection(_ other: FeatureSet) -> FeatureSet {
    FeatureSet(low: low & other.low, high: high & other.high)
  }
  /// Those in this set and not in the other.
  @inlinable public func subtracting(_ other: FeatureSet) -> FeatureSet {
    FeatureSet(low: low & ~other.low, high: high & ~other.high)
  }
  /// Whether all are in the other set.
  @inlinable public func isSubset(of other: FeatureSet) -> Bool { low & ~other.low == 0 && high & ~other.high == 0 }

  /// Calls a closure for each feature, in order.
  @inlinable @inline(__always) public func forEach(_ body: (Feature) -> Void) {
    var rest = low
    while rest != 0 {
      if let feature = Feature(rawValue: UInt8(truncatingIfNeeded: rest.trailingZeroBitCount)) { body(feature) }
      rest &= rest &- 1
    }
    rest = high
    while rest != 0 {
      if let feature = Feature(rawValue: UInt8(truncatingIfNeeded: 64 &+ rest.trailingZeroBitCount)) { body(feature) }
      rest &= rest &- 1
    }
  }

  /// The features in order.
  public var features: [Feature] {
    var result: [Feature] = []
    forEach { result.append($0) }
    return result
  }

  /// Every feature there is.
  public static let all = FeatureSet(Feature.allCases)

  /// Features without which a label is wrong or gone.
  public static let essential: FeatureSet = [
    .image, .textMedia, .audio, .video, .table, .file, .tokens, .classification, .label, .caption, .text, .box, .rotatedBox,
    .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .keypoints, .mask, .span, .frame,
    .instant, .interval, .track, .link, .reference, .unconfirmed,
  ]

  /// Essential features that by themselves say something: a proposal that says nothing else is none.
  public static let statements = essential.subtracting([.unconfirmed])

  /// Features that say where, when or about what relation an annotation is.
  public static let places: FeatureSet = [
    .box, .rotatedBox, .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .keypoints, .mask,
    .span, .frame, .instant, .interval, .track, .link, .reference,
  ]

  /// ``places`` as bits: all of them lie in the low word.
  @usableFromInline static let placeBits = places.low

  /// The features of one level.
  public static func level(_ level: Feature.Level) -> FeatureSet { FeatureSet(Feature.allCases.filter { $0.level == level }) }
}
