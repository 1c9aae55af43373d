import WaybillBytes
import WaybillComparison
import WaybillDatasetModel

/// Merges the changes two sides made to one sample, annotation by annotation.
///
/// Which annotations are the same thing is found as by `waybill diff`: by id, else by place and label, else by what overlaps most. What only one side
/// changed is taken from it; what both changed in the same way is taken once. Annotations that both sides added are one when they have one id or,
/// where an id is missing, the same label at the same place.
struct SampleMerge {
  /// The sample as each side would have it: equal, unless something is in conflict.
  struct Result {
    var ours: Sample
    var theirs: Sample
    var conflicts = MergeConflicts()
  }

  private let names: MergeNames
  private let comparison: SampleComparison

  /// Merges samples whose labels are in one table.
  init(labels: LabelTable) {
    names = MergeNames(labels)
    comparison = SampleComparison(rules: .everything, old: labels, new: labels)
  }

  /// Merges; base is nil when both sides added the sample.
  func merge(_ base: Sample?, _ ours: Sample, _ theirs: Sample) -> Result {
    var fields = SampleFieldMerge(base, ours, theirs)
    fields.run()
    var result = Result(ours: fields.ours, theirs: fields.theirs, conflicts: fields.conflicts)
    var items = MergedItems(
      base: base?.annotations ?? [], ours: ours.annotations, theirs: theirs.annotations,
      toOurs: base.map { comparison.matching($0, ours) }, toTheirs: base.map { comparison.matching($0, theirs) }, names: names)
    items.run()
    for reason in items.conflicts.about { result.conflicts.note("", reason) }
    result.ours.annotations = items.annotations(of: .ours)
    result.theirs.annotations = items.annotations(of: .theirs)
    return result
  }
}

/// Merges what is said of a sample itself, answer by answer.
private struct SampleFieldMerge {
  private let base: Sample?
  private let before: Sample
  private let a: Sample
  private let b: Sample
  /// The sample as each side would have it.
  private(set) var ours: Sample
  private(set) var theirs: Sample
  private(set) var conflicts = MergeConflicts()

  init(_ base: Sample?, _ ours: Sample, _ theirs: Sample) {
    self.base = base
    before = base ?? Sample(key: ours.key, media: Media(.file))
    (a, b) = (ours, theirs)
    self.ours = ours
    self.theirs = ours
  }

  private mutating func take<Value>(
    _ answer: String, _ read: (Sample) -> Value, _ same: (Value, Value) -> Bool, _ show: (Value) -> String?,
    _ write: (inout Sample, Value) -> Void
  ) {
    let (old, mine, other) = (read(before), read(a), read(b))
    if same(mine, other) { return }
    let isOnlyTheirs = base == nil ? show(mine) == nil : same(old, mine)
    let isOnlyOurs = base == nil ? show(other) == nil : same(old, other)
    if isOnlyTheirs {
      write(&ours, other)
      write(&theirs, other)
    } else if !isOnlyOurs {
      conflicts.note("", answer, base: base == nil ? nil : show(old), ours: show(mine), theirs: show(other))
      write(&theirs, other)
    }
  }

  mutating func run() {
    func text(_ value: String?) -> ExactText? { value.map(ExactText.init) }
    func shown(_ value: ExactText?) -> String? { value.map { "\"\($0.text)\"" } }
    func number(_ value: Int?) -> String? { value.map(String.init) }
    take("id", { $0.id }, ==, { $0?.description }) { $0.id = $1 }
    take("kind of media", { $0.media.kind }, ==, { $0.rawValue }) { $0.media.kind = $1 }
    take("place of the media", { text($0.media.location) }, ==, shown) { $0.media.location = $1?.text }
    take("text of the media", { text($0.media.text) }, ==, shown) { $0.media.text = $1?.text }
    take("width", { $0.media.width }, ==, number) { $0.media.width = $1 }
    take("height", { $0.media.height }, ==, number) { $0.media.height = $1 }
    take("channels", { $0.media.channels }, ==, number) { $0.media.channels = $1 }
    take("duration", { $0.media.duration?.text }, ==, { $0 }) { [a, b] sample, value in
      sample.media.duration = a.media.duration?.text == value ? a.media.duration : b.media.duration
    }
    take("frame", { $0.media.frame }, ==, { $0.map { "number \($0.number.map(String.init) ?? "none")" } }) { $0.media.frame = $1 }
    take("split", { text($0.split) }, ==, shown) { $0.split = $1?.text }
    take("hard", { $0.hard }, ==, MergeNames.text) { $0.hard = $1 }
    take("tokens", { $0.tokens }, ==, { $0.map { "\($0.count) tokens" } }) { $0.tokens = $1 }
    for name in MergeNames.attributes(before.attributes, a.attributes, b.attributes) {
      take("attribute \"\(name.text)\"", { $0.attributes[name.text] }, MergeNames.same, { $0.map(MergeNames.text) }) {
        $0.attributes[name.text] = $1
      }
    }
    take("preserved fields", { $0.preserved }, ==, { $0.isEmpty ? nil : "other" }) { $0.preserved = $1 }
  }
}
