import WaybillDatasetModel

/// Finds among annotations that one side added those that the other added as well: by id or, where an id is missing, by label and place.
///
/// The work grows with their number: they are looked up, not compared one by one.
struct AddedPartners {
  private let annotations: [Annotation]
  private let positions: [Int]
  private var isTaken: Set<Int> = []
  private var byID: [AnnotationID: [Int]] = [:]
  private var byPlace: [AnnotationPlace: [Int]] = [:]

  /// The annotations at some positions of a list.
  init(_ annotations: [Annotation], at positions: [Int]) {
    (self.annotations, self.positions) = (annotations, positions)
    // The last comes first in each list, so that the first is at its end.
    for index in positions.reversed() {
      if let id = annotations[index].id { byID[id, default: []].append(index) }
      byPlace[AnnotationPlace(annotations[index], withText: false), default: []].append(index)
    }
  }

  /// The position of the one that is the same as an annotation of the other side, which then has its partner.
  mutating func take(for other: Annotation) -> Int? {
    if let id = other.id {
      while let found = byID[id]?.popLast() {
        if isTaken.insert(found).inserted { return found }
      }
    }
    let place = AnnotationPlace(other, withText: false)
    guard let list = byPlace[place] else { return nil }
    // Two ids that differ are two things, wherever they are.
    let free = list.last { !isTaken.contains($0) && (other.id == nil || annotations[$0].id == nil) }
    guard let free else { return nil }
    isTaken.insert(free)
    byPlace[place] = list.filter { !isTaken.contains($0) }
    return free
  }

  /// The positions of those without a partner, in order.
  var rest: [Int] { positions.filter { !isTaken.contains($0) } }
}
