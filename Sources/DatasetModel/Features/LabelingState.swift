/// How far the labeling of a sample has come.
public enum LabelingState: String, CaseIterable, Sendable {
  /// There is no annotation.
  case unlabeled
  /// An annotation still waits for a person to confirm it.
  case unconfirmed
  /// All others.
  case labeled
}

extension Sample {
  /// How far its labeling has come.
  public var labelingState: LabelingState {
    if annotations.isEmpty { return .unlabeled }
    for index in annotations.indices where annotations[index].flags.unconfirmed == true { return .unconfirmed }
    return .labeled
  }
}
