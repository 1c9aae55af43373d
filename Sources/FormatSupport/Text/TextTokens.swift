import WaybillDatasetModel

/// Finds the tokens of a text that has none.
///
/// A token is a run of letters, digits and marks, or one other character that is not white space. A letter of a script that is written
/// without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese, Tibetan) is a token of its own, with the marks on it. A token is split
/// where a border lies in it, so that spans of characters are spans of tokens.
public enum TextTokens {
  /// Appends the places of the tokens of a text, counted in bytes.
  ///
  /// - Parameter borders: Where spans begin and end, in bytes, in ascending order; those outside of the text are passed over.
  public static func append(
    _ text: UnsafeBufferPointer<UInt8>, borders: [Int], to places: inout [Tokens.Extent]
  ) {
    var next = 0
    var start = -1
    /// Whether letters that follow belong to the token.
    var takesLetters = false
    var at = 0
    func end(_ end: Int) {
      if start >= 0 { places.append(Tokens.Extent(start: UInt32(truncatingIfNeeded: start), end: UInt32(truncatingIfNeeded: end))) }
      start = -1
    }
    while at < text.count {
      while next < borders.count, borders[next] < at { next += 1 }
      if next < borders.count, borders[next] == at { end(at) }
      let (scalar, length) = TextScalars.scalar(in: text, at: at)
      switch TextScalars.kind(scalar) {
      case .space: end(at)
      case .letter:
        if start < 0 || !takesLetters {
          end(at)
          start = at
        }
        takesLetters = true
      case .mark: if start < 0 { start = at }
      case .single:
        end(at)
        start = at
        takesLetters = false
      case .other:
        end(at)
        start = at
        at += length
        end(at)
        continue
      }
      at += length
    }
    end(text.count)
  }

  /// Whether a text has no token.
  public static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { TextScalars.isSpace($0.value) } }
}

/// Scalars of UTF-8, and what they are to a tokeniser.
enum TextScalars {
  /// What a scalar is.
  enum Kind {
    case space, letter, mark, single, other
  }

  /// The scalar at an offset and its length in bytes; of bytes that are no UTF-8, one stands for U+FFFD.
  @inline(__always) static func scalar(in text: UnsafeBufferPointer<UInt8>, at offset: Int) -> (UInt32, Int) {
    let first = UInt32(text[offset])
    if first < 0x80 { return (first, 1) }
    let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
    guard first >= 0xC2, first < 0xF5, offset + length <= text.count else { return (0xFFFD, 1) }
    var value = first & (length == 2 ? 0x1F : length == 3 ? 0x0F : 0x07)
    for at in 1..<length {
      let byte = UInt32(text[offset + at])
      guard byte & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      value = value << 6 | (byte & 0x3F)
    }
    return (value, length)
  }

  /// What a scalar is.
  static func kind(_ value: UInt32) -> Kind {
    if value < 0x80 {
      let byte = UInt8(truncatingIfNeeded: value)
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: return .letter
      case 0x09...0x0D, 0x20: return .space
      default: return .other
      }
    }
    guard let scalar = Unicode.Scalar(value) else { return .other }
    let properties = scalar.properties
    if isSpace(value) { return .space }
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter:
      return isWrittenWithoutSpaces(value) ? .single : .letter
    case .decimalNumber, .letterNumber, .otherNumber: return .letter
    default: return .other
    }
  }

  /// Whether a scalar is white space, also such as no line may be broken at.
  static func isSpace(_ value: UInt32) -> Bool {
    switch value {
    case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000: true
    default: false
    }
  }

  private static func isWrittenWithoutSpaces(_ value: UInt32) -> Bool {
    switch value {
    case 0x0E00...0x0EFF, 0x0F00...0x0FFF, 0x1000...0x109F, 0x1780...0x17FF, 0x19E0...0x19FF, 0xA9E0...0xA9FF, 0xAA60...0xAA7F,
      0x2E80...0x312F, 0x31A0...0x31BF, 0x31F0...0x31FF, 0x3400...0x4DBF, 0x4E00...0x9FFF, 0xF900...0xFAFF, 0xFF66...0xFF9D,
      0x1B000...0x1B16F, 0x20000...0x3FFFF:
      true
    default: false
    }
  }
}
