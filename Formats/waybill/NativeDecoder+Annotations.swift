import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension NativeDecoder {
  /// What must be looked at again when all annotations of a sample are read.
  private struct Joints {
    var hasParts = false
    var hasLinks = false
    var hasIDs = false
    var dropped = 0
  }

  /// Reads the annotations of a sample; those that cannot be read are reported and left out.
  mutating func annotations(_ sample: inout Sample) throws(JSONFault) {
    var joints = Joints()
    var position = 0
    scratch.places.removeAll(keepingCapacity: true)
    sample.annotations.reserveCapacity(scratch.annotationCount)
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let start = scanner.offset
      var annotation = Annotation()
      do throws(JSONFault) {
        try read(&annotation)
        if annotation.id != nil { joints.hasIDs = true }
        if annotation.hasRareAnswers {
          if annotation.partOf != nil { joints.hasParts = true }
          if annotation.link != nil { joints.hasLinks = true }
        }
        scratch.places.append((position, start))
        sample.annotations.append(consume annotation)
      } catch {
        // A value of the wrong kind costs the annotation; broken text costs the line.
        let known = problem
        problem = nil
        scanner.offset = start
        try scanner.skipValue()
        problem = known
        report(error, isWhole: true, "annotation", NativeDecoder.name(annotation, position))
        joints.dropped += 1
      }
      position += 1
    }
    scratch.annotationCount = position
    member = nil
    if joints.hasParts { joinParts(&sample.annotations, count: position) }
    if joints.hasIDs { compareIDs(sample.annotations) }
    if joints.hasLinks { followLinks(sample.annotations) }
  }

  /// What messages call an annotation.
  static func name(_ annotation: Annotation, _ position: Int) -> String {
    annotation.id.map { "annotation \(terminalSafe($0.description))" } ?? "the annotation at position \(position + 1)"
  }

  /// Checks what parts say they are part of, and counts anew where annotations between were left out.
  private func joinParts(_ annotations: inout [Annotation], count: Int) {
    var kept: [Annotation] = []
    var places: [(position: Int, offset: Int)] = []
    var newPositions = [Int](repeating: -1, count: count)
    for (index, annotation) in annotations.enumerated() {
      var annotation = annotation
      let place = scratch.places[index]
      if let distance = annotation.partOf {
        guard distance > 0, distance <= place.position, newPositions[place.position - distance] >= 0 else {
          let why =
            distance > 0 && distance <= place.position
            ? "an annotation that was left out" : "the annotation \(distance) places before it, which is none"
          context.report(
            .error, "waybill.annotation.part-of",
            "A part of this sample belongs to \(why): \(NativeDecoder.name(annotation, place.position))",
            at: SourceRange(file: file, offset: place.offset, length: 1))
          continue
        }
        annotation.partOf = kept.count - newPositions[place.position - distance]
      }
      newPositions[place.position] = kept.count
      kept.append(annotation)
      places.append(place)
    }
    annotations = kept
    scratch.places = places
  }

  private func compareIDs(_ annotations: [Annotation]) {
    func report(_ first: Int, _ second: Int) {
      context.diagnostics.report(
        Diagnostic(
          .warning, "waybill.annotation.duplicate-id",
          "Two annotations of this sample have the same id: \(NativeDecoder.name(annotations[second], second))",
          at: SourceRange(file: file, offset: scratch.places[second].offset, length: 1),
          related: [
            Diagnostic.Related(
              range: SourceRange(file: file, offset: scratch.places[first].offset, length: 1), message: "the first of them")
          ]))
    }
    if annotations.count < 24 {
      for second in 1..<max(1, annotations.count) {
        guard let id = annotations[second].id else { continue }
        for first in 0..<second where annotations[first].id == id {
          report(first, second)
          break
        }
      }
      return
    }
    var known: [RecordID: Int] = Dictionary(minimumCapacity: annotations.count)
    for (index, annotation) in annotations.enumerated() {
      guard let id = annotation.id else { continue }
      if let first = known[id] { report(first, index) } else { known[id] = index }
    }
  }

  private func followLinks(_ annotations: [Annotation]) {
    var known = Set<RecordID>()
    for annotation in annotations { if let id = annotation.id { known.insert(id) } }
    for (index, annotation) in annotations.enumerated() {
      guard let link = annotation.link else { continue }
      for end in [link.source, link.target] where !known.contains(end) {
        warn(
          "waybill.annotation.unknown-link",
          "A link of this sample leads to \(terminalSafe(end.description)), which is no annotation of it",
          at: scratch.places[index].offset)
      }
    }
  }
}
