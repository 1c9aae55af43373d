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

  /// An auditor for a target.
  init(abilities: FeatureSet, sections: [FormatID], approximations: Approximations) {
    self.abilities = abilities
    self.sections = sections.contains("*") ? nil : sections
    self.approximations = approximations
  }

  /// Restricts a sample to the target's abilities; false when nothing of it can be written.
  func restrict(_ sample: inout Sample, _ ledger: inout Ledger) -> Bool {
    ledger.samples.read += 1
    ledger.annotations.read += sample.annotations.count
    let lostSections = restrict(&sample.preserved)
    var features = sample.features
    guard abilities.contains(sample.media.feature) else {
      dropWhole(sample, features, &ledger)
      return false
    }
    if lostSections {
      features.remove(.samplePreserved)
      ledger.drop([.samplePreserved], place(of: sample))
    }
    let lost = features.subtracting(abilities)
    if !lost.isEmpty {
      ledger.drop(lost, place(of: sample))
      sample.remove(lost)
    }
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

  private func restrictAnnotations(of sample: inout Sample, _ ledger: inout Ledger) {
    var droppedPositions: [Int] = []
    let place = place(of: sample)
    for index in sample.annotations.indices {
      let features = sample.annotations[index].features
      if features.isSubset(of: abilities), sections == nil || !features.contains(.preserved) {
        ledger.keep(features)
        ledger.annotations.written &+= 1
      } else if !restrict(&sample.annotations[index], features, place, &ledger) {
        droppedPositions.append(index)
      }
    }
    if !droppedPositions.isEmpty { remove(droppedPositions, from: &sample, &ledger) }
  }

  /// Restricts one annotation; false when it must go as a whole.
  private func restrict(
    _ annotation: inout Annotation, _ before: FeatureSet, _ place: Ledger.Place, _ ledger: inout Ledger
  ) -> Bool {
    var lost = FeatureSet()
    if before.contains(.preserved) {
      var preserved = annotation.preserved
      if restrict(&preserved) {
        annotation.preserved = preserved
        lost.insert(.preserved)
      }
    }
    let unsupported = before.subtracting(abilities)
    if unsupported.isEmpty && lost.isEmpty {
      ledger.keep(before)
      ledger.annotations.written += 1
      return true
    }
    let replaced = approximations.apply(to: &annotation, unsupported: unsupported, abilities: abilities)
    annotation.remove(annotation.features.subtracting(abilities))
    let after = annotation.features
    let hasLostItsPlace = !before.intersection(.places).isEmpty && after.intersection(.places).isEmpty
    let saysNothing = after.intersection(.essential).isEmpty && (!before.intersection(.essential).isEmpty || after.isEmpty)
    if hasLostItsPlace || saysNothing || !after.isSubset(of: abilities) {
      dropWhole(before, place, &ledger)
      return false
    }
    lost = lost.union(before.subtracting(after).subtracting(replaced))
    // Losing the label turns a text with a label into a caption: the text itself is kept.
    if after.contains(.caption) { lost.remove(.text) }
    ledger.drop(lost, place)
    ledger.approximate(replaced.subtracting(lost), place)
    ledger.keep(before.subtracting(lost).subtracting(replaced))
    if replaced.isEmpty { ledger.annotations.written += 1 } else { ledger.annotations.approximated += 1 }
    return true
  }

  private func dropWhole(_ features: FeatureSet, _ place: Ledger.Place, _ ledger: inout Ledger) {
    ledger.annotations.dropped += 1
    ledger.drop(features, place)
    ledger.noteWholeDrop(place)
  }

  /// Removes annotations, keeps `partOf` of the others pointing at their objects, and removes relations that have lost an end.
  private func remove(_ positions: [Int], from sample: inout Sample, _ ledger: inout Ledger) {
    let gone = Set(positions)
    let goneIDs = Set(positions.compactMap { sample.annotations[$0].id })
    let place = place(of: sample)
    var kept: [Annotation] = []
    var newPosition: [Int: Int] = [:]
    for (index, original) in sample.annotations.enumerated() where !gone.contains(index) {
      var annotation = original
      if let link = annotation.link, goneIDs.contains(link.source) || goneIDs.contains(link.target) {
        ledger.annotations.written -= 1
        ledger.unkeep(annotation.features)
        dropWhole(annotation.features, place, &ledger)
        continue
      }
      if let distance = annotation.partOf {
        if let object = newPosition[index - distance] {
          annotation.partOf = kept.count - object
        } else {
          annotation.partOf = nil
          ledger.unkeep([.part])
          ledger.drop([.part], place)
        }
      }
      newPosition[index] = kept.count
      kept.append(annotation)
    }
    sample.annotations = kept
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
    var features = header.features
    if restrict(&header.preserved) {
      features.remove(.datasetPreserved)
      ledger.drop([.datasetPreserved], place)
    }
    let lost = features.subtracting(abilities)
    ledger.drop(lost, place)
    ledger.keep(features.subtracting(lost))
    if lost.contains(.datasetName) { header.name = nil }
    if lost.contains(.datasetFields) { header.fields = Attributes() }
    if lost.contains(.datasetPreserved) { header.preserved = Preserved() }
    guard header.labelsAreComplete || header.labels.count > 0 else { return header }
    var labels = header.labels.labels
    var isChanged = false
    for index in labels.indices {
      let labelPlace = Ledger.Place(key: labels[index].name, source: nil)
      var features = labels[index].features
      if restrict(&labels[index].preserved) {
        features.remove(.labelPreserved)
        ledger.drop([.labelPreserved], labelPlace)
        isChanged = true
      }
      let lost = features.subtracting(abilities)
      ledger.drop(lost, labelPlace)
      ledger.keep(features.subtracting(lost))
      if !lost.isEmpty {
        labels[index].remove(lost)
        isChanged = true
      }
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
