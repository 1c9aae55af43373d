import WaybillComparison
import WaybillDatasetModel

/// The annotations of a merged sample: which they are, as each side would have them, and in which order.
struct MergedItems {
  /// One thing that is annotated: where it stands on each side, and what becomes of it.
  struct Item {
    /// Its position before both changes; nil for one that was added.
    var base: Int?
    /// Its position on each side; nil where it is not.
    var position = BothSides<Int?>(nil)
    /// As each side would have it; nil where it is gone.
    var becomes = BothSides<Annotation?>(nil)
    /// The item it is part of, as each side would have it.
    var object = BothSides<Int?>(nil)

    /// Whether neither side would have it.
    var isGone: Bool { becomes.ours == nil && becomes.theirs == nil }
  }

  let base: [Annotation]
  let sides: BothSides<[Annotation]>
  let names: MergeNames
  var items: [Item] = []
  var conflicts = MergeConflicts()
  /// Of each position on a side the item.
  private(set) var itemAt: BothSides<[Int]>

  init(
    base: [Annotation], ours: [Annotation], theirs: [Annotation], toOurs: AnnotationMatching?, toTheirs: AnnotationMatching?,
    names: MergeNames
  ) {
    (self.base, self.names) = (base, names)
    sides = BothSides(ours: ours, theirs: theirs)
    itemAt = BothSides(ours: Array(repeating: -1, count: ours.count), theirs: Array(repeating: -1, count: theirs.count))
    items = base.indices.map { Item(base: $0) }
    for pair in toOurs?.pairs ?? [] { items[pair.old].position.ours = pair.new }
    for pair in toTheirs?.pairs ?? [] { items[pair.old].position.theirs = pair.new }
    var partners = AddedPartners(theirs, at: toTheirs?.added ?? Array(theirs.indices))
    for index in toOurs?.added ?? Array(ours.indices) {
      items.append(Item(position: BothSides(ours: index, theirs: partners.take(for: ours[index]))))
    }
    for index in partners.rest { items.append(Item(position: BothSides(ours: nil, theirs: index))) }
    for (number, item) in items.enumerated() {
      for side in MergeSide.allCases {
        if let index = item.position[side] { itemAt[side][index] = number }
      }
    }
  }

  /// Decides what becomes of each item.
  mutating func run() {
    for number in items.indices { decide(number) }
    keepWhatIsPointedAt()
    findObjects()
    sort()
  }

  private mutating func decide(_ number: Int) {
    let item = items[number]
    let before = item.base.map { base[$0] }
    switch (item.position.ours, item.position.theirs) {
    case (let ours?, let theirs?):
      var merge = AnnotationMerge(names: names)
      let mine = sides.ours[ours]
      let result = merge.merge(before, mine, sides.theirs[theirs], names.subject(before ?? mine, at: item.base ?? ours))
      for reason in merge.conflicts.about { conflicts.note("", reason) }
      items[number].becomes = BothSides(ours: result.ours, theirs: result.theirs)
    case (let index?, nil): decide(number, before, onlyOn: .ours, at: index)
    case (nil, let index?): decide(number, before, onlyOn: .theirs, at: index)
    case (nil, nil): break
    }
  }

  /// What becomes of an item that only one side has: it is new, or the other side has removed it.
  private mutating func decide(_ number: Int, _ before: Annotation?, onlyOn side: MergeSide, at index: Int) {
    let annotation = sides[side][index]
    guard let before else {
      items[number].becomes = BothSides(annotation)
      return
    }
    if annotation.isUntouched(since: before) { return }
    let reason = side == .ours ? "changed here, removed there" : "removed here, changed there"
    conflicts.note(names.subject(before, at: items[number].base ?? 0), reason)
    items[number].becomes[side] = annotation
  }

  /// The annotations as a side would have them.
  func annotations(of side: MergeSide) -> [Annotation] {
    var list: [Annotation] = []
    var positions: [Int: Int] = [:]
    for (number, item) in items.enumerated() {
      guard var annotation = item.becomes[side] else { continue }
      annotation.partOf = item.object[side].flatMap { positions[$0] }.map { list.count - $0 }
      positions[number] = list.count
      list.append(annotation)
    }
    return list
  }
}

extension Annotation {
  /// Whether nothing was changed since an older version; its place among the others does not count.
  fileprivate func isUntouched(since old: Annotation) -> Bool {
    var (a, b) = (self, old)
    a.partOf = nil
    b.partOf = nil
    guard a == b else { return false }
    // What only looks the same is not.
    return ExactComparison.same(a.text, b.text) && ExactComparison.same(a.author, b.author) && ExactComparison.same(a.id, b.id)
      && ExactComparison.same(a.track, b.track) && ExactComparison.same(a.group, b.group)
      && ExactComparison.same(a.reference, b.reference) && ExactComparison.same(a.attributes, b.attributes)
      && a.time.map(MergeNames.text) == b.time.map(MergeNames.text)
  }
}
