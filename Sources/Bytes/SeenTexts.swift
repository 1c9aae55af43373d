/// Texts that have been seen, told apart by their bytes; nothing is hashed while there are few.
public struct SeenTexts {
  private var few: [String] = []
  private var many: Set<ExactText> = []

  /// None seen.
  public init() {}

  /// Notes a text; false when it was noted before.
  public mutating func insert(_ text: String) -> Bool {
    guard many.isEmpty else { return many.insert(ExactText(text)).inserted }
    let exact = ExactText(text)
    for known in few where ExactText(known) == exact { return false }
    few.append(text)
    if few.count == ByteKeys.hashedFrom {
      many = Set(few.map(ExactText.init))
      few = []
    }
    return true
  }
}
