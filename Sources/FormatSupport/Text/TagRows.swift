/// Says which tag each token of a sentence has, for entities that do not overlap; one per worker, reused.
public struct TagRows {
  /// For each token, the position of its entity counted from 1, or 0.
  @usableFromInline var rows: [UInt32] = []

  /// No tokens.
  public init() {}

  /// Begins a sentence of so many tokens.
  public mutating func reset(count: Int) {
    rows.removeAll(keepingCapacity: true)
    rows.append(contentsOf: repeatElement(0, count: count))
  }

  /// Whether no entity has any of some tokens yet.
  public func isFree(_ tokens: Range<Int>) -> Bool {
    guard tokens.lowerBound >= 0, tokens.upperBound <= rows.count else { return false }
    for token in tokens where rows[token] != 0 { return false }
    return true
  }

  /// Gives tokens to an entity; false, and nothing is changed, when one of them has another.
  public mutating func place(_ entity: Int, at tokens: Range<Int>) -> Bool {
    guard isFree(tokens) else { return false }
    for token in tokens { rows[token] = UInt32(truncatingIfNeeded: entity + 1) }
    return true
  }

  /// The entity of a token; nil outside.
  @inlinable @inline(__always) public func entity(at token: Int) -> Int? { rows[token] == 0 ? nil : Int(rows[token]) &- 1 }

  /// The letter of a token of an entity.
  ///
  /// - Parameter isSameLabel: Whether two entities have one label, asked only where one follows the other at once.
  @inlinable public func letter(at token: Int, in scheme: TagScheme, isSameLabel: (Int, Int) -> Bool) -> UInt8 {
    let entity = rows[token]
    let before = token == 0 ? 0 : rows[token - 1]
    let isFirst = before != entity
    if scheme == .iob1 {
      guard isFirst, before != 0, isSameLabel(Int(before) - 1, Int(entity) - 1) else { return scheme.insideLetter }
      return UInt8(ascii: "B")
    }
    let isLast = token + 1 == rows.count || rows[token + 1] != entity
    if isFirst { return isLast ? scheme.singleLetter : UInt8(ascii: "B") }
    return isLast ? scheme.endLetter : scheme.insideLetter
  }
}
