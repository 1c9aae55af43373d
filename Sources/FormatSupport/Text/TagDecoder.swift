import WaybillBytes

/// Reads the entities of one sentence from its tags, token by token, in any scheme.
///
/// What a tag means does not depend on the scheme: an entity begins where a letter says so, where the label changes, and where a token in the
/// middle follows none. The scheme decides what is regular: tags that ``TagRows`` would print just so from the entities.
public struct TagDecoder {
  /// One entity: a range of tokens, and its label where the tags have it, whose memory is the caller's.
  public struct Entity {
    /// The first token.
    public var start: Int
    /// The token after the last.
    public var end: Int
    /// The label; empty when the tags are letters alone.
    public var label: UnsafeBufferPointer<UInt8>
  }

  /// The scheme that regular tags follow.
  public var scheme: TagScheme
  /// The entities that have ended, in the order of the tokens.
  public private(set) var entities: [Entity] = []
  /// The tokens whose tags do not follow the scheme.
  public private(set) var faults: [Int] = []
  /// The first token of the entity that has not ended, or -1.
  @usableFromInline var open = -1
  private var openLabel = UnsafeBufferPointer<UInt8>(start: nil, count: 0)

  /// A decoder for a scheme.
  public init(_ scheme: TagScheme) { self.scheme = scheme }

  /// Whether the tags are just those that the scheme gives to the entities.
  public var isRegular: Bool { faults.isEmpty }

  /// Begins a new sentence.
  public mutating func removeAll() {
    entities.removeAll(keepingCapacity: true)
    faults.removeAll(keepingCapacity: true)
    open = -1
  }

  /// Takes the tag of a token; false when it is no tag.
  @inlinable @inline(__always) public mutating func take(_ text: UnsafeBufferPointer<UInt8>, at token: Int) -> Bool {
    if text.count == 1, text[0] == UInt8(ascii: "O") {
      if open >= 0 { close(at: token) }
      return true
    }
    return takeEntity(text, at: token)
  }

  @usableFromInline mutating func takeEntity(_ text: UnsafeBufferPointer<UInt8>, at token: Int) -> Bool {
    guard let tag = TagText(text), let role = TagRole(tag.letter) else { return false }
    switch role {
    case .begin:
      if open >= 0 { close(at: token) }
      // Where an entity of the same label ends at this token, every scheme has the letter.
      if scheme == .iob1, !follows(tag.label, token) { faults.append(token) }
      begin(tag.label, token)
    case .inside:
      if tag.letter != scheme.insideLetter { faults.append(token) }
      if open >= 0, openLabel.holdsSameBytes(as: tag.label) { return true }
      if open >= 0 { close(at: token) }
      if scheme != .iob1 || follows(tag.label, token) { faults.append(token) }
      begin(tag.label, token)
    case .end:
      if tag.letter != scheme.endLetter || !scheme.marksEnds { faults.append(token) }
      if open >= 0, openLabel.holdsSameBytes(as: tag.label) {
        entities.append(Entity(start: open, end: token + 1, label: openLabel))
        open = -1
        return true
      }
      if open >= 0 { close(at: token) }
      faults.append(token)
      entities.append(Entity(start: token, end: token + 1, label: tag.label))
    case .single:
      if open >= 0 { close(at: token) }
      if tag.letter != scheme.singleLetter || !scheme.marksEnds { faults.append(token) }
      entities.append(Entity(start: token, end: token + 1, label: tag.label))
    }
    return true
  }

  /// Ends the sentence, which has so many tokens.
  public mutating func finish(count: Int) {
    if open >= 0 { close(at: count) }
  }

  private func follows(_ label: UnsafeBufferPointer<UInt8>, _ token: Int) -> Bool {
    guard let last = entities.last else { return false }
    return last.end == token && last.label.holdsSameBytes(as: label)
  }

  private mutating func begin(_ label: UnsafeBufferPointer<UInt8>, _ token: Int) {
    open = token
    openLabel = label
  }

  @usableFromInline mutating func close(at token: Int) {
    // The last token was to say that it is the last.
    if scheme.marksEnds { faults.append(token - 1) }
    entities.append(Entity(start: open, end: token, label: openLabel))
    open = -1
  }
}
