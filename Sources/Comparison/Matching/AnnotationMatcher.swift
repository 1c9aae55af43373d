import WaybillDatasetModel

/// The work of ``AnnotationMatching``: its stages, one after the other.
struct AnnotationMatcher {
  let old: [Annotation]
  let new: [Annotation]
  let comparison: AnnotationComparison
  var places: (old: [MatchPlace], new: [MatchPlace])
  private(set) var newOfOld: [Int?]
  private(set) var oldOfNew: [Int?]
  var comparisons = 0
  let labels: (old: [Int], new: [Int])

  /// How many of those that look alike are tried before the next stage has its turn.
  static let tries = 8
  /// The least overlap of places with the same label.
  static let leastOverlap = 0.1
  /// The least overlap of places with other labels.
  static let leastOverlapOfOthers = 0.5

  init(
    old: [Annotation], new: [Annotation], comparison: AnnotationComparison, places: (old: [MatchPlace], new: [MatchPlace])
  ) {
    self.old = old
    self.new = new
    self.comparison = comparison
    self.places = places
    newOfOld = Array(repeating: nil, count: old.count)
    oldOfNew = Array(repeating: nil, count: new.count)
    labels = (old.map { comparison.labels.oldNumber($0.label) }, new.map { comparison.labels.newNumber($0.label) })
  }

  mutating func run() {
    // What is at the same position is nearly always the same: it is paired without any table.
    for index in 0..<min(old.count, new.count) where old[index].link == nil && new[index].link == nil {
      if isEqual(index, index) { pair(index, index) }
    }
    match(relations: false)
    guard old.contains(where: { $0.link != nil }), new.contains(where: { $0.link != nil }) else { return }
    // Relations may join relations, whose own ends are known a round later.
    for _ in 0..<AnnotationMatcher.relationRounds {
      readEnds()
      let before = rest(true).old.count
      match(relations: true)
      let after = rest(true).old.count
      if after == 0 || after == before { break }
    }
    readEnds()
  }

  /// How deep relations of relations are looked into.
  private static let relationRounds = 4

  mutating func pair(_ a: Int, _ b: Int) {
    newOfOld[a] = b
    oldOfNew[b] = a
  }

  private func rest(_ relations: Bool) -> (old: [Int], new: [Int]) {
    (
      old.indices.filter { newOfOld[$0] == nil && (old[$0].link != nil) == relations },
      new.indices.filter { oldOfNew[$0] == nil && (new[$0].link != nil) == relations }
    )
  }

  private mutating func match(relations: Bool) {
    for stage in Stage.allCases {
      let (a, b) = rest(relations)
      if a.isEmpty || b.isEmpty { return }
      switch stage {
      case .equal: pairEqual(a, b)
      case .samePlaceByID: pairByID(relations: relations)
      case .samePlace: pairSamePlace(a, b)
      case .identity: pairByIdentity(relations: relations)
      case .sameLabel: pairOverlapping(a, b, least: AnnotationMatcher.leastOverlap, sameLabel: true)
      case .otherLabel: pairOverlapping(a, b, least: AnnotationMatcher.leastOverlapOfOthers, sameLabel: false)
      case .nowhere: pairNowhere(a, b)
      }
    }
  }

  private enum Stage: CaseIterable {
    case equal, samePlaceByID, samePlace, identity, sameLabel, otherLabel, nowhere
  }
}
