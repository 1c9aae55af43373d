import WaybillBytes
import WaybillDatasetModel

/// Compares two versions of one sample; for one worker.
///
/// ```swift
/// let comparison = SampleComparison(old: oldDataset.header.labels, new: newDataset.header.labels)
/// if let change = comparison.change(from: oldSample, to: newSample) { print(change.annotations.count, "annotations changed") }
/// ```
public final class SampleComparison {
  /// What is compared.
  public let rules: ComparisonRules
  /// How many annotations were left out so far because one of the formats has no place for them.
  public private(set) var leftOut = 0
  private let labels: LabelMatcher
  private let imageSize: (Sample) -> (width: Int, height: Int)?

  /// Compares samples whose labels are in two tables, which may be the same.
  public convenience init(rules: ComparisonRules = ComparisonRules(), old: LabelTable, new: LabelTable) {
    self.init(rules: rules, labels: LabelMatcher(old: old, new: new))
  }

  /// Compares samples; where only one of them counts in pixels, and neither gives its size, that of the picture is asked for.
  init(
    rules: ComparisonRules, labels: LabelMatcher, imageSize: @escaping (Sample) -> (width: Int, height: Int)? = { _ in nil }
  ) {
    self.rules = rules
    self.labels = labels
    self.imageSize = imageSize
  }

  /// Which annotations of two versions of a sample are the same thing.
  public func matching(_ old: Sample, _ new: Sample) -> AnnotationMatching {
    AnnotationMatching(old.annotations, new.annotations, annotationComparison(old, new))
  }

  private func annotationComparison(_ old: Sample, _ new: Sample) -> AnnotationComparison {
    AnnotationComparison(
      rules: rules, labels: labels, ruler: Ruler(size: size(old, new), tolerance: rules.tolerance),
      spans: SpanRuler(text: new.media.text ?? old.media.text))
  }

  private func size(_ old: Sample, _ new: Sample) -> (width: Int, height: Int)? {
    for sample in [new, old] {
      if let width = sample.media.width, let height = sample.media.height { return (width, height) }
    }
    // A size is needed only where shares are laid over pixels.
    var units = CoordinateUnits(old)
    units.add(new)
    guard units.hasShares, units.hasPixels || rules.tolerance != nil else { return nil }
    return imageSize(new) ?? imageSize(old)
  }

  /// How a sample differs from its old version; nil when it does not.
  public func change(from old: Sample, to new: Sample) -> SampleChange? {
    var change = SampleChange(.changed, key: new.key)
    addFields(old, new, to: &change)
    let comparison = annotationComparison(old, new)
    if !areEqual(old.annotations, new.annotations, comparison) { addAnnotations(old, new, comparison, to: &change) }
    guard !change.features.isEmpty || !change.annotations.isEmpty else { return nil }
    change.old = old
    change.new = new
    return change
  }

  /// A sample that only the new dataset has.
  public func addition(of sample: Sample) -> SampleChange {
    var change = SampleChange(.added, key: sample.key)
    change.new = sample
    change.labelCounts = counts(sample) { labels.newName($0) }
    return change
  }

  /// A sample that only the old dataset has.
  public func removal(of sample: Sample) -> SampleChange {
    var change = SampleChange(.removed, key: sample.key)
    change.old = sample
    change.labelCounts = counts(sample) { labels.oldName($0) }
    return change
  }

  private func counts(_ sample: Sample, _ name: (LabelID?) -> String?) -> [SampleChange.LabelCount] {
    var positions: [ExactText?: Int] = [:]
    var counts: [SampleChange.LabelCount] = []
    for annotation in sample.annotations {
      let label = name(annotation.label)
      let position = positions[label.map(ExactText.init)] ?? counts.count
      if position == counts.count {
        positions[label.map(ExactText.init)] = position
        counts.append(.init(label: label, count: 0))
      }
      counts[position].count += 1
    }
    return counts
  }

  /// Whether annotations are the same one by one, in their order: mostly they are, and there is nothing to match.
  private func areEqual(_ old: [Annotation], _ new: [Annotation], _ comparison: AnnotationComparison) -> Bool {
    guard old.count == new.count else { return false }
    for (a, b) in zip(old, new) {
      guard comparison.differences(a, b).isEmpty else { return false }
      if a.hasRareAnswers || b.hasRareAnswers {
        // Equal ids lead to equal annotations here, and so do equal distances.
        guard a.partOf == b.partOf, a.link == b.link, a.link == nil || rules.features.contains(.id) else { return false }
      }
    }
    return true
  }

  private func addAnnotations(
    _ old: Sample, _ new: Sample, _ comparison: AnnotationComparison, to change: inout SampleChange
  ) {
    let matching = AnnotationMatching(old.annotations, new.annotations, comparison)
    var last = -1
    var isReordered = false
    for (index, annotation) in old.annotations.enumerated() {
      guard let partner = matching.newOfOld[index] else {
        guard rules.canHold(annotation.features) else {
          leftOut += 1
          continue
        }
        var removed = AnnotationChange(.removed)
        removed.old = annotation
        removed.oldIndex = index
        removed.oldLabel = labels.oldName(annotation.label)
        change.annotations.append(removed)
        continue
      }
      if partner < last { isReordered = true }
      last = max(last, partner)
      let features = differences(index, partner, old.annotations, new.annotations, matching, comparison)
      if !features.isEmpty {
        change.annotations.append(changed(index, partner, features, old.annotations, new.annotations, matching))
      }
    }
    for index in matching.added {
      guard rules.canHold(new.annotations[index].features) else {
        leftOut += 1
        continue
      }
      var added = AnnotationChange(.added)
      added.new = new.annotations[index]
      added.newIndex = index
      added.newLabel = labels.newName(new.annotations[index].label)
      change.annotations.append(added)
    }
    if rules.comparesOrder, isReordered { change.features.insert(.order) }
  }

  /// In what a pair differs, what it joins or is part of included.
  private func differences(
    _ a: Int, _ b: Int, _ old: [Annotation], _ new: [Annotation], _ matching: AnnotationMatching, _ comparison: AnnotationComparison
  ) -> FeatureSet {
    var found = comparison.differences(old[a], new[b])
    if rules.features.contains(.link), old[a].link != nil || new[b].link != nil {
      let (one, other) = (matching.places.old[a], matching.places.new[b])
      let isSame =
        (old[a].link == nil) == (new[b].link == nil)
        && (one.from == nil || other.from == nil ? old[a].link == new[b].link : one.from == other.from && one.to == other.to)
      if !isSame { found.insert(.link) }
    }
    if rules.features.contains(.part), old[a].partOf != nil || new[b].partOf != nil {
      let isSame =
        if let one = SampleComparison.object(of: old[a], at: a), let other = SampleComparison.object(of: new[b], at: b) {
          matching.oldOfNew[other] == one
        } else {
          old[a].partOf == new[b].partOf
        }
      if !isSame { found.insert(.part) }
    }
    return found
  }

  /// The position of the object an annotation is part of.
  private static func object(of annotation: Annotation, at index: Int) -> Int? {
    guard let distance = annotation.partOf, distance > 0, distance <= index else { return nil }
    return index - distance
  }

  private func changed(
    _ a: Int, _ b: Int, _ features: FeatureSet, _ old: [Annotation], _ new: [Annotation], _ matching: AnnotationMatching
  ) -> AnnotationChange {
    var change = AnnotationChange(.changed)
    change.old = old[a]
    change.new = new[b]
    change.oldIndex = a
    change.newIndex = b
    change.oldLabel = labels.oldName(old[a].label)
    change.newLabel = labels.newName(new[b].label)
    change.features = features
    change.fields = FieldChanges.of(change, rules)
    if change.isMoved {
      let (one, other) = (matching.places.old[a], matching.places.new[b])
      change.overlap = one.overlap(other)
      change.shift = one.distance(to: other)
      change.isShiftInPixels = !one.isShare
    }
    return change
  }

  private func addFields(_ old: Sample, _ new: Sample, to change: inout SampleChange) {
    change.fields = FieldChanges.of(old, new, rules)
    for field in change.fields { change.features.insert(field.feature) }
  }
}
