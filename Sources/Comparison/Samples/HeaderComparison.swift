import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport

/// Compares what two datasets say about themselves.
struct HeaderComparison {
  /// What differs: fields of the dataset, then labels in the old order, then new ones.
  private(set) var changes: [DatasetChange] = []
  /// The old names of labels by their new ones.
  private(set) var renamed: [ExactText: String] = [:]

  private let rules: ComparisonRules

  /// Compares two headers.
  init(_ old: DatasetHeader, _ new: DatasetHeader, _ rules: ComparisonRules) {
    self.rules = rules
    addFields(old, new)
    // A list that was only gathered from the samples lacks the labels nobody uses.
    if old.labelsAreComplete, new.labelsAreComplete { addLabels(old.labels.labels, new.labels.labels) }
  }

  private mutating func addFields(_ old: DatasetHeader, _ new: DatasetHeader) {
    var fields: [FieldChange] = []
    if rules.features.contains(.datasetName), !ExactComparison.same(old.name, new.name) {
      fields.append(FieldChange(.datasetName, old: old.name.map { .string($0) }, new: new.name.map { .string($0) }))
    }
    if rules.features.contains(.datasetFields) { FieldChanges.add(.datasetFields, old.fields, new.fields, to: &fields) }
    if rules.features.contains(.datasetPreserved) {
      FieldChanges.add(.datasetPreserved, rules.compared(old.preserved), rules.compared(new.preserved), to: &fields)
    }
    changes += fields.map { .field($0) }
  }

  /// Labels of one name, the n-th with the n-th, are the same label.
  private mutating func addLabels(_ old: [Label], _ new: [Label]) {
    var positions: [ExactText: [Int]] = [:]
    for (index, label) in new.enumerated().reversed() { positions[ExactText(label.name), default: []].append(index) }
    var newOfOld = [Int?](repeating: nil, count: old.count)
    for (index, label) in old.enumerated() { newOfOld[index] = positions[ExactText(label.name)]?.popLast() }
    var isTaken = [Bool](repeating: false, count: new.count)
    for partner in newOfOld { if let partner { isTaken[partner] = true } }
    for (index, partner) in renames(old, new, newOfOld, isTaken) {
      newOfOld[index] = partner
      isTaken[partner] = true
      renamed[ExactText(new[partner].name)] = old[index].name
    }
    var last = -1
    var isReordered = false
    for (index, label) in old.enumerated() {
      guard let partner = newOfOld[index] else {
        changes.append(.labelRemoved(label.name))
        continue
      }
      if partner < last { isReordered = true }
      last = max(last, partner)
      let other = new[partner]
      if !ExactComparison.same(label.name, other.name) { changes.append(.labelRenamed(old: label.name, new: other.name)) }
      let fields = differences(label, other)
      if !fields.isEmpty { changes.append(.labelChanged(other.name, fields)) }
    }
    for (index, label) in new.enumerated() where !isTaken[index] { changes.append(.labelAdded(label.name)) }
    if isReordered, !rules.spansFormats || rules.comparesOrder { changes.append(.labelsReordered) }
  }

  /// Labels that had the other name, as their repository remembers, or that have another name and the id they had; where no label has an id, those that stand at one place of lists of one length.
  private func renames(
    _ old: [Label], _ new: [Label], _ newOfOld: [Int?], _ isTaken: [Bool]
  ) -> [(old: Int, new: Int)] {
    let oldRest = old.indices.filter { newOfOld[$0] == nil }
    let newRest = new.indices.filter { !isTaken[$0] }
    // A name that another label has as well cannot be told from it.
    func isAlone(_ name: String, in labels: [Label]) -> Bool { labels.count { ExactComparison.same($0.name, name) } == 1 }
    // Each format gives numbers of its own.
    guard !rules.spansFormats, !oldRest.isEmpty, !newRest.isEmpty, oldRest.count + newRest.count <= 1000 else { return [] }
    let haveIDs = old.contains { $0.id != nil } || new.contains { $0.id != nil }
    var found: [(old: Int, new: Int)] = []
    for index in oldRest where isAlone(old[index].name, in: old) {
      let named = newRest.first { new[$0].formerNames.contains { ExactComparison.same($0, old[index].name) } }
      let partner: Int? =
        if let named { named } else if haveIDs {
          old[index].id.flatMap { id in newRest.first { new[$0].id == id } }
        } else {
          old.count == new.count && newRest.contains(index) ? index : nil
        }
      guard let partner, isAlone(new[partner].name, in: new), !found.contains(where: { $0.new == partner }) else { continue }
      found.append((index, partner))
    }
    return found
  }

  private func differences(_ a: Label, _ b: Label) -> [FieldChange] {
    var fields: [FieldChange] = []
    func note(_ feature: Feature, name: String? = nil, _ old: AttributeValue?, _ new: AttributeValue?) {
      guard rules.features.contains(feature) else { return }
      if let old, let new, ExactComparison.same(old, new) { return }
      if old != nil || new != nil { fields.append(FieldChange(feature, name: name, old: old, new: new)) }
    }
    func text(_ text: String?) -> AttributeValue? { text.map { .string($0) } }
    note(.labelID, a.id.map(FieldValues.value), b.id.map(FieldValues.value))
    note(.labelParent, text(a.parent), text(b.parent))
    note(.labelColor, text(a.style.color), text(b.style.color))
    note(.labelStyle, name: "shortcut", text(a.style.shortcut), text(b.style.shortcut))
    note(.labelStyle, name: "shape", text(a.style.defaultShape), text(b.style.defaultShape))
    note(.labelAttributes, HeaderComparison.value(a.attributes), HeaderComparison.value(b.attributes))
    note(.labelRelation, a.relation.map(HeaderComparison.value), b.relation.map(HeaderComparison.value))
    note(.labelKeypoints, name: "names", a.keypointNames.map(HeaderComparison.value), b.keypointNames.map(HeaderComparison.value))
    note(.labelKeypoints, name: "skeleton", a.skeleton.map(HeaderComparison.value), b.skeleton.map(HeaderComparison.value))
    if rules.features.contains(.labelPreserved) {
      var (before, after) = (a, b)
      // That it had another name is what renaming it means.
      if !ExactComparison.same(a.name, b.name) { (before.formerNames, after.formerNames) = ([], []) }
      FieldChanges.add(.labelPreserved, rules.compared(before.preserved), rules.compared(after.preserved), to: &fields)
    }
    return fields
  }

  private static func value(_ texts: [String]) -> AttributeValue { .list(texts.map { .string($0) }) }

  private static func value(_ pairs: [[Int]]) -> AttributeValue {
    .list(pairs.map { .list($0.map { .integer(Int64($0)) }) })
  }

  private static func value(_ relation: Label.Relation) -> AttributeValue {
    .object(["from": .string(relation.source), "to": .string(relation.target)])
  }

  private static func value(_ definitions: [AttributeDefinition]) -> AttributeValue? {
    if definitions.isEmpty { return nil }
    return .list(
      definitions.map { definition in
        var value: Attributes = ["name": .string(definition.name), "type": .string(definition.type)]
        if !definition.values.isEmpty { value["values"] = self.value(definition.values) }
        value["default"] = definition.defaultValue.map { .string($0) }
        return .object(value)
      })
  }
}
