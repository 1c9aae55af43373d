import WaybillDatasetModel
import WaybillFormatSupport

/// Finds the answers in which two annotations of one sample differ; what they join or are part of depends on the pairs and is left to others.
struct AnnotationComparison {
  let rules: ComparisonRules
  let labels: LabelMatcher
  let ruler: Ruler
  let spans: SpanRuler

  /// Answers that say where or when.
  static let places: FeatureSet = [
    .box, .rotatedBox, .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .keypoints, .mask,
    .span, .frame, .instant, .interval,
  ]
  private static let shapes: FeatureSet = [
    .rotatedBox, .polygon, .polygonParts, .polygonHoles, .polyline, .dashedLine, .circle, .ellipse, .point, .mask,
  ]
  private static let labelFeatures: FeatureSet = [.label, .classification]
  private static let textFeatures: FeatureSet = [.text, .caption]

  /// The features that differ; of a label the feature is `label` and of a text `text`, whatever else the annotation says.
  func differences(_ a: Annotation, _ b: Annotation) -> FeatureSet {
    let said = a.features.union(b.features)
    let compared = said.intersection(rules.features)
    var found = placeDifferences(a, b, said)
    if !isSameLabel(a, b) { found.insert(.label) }
    if !compared.intersection(AnnotationComparison.textFeatures).isEmpty, !ExactComparison.same(a.text, b.text) {
      found.insert(.text)
    }
    if compared.contains(.id), !rules.sameIDs(a.id, b.id) { found.insert(.id) }
    if compared.contains(.confidence), a.confidence != b.confidence { found.insert(.confidence) }
    if compared.contains(.area), a.area != b.area { found.insert(.area) }
    if compared.contains(.order), a.ordinal != b.ordinal { found.insert(.order) }
    if a.flags != b.flags { addFlags(a.flags, b.flags, compared, to: &found) }
    guard a.hasRareAnswers || b.hasRareAnswers else { return found }
    if compared.contains(.author), !ExactComparison.same(a.author, b.author) { found.insert(.author) }
    if compared.contains(.createdAt), a.createdAt != b.createdAt { found.insert(.createdAt) }
    if compared.contains(.hard), a.hard != b.hard { found.insert(.hard) }
    if compared.contains(.group), !ExactComparison.same(a.group, b.group) { found.insert(.group) }
    if compared.contains(.track), !ExactComparison.same(a.track, b.track) { found.insert(.track) }
    if compared.contains(.reference), !ExactComparison.same(a.reference, b.reference) { found.insert(.reference) }
    if compared.contains(.attributes), !ExactComparison.same(a.attributes, b.attributes) { found.insert(.attributes) }
    if compared.contains(.preserved), !ExactComparison.same(rules.compared(a.preserved), rules.compared(b.preserved)) {
      found.insert(.preserved)
    }
    return found
  }

  /// Whether both carry the same label, or labels are not compared.
  func isSameLabel(_ a: Annotation, _ b: Annotation) -> Bool {
    rules.features.intersection(AnnotationComparison.labelFeatures).isEmpty
      || labels.oldNumber(a.label) == labels.newNumber(b.label)
  }

  /// Whether both are at the same place and time.
  func isSamePlace(_ a: Annotation, _ b: Annotation) -> Bool { placeDifferences(a, b, a.features.union(b.features)).isEmpty }

  private func addFlags(_ a: Flags, _ b: Flags, _ compared: FeatureSet, to found: inout FeatureSet) {
    if compared.contains(.difficult), a.difficult != b.difficult { found.insert(.difficult) }
    if compared.contains(.truncated), a.truncated != b.truncated { found.insert(.truncated) }
    if compared.contains(.occluded), a.occluded != b.occluded { found.insert(.occluded) }
    if compared.contains(.crowd), a.crowd != b.crowd { found.insert(.crowd) }
    if compared.contains(.unconfirmed), a.unconfirmed != b.unconfirmed { found.insert(.unconfirmed) }
  }

  private func placeDifferences(_ a: Annotation, _ b: Annotation, _ said: FeatureSet) -> FeatureSet {
    let compared = said.intersection(rules.features).intersection(AnnotationComparison.places)
    var found = FeatureSet()
    guard !compared.isEmpty else { return found }
    if !compared.intersection(AnnotationComparison.shapes).isEmpty { addShapes(a, b, to: &found) }
    if compared.contains(.box), !isSameBox(a, b) { found.insert(.box) }
    guard a.hasRareAnswers || b.hasRareAnswers else { return found }
    if compared.contains(.keypoints) {
      switch (a.keypoints, b.keypoints) {
      case (let first?, let second?):
        if !ruler.same(first, second, visibilityMayBeLeftOut: rules.spansFormats) { found.insert(.keypoints) }
      case (nil, nil): break
      default: found.insert(.keypoints)
      }
    }
    if compared.contains(.span) {
      switch (a.span, b.span) {
      case (let first?, let second?): if !spans.same(first, second) { found.insert(.span) }
      case (nil, nil): break
      default: found.insert(.span)
      }
    }
    if a.time != b.time { found = found.union(compared.intersection([.frame, .instant, .interval])) }
    return found
  }

  /// The shape, as far as it is compared.
  private func shape(_ annotation: Annotation) -> Shape? {
    guard let shape = annotation.shape, shape.features.isSubset(of: rules.features) else { return nil }
    return shape
  }

  private func addShapes(_ a: Annotation, _ b: Annotation, to found: inout FeatureSet) {
    switch (shape(a), shape(b)) {
    case (nil, nil): return
    case (let first?, let second?):
      if ruler.same(first, second) { return }
      found.insert(first.kind)
      found.insert(second.kind)
    case (let only?, nil), (nil, let only?): found.insert(only.kind)
    }
  }

  /// Whether the boxes are the same, where a shape or keypoints say the box of an annotation that has none.
  private func isSameBox(_ a: Annotation, _ b: Annotation) -> Bool {
    switch (a.box, b.box) {
    case (nil, nil): return true
    case (let first?, let second?): return ruler.same(first, second)
    case (let box?, nil): return isSaid(box, by: b, besideShapeOf: a)
    case (nil, let box?): return isSaid(box, by: a, besideShapeOf: b)
    }
  }

  /// Whether an annotation without a box says the box of another one by its shape.
  private func isSaid(_ box: Box, by annotation: Annotation, besideShapeOf other: Annotation) -> Bool {
    // Formats with one place say the box of a polygon by the polygon, and that of other shapes not at all.
    if rules.takesBoxFromShape, shape(annotation) != nil, shape(other) != nil { return true }
    guard
      let bounds = annotation.shape.flatMap({ Bounds.box(around: $0) })
        ?? annotation.keypoints.flatMap({ Bounds.box(around: $0) })
    else { return false }
    return rules.spansFormats && ruler.same(box, bounds, isImplied: true)
  }
}

extension Shape {
  /// The feature of the kind of shape, without its refinements.
  var kind: Feature {
    switch self {
    case .rotatedBox: .rotatedBox
    case .polygon: .polygon
    case .polyline: .polyline
    case .circle: .circle
    case .ellipse: .ellipse
    case .point: .point
    case .mask: .mask
    }
  }
}
