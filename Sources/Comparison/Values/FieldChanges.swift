import WaybillDatasetModel

/// Lists the answers that two records give differently.
enum FieldChanges {
  /// The answers of a sample itself that differ, in the order of features.
  static func of(_ old: Sample, _ new: Sample, _ rules: ComparisonRules) -> [FieldChange] {
    var changes: [FieldChange] = []
    addMedia(old, new, rules, to: &changes)
    func note(_ feature: Feature, _ isSame: @autoclosure () -> Bool) {
      guard rules.features.contains(feature), !isSame() else { return }
      changes.append(FieldChange(feature, old: FieldValues.value(feature, old), new: FieldValues.value(feature, new)))
    }
    note(.imageSize, old.media.width == new.media.width && old.media.height == new.media.height)
    note(.imageChannels, old.media.channels == new.media.channels)
    note(.duration, old.media.duration == new.media.duration)
    note(.videoFrame, ExactComparison.same(old.media.frame, new.media.frame))
    note(.frameNumber, old.media.frame?.number == new.media.frame?.number)
    note(.sampleID, rules.sameIDs(old.id, new.id))
    note(.split, ExactComparison.same(old.split, new.split))
    note(.hardExample, old.hard == new.hard)
    note(.tokens, old.tokens == new.tokens)
    if rules.features.contains(.sampleAttributes) { add(.sampleAttributes, old.attributes, new.attributes, to: &changes) }
    if rules.features.contains(.samplePreserved) {
      add(.samplePreserved, rules.compared(old.preserved), rules.compared(new.preserved), to: &changes)
    }
    return changes
  }

  private static func addMedia(_ oldSample: Sample, _ newSample: Sample, _ rules: ComparisonRules, to changes: inout [FieldChange])
  {
    let (old, new) = (oldSample.media, newSample.media)
    func location(_ media: Media) -> AttributeValue? { media.location.map { .string($0) } }
    /// Where media is; what is known by its key alone has that for a name in formats that must name it.
    func place(_ sample: Sample) -> String? {
      sample.media.location ?? (rules.spansFormats && sample.media.text == nil ? sample.key : nil)
    }
    func isCompared(_ media: Media) -> Bool { rules.features.contains(media.feature) }
    guard isCompared(old), isCompared(new) else { return }
    if old.kind != new.kind {
      changes.append(FieldChange(old.feature, old: location(old) ?? .null, new: nil))
      changes.append(FieldChange(new.feature, old: nil, new: location(new) ?? .null))
    } else if !ExactComparison.same(place(oldSample), place(newSample)) {
      changes.append(FieldChange(new.feature, old: location(old), new: location(new)))
    }
    if !ExactComparison.same(old.text, new.text) {
      changes.append(
        FieldChange(
          new.feature, name: "text", old: old.text.map { .string($0) }, new: new.text.map { .string($0) }))
    }
  }

  /// The answers of an annotation that differ, in the order of features.
  static func of(_ change: AnnotationChange, _ rules: ComparisonRules) -> [FieldChange] {
    guard let old = change.old, let new = change.new else { return [] }
    var changes: [FieldChange] = []
    change.features.forEach { feature in
      switch feature {
      case .label:
        changes.append(
          FieldChange(.label, old: change.oldLabel.map { .string($0) }, new: change.newLabel.map { .string($0) }))
      case .attributes: add(.attributes, old.attributes, new.attributes, to: &changes)
      case .preserved: add(.preserved, rules.compared(old.preserved), rules.compared(new.preserved), to: &changes)
      default:
        changes.append(FieldChange(feature, old: FieldValues.value(feature, old), new: FieldValues.value(feature, new)))
      }
    }
    return changes
  }

  /// Adds the named values that differ.
  static func add(_ feature: Feature, _ old: Attributes, _ new: Attributes, to changes: inout [FieldChange]) {
    for difference in ExactComparison.differences(old, new) {
      changes.append(FieldChange(feature, name: difference.name, old: difference.old, new: difference.new))
    }
  }

  /// Adds the formats whose preserved fields differ, with the JSON text of their members.
  static func add(
    _ feature: Feature, _ old: [Preserved.Section], _ new: [Preserved.Section], to changes: inout [FieldChange]
  ) {
    func members(_ sections: [Preserved.Section], _ format: FormatID) -> [UInt8]? {
      sections.first { $0.format == format }?.members
    }
    func text(_ members: [UInt8]?) -> AttributeValue? { members.map { .string("{\(String(decoding: $0, as: UTF8.self))}") } }
    for format in Set((old + new).map(\.format)).sorted() {
      let (before, after) = (members(old, format), members(new, format))
      if before != after { changes.append(FieldChange(feature, name: format.name, old: text(before), new: text(after))) }
    }
  }
}
