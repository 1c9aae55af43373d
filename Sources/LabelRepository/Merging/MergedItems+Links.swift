import WaybillDatasetModel

extension MergedItems {
  /// What leads to the annotations of a side, looked up by id and by position.
  private struct Pointers {
    var byID: [AnnotationID: [Int]] = [:]
    var byPosition: [Int: [Int]] = [:]
    /// The first annotation with each id.
    var positions: [AnnotationID: Int] = [:]

    init(_ annotations: [Annotation]) {
      for (index, annotation) in annotations.enumerated() {
        if let id = annotation.id { positions[id] = positions[id] ?? index }
        if let link = annotation.link {
          byID[link.source, default: []].append(index)
          if link.target != link.source { byID[link.target, default: []].append(index) }
        }
        if let object = annotation.object(at: index) { byPosition[object, default: []].append(index) }
      }
    }

    /// The positions of what leads to an annotation, or is part of it.
    func users(of annotation: Annotation, at index: Int) -> [Int] {
      (annotation.id.flatMap { byID[$0] } ?? []) + (byPosition[index] ?? [])
    }

    /// The positions an annotation leads to, and of the object it is part of.
    func needs(of annotation: Annotation, at index: Int) -> [Int] {
      let ends = annotation.link.map { [$0.source, $0.target].compactMap { positions[$0] } } ?? []
      return ends + (annotation.object(at: index).map { [$0] } ?? [])
    }
  }

  /// Looks for annotations that one side removed while the other made a relation or a part point at them: they are kept by that side, as a conflict.
  mutating func keepWhatIsPointedAt() {
    guard items.contains(where: { $0.isGone && ($0.position.ours != nil || $0.position.theirs != nil) }) else { return }
    for side in MergeSide.allCases {
      let pointers = Pointers(sides[side])
      // What is kept may lead to something that is gone itself.
      var open = items.indices.filter { items[$0].isGone && items[$0].position[side] != nil }.reversed() as [Int]
      while let number = open.popLast() {
        guard items[number].isGone, let index = items[number].position[side] else { continue }
        let annotation = sides[side][index]
        let users = pointers.users(of: annotation, at: index)
        guard let user = users.filter({ items[itemAt[side][$0]].becomes[side] != nil }).min() else { continue }
        conflicts.note(
          names.subject(annotation, at: index),
          "removed \(side.other.place), and \(side.place) annotation \(user + 1) needs it")
        items[number].becomes[side] = annotation
        let dependent = itemAt[side][user]
        items[dependent].becomes[side.other] = items[dependent].position[side.other].map { sides[side.other][$0] }
        open += pointers.needs(of: annotation, at: index).map { itemAt[side][$0] }
      }
    }
  }

  /// Notes of each item what it is part of, for places in the list change.
  mutating func findObjects() {
    for number in items.indices {
      let item = items[number]
      let before = item.base.flatMap { base[$0].object(at: $0) }
      func object(_ side: MergeSide) -> Int? {
        item.position[side].flatMap { sides[side][$0].object(at: $0) }.map { itemAt[side][$0] }
      }
      let found = BothSides(ours: object(.ours), theirs: object(.theirs))
      if item.position.ours == nil {
        items[number].object = BothSides(found.theirs)
      } else if item.position.theirs == nil || found.ours == found.theirs || before == found.theirs && item.base != nil {
        items[number].object = BothSides(found.ours)
      } else if before == found.ours && item.base != nil {
        items[number].object = BothSides(found.theirs)
      } else {
        conflicts.note("annotation \((item.position.ours ?? 0) + 1)", "part of one object here, of another there")
        items[number].object = found
      }
    }
  }

  /// Puts the items in order: that of our side, or of theirs where only it changed the order; what only the other side has follows what it follows there.
  mutating func sort() {
    func isInOldOrder(_ side: MergeSide) -> Bool {
      let positions = items.filter { $0.base != nil }.compactMap { $0.position[side] }
      return zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
    }
    let lead: MergeSide = isInOldOrder(.ours) && !isInOldOrder(.theirs) ? .theirs : .ours
    var followers: [Int: [Int]] = [:]
    let following = itemAt[lead.other]
    for (position, number) in following.enumerated() where items[number].position[lead] == nil {
      followers[position > 0 ? following[position - 1] : -1, default: []].append(number)
    }
    var order: [Int] = []
    // A stack of our own: each may follow the one before it.
    var next = Array(itemAt[lead].reversed()) + (followers[-1] ?? []).reversed()
    while let number = next.popLast() {
      order.append(number)
      if let list = followers[number] { next += list.reversed() }
    }
    var place = Array(repeating: -1, count: items.count)
    for (position, number) in order.enumerated() { place[number] = position }
    func moved(_ number: Int?) -> Int? { number.flatMap { place[$0] >= 0 ? place[$0] : nil } }
    items = order.map { number in
      var item = items[number]
      item.object = BothSides(ours: moved(item.object.ours), theirs: moved(item.object.theirs))
      return item
    }
  }
}

extension Annotation {
  /// The position of the object an annotation is part of, where it stands at a position itself.
  fileprivate func object(at index: Int) -> Int? {
    guard let distance = partOf, distance > 0, distance <= index else { return nil }
    return index - distance
  }
}
