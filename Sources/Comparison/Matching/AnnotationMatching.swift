import WaybillDatasetModel

/// Which annotations of two versions of a sample are the same thing.
///
/// The same for the same samples, whatever else is compared. In this order, and each among what is left by those before it:
///
/// 1. annotations that are equal in everything that is compared;
/// 2. those with one id, at the same place with the same label;
/// 3. those at the same place with the same label, in their order;
/// 4. those with one id, or of one track at one time, whose label is the same or whose places overlap;
/// 5. those with the same label whose places overlap most, from a tenth on;
/// 6. those with other labels whose places overlap most, from a half on;
/// 7. those without a place that have other labels, in their order, unless both have an id.
///
/// An id counts only where one annotation of each side has it. Places overlap by the part their bounds share of what both cover; ranges
/// and times alike; what says several is the product. Relations come last, for their place is what they join. The work grows with the
/// number of annotations, not with its square: a place is laid over at most ``OverlapSearch/candidateLimit`` others at a time.
public struct AnnotationMatching: Sendable {
  /// Two annotations that are the same thing.
  public struct Pair: Sendable, Equatable {
    /// Position in the old sample.
    public var old: Int
    /// Position in the new sample.
    public var new: Int
  }

  /// The pairs, in the order of the old sample.
  public private(set) var pairs: [Pair] = []
  /// Annotations of the old sample without a pair, in order.
  public private(set) var removed: [Int] = []
  /// Annotations of the new sample without a pair, in order.
  public private(set) var added: [Int] = []
  /// How many times two annotations were compared.
  public private(set) var comparisons = 0

  /// Of each old annotation the new one.
  private(set) var newOfOld: [Int?]
  /// Of each new annotation the old one.
  private(set) var oldOfNew: [Int?]
  /// The places of old and new annotations.
  private(set) var places: (old: [MatchPlace], new: [MatchPlace])

  /// Matches the annotations of two samples.
  init(_ old: [Annotation], _ new: [Annotation], _ comparison: AnnotationComparison) {
    let reader = PlaceReader(ruler: comparison.ruler, spans: comparison.spans)
    var matcher = AnnotationMatcher(
      old: old, new: new, comparison: comparison,
      places: (old.map { reader.place(of: $0) }, new.map { reader.place(of: $0) }))
    matcher.run()
    newOfOld = matcher.newOfOld
    oldOfNew = matcher.oldOfNew
    places = matcher.places
    comparisons = matcher.comparisons
    for (index, partner) in newOfOld.enumerated() {
      if let partner { pairs.append(Pair(old: index, new: partner)) } else { removed.append(index) }
    }
    for index in oldOfNew.indices where oldOfNew[index] == nil { added.append(index) }
  }
}
