import WaybillDatasetModel

/// Why two sides of a merge do not go together, in words.
///
/// Words name the annotation and the answer: `annotation 7: label: car -> truck here, car -> bus there`.
struct MergeConflicts {
  /// The reasons found so far.
  private(set) var about: [String] = []

  var isEmpty: Bool { about.isEmpty }

  mutating func note(_ subject: String, _ what: String) { about.append(subject.isEmpty ? what : "\(subject): \(what)") }

  /// Both sides gave one answer anew, and differently.
  mutating func note(_ subject: String, _ answer: String, base: String?, ours: String?, theirs: String?) {
    func words(_ value: String?) -> String { value ?? "nothing" }
    note(subject, "\(answer): \(words(base)) -> \(words(ours)) here, \(words(theirs)) there")
  }
}
