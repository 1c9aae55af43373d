/// Pairs places that overlap most, best first, without laying each over each.
///
/// Equal places are one group. Where there are more than a few groups, those of the new sample stand in a grid for each power of two of
/// their size, and each old one is laid over those whose cells it covers: boxes that overlap by a tenth differ by ten at most in size.
struct OverlapSearch {
  /// How many places one is laid over at a time.
  static let candidateLimit = 128
  /// How many of the best of them are remembered.
  static let keptLimit = 8
  /// Up to how many combinations all are tried.
  static let combinationLimit = 4096
  /// How often those left over, whose best are all taken, are tried again.
  static let rounds = 4

  /// Places that are the same.
  struct Group {
    var place: MatchPlace
    /// Positions of its annotations, the first last.
    var members: [Int]
    var first: Int
  }

  /// What two places must have in common to overlap at all.
  private struct Bucket: Hashable {
    enum Measure { case space, span, time, other }
    var label: Int
    var frame: Int?
    var from: MatchPlace.End?
    var to: MatchPlace.End?
    var measure: Measure
    var isShare: Bool
    var spanUnit: Int

    init(_ label: Int, _ place: MatchPlace) {
      self.label = label
      frame = place.frame
      from = place.from
      to = place.to
      isShare = place.isShare
      spanUnit = place.spanUnit.map { Int($0.rawValue) } ?? 0
      measure = place.space != nil ? .space : place.span != nil ? .span : place.time != nil ? .time : .other
    }
  }

  private struct Side {
    var groups: [Group] = []
    var positions: [MatchPlace: Int] = [:]
  }

  private let least: Double
  private var buckets: [Bucket: Int] = [:]
  private var sides: [(old: Side, new: Side)] = []
  /// How many times two places were laid over one another.
  private(set) var comparisons = 0

  /// A search for overlaps of at least a part.
  init(least: Double) { self.least = least }

  private mutating func bucket(_ label: Int, _ place: MatchPlace) -> Int {
    let bucket = Bucket(label, place)
    if let known = buckets[bucket] { return known }
    buckets[bucket] = sides.count
    sides.append((Side(), Side()))
    return sides.count - 1
  }

  /// Adds an annotation of the old sample.
  mutating func addOld(_ index: Int, label: Int, _ place: MatchPlace) {
    OverlapSearch.add(index, place, to: &sides[bucket(label, place)].old)
  }

  /// Adds an annotation of the new sample.
  mutating func addNew(_ index: Int, label: Int, _ place: MatchPlace) {
    OverlapSearch.add(index, place, to: &sides[bucket(label, place)].new)
  }

  private static func add(_ index: Int, _ place: MatchPlace, to side: inout Side) {
    if let known = side.positions[place] {
      side.groups[known].members.append(index)
    } else {
      side.positions[place] = side.groups.count
      side.groups.append(Group(place: place, members: [index], first: index))
    }
  }

  /// The pairs: of all overlaps the largest first, of equal ones the earlier old and then the earlier new annotation.
  mutating func pairs() -> [(old: Int, new: Int)] {
    var found: [(old: Int, new: Int)] = []
    for index in sides.indices {
      var (old, new) = (sides[index].old.groups, sides[index].new.groups)
      if old.isEmpty || new.isEmpty { continue }
      // Members are taken from the end.
      for at in old.indices { old[at].members.reverse() }
      for at in new.indices { new[at].members.reverse() }
      pair(&old, &new, into: &found)
    }
    return found
  }

  private mutating func pair(_ old: inout [Group], _ new: inout [Group], into found: inout [(old: Int, new: Int)]) {
    for _ in 0..<OverlapSearch.rounds {
      var overlaps: [Overlap] = []
      let isComplete = collect(old, new, into: &overlaps)
      overlaps.sort { ($1.overlap, old[$0.old].first, new[$0.new].first) < ($0.overlap, old[$1.old].first, new[$1.new].first) }
      let before = found.count
      for overlap in overlaps {
        while let first = old[overlap.old].members.last, let second = new[overlap.new].members.last {
          old[overlap.old].members.removeLast()
          new[overlap.new].members.removeLast()
          found.append((first, second))
        }
      }
      if isComplete || found.count == before { return }
      old.removeAll { $0.members.isEmpty }
      new.removeAll { $0.members.isEmpty }
      if old.isEmpty || new.isEmpty { return }
    }
  }

  private struct Overlap {
    var old: Int
    var new: Int
    var overlap: Double
  }

  /// Lays places over one another; false when some had more overlaps than are remembered.
  private mutating func collect(_ old: [Group], _ new: [Group], into overlaps: inout [Overlap]) -> Bool {
    if old.count <= OverlapSearch.combinationLimit / max(1, new.count) {
      for a in old.indices {
        for b in new.indices {
          comparisons += 1
          let overlap = old[a].place.overlap(new[b].place)
          if overlap >= least { overlaps.append(Overlap(old: a, new: b, overlap: overlap)) }
        }
      }
      return true
    }
    var isComplete = true
    var grid = PlaceGrid(new.map(\.place), least: least)
    for a in old.indices {
      var best: [Overlap] = []
      let candidates = grid.candidates(of: old[a].place, limit: OverlapSearch.candidateLimit)
      if candidates.count == OverlapSearch.candidateLimit { isComplete = false }
      for b in candidates {
        comparisons += 1
        let overlap = old[a].place.overlap(new[b].place)
        if overlap >= least { best.append(Overlap(old: a, new: b, overlap: overlap)) }
      }
      if best.count > OverlapSearch.keptLimit {
        isComplete = false
        best.sort { ($1.overlap, $0.new) < ($0.overlap, $1.new) }
        best.removeSubrange(OverlapSearch.keptLimit...)
      }
      overlaps += best
    }
    return isComplete
  }
}
