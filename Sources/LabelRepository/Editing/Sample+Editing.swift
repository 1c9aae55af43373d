import WaybillConversion
import WaybillDatasetModel

extension Sample {
  /// Takes annotations away, and with them the relations that lead from or to them; parts of them stand alone.
  public mutating func removeAnnotations(where isGone: (Annotation) -> Bool) {
    let positions = annotations.indices.filter { isGone(annotations[$0]) }
    if positions.isEmpty { return }
    _ = AnnotationRemoval(positions, from: annotations).apply(to: &annotations)
  }

  /// An id that no annotation has: a letter and the lowest number that is free.
  public func freeID(_ letter: String) -> AnnotationID {
    let taken = Set(annotations.compactMap(\.id))
    var number = 1
    while taken.contains(.string("\(letter)\(number)")) { number += 1 }
    return .string("\(letter)\(number)")
  }

  /// Its state in the labeling: without annotations, with some that wait to be confirmed, or labeled.
  public var isUnconfirmed: Bool { annotations.contains { $0.flags.unconfirmed == true } }
}

extension Annotation {
  /// Whether another annotation says the same: the same label at the same place and time, and the same text; who made it does not count.
  public func saysTheSame(as other: Annotation) -> Bool { AnnotationPlace(self) == AnnotationPlace(other) }
}
