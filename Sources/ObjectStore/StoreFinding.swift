/// One thing that was tried of a store.
public struct StoreFinding: Sendable, Equatable {
  /// What it is, in words.
  public var what: String
  /// What was seen.
  public var seen: String
  /// Whether it is as it must be.
  public var isGood: Bool

  /// Something that was seen.
  public init(what: String, seen: String, isGood: Bool) {
    self.what = what
    self.seen = seen
    self.isGood = isGood
  }
}
