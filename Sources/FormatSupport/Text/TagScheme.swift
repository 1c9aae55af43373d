/// How tags say where entities begin and end: a letter before the label of each token that belongs to one.
public enum TagScheme: String, Sendable, CaseIterable {
  /// `I-` for every token; `B-` only where an entity follows another of the same label at once.
  case iob1
  /// `B-` for the first token, `I-` for the others; also called BIO.
  case iob2
  /// `B-`, `I-`, `E-` for the last token, `S-` for a single one; also called BIOES.
  case iobes
  /// `B-`, `I-`, `L-` for the last token, `U-` for a single one; also called BILUO.
  case bilou
  /// `B-`, `M-` in the middle, `E-`, `S-`.
  case bmes

  /// The letter of tokens in the middle of an entity.
  @inlinable public var insideLetter: UInt8 { self == .bmes ? UInt8(ascii: "M") : UInt8(ascii: "I") }

  /// The letter of the last of several tokens.
  @inlinable public var endLetter: UInt8 {
    switch self {
    case .iob1, .iob2: UInt8(ascii: "I")
    case .iobes, .bmes: UInt8(ascii: "E")
    case .bilou: UInt8(ascii: "L")
    }
  }

  /// The letter of an entity of one token.
  @inlinable public var singleLetter: UInt8 {
    switch self {
    case .iob1: UInt8(ascii: "I")
    case .iob2: UInt8(ascii: "B")
    case .iobes, .bmes: UInt8(ascii: "S")
    case .bilou: UInt8(ascii: "U")
    }
  }

  /// Whether the last token of an entity is marked.
  @inlinable public var marksEnds: Bool { self != .iob1 && self != .iob2 }
}

/// What the letter of a tag says, in any scheme.
@usableFromInline enum TagRole {
  case begin, inside, end, single

  /// The role of a letter; nil for one that no scheme has.
  @inlinable init?(_ letter: UInt8) {
    switch letter {
    case UInt8(ascii: "B"): self = .begin
    case UInt8(ascii: "I"), UInt8(ascii: "M"): self = .inside
    case UInt8(ascii: "E"), UInt8(ascii: "L"): self = .end
    case UInt8(ascii: "S"), UInt8(ascii: "U"): self = .single
    default: return nil
    }
  }
}

/// The parts of one tag: `O`, or a letter alone, or a letter, a hyphen and a label that may have hyphens itself.
public struct TagText {
  /// The letter; `O` outside of entities.
  public let letter: UInt8
  /// The label; empty when there is none.
  public let label: UnsafeBufferPointer<UInt8>

  /// The parts of a text; nil when it is no tag.
  @inlinable @inline(__always) public init?(_ text: UnsafeBufferPointer<UInt8>) {
    guard let base = text.baseAddress, text.count > 0 else { return nil }
    letter = base[0]
    if text.count == 1 {
      guard letter == UInt8(ascii: "O") || TagRole(letter) != nil else { return nil }
      label = UnsafeBufferPointer(start: base, count: 0)
      return
    }
    guard text.count > 2, base[1] == UInt8(ascii: "-"), TagRole(letter) != nil else { return nil }
    label = UnsafeBufferPointer(start: base + 2, count: text.count &- 2)
  }

  /// Whether it is outside of entities.
  @inlinable public var isOutside: Bool { letter == UInt8(ascii: "O") }
}
