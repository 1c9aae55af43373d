import WaybillDatasetModel

/// Takes annotations out of a sample, together with the relations that have lost an end by it.
package struct AnnotationRemoval {
  /// Positions of everything that goes.
  private var gone: Set<Int>
  /// Positions of the relations that go because what they join goes, a relation of relations included.
  package private(set) var relations: [Int] = []

  /// Finds what must go with the annotations at some positions.
  package init(_ positions: [Int], from annotations: [Annotation]) {
    gone = Set(positions)
    var goneIDs = positions.compactMap { annotations[$0].id }
    guard !goneIDs.isEmpty else { return }
    var relationsOfID: [AnnotationID: [Int]] = [:]
    for (index, annotation) in annotations.enumerated() {
      guard let link = annotation.link else { continue }
      relationsOfID[link.source, default: []].append(index)
      relationsOfID[link.target, default: []].append(index)
    }
    while let id = goneIDs.popLast() {
      for index in relationsOfID[id] ?? [] where gone.insert(index).inserted {
        relations.append(index)
        if let next = annotations[index].id { goneIDs.append(next) }
      }
    }
    relations.sort()
  }

  /// Removes the annotations; `partOf` of the others keeps pointing at their objects.
  ///
  /// Returns how many parts have lost their object and with it their `partOf`.
  package func apply(to annotations: inout [Annotation]) -> Int {
    var kept: [Annotation] = []
    kept.reserveCapacity(annotations.count - gone.count)
    var newPosition: [Int: Int] = [:]
    var lostParts = 0
    for (index, original) in annotations.enumerated() where !gone.contains(index) {
      var annotation = original
      if let distance = annotation.partOf {
        let (object, isFar) = index.subtractingReportingOverflow(distance)
        if let object = newPosition[object], !isFar {
          annotation.partOf = kept.count - object
        } else {
          annotation.partOf = nil
          lostParts += 1
        }
      }
      newPosition[index] = kept.count
      kept.append(annotation)
    }
    annotations = kept
    return lostParts
  }
}
