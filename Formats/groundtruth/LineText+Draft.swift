import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

extension LineText {
  /// Sorts the annotations of a sample by the attributes they belong to.
  ///
  /// Without a context nothing is reported.
  func draft(_ sample: Sample, source: String?, _ context: EncodeContext?) -> Draft {
    var draft = Draft()
    draft.source = source
    var others: [(name: String, members: [UInt8])] = []
    if !sample.preserved.isEmpty {
      let own = sample.preserved[GroundTruthFormat.id]
      draft.kept = KeptMembers(own)
      if let json = Marks(sample.preserved).json("@metadata") { others = LineText.objects(json) }
    }
    for item in others {
      guard let at = layout.attributes.firstIndex(where: { !$0.isNew && $0.name == item.name }) else { continue }
      draft.parts.append(Part(attribute: at, name: item.name, others: item.members))
    }
    var marks: [Int?] = []
    var lone = 0
    for annotation in sample.annotations {
      let mark = annotation.preserved.isEmpty ? nil : Marks(annotation.preserved).text("@attribute")
      let at = mark.flatMap { name in layout.attributes.firstIndex { $0.name == name && LineText.fits(annotation, $0) } }
      marks.append(at)
      if at == nil, LabelTask(annotation.features) == .single { lone += 1 }
    }
    for (index, annotation) in sample.annotations.enumerated() {
      let features = annotation.features
      guard var at = marks[index] ?? home(features, sample, lone) else {
        context?.diagnostics.report(
          .error, "groundtruth.write.empty", "An annotation of \"\(terminalSafe(sample.key))\" has neither a class nor a place",
          at: sample.source)
        continue
      }
      // An attribute of one class has room for one.
      if layout.attributes[at].task == .single, draft.parts.contains(where: { $0.attribute == at && !$0.annotations.isEmpty }) {
        guard let other = layout.attributes.firstIndex(where: { $0.takes(.classes, sample.media.kind) }) else { continue }
        at = other
      }
      if let known = draft.parts.firstIndex(where: { $0.attribute == at }) {
        draft.parts[known].annotations.append(index)
      } else {
        draft.parts.append(Part(attribute: at, name: layout.attributes[at].name, annotations: [index]))
      }
      if let context { account(annotation, features, at, sample, context) }
    }
    // Of these, a value that says nothing is none.
    draft.parts.removeAll { $0.annotations.isEmpty && [.single, .mask, .frames].contains(layout.attributes[$0.attribute].task) }
    sortParts(&draft)
    nameParts(&draft)
    orderAnnotations(&draft, count: sample.annotations.count)
    return draft
  }

  private static func fits(_ annotation: Annotation, _ attribute: LabelAttribute) -> Bool {
    guard let task = LabelTask(annotation.features) else { return false }
    switch attribute.task {
    case .classes: return task == .single
    case .frames: return annotation.reference != nil
    default: return attribute.task == task
    }
  }

  private func home(_ features: FeatureSet, _ sample: Sample, _ lone: Int) -> Int? {
    guard let task = LabelTask(features) else { return nil }
    return layout.home(task, sample.media.kind, isAlone: lone == 1)
      ?? (task == .single ? nil : layout.attributes.firstIndex { $0.task == task })
  }

  /// Puts the parts in the order of the line.
  private func sortParts(_ draft: inout Draft) {
    func rank(_ part: Part) -> Int {
      layout.keys.firstIndex(of: part.name) ?? layout.keys.count + part.attribute
    }
    if draft.parts.count > 1 { draft.parts.sort { rank($0) < rank($1) } }
  }

  /// Gives the first new attribute of a line the name an option says.
  private func nameParts(_ draft: inout Draft) {
    guard !name.isEmpty, let first = draft.parts.firstIndex(where: { layout.attributes[$0.attribute].isNew }) else { return }
    let task = layout.attributes[draft.parts[first].attribute].task
    draft.parts[first].name = task == .mask && !name.hasSuffix("-ref") ? name + "-ref" : name
  }

  /// Notes the order of the annotations when it is not that of the line.
  private func orderAnnotations(_ draft: inout Draft, count: Int) {
    let order = draft.parts.flatMap(\.annotations)
    if order.count == count, order.enumerated().contains(where: { $0 != $1 }) { draft.order = order }
  }

  /// The members of an object whose values are objects, each as the inside of it.
  private static func objects(_ json: [UInt8]) -> [(name: String, members: [UInt8])] {
    var found: [(name: String, members: [UInt8])] = []
    json.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginObject() else { return }
      while let key = try? scanner.nextKey(&progress) {
        guard let range = try? scanner.skipValue(), range.count >= 2 else { return }
        found.append((key.makeString(), Array(scanner.bytes(from: range.lowerBound + 1, to: range.upperBound - 1))))
      }
    }
    return found
  }

  // MARK: What has no place

  /// Reports what an attribute cannot hold of an annotation.
  private func account(
    _ annotation: Annotation, _ features: FeatureSet, _ at: Int, _ sample: Sample, _ context: EncodeContext
  ) {
    let task = layout.attributes[at].task
    func lose(_ feature: Feature) {
      if features.contains(feature) { context.losses.append(EncodingLoss(feature, isApproximated: false)) }
    }
    if task != .boxes { lose(.track) }
    if task == .entities || task == .single || task == .classes { lose(.box) }
    if task == .entities { lose(.mask) }
    if annotation.reference != nil { for feature in [Feature.label, .box, .mask, .confidence, .attributes] { lose(feature) } }
    if task == .classes {
      lose(.attributes)
    }
    if task == .classes || task == .mask, features.contains(.preserved),
      !KeptMembers(annotation.preserved[GroundTruthFormat.id]).items.isEmpty
    {
      lose(.preserved)
    }
    if annotation.label == nil, annotation.reference == nil {
      context.diagnostics.report(
        .error, "groundtruth.write.label",
        "A place in \"\(terminalSafe(sample.key))\" has no class, and an object of Ground Truth has one", at: sample.source)
    }
    if let box = annotation.box, box.unit == .unit {
      context.diagnostics.report(
        .error, "groundtruth.write.unit", "Shares of \"\(terminalSafe(sample.key))\" cannot be pixels: the size is not known",
        at: sample.source)
    }
  }
}
