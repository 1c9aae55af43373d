import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// The rules of samples under a labeling type and a label set; for one worker.
struct SampleRules {
  let type: LabelingType
  private let labels: [Label]
  /// What the type says, found once.
  private let media: Set<Media.Kind>?
  private let places: FeatureSet?
  /// Answers beside which an annotation still does not say where it is.
  private let besides: FeatureSet
  /// Of each label, whether its annotations must be looked at more closely.
  private let isParticular: [Bool]

  init(type: LabelingType, labels: [Label]) {
    self.type = type
    self.labels = labels
    media = type.media
    places = type.places
    besides = type == .imageSegmentation ? [.box, .track, .reference] : [.track, .reference]
    isParticular = labels.map { label in type == .textTriplets || label.attributes.contains { $0.type == "select" } }
  }

  /// What breaks a rule: the name of the rule, and a sentence that names the annotation but not the sample.
  typealias Problem = (rule: String, message: String)

  /// Hands on what is wrong with a sample.
  func check(_ sample: borrowing Sample, _ note: (Problem) -> Void) {
    checkMedia(sample, note)
    // Nearly all annotations are plain and right: they are looked at where they lie.
    let areFine = sample.annotations.withUnsafeBufferPointer { all in
      guard let first = all.baseAddress else { return true }
      return all.indices.allSatisfy { isFine(first + $0) }
    }
    if areFine { return }
    var ids: [AnnotationID: Int] = [:]
    if sample.annotations.contains(where: { $0.link != nil }) {
      for index in sample.annotations.indices {
        if let id = sample.annotations[index].id { ids[id] = ids[id] ?? index }
      }
    }
    var lengths: [TextSpan.Unit: Int] = [:]
    for index in sample.annotations.indices {
      if let span = sample.annotations[index].span {
        // A long text with many spans is measured once.
        let length = lengths[span.unit] ?? sample.media.text.map { SampleRules.length(of: $0, in: span.unit) } ?? .max
        lengths[span.unit] = length
        checkSpan(span, within: length, SampleRules.name(sample.annotations[index], index), note)
      }
      check(sample.annotations[index], at: index, of: sample, ids, note)
    }
  }

  /// Whether an annotation breaks no rule, as far as one look can tell.
  private func isFine(_ annotation: UnsafePointer<Annotation>) -> Bool {
    let said = annotation.pointee.features.intersection(.places)
    if let places, !said.isSubset(of: places) { return false }
    if type.needsPlace, said.subtracting(besides).isEmpty { return false }
    if type == .imageSegmentation || said.contains(.link) || said.contains(.span) { return false }
    if let label = annotation.pointee.label {
      return Int(label.index) < isParticular.count && !isParticular[Int(label.index)] && type != .speech
    }
    return !type.needsLabel && type != .speech
  }

  private func checkMedia(_ sample: borrowing Sample, _ note: (Problem) -> Void) {
    if let media, !media.contains(sample.media.kind) {
      let allowed = Media.Kind.allCases.filter(media.contains).map(\.rawValue).joined(separator: " or ")
      note(("repository.sample.media", "The sample is \(sample.media.kind.rawValue), and \(type.name) labels \(allowed)"))
    }
    guard type == .video else { return }
    let media = sample.media
    let place = media.kind == .video ? media.location : media.frame?.video
    if let place, !SampleRules.isMP4(place) {
      note(("repository.sample.video", "The video \"\(terminalSafe(place))\" is no MP4 file"))
    }
  }

  /// Whether a name ends in `.mp4`, in any case.
  static func isMP4(_ location: String) -> Bool { location.utf8.count > 4 && location.suffix(4).lowercased() == ".mp4" }

  /// `ids` are the positions of ids, as far as links lead to any.
  private func check(
    _ annotation: Annotation, at index: Int, of sample: borrowing Sample, _ ids: [AnnotationID: Int], _ note: (Problem) -> Void
  ) {
    let said = annotation.features.intersection(.places)
    var name: String { SampleRules.name(annotation, index) }
    if let places, !said.isSubset(of: places) {
      let extra = Feature.allCases.filter { said.subtracting(places).contains($0) }.map(\.name).joined(separator: ", ")
      note(("repository.annotation.place", "\(name) has \(extra), which \(type.name) has no place for"))
    }
    if type.needsPlace, said.subtracting(besides).isEmpty {
      note(("repository.annotation.no-place", "\(name) does not say where it is"))
    }
    if let label = annotation.label {
      if Int(label.index) >= labels.count {
        note(("repository.annotation.label", "\(name) has a label that is not in the set"))
      } else {
        checkAttributes(annotation, labels[Int(label.index)], name, note)
        checkRelation(annotation, labels[Int(label.index)], name, sample, ids, note)
      }
    } else if type.needsLabel {
      note(("repository.annotation.no-label", "\(name) has no label"))
    }
    if type == .speech, annotation.text == nil { note(("repository.annotation.no-text", "\(name) says no text")) }
    if type == .imageSegmentation { checkInside(annotation, name, sample, note) }
    if let link = annotation.link {
      for end in [link.source, link.target] where ids[end] == nil {
        note(("repository.annotation.link", "\(name) joins annotation \(terminalSafe(end.description)), which the sample has not"))
      }
    }
  }

  private static func name(_ annotation: Annotation, _ index: Int) -> String {
    annotation.id.map { "Annotation \(terminalSafe($0.description))" } ?? "Annotation number \(index + 1)"
  }

  private func checkAttributes(_ annotation: Annotation, _ label: Label, _ name: String, _ note: (Problem) -> Void) {
    if label.attributes.isEmpty { return }
    for definition in label.attributes where definition.type == "select" {
      guard let value = annotation.attributes[definition.name] else { continue }
      if case .string(let text) = value, definition.values.contains(where: { ExactText($0) == ExactText(text) }) { continue }
      note(
        (
          "repository.annotation.attribute",
          "\(name): the attribute \"\(terminalSafe(definition.name))\" is none of \(definition.values.map { terminalSafe($0) }.joined(separator: ", "))"
        ))
    }
  }

  private func checkRelation(
    _ annotation: Annotation, _ label: Label, _ name: String, _ sample: borrowing Sample, _ ids: [AnnotationID: Int],
    _ note: (Problem) -> Void
  ) {
    guard type == .textTriplets else { return }
    guard let link = annotation.link else {
      if label.relation != nil {
        note(("repository.annotation.relation", "\(name) is no relation, and its label \"\(terminalSafe(label.name))\" is one"))
      }
      return
    }
    guard let relation = label.relation else {
      note(("repository.annotation.relation", "\(name) is a relation, and its label \"\(terminalSafe(label.name))\" is none"))
      return
    }
    for (end, wanted) in [(link.source, relation.source), (link.target, relation.target)] {
      guard let position = ids[end], let id = sample.annotations[position].label, Int(id.index) < labels.count
      else { continue }
      let found = labels[Int(id.index)].name
      if ExactText(found) != ExactText(wanted) {
        note(
          (
            "repository.annotation.relation",
            "\(name) leads from or to \"\(terminalSafe(found))\", and its label to \"\(terminalSafe(wanted))\" alone"
          ))
      }
    }
  }

  /// Whether a range lies in a text; where the text is not in the sample, it may be of any length.
  private func checkSpan(_ span: TextSpan, within length: Int, _ name: @autoclosure () -> String, _ note: (Problem) -> Void) {
    if span.start >= 0, span.end >= span.start, span.end <= length { return }
    let rest = length == .max ? "" : ", and the text has \(length)"
    note(("repository.annotation.span", "\(name()) reaches from \(span.start) to \(span.end)\(rest)"))
  }

  /// How many units a text has.
  static func length(of text: String, in unit: TextSpan.Unit) -> Int {
    switch unit {
    case .scalars: text.unicodeScalars.count
    case .utf16: text.utf16.count
    case .utf8: text.utf8.count
    }
  }

  private func checkInside(_ annotation: Annotation, _ name: String, _ sample: borrowing Sample, _ note: (Problem) -> Void) {
    guard case .polygon(let polygon)? = annotation.shape else { return }
    let limit: (x: Double, y: Double)
    if polygon.unit == .unit {
      limit = (1, 1)
    } else if let width = sample.media.width, let height = sample.media.height {
      limit = (Double(width), Double(height))
    } else {
      return
    }
    var isInside = true
    for (index, value) in polygon.coordinates.enumerated() {
      if value < 0 || value > (index % 2 == 0 ? limit.x : limit.y) { isInside = false }
    }
    if !isInside { note(("repository.annotation.outside", "\(name) reaches over the edge of the image")) }
  }
}
