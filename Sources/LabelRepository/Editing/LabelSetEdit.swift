import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillNative

/// Changes of the label set, and of the annotations that go with them.
extension LabelEdit {
  /// The place of a label in the set.
  ///
  /// - Throws: An error of the code `usage` when the set does not have it.
  public func index(of name: String) throws(DatasetError) -> Int {
    if let index = settings.labels.firstIndex(where: { ExactText($0.name) == ExactText(name) }) { return index }
    let hint = nearest(to: name, among: settings.labels.map(\.name)).map { "; did you mean \"\(terminalSafe($0))\"?" } ?? ""
    throw DatasetError(.usage, "There is no label \"\(terminalSafe(name))\" in the set\(hint)")
  }

  /// Adds labels to the end of the set.
  public func add(_ labels: [Label]) throws(DatasetError) {
    var set = settings.labels
    for label in labels {
      try checkIsFree(label.name)
      // Whoever has the name now has it: it is no former name of another one any more.
      for index in set.indices {
        let names = set[index].formerNames
        let rest = names.filter { ExactText($0) != ExactText(label.name) }
        if rest.count != names.count { set[index].formerNames = rest }
      }
      set.append(label)
    }
    settings.labels = set
  }

  /// Gives a label another name, in the set and in all annotations; the set keeps the old name, so that annotations which come from other branches
  /// are still understood.
  public func rename(_ old: String, to new: String) throws(RepositoryFailure) {
    let index = try RepositoryFailure.wrap { () throws(DatasetError) in try self.index(of: old) }
    var set = settings.labels
    if set.contains(where: { ExactText($0.name) == ExactText(new) }) {
      throw RepositoryFailure(
        DatasetError(.usage, "There is a label \"\(terminalSafe(new))\" already; waybill labels merge joins two"))
    }
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in try checkIsFree(new, except: [index]) }
    var names = set[index].formerNames.filter { ExactText($0) != ExactText(new) }
    names.append(old)
    set[index].name = new
    set[index].formerNames = names
    LabelEdit.renameEnds(of: &set, [ExactText(old): new])
    settings.labels = set
    // Annotations are read by the new set, which knows the old name, and written with the new one.
    try change(.all) { sample in
      sample.annotations.contains { $0.label?.index == UInt32(index) } ? .changed : .kept
    }
  }

  /// Joins two labels under a name, which may be that of either; annotations that then say the same are one.
  public func merge(_ first: String, _ second: String, into new: String) throws(RepositoryFailure) {
    let (a, b) = try RepositoryFailure.wrap { () throws(DatasetError) in (try index(of: first), try index(of: second)) }
    var set = settings.labels
    guard a != b else { throw RepositoryFailure(DatasetError(.usage, "Two labels are joined, and these are one")) }
    if let other = set.firstIndex(where: { ExactText($0.name) == ExactText(new) }), other != a, other != b {
      throw RepositoryFailure(DatasetError(.usage, "There is a third label \"\(terminalSafe(new))\" already"))
    }
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in try checkIsFree(new, except: [a, b]) }
    let kept = min(a, b)
    var names: [String] = []
    for index in [a, b] {
      for name in set[index].formerNames + [set[index].name]
      where ExactText(name) != ExactText(new) && !names.contains(where: { ExactText($0) == ExactText(name) }) {
        names.append(name)
      }
    }
    let other = set[max(a, b)]
    for answer in set[kept].fill(from: other) {
      context.report(
        .warning, "repository.label.merge",
        "\(answer) of \"\(terminalSafe(other.name))\" gives way to that of \"\(terminalSafe(set[kept].name))\"", at: nil)
    }
    set[kept].name = new
    set[kept].formerNames = names
    set.remove(at: max(a, b))
    LabelEdit.renameEnds(of: &set, [ExactText(first): new, ExactText(second): new])
    settings.labels = set
    let label = UInt32(kept)
    try change(.all) { sample in
      guard sample.annotations.contains(where: { $0.label?.index == label }) else { return .kept }
      var kept: Set<AnnotationPlace> = []
      sample.removeAnnotations { annotation in
        // What links to an annotation by its id must find it.
        guard annotation.label?.index == label, annotation.id == nil, annotation.partOf == nil else { return false }
        return !kept.insert(AnnotationPlace(annotation)).inserted
      }
      return .changed
    }
  }

  /// Refuses a name by which annotations still know a label that is called otherwise now: they would become those of another label.
  private func checkIsFree(_ name: String, except own: [Int] = []) throws(DatasetError) {
    let wanted = ExactText(name)
    let owner = settings.labels.enumerated().first { index, label in
      !own.contains(index) && label.formerNames.contains { ExactText($0) == wanted }
    }
    guard let owner else { return }
    // A table that knows no label leaves every name as it stands. What is wrong with lines is for others to report.
    let aside = ReadContext(sources: SourceMap())
    let table = LabelTable()
    let records = NativeRecords(labels: table, context: aside)
    let layout = ShardLayout(count: repository.settings.shardCount)
    for number in 0..<layout.count {
      let shard = try ShardFile(path: repository.path(layout.path(of: number)), aside)
      for line in shard.lines {
        let bytes = shard.bytes(of: line)
        guard let conflict = ConflictLine(bytes) else {
          _ = records.sample(shard.bytes, line.range, of: shard.file)
          continue
        }
        for side in [conflict.ours, conflict.theirs] {
          if let side { _ = records.sample(side, 0..<side.count, of: shard.file) }
        }
      }
    }
    guard table.id(named: name) != nil else { return }
    throw DatasetError(
      .usage,
      "Annotations are still labeled \"\(terminalSafe(name))\", which is \"\(terminalSafe(owner.element.name))\" now; waybill fix writes that first"
    )
  }

  static func renameEnds(of set: inout [Label], _ names: [ExactText: String]) {
    for index in set.indices {
      guard let relation = set[index].relation else { continue }
      set[index].relation = .init(
        source: names[ExactText(relation.source)] ?? relation.source, target: names[ExactText(relation.target)] ?? relation.target)
    }
  }

  /// What goes with a label that is deleted.
  public enum DeletionExtent: Sendable {
    /// Its annotations.
    case annotations
    /// Its annotations, and samples that then have none.
    case samples
  }

  /// Takes a label out of the set, with its annotations.
  public func delete(_ name: String, _ extent: DeletionExtent) throws(RepositoryFailure) {
    let index = try RepositoryFailure.wrap { () throws(DatasetError) in try self.index(of: name) }
    var set = settings.labels
    if let user = set.first(where: { label in
      label.relation.map { [$0.source, $0.target].contains { ExactText($0) == ExactText(name) } } ?? false
    }) {
      throw RepositoryFailure(
        DatasetError(
          .usage, "The relation \"\(terminalSafe(user.name))\" joins annotations of \"\(terminalSafe(name))\"; delete it first"))
    }
    // The names are told apart by the table, so samples are read with the label and written without.
    set.remove(at: index)
    settings.labels = set + [settings.labels[index]]
    let last = LabelID(index: UInt32(set.count))
    try change(.all) { sample in
      let before = sample.annotations.count
      sample.removeAnnotations { $0.label == last }
      if sample.annotations.count == before { return .kept }
      return extent == .samples && sample.annotations.isEmpty ? .removed : .changed
    }
    settings.labels = set
  }
}

extension Label {
  /// Takes what another label says and this one does not; gives the answers in which the two differ.
  fileprivate mutating func fill(from other: Label) -> [String] {
    var lost: [String] = []
    func take<Value: Equatable>(_ name: String, _ path: WritableKeyPath<Label, Value?>) {
      guard let value = other[keyPath: path], value != self[keyPath: path] else { return }
      if self[keyPath: path] == nil { self[keyPath: path] = value } else { lost.append(name) }
    }
    take("The colour", \.style.color)
    take("The shortcut", \.style.shortcut)
    take("The shape", \.style.defaultShape)
    take("The parent", \.parent)
    take("The id", \.id)
    take("The relation", \.relation)
    take("The keypoints", \.keypointNames)
    take("The skeleton", \.skeleton)
    for attribute in other.attributes {
      guard let place = attributes.firstIndex(where: { ExactText($0.name) == ExactText(attribute.name) }) else {
        attributes.append(attribute)
        continue
      }
      // Of two lists to choose from, both can be chosen from.
      attributes[place].values += attribute.values.filter { !attributes[place].values.contains($0) }
      if attributes[place].type != attribute.type || attributes[place].defaultValue != attribute.defaultValue {
        lost.append("The attribute \"\(terminalSafe(attribute.name))\"")
      }
    }
    return lost
  }
}
