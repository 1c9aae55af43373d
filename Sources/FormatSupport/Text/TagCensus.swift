import WaybillBytes

/// Counts the letters of tags over a whole dataset, and so finds the scheme they follow.
public struct TagCensus {
  private var beginnings = 0
  private var inside = 0
  private var middles = 0
  private var insideBeginnings = 0
  private var ends = 0
  private var lasts = 0
  private var singles = 0
  private var units = 0
  /// How many texts were no tags.
  public private(set) var strangers = 0
  /// How many tags were taken, those outside of entities among them.
  public var count: Int { taken }
  @usableFromInline var taken = 0
  /// The label of the entity the last token belongs to; nil outside.
  @usableFromInline var last: UnsafeBufferPointer<UInt8>?

  /// Nothing counted.
  public init() {}

  /// How many tags belong to entities.
  public var entityTags: Int { beginnings + inside + middles + ends + lasts + singles + units }

  /// Takes the tag of the next token, whose memory stays until the sentence ends; gives the label where an entity may begin.
  @inlinable @inline(__always) @discardableResult
  public mutating func take(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    taken &+= 1
    if text.count == 1, text[0] == UInt8(ascii: "O") {
      last = nil
      return nil
    }
    return takeEntity(text)
  }

  @usableFromInline mutating func takeEntity(_ text: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8>? {
    guard let tag = TagText(text) else {
      strangers += 1
      last = nil
      return nil
    }
    let continues = last?.holdsSameBytes(as: tag.label) ?? false
    last = tag.label
    switch tag.letter {
    case UInt8(ascii: "B"):
      // Between two entities of one label, the letter is the same in all schemes.
      if !continues { beginnings += 1 }
    case UInt8(ascii: "I"):
      inside += 1
      if !continues { insideBeginnings += 1 }
    case UInt8(ascii: "M"): middles += 1
    case UInt8(ascii: "E"): ends += 1
    case UInt8(ascii: "L"): lasts += 1
    case UInt8(ascii: "S"): singles += 1
    default: units += 1
    }
    return continues ? nil : tag.label
  }

  /// Takes the tags of so many tokens outside of entities.
  public mutating func takeOutside(_ count: Int) {
    taken &+= count
    last = nil
  }

  /// Ends a sentence.
  @inlinable @inline(__always) public mutating func endSentence() { last = nil }

  /// Adds what another census has counted.
  public mutating func add(_ other: TagCensus) {
    beginnings += other.beginnings
    inside += other.inside
    middles += other.middles
    insideBeginnings += other.insideBeginnings
    ends += other.ends
    lasts += other.lasts
    singles += other.singles
    units += other.units
    strangers += other.strangers
    taken += other.taken
  }

  /// The scheme that most tags follow; nil when there is no entity.
  public var scheme: TagScheme? {
    guard entityTags > 0 else { return nil }
    if middles > inside { return .bmes }
    if lasts + units > ends + singles { return .bilou }
    if ends + singles > 0 { return .iobes }
    return insideBeginnings > beginnings ? .iob1 : .iob2
  }
}
