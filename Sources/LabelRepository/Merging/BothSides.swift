/// Something that each side of a merge has its own of.
struct BothSides<Value> {
  var ours: Value
  var theirs: Value

  /// The same for both.
  init(_ value: Value) { (ours, theirs) = (value, value) }

  init(ours: Value, theirs: Value) { (self.ours, self.theirs) = (ours, theirs) }

  /// What a side has.
  subscript(side: MergeSide) -> Value {
    get { side == .ours ? ours : theirs }
    set { if side == .ours { ours = newValue } else { theirs = newValue } }
  }
}

/// A side of a merge.
enum MergeSide: CaseIterable {
  /// The branch that is merged into.
  case ours
  /// The branch that is merged.
  case theirs

  /// The other one.
  var other: MergeSide { self == .ours ? .theirs : .ours }
  /// Where it is, as seen from ours.
  var place: String { self == .ours ? "here" : "there" }
}
