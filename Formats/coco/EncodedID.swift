/// How a batch's record tells that an annotation has no number for an id.
enum EncodedID {
  /// It is to be given one.
  static let missing: Int64 = 1
  /// It has a text, or stays without.
  static let none: Int64 = 0
}
