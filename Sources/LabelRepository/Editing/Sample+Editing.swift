import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

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

  /// Adds annotations of another description of the sample; what they lose by it is told.
  ///
  /// A second one of an id goes without it, and parts stand alone, for their objects are counted from where they stood.
  mutating func adopt(_ fresh: [Annotation], _ context: ReadContext) {
    func tell(_ rule: String, _ message: String) {
      context.report(.warning, rule, "\"\(terminalSafe(key))\": \(message)", at: source)
    }
    var ids = Set(annotations.compactMap(\.id))
    for annotation in fresh {
      var new = annotation
      if new.partOf != nil {
        new.partOf = nil
        tell("repository.adopt.part", "an annotation that was part of another one stands alone")
      }
      if let id = new.id, !ids.insert(id).inserted {
        new.id = nil
        tell("repository.adopt.id", "a second annotation \(terminalSafe(id.description)) goes without its id")
      }
      annotations.append(new)
    }
  }
}

extension Annotation {
  /// Whether another annotation says the same: the same label at the same place and time, and the same text; who made it does not count.
  public func saysTheSame(as other: Annotation) -> Bool { AnnotationPlace(self) == AnnotationPlace(other) }
}
