import WaybillBytes
import WaybillComparison
import WaybillDatasetModel

/// The annotations of a merged sample: which they are, as each side would have them, and in which order.
struct MergedItems {
  /// One thing that is annotated: where it stands on each side, and what becomes of it.
  struct Item {
    var base: Int?
    var ours: Int?
    var theirs: Int?
    /// As our side would have it; nil when it is not there.
    var asOurs: Annotation?
    /// As their side would have it.
    var asTheirs: Annotation?
    /// The item it is part of, on each side.
    var objectOfOurs: Int?
    var objectOfTheirs: Int?

    func position(_ side: ConflictLine.Side) -> Int? { side == .ours ? ours : theirs }
    func annotation(_ side: ConflictLine.Side) -> Annotation? { side == .ours ? asOurs : asTheirs }
  }

  private let base: [Annotation]
  private let ours: [Annotation]
  private let theirs: [Annotation]
  private let names: MergeNames
  private(set) var items: [Item] = []
  private(set) var conflicts = MergeConflicts()
  /// Of each position on a side the item.
  private var itemOfOurs: [Int]
  private var itemOfTheirs: [Int]

  init(
    base: [Annotation], ours: [Annotation], theirs: [Annotation], toOurs: AnnotationMatching?, toTheirs: AnnotationMatching?,
    names: MergeNames
  ) {
    (self.base, self.ours, self.theirs, self.names) = (base, ours, theirs, names)
    itemOfOurs = Array(repeating: -1, count: ours.count)
    itemOfTheirs = Array(repeating: -1, count: theirs.count)
    items = base.indices.map { Item(base: $0) }
    for pair in toOurs?.pairs ?? [] { items[pair.old].ours = pair.new }
    for pair in toTheirs?.pairs ?? [] { items[pair.old].theirs = pair.new }
    var partners = AddedPartners(theirs, at: toTheirs?.added ?? Array(theirs.indices))
    for index in toOurs?.added ?? Array(ours.indices) {
      items.append(Item(ours: index, theirs: partners.take(for: ours[index])))
    }
    for index in partners.rest { items.append(Item(theirs: index)) }
    for (number, item) in items.enumerated() {
      if let index = item.ours { itemOfOurs[index] = number }
      if let index = item.theirs { itemOfTheirs[index] = number }
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
    switch (item.ours.map { ours[$0] }, item.theirs.map { theirs[$0] }) {
    case (let mine?, let other?):
      var merge = AnnotationMerge(names: names)
      let sides = merge.merge(before, mine, other, names.subject(before ?? mine, at: item.base ?? item.ours ?? 0))
      for reason in merge.conflicts.about { conflicts.note("", reason) }
      items[number].asOurs = sides.ours
      items[number].asTheirs = sides.theirs
    case (let mine?, nil):
      guard let before else {
        items[number].asOurs = mine
        items[number].asTheirs = mine
        return
      }
      if mine.isUntouched(since: before) { return }
      conflicts.note(names.subject(before, at: item.base ?? 0), "changed here, removed there")
      items[number].asOurs = mine
    case (nil, let other?):
      guard let before else {
        items[number].asOurs = other
        items[number].asTheirs = other
        return
      }
      if other.isUntouched(since: before) { return }
      conflicts.note(names.subject(before, at: item.base ?? 0), "removed here, changed there")
      items[number].asTheirs = other
    case (nil, nil): break
    }
  }

  /// Looks for annotations that one side removed while the other made a relation or a part point at them: they are kept by that side, as a conflict.
  private mutating func keepWhatIsPointedAt() {
    for number in items.indices where items[number].asOurs == nil && items[number].asTheirs == nil {
      let item = items[number]
      if let index = item.ours, let user = pointer(at: ours[index].id, index, ours, itemOfOurs, .ours) {
        conflicts.note(names.subject(ours[index], at: index), "removed there, and here annotation \(user + 1) needs it")
        items[number].asOurs = ours[index]
        items[itemOfOurs[user]].asTheirs = items[itemOfOurs[user]].theirs.map { theirs[$0] }
      } else if let index = item.theirs, let user = pointer(at: theirs[index].id, index, theirs, itemOfTheirs, .theirs) {
        conflicts.note(names.subject(theirs[index], at: index), "removed here, and there annotation \(user + 1) needs it")
        items[number].asTheirs = theirs[index]
        items[itemOfTheirs[user]].asOurs = items[itemOfTheirs[user]].ours.map { ours[$0] }
      }
    }
  }

  /// The position of an annotation on a side that stays and leads to, or is part of, another one.
  private func pointer(
    at id: AnnotationID?, _ index: Int, _ side: [Annotation], _ itemOf: [Int], _ which: ConflictLine.Side
  ) -> Int? {
    side.indices.first { other in
      guard items[itemOf[other]].annotation(which) != nil else { return false }
      if let id, let link = side[other].link, link.source == id || link.target == id { return true }
      return side[other].partOf.map { other - $0 == index } ?? false
    }
  }

  /// Notes of each item what it is part of, for places in the list change.
  private mutating func findObjects() {
    func object(_ annotation: Annotation, _ index: Int, _ itemOf: [Int]) -> Int? {
      guard let distance = annotation.partOf, distance > 0, distance <= index else { return nil }
      return itemOf[index - distance]
    }
    for number in items.indices {
      let item = items[number]
      let mine = item.ours.flatMap { object(ours[$0], $0, itemOfOurs) }
      let other = item.theirs.flatMap { object(theirs[$0], $0, itemOfTheirs) }
      let before = item.base.flatMap { object(base[$0], $0, Array(base.indices)) }
      switch (item.ours, item.theirs) {
      case (_?, nil): (items[number].objectOfOurs, items[number].objectOfTheirs) = (mine, mine)
      case (nil, _?): (items[number].objectOfOurs, items[number].objectOfTheirs) = (other, other)
      default:
        if mine == other || before == other && item.base != nil {
          (items[number].objectOfOurs, items[number].objectOfTheirs) = (mine, mine)
        } else if before == mine && item.base != nil {
          (items[number].objectOfOurs, items[number].objectOfTheirs) = (other, other)
        } else {
          conflicts.note("annotation \((item.ours ?? 0) + 1)", "part of one object here, of another there")
          (items[number].objectOfOurs, items[number].objectOfTheirs) = (mine, other)
        }
      }
    }
  }

  /// Puts the items in order: that of our side, or of theirs where only it changed the order; what only the other side has follows what it follows there.
  private mutating func sort() {
    func isInOldOrder(_ side: ConflictLine.Side) -> Bool {
      let positions = items.filter { $0.base != nil }.compactMap { $0.position(side) }
      return zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
    }
    let lead: ConflictLine.Side = isInOldOrder(.ours) && !isInOldOrder(.theirs) ? .theirs : .ours
    let other: ConflictLine.Side = lead == .ours ? .theirs : .ours
    let leading = items.indices.filter { items[$0].position(lead) != nil }
      .sorted { (items[$0].position(lead) ?? 0) < (items[$1].position(lead) ?? 0) }
    let rest = items.indices.filter { items[$0].position(lead) == nil && items[$0].position(other) != nil }
      .sorted { (items[$0].position(other) ?? 0) < (items[$1].position(other) ?? 0) }
    let itemOf = other == .ours ? itemOfOurs : itemOfTheirs
    var followers: [Int: [Int]] = [:]
    for number in rest {
      let position = items[number].position(other) ?? 0
      followers[position > 0 ? itemOf[position - 1] : -1, default: []].append(number)
    }
    var order: [Int] = []
    // A stack of our own: each may follow the one before it.
    var next = Array(leading.reversed()) + (followers[-1] ?? []).reversed()
    while let number = next.popLast() {
      order.append(number)
      if let list = followers[number] { next += list.reversed() }
    }
    var place = Array(repeating: -1, count: items.count)
    for (position, number) in order.enumerated() { place[number] = position }
    func object(_ number: Int?) -> Int? { number.flatMap { place[$0] >= 0 ? place[$0] : nil } }
    items = order.map { number in
      var item = items[number]
      item.objectOfOurs = object(item.objectOfOurs)
      item.objectOfTheirs = object(item.objectOfTheirs)
      return item
    }
  }

  /// The annotations as a side would have them.
  func annotations(of side: ConflictLine.Side) -> [Annotation] {
    var list: [Annotation] = []
    var positions: [Int: Int] = [:]
    for (number, item) in items.enumerated() {
      guard var annotation = item.annotation(side) else { continue }
      let object = side == .ours ? item.objectOfOurs : item.objectOfTheirs
      annotation.partOf = object.flatMap { positions[$0] }.map { list.count - $0 }
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
    // Texts that only look the same are not.
    return a.text.map(ExactText.init) == b.text.map(ExactText.init) && a.time.map(MergeNames.text) == b.time.map(MergeNames.text)
      && a.author.map(ExactText.init) == b.author.map(ExactText.init)
  }
}
