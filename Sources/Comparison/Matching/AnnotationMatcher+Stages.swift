import WaybillBytes
import WaybillDatasetModel

extension AnnotationMatcher {
  /// Whether two annotations are equal in all that is compared.
  mutating func isEqual(_ a: Int, _ b: Int) -> Bool {
    comparisons += 1
    return labels.old[a] == labels.new[b] && places.old[a].from == places.new[b].from && places.old[a].to == places.new[b].to
      && old[a].partOf == new[b].partOf && comparison.differences(old[a], new[b]).isEmpty
  }

  mutating func pairEqual(_ a: [Int], _ b: [Int]) {
    let comparison = comparison
    pairAlike(a, b, key: { comparison.likeness(of: $0, label: $1, place: $2) }, accept: { $0.isEqual($1, $2) })
  }

  mutating func pairSamePlace(_ a: [Int], _ b: [Int]) {
    pairAlike(a, b, key: { PlaceKey(label: $1, place: $2.rounded) }) { matcher, a, b in
      matcher.comparisons += 1
      let (first, second) = (matcher.old[a], matcher.new[b])
      // Of texts without a place and a label, an id of its own says that it is another one.
      if matcher.labels.old[a] == LabelMatcher.none, matcher.places.old[a].isNowhere, matcher.haveIDs(first, second),
        !ExactComparison.same(first.text, second.text)
      {
        return false
      }
      return matcher.comparison.isSamePlace(first, second)
    }
  }

  /// Pairs annotations with one key, in order, as far as they are accepted; only the first few of a key are tried.
  private mutating func pairAlike<Key: Hashable>(
    _ a: [Int], _ b: [Int], key: (Annotation, Int, MatchPlace) -> Key,
    accept: (inout AnnotationMatcher, Int, Int) -> Bool
  ) {
    var queues: [Key: Int] = [:]
    var candidates: [[Int]] = []
    for index in b {
      let key = key(new[index], labels.new[index], places.new[index])
      let queue = queues[key] ?? candidates.count
      if queue == candidates.count {
        queues[key] = queue
        candidates.append([])
      }
      candidates[queue].append(index)
    }
    // Of each queue, those that are tried now and how many have been taken from it.
    var windows = [(open: [Int], taken: Int)](repeating: ([], 0), count: candidates.count)
    for index in a {
      guard let queue = queues[key(old[index], labels.old[index], places.old[index])] else { continue }
      while windows[queue].open.count < AnnotationMatcher.tries, windows[queue].taken < candidates[queue].count {
        windows[queue].open.append(candidates[queue][windows[queue].taken])
        windows[queue].taken += 1
      }
      for (position, candidate) in windows[queue].open.enumerated() where accept(&self, index, candidate) {
        pair(index, candidate)
        windows[queue].open.remove(at: position)
        break
      }
    }
  }

  private func haveIDs(_ a: Annotation, _ b: Annotation) -> Bool {
    comparison.rules.features.contains(.id) && a.id != nil && b.id != nil
  }

  mutating func pairByID(relations: Bool) {
    for (first, second) in sameIDs(relations: relations) {
      comparisons += 1
      if labels.old[first] == labels.new[second], places.old[first].from == places.new[second].from,
        places.old[first].to == places.new[second].to, comparison.isSamePlace(old[first], new[second])
      {
        pair(first, second)
      }
    }
  }

  mutating func pairByIdentity(relations: Bool) {
    for (first, second) in sameIDs(relations: relations) + sameTracks(relations: relations)
    where newOfOld[first] == nil && oldOfNew[second] == nil {
      comparisons += 1
      let (one, other) = (places.old[first], places.new[second])
      if labels.old[first] == labels.new[second] || one.isNowhere && other.isNowhere || one.overlap(other) > 0 {
        pair(first, second)
      }
    }
  }

  /// Annotations with one id, as far as it occurs once on each side.
  private func sameIDs(relations: Bool) -> [(Int, Int)] {
    guard comparison.rules.features.contains(.id) else { return [] }
    return joined { ($0.link != nil) == relations ? $0.id : nil }
  }

  /// Annotations of one track at one time, as far as there is one on each side.
  private func sameTracks(relations: Bool) -> [(Int, Int)] {
    guard comparison.rules.features.contains(.track) else { return [] }
    return joined { ($0.link != nil) == relations ? TrackKey($0) : nil }
  }

  /// Pairs of what is left, as far as their key stands once among all annotations of each side.
  private func joined<Key: Hashable>(_ key: (Annotation) -> Key?) -> [(Int, Int)] {
    var positions: [Key: (index: Int, count: Int)] = [:]
    for (index, annotation) in new.enumerated() {
      if let key = key(annotation) { positions[key, default: (index, 0)].count += 1 }
    }
    var counts: [Key: Int] = [:]
    for annotation in old { if let key = key(annotation) { counts[key, default: 0] += 1 } }
    var result: [(Int, Int)] = []
    for (index, annotation) in old.enumerated() where newOfOld[index] == nil {
      guard let key = key(annotation), counts[key] == 1, let found = positions[key], found.count == 1 else { continue }
      if oldOfNew[found.index] == nil { result.append((index, found.index)) }
    }
    return result
  }

  mutating func pairOverlapping(_ a: [Int], _ b: [Int], least: Double, sameLabel: Bool) {
    var search = OverlapSearch(least: least)
    for index in a where !places.old[index].isNowhere {
      search.addOld(index, label: sameLabel ? labels.old[index] : 0, places.old[index])
    }
    for index in b where !places.new[index].isNowhere {
      search.addNew(index, label: sameLabel ? labels.new[index] : 0, places.new[index])
    }
    for (first, second) in search.pairs() { pair(first, second) }
    comparisons += search.comparisons
  }

  mutating func pairNowhere(_ a: [Int], _ b: [Int]) {
    let usesIDs = comparison.rules.features.contains(.id)
    var withID: [Int] = []
    var withoutID: [Int] = []
    for index in b.reversed() where places.new[index].isNowhere && labels.new[index] != LabelMatcher.none {
      if usesIDs, new[index].id != nil { withID.append(index) } else { withoutID.append(index) }
    }
    for index in a where places.old[index].isNowhere && labels.old[index] != LabelMatcher.none {
      comparisons += 1
      let hasID = usesIDs && old[index].id != nil
      let isFirstWithID = (withID.last ?? .max) < (withoutID.last ?? .max)
      if let partner = !hasID && isFirstWithID ? withID.popLast() : withoutID.popLast() { pair(index, partner) }
    }
  }

  /// Says of each relation what it joins, in terms of the annotations matched so far.
  mutating func readEnds() {
    var oldPositions: [RecordID: Int] = [:]
    for (index, annotation) in old.enumerated() {
      if let id = annotation.id, oldPositions[id] == nil { oldPositions[id] = index }
    }
    var newPositions: [RecordID: Int] = [:]
    for (index, annotation) in new.enumerated() {
      if let id = annotation.id, newPositions[id] == nil { newPositions[id] = index }
    }
    for (index, annotation) in old.enumerated() {
      guard let link = annotation.link else { continue }
      places.old[index].from = oldPositions[link.source].map { .old($0) } ?? .unknown(link.source)
      places.old[index].to = oldPositions[link.target].map { .old($0) } ?? .unknown(link.target)
    }
    func end(_ id: RecordID) -> MatchPlace.End {
      guard let position = newPositions[id] else { return .unknown(id) }
      return oldOfNew[position].map { .old($0) } ?? .new(position)
    }
    for (index, annotation) in new.enumerated() {
      guard let link = annotation.link else { continue }
      places.new[index].from = end(link.source)
      places.new[index].to = end(link.target)
    }
  }
}

/// What annotations at one place with one label have in common.
private struct PlaceKey: Hashable {
  var label: Int
  var place: MatchPlace
}

/// What annotations of one object at one time have in common.
private struct TrackKey: Hashable {
  var track: TrackID
  var time: TimeExtent?

  init?(_ annotation: Annotation) {
    guard let track = annotation.track else { return nil }
    self.track = track
    time = annotation.time
  }
}

extension AnnotationComparison {
  /// A number that is the same for nearly all annotations that are equal, and differs for nearly all others.
  func likeness(of annotation: Annotation, label: Int, place: MatchPlace) -> Int {
    var hasher = Hasher()
    hasher.combine(label)
    hasher.combine(place.rounded)
    if rules.features.contains(.id) { hasher.combine(annotation.id) }
    if rules.features.contains(.text) { hasher.combine(annotation.text.map(ExactText.init)) }
    if rules.features.contains(.confidence) { hasher.combine(annotation.confidence) }
    if rules.features.contains(.track) { hasher.combine(annotation.track) }
    if rules.features.contains(.author) { hasher.combine(annotation.author.map(ExactText.init)) }
    if rules.features.contains(.attributes), annotation.attributes.items.count == 1 { hasher.combine(annotation.attributes) }
    return hasher.finalize()
  }
}
