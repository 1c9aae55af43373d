import WaybillDatasetModel
import WaybillFormatSupport

/// What is compared of two datasets, found from their formats and from what the user asked for.
///
/// Of two formats, what only one has a place for is left out, so that it is not reported of every sample. An incidental answer, or a kind
/// of shape, that nothing on one side gives is left out as well: its format may have a place for it, but the dataset does not use it.
/// Annotations are then compared by the boxes around their shapes.
public struct ComparisonRules: Sendable {
  /// The features that are compared.
  public let features: FeatureSet
  /// The sections of preserved fields that are compared; nil when all are.
  let sections: [FormatID]?
  /// Whether the formats differ, so that the same thing may be written in two ways.
  let spansFormats: Bool
  /// Whether one of the formats says the box of a polygon by the polygon alone.
  let takesBoxFromShape: Bool
  /// Whether the order of annotations and labels is compared.
  let comparesOrder: Bool
  /// How far apart coordinates may be; nil when they must be equal.
  let tolerance: Double?

  /// Everything is compared, and must be equal.
  public static let everything: ComparisonRules = {
    var options = ComparisonOptions()
    options.comparesAll = true
    return ComparisonRules(options)
  }()

  /// The rules for two datasets of one format that has a place for everything.
  public init(_ options: ComparisonOptions = ComparisonOptions()) {
    let all = options.comparesAll ? FeatureSet.all : FeatureSet.all.subtracting([.order])
    features = all.subtracting(ComparisonRules.both(options.ignored))
    sections = nil
    spansFormats = false
    takesBoxFromShape = false
    comparesOrder = options.comparesAll
    tolerance = options.tolerance
  }

  /// The rules for two formats; `used` are the features that the samples, labels and headers of each side use, where that is known.
  public init(
    old: FormatDescriptor, new: FormatDescriptor, _ options: ComparisonOptions = ComparisonOptions(),
    used: (old: FeatureSet, new: FeatureSet)? = nil
  ) {
    let plain = ComparisonRules(options)
    spansFormats = old.id != new.id
    comparesOrder = plain.comparesOrder
    tolerance = plain.tolerance
    guard spansFormats, !options.comparesAll else {
      features = plain.features
      sections = nil
      takesBoxFromShape = false
      return
    }
    takesBoxFromShape = old.writesOnePlace || new.writesOnePlace
    var compared = plain.features.intersection(ComparisonRules.held(by: old)).intersection(ComparisonRules.held(by: new))
    if let used {
      let onOneSide = used.old.union(used.new).subtracting(used.old.intersection(used.new))
      compared = compared.subtracting(onOneSide.subtracting(FeatureSet.essential.subtracting(ComparisonRules.outlines)))
    }
    features = compared
    // What two formats keep of the layout of their own files says nothing of one another; one that keeps everything keeps it as it was.
    let keepEverything = [old.sections, new.sections].filter { $0.contains("*") }.count
    sections = keepEverything == 2 ? nil : keepEverything == 0 ? [] : old.sections.contains("*") ? new.sections : old.sections
  }

  /// Features with those that are the same answer of an annotation without a place.
  private static func both(_ features: FeatureSet) -> FeatureSet {
    var features = features
    for pair in [FeatureSet([.label, .classification]), FeatureSet([.text, .caption])] where !features.intersection(pair).isEmpty {
      features = features.union(pair)
    }
    return features
  }

  /// Kinds of shapes that have a box around them.
  private static let outlines: FeatureSet = [
    .rotatedBox, .polygon, .polygonParts, .polygonHoles, .circle, .ellipse, .mask, .keypoints,
  ]

  /// What a format has a place for.
  ///
  /// Numbers that it gives to labels by itself, and cannot be told, are none of the label's.
  private static func held(by format: FormatDescriptor) -> FeatureSet {
    format.reads.subtracting(FeatureSet([.labelID, .labelKeypoints]).subtracting(format.writes))
  }

  /// Whether a format that gives these answers has a place left for an annotation that gives some.
  ///
  /// The rule is that of conversions: an annotation that loses its place, or all that matters, is dropped as a whole.
  func canHold(_ answers: FeatureSet) -> Bool {
    let kept = answers.intersection(features)
    let hasLostItsPlace = !answers.intersection(.places).isEmpty && kept.intersection(.places).isEmpty
    let saysNothing = kept.intersection(.statements).isEmpty && !answers.isEmpty
    return !hasLostItsPlace && !saysNothing
  }

  /// Whether two ids are the same; over formats, one that must be given says nothing against one left out.
  func sameIDs(_ a: RecordID?, _ b: RecordID?) -> Bool {
    ExactComparison.same(a, b) || spansFormats && !comparesOrder && (a == nil || b == nil)
  }

  /// The sections of preserved fields that are compared.
  func compared(_ preserved: Preserved) -> [Preserved.Section] {
    guard let sections, !preserved.isEmpty else { return preserved.sections }
    return preserved.sections.filter { sections.contains($0.format) }
  }
}
