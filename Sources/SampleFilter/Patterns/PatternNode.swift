/// A pattern as a tree: what regular expressions and key patterns are read into.
indirect enum PatternNode: Sendable {
  /// One scalar of a set.
  case one(ScalarSet)
  /// One after another; nothing at all where there is none.
  case sequence([PatternNode])
  /// Any one of them.
  case alternatives([PatternNode])
  /// Some times over; without a greatest number where there is no bound. The position is that of the quantifier.
  case repeated(PatternNode, least: Int, most: Int?, position: Int)
  /// The beginning of the text.
  case start
  /// The end of the text.
  case end
}
