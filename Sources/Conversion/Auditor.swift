import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Stands between reader and writer: takes away what the target has no place for, and keeps the account.
///
/// It works from declared abilities alone; the writer never sees anything it did not declare. One for each worker.
struct Auditor: Sendable {
  /// What the target can hold.
  let abilities: FeatureSet
  /// The sections of preserved fields the target prints; nil when it prints all.
  let sections: [FormatID]?
  /// Which shapes may stand in for others.
  let approximations: Approximations

  /// What the target's writer looks at and does not write.
  let needs: FeatureSet
  /// Whether the target writes one place of an annotation.
  let writesOnePlace: Bool

  /// An auditor for a target.
  init(
    abilities: FeatureSet, sections: [FormatID], approximations: Approximations, needs: FeatureSet = [],
    writesOnePlace: Bool = false
  ) {
    self.abilities = abilities
    self.needs = needs
    self.writesOnePlace = writesOnePlace
    self.sections = sections.contains("*") ? nil : sections
    self.approximations = approximations
  }

  /// Restricts a sample to the target's abilities; false when nothing of it can be written.
  func restrict(_ sample: inout Sample, _ ledger: inout Ledger) -> Bool {
    ledger.samples.read += 1
    ledger.annotations.read += sample.annotations.count
    let features = sample.features
    guard abilities.contains(sample.media.feature) else {
      dropWhole(sample, features, &ledger)
      return false
    }
    let unsupported = features.subtracting(abilities)
    var lost = unsupported
    if restrict(&sample.preserved) { lost.insert(.samplePreserved) }
    if !unsupported.isEmpty { sample.remove(unsupported.subtracting(needs)) }
    ledger.drop(lost, place(of: sample))
    ledger.keep(features.subtracting(lost))
    ledger.samples.written += 1
    restrictAnnotations(of: &sample, &ledger)
    return true
  }

  private func dropWhole(_ sample: Sample, _ features: FeatureSet, _ ledger: inout Ledger) {
    ledger.samples.dropped += 1
    ledger.drop(features, place(of: sample))
    ledger.annotations.dropped += sample.annotations.count
    for annotation in sample.annotations { ledger.drop(annotation.features, place(of: sample)) }
    ledger.noteWholeDrop(place(of: sample))
  }

  /// What restricting one annotation has changed; booked when it is known that the annotation stays.
  private struct Change {
    var position: Int
    var before: FeatureSet
    var lost: FeatureSet
    var replaced: FeatureSet
  }

  /// Books the annotations that stay as they are, up to the first that may not, and returns its position.
  ///
  /// Nearly always this is all there is to do, so it looks at them where they lie.
  private func holdAll(_ annotations: [Annotation], _ ledger: inout Ledger) -> Int {
    annotations.withUnsafeBufferPointer { all in
      guard var next = all.baseAddress else { return 0 }
      for index in all.indices {
        let features = next.features
        guard features.isSubset(of: abilities), !writesOnePlace || OnePlace.isSaid(by: features) else { return index }
        if let sections, features.contains(.preserved), !next.preservesOnly(sections) { return index }
        ledger.keep(features)
        ledger.annotations.written &+= 1
        next += 1
      }
      return all.count
    }
  }

  private func restrictAnnotations(of sample: inout Sample, _ ledger: inout Ledger) {
    let first = holdAll(sample.annotations, &ledger)
    if first == sample.annotations.count { return }
    var dropped: [Int] = []
    var changes: [Change] = []
    let place = place(of: sample)
    for index in first..<sample.annotations.count {
      let features = sample.annotations[index].features
      if features.isSubset(of: abilities), sections == nil || !features.contains(.preserved),
        !writesOnePlace || OnePlace.isSaid(by: features)
      {
        ledger.keep(features)
        ledger.annotations.written &+= 1
      } else if let (lost, replaced) = restrict(&sample.annotations[index], features) {
        if lost.isEmpty && replaced.isEmpty {
          ledger.keep(features)
          ledger.annotations.written &+= 1
        } else {
          changes.append(Change(position: index, before: features, lost: lost, replaced: replaced))
        }
      } else {
        dropWhole(features, place, &ledger)
        dropped.append(index)
      }
    }
    if !dropped.isEmpty { remove(dropped, from: &sample, &changes, &ledger) }
    for change in changes {
      ledger.drop(change.lost, place)
      ledger.approximate(change.replaced, place)
      ledger.keep(change.before.subtracting(change.lost).subtracting(change.replaced))
      if change.replaced.isEmpty { ledger.annotations.written += 1 } else { ledger.annotations.approximated += 1 }
    }
  }

  /// Restricts one annotation and says what was lost and what was replaced; nil when it must go as a whole.
  private func restrict(_ annotation: inout Annotation, _ before: FeatureSet) -> (lost: FeatureSet, replaced: FeatureSet)? {
    var lost = FeatureSet()
    if before.contains(.preserved) {
      var preserved = annotation.preserved
      if restrict(&preserved) {
        annotation.preserved = preserved
        lost.insert(.preserved)
      }
    }
    let abilities = writesOnePlace ? OnePlace.abilities(abilities, for: before) : abilities
    let unsupported = before.subtracting(abilities)
    if unsupported.isEmpty && !writesOnePlace { return (lost, []) }
    var replaced = FeatureSet()
    var said = FeatureSet()
    // Before a box may turn into a polygon, and once more beside polygons that others have turned into.
    if writesOnePlace { takeBox(from: &annotation, abilities, &said, &replaced) }
    let room = writesOnePlace ? OnePlace.room(beside: annotation.shape, abilities) : abilities
    replaced = replaced.union(approximations.apply(to: &annotation, unsupported: unsupported, abilities: room))
    if writesOnePlace, annotation.box != nil {
      takeBox(from: &annotation, abilities, &said, &replaced)
      // A box that keypoints have turned into is gone again, and the keypoints with it.
      if annotation.box == nil { replaced.remove(.keypoints) }
      if !before.contains(.box) {
        said.remove(.box)
        replaced.remove(.box)
      }
    }
    annotation.remove(annotation.features.subtracting(abilities))
    let after = annotation.features
    let hasLostItsPlace = !before.intersection(.places).isEmpty && after.intersection(.places).isEmpty
    let saysNothing = after.intersection(.statements).isEmpty && (!before.intersection(.statements).isEmpty || after.isEmpty)
    if hasLostItsPlace || saysNothing || !after.isSubset(of: abilities) { return nil }
    lost = lost.union(before.subtracting(after).subtracting(replaced).subtracting(said))
    // Losing the label turns a text with a label into a caption: the text itself is kept.
    if after.contains(.caption) { lost.remove(.text) }
    return (lost, replaced.subtracting(lost))
  }

  /// Takes away the box that a polygon says, as far as it says it.
  private func takeBox(
    from annotation: inout Annotation, _ abilities: FeatureSet, _ said: inout FeatureSet, _ replaced: inout FeatureSet
  ) {
    switch OnePlace.takeBox(from: &annotation, abilities) {
    case .same: said.insert(.box)
    case .near: replaced.insert(.box)
    case .other: if approximations.replaces(.box, by: .polygon) { replaced.insert(.box) }
    case nil: break
    }
  }

  private func dropWhole(_ features: FeatureSet, _ place: Ledger.Place, _ ledger: inout Ledger) {
    ledger.annotations.dropped += 1
    ledger.drop(features, place)
    ledger.noteWholeDrop(place)
  }

  /// Removes annotations, and books the relations and parts that lose something by it.
  private func remove(_ positions: [Int], from sample: inout Sample, _ changes: inout [Change], _ ledger: inout Ledger) {
    let place = place(of: sample)
    let removal = AnnotationRemoval(positions, from: sample.annotations)
    if !removal.relations.isEmpty {
      let relations = Set(removal.relations)
      for change in changes where relations.contains(change.position) { dropWhole(change.before, place, &ledger) }
      let changed = Set(changes.map(\.position))
      changes.removeAll { relations.contains($0.position) }
      for index in removal.relations where !changed.contains(index) {
        ledger.annotations.written -= 1
        ledger.unkeep(sample.annotations[index].features)
        dropWhole(sample.annotations[index].features, place, &ledger)
      }
    }
    for _ in 0..<removal.apply(to: &sample.annotations) {
      ledger.unkeep([.part])
      ledger.drop([.part], place)
    }
  }

  /// Takes away sections the target does not print; true when there were any.
  private func restrict(_ preserved: inout Preserved) -> Bool {
    guard let sections, !preserved.isEmpty else { return false }
    var lost = false
    for section in preserved.sections where !sections.contains(section.format) {
      preserved[section.format] = []
      lost = true
    }
    return lost
  }

  private func place(of sample: Sample) -> Ledger.Place { Ledger.Place(key: sample.key, source: sample.source) }

  /// Restricts the header: labels keep their positions, fields the target has no place for go.
  func restrict(_ header: DatasetHeader, _ ledger: inout Ledger) -> DatasetHeader {
    var header = header
    let place = Ledger.Place(key: header.name ?? "", source: nil)
    let features = header.features
    let unsupported = features.subtracting(abilities)
    if unsupported.contains(.datasetName) { header.name = nil }
    if unsupported.contains(.datasetFields) { header.fields = Attributes() }
    var lost = unsupported
    if restrict(&header.preserved) { lost.insert(.datasetPreserved) }
    if unsupported.contains(.datasetPreserved) { header.preserved = Preserved() }
    ledger.drop(lost, place)
    ledger.keep(features.subtracting(lost))
    guard header.labelsAreComplete || header.labels.count > 0 else { return header }
    var labels = header.labels.labels
    var isChanged = false
    for index in labels.indices {
      let labelPlace = Ledger.Place(key: labels[index].name, source: nil)
      let features = labels[index].features
      let unsupported = features.subtracting(abilities)
      var lost = unsupported
      if restrict(&labels[index].preserved) { lost.insert(.labelPreserved) }
      labels[index].remove(unsupported)
      ledger.drop(lost, labelPlace)
      ledger.keep(features.subtracting(lost))
      if !lost.isEmpty { isChanged = true }
    }
    // A table that may still grow stays the reader's own, so that new names keep arriving in it.
    if isChanged && header.labelsAreComplete { header.labels = LabelTable(labels) }
    return header
  }
}

extension Ledger {
  /// Takes back a note that features were kept.
  mutating func unkeep(_ features: FeatureSet) {
    var correction = Ledger()
    correction.keep(features)
    subtract(correction)
  }
}
