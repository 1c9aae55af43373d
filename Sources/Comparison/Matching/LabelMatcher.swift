import WaybillBytes
import WaybillDatasetModel

/// One worker's numbers for the labels of two datasets: labels of one name, the n-th of it on each side, have one number.
///
/// A label that was renamed keeps its number. Tables may still grow.
final class LabelMatcher {
  private struct Name: Hashable {
    var text: ExactText
    var number: Int
  }

  /// One side's labels as far as they have been seen.
  private struct Side {
    let table: LabelTable
    var names: [String] = []
    var numbers: [Int] = []
    var counts: [ExactText: Int] = [:]
  }

  private var old: Side
  private var new: Side
  private var known: [Name: Int] = [:]
  /// Old names by new ones.
  private let renamed: [ExactText: String]
  /// Whether labels of one name are told apart.
  private let countsNames: Bool

  /// Numbers for two tables; `renamed` gives the old name of labels that have a new one.
  ///
  /// Formats without a list of labels cannot tell labels of one name apart: with them, all of a name are one label.
  init(old: LabelTable, new: LabelTable, renamed: [ExactText: String] = [:], countsNames: Bool = true) {
    self.countsNames = countsNames
    self.old = Side(table: old)
    self.new = Side(table: new)
    self.renamed = renamed
  }

  /// What stands for no label.
  static let none = -1
  /// What stands for a label that is in no table.
  private static let unknown = -2

  /// The number of a label of the old dataset.
  func oldNumber(_ id: LabelID?) -> Int {
    guard let id else { return LabelMatcher.none }
    if Int(id.index) >= old.numbers.count { look(&old, renamed: [:]) }
    return Int(id.index) < old.numbers.count ? old.numbers[Int(id.index)] : LabelMatcher.unknown
  }

  /// The number of a label of the new dataset.
  func newNumber(_ id: LabelID?) -> Int {
    guard let id else { return LabelMatcher.none }
    if Int(id.index) >= new.numbers.count { look(&new, renamed: renamed) }
    return Int(id.index) < new.numbers.count ? new.numbers[Int(id.index)] : LabelMatcher.unknown
  }

  /// The name of a label of the old dataset.
  func oldName(_ id: LabelID?) -> String? {
    guard let id, oldNumber(id) >= 0 else { return nil }
    return old.names[Int(id.index)]
  }

  /// The name of a label of the new dataset.
  func newName(_ id: LabelID?) -> String? {
    guard let id, newNumber(id) >= 0 else { return nil }
    return new.names[Int(id.index)]
  }

  private func look(_ side: inout Side, renamed: [ExactText: String]) {
    let labels = side.table.labels
    for label in labels[min(side.numbers.count, labels.count)...] {
      let text = ExactText(label.name)
      let number = countsNames ? side.counts[text, default: 0] : 0
      side.counts[text] = number + 1
      let name = Name(text: renamed[text].map(ExactText.init) ?? text, number: number)
      let shared = known[name] ?? known.count
      known[name] = shared
      side.names.append(label.name)
      side.numbers.append(shared)
    }
  }
}
