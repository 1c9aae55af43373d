import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

/// Merges three versions of `dataset.json`, label by label.
///
/// Labels are the same that have one name; one that was renamed is known by the names it had. What only one side changed is taken from it. Where
/// both gave another answer ours stays, and what theirs is goes into the reasons.
public struct SettingsMerge {
  /// The merged settings.
  public private(set) var settings: RepositorySettings
  /// Where both sides gave another answer.
  public private(set) var conflicts: [SettingsConflict] = []
  private let base: RepositorySettings?
  private let ours: RepositorySettings
  private let theirs: RepositorySettings

  /// Merges; base is nil when both sides made the file.
  public init(base: RepositorySettings?, ours: RepositorySettings, theirs: RepositorySettings) {
    (self.base, self.ours, self.theirs) = (base, ours, theirs)
    settings = ours
    settings.header.name = pick("name", base?.header.name, ours.header.name, theirs.header.name) { $0.map { "\"\($0)\"" } }
    settings.type = pick("type", base?.type, ours.type, theirs.type) { $0?.name } ?? ours.type
    settings.shardCount =
      pick("shards", base?.shardCount, ours.shardCount, theirs.shardCount) { $0.map(String.init) } ?? ours.shardCount
    mergeSources()
    mergeFields()
    let kept = [base, ours, theirs].map { $0.map { SettingsMerge.foreign($0.header.preserved) } }
    settings.header.preserved = pick("fields kept for other formats", kept[0], kept[1], kept[2]) { _ in "some" } ?? Preserved()
    mergeLabels()
    settings.conflicts = ours.conflicts + theirs.conflicts.filter { !ours.conflicts.contains($0) } + conflicts
  }

  private mutating func pick<Value: Equatable>(
    _ answer: String, _ old: Value?, _ mine: Value?, _ other: Value?, _ show: (Value?) -> String?
  ) -> Value? {
    if mine == other || old == other && base != nil { return mine }
    if old == mine && base != nil { return other }
    if base == nil, mine == nil || other == nil { return mine ?? other }
    conflicts.append(.init(about: "\(answer): \(show(mine) ?? "nothing") here, \(show(other) ?? "nothing") there"))
    return mine
  }

  /// What is preserved for other formats; what this one keeps there is what settings say.
  private static func foreign(_ preserved: Preserved) -> Preserved {
    var rest = preserved
    rest[NativeFormat.descriptor.id] = []
    return rest
  }

  /// A list of things without order: what one side removed is gone, what one side added is there.
  private mutating func mergeSources() {
    let old = Set((base?.sources ?? []).map(ExactText.init))
    let (mine, other) = (Set(ours.sources.map(ExactText.init)), Set(theirs.sources.map(ExactText.init)))
    var merged = ours.sources.filter { other.contains(ExactText($0)) || !old.contains(ExactText($0)) }
    merged += theirs.sources.filter { !mine.contains(ExactText($0)) && !old.contains(ExactText($0)) }
    settings.sources = merged
  }

  private mutating func mergeFields() {
    let old = base?.header.fields ?? Attributes()
    for name in MergeNames.attributes(old, ours.header.fields, theirs.header.fields) {
      settings.header.fields[name.text] = pick(
        "field \"\(name.text)\"", old[name.text], ours.header.fields[name.text], theirs.header.fields[name.text]
      ) { $0.map(MergeNames.text) }
    }
  }

  private mutating func mergeLabels() {
    let old = base?.labels ?? []
    let (toOurs, toTheirs) = (SettingsMerge.partners(old, ours.labels), SettingsMerge.partners(old, theirs.labels))
    var fromOurs: [Int: Int] = [:]
    var fromTheirs: [Int: Int] = [:]
    for (index, partner) in toOurs { fromOurs[partner] = index }
    for (index, partner) in toTheirs { fromTheirs[partner] = index }
    var merged: [Label] = []
    var placed: Set<ExactText> = []
    func place(_ label: Label) {
      if placed.insert(ExactText(label.name)).inserted { return merged.append(label) }
      // Annotations of both would be mixed up for good, so this is for people to decide.
      let about = "label \"\(label.name)\": one label has got this name here, another one there"
      conflicts.append(.init(about: about, label: label.name, theirs: label))
    }
    let leadIsOurs = !SettingsMerge.isInOrder(toOurs) || SettingsMerge.isInOrder(toTheirs)
    let (lead, rest) = leadIsOurs ? (ours.labels, theirs.labels) : (theirs.labels, ours.labels)
    let (fromLead, fromRest) = leadIsOurs ? (fromOurs, fromTheirs) : (fromTheirs, fromOurs)
    var added: [ExactText: Int] = [:]
    for (position, label) in rest.enumerated() where fromRest[position] == nil { added[ExactText(label.name)] = position }
    for (position, label) in lead.enumerated() {
      let index = fromLead[position]
      let partner: Int? =
        if let index { leadIsOurs ? toTheirs[index] : toOurs[index] } else { added.removeValue(forKey: ExactText(label.name)) }
      let other = partner.map { rest[$0] }
      if let result = leadIsOurs ? merge(index.map { old[$0] }, label, other) : merge(index.map { old[$0] }, other, label) {
        place(result)
      }
    }
    for position in added.values.sorted() { place(rest[position]) }
    // What only the other side has left of the old ones was removed by the leading one.
    for (index, label) in old.enumerated() where (leadIsOurs ? toOurs[index] : toTheirs[index]) == nil {
      let partner = leadIsOurs ? toTheirs[index].map { theirs.labels[$0] } : toOurs[index].map { ours.labels[$0] }
      if let partner, let result = leadIsOurs ? merge(label, nil, partner) : merge(label, partner, nil) { place(result) }
    }
    settings.labels = merged
  }

  private static func isInOrder(_ partners: [Int: Int]) -> Bool {
    let positions = partners.sorted { $0.key < $1.key }.map(\.value)
    return zip(positions, positions.dropFirst()).allSatisfy { $0 < $1 }
  }

  /// Of each label of an old list the one it has become.
  ///
  /// A label that has a new name and had the old one was renamed, even if another label has taken the old name since. Then names count, and last
  /// former names, such as those of labels that were joined.
  private static func partners(_ old: [Label], _ new: [Label]) -> [Int: Int] {
    let oldNames = Set(old.map { ExactText($0.name) })
    var byName: [ExactText: Int] = [:]
    var byFormerName: [ExactText: Int] = [:]
    var renamed: [ExactText: Int] = [:]
    for (index, label) in new.enumerated() {
      byName[ExactText(label.name)] = index
      for name in label.formerNames.map(ExactText.init) {
        byFormerName[name] = byFormerName[name] ?? index
        if !oldNames.contains(ExactText(label.name)) { renamed[name] = renamed[name] ?? index }
      }
    }
    var partners: [Int: Int] = [:]
    var taken: Set<Int> = []
    for names in [renamed, byName, byFormerName] {
      for (index, label) in old.enumerated() where partners[index] == nil {
        if let partner = names[ExactText(label.name)], taken.insert(partner).inserted { partners[index] = partner }
      }
    }
    return partners
  }

  /// One label of three; nil when it is gone.
  private mutating func merge(_ old: Label?, _ mine: Label?, _ other: Label?) -> Label? {
    guard let mine else {
      guard let old, let other else { return other }
      if other == old { return nil }
      conflicts.append(.init(about: "label \"\(old.name)\": removed here, changed there"))
      return other
    }
    guard let other else {
      guard let old else { return mine }
      if mine == old { return nil }
      conflicts.append(.init(about: "label \"\(old.name)\": changed here, removed there"))
      return mine
    }
    if mine == other { return mine }
    let hasOld = old != nil
    // Former names are merged by themselves.
    var (before, here, there) = (old ?? Label(name: mine.name), mine, other)
    (before.formerNames, here.formerNames, there.formerNames) = ([], [], [])
    var label = here
    var differing: [String] = []
    func take<Value: Equatable>(_ answer: String, _ path: WritableKeyPath<Label, Value>, isEmpty: (Value) -> Bool) {
      let (a, b, c) = (before[keyPath: path], here[keyPath: path], there[keyPath: path])
      if b == c { return }
      if hasOld ? a == b : isEmpty(b) {
        label[keyPath: path] = c
      } else if !(hasOld ? a == c : isEmpty(c)) {
        differing.append(answer)
      }
    }
    take("the name", \.name) { _ in false }
    take("the id", \.id) { $0 == nil }
    take("the parent", \.parent) { $0 == nil }
    take("the colour", \.style.color) { $0 == nil }
    take("the shortcut", \.style.shortcut) { $0 == nil }
    take("the shape", \.style.defaultShape) { $0 == nil }
    take("the attributes", \.attributes) { $0.isEmpty }
    take("the relation", \.relation) { $0 == nil }
    take("the keypoints", \.keypointNames) { $0 == nil }
    take("the skeleton", \.skeleton) { $0 == nil }
    take("the fields kept for other formats", \.preserved) { $0.isEmpty }
    label.formerNames = SettingsMerge.formerNames(of: label, mine, other)
    if !differing.isEmpty {
      let answers = differing.joined(separator: ", ")
      conflicts.append(.init(about: "label \"\(mine.name)\": \(answers) differ", label: label.name, theirs: other))
    }
    return label
  }

  /// The former names of a merged label: all names it had on either side.
  private static func formerNames(of label: Label, _ mine: Label, _ other: Label) -> [String] {
    var seen: Set<ExactText> = [ExactText(label.name)]
    return [mine, other].flatMap { $0.formerNames + [$0.name] }.filter { seen.insert(ExactText($0)).inserted }
  }
}
