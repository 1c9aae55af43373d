import WaybillDatasetModel

/// Walks over a text from token to token: finds where each stands when there is nothing but white space between them.
public struct TextCursor {
  private let text: UnsafeBufferPointer<UInt8>
  /// The byte behind the token found last.
  public private(set) var offset = 0

  /// A walk over a text, which must outlive this.
  public init(_ text: UnsafeBufferPointer<UInt8>) { self.text = text }

  /// The bytes where a token stands, the first that are not passed yet; nil when it does not come next.
  public mutating func find(_ token: UnsafeBufferPointer<UInt8>) -> Range<Int>? {
    var at = offset
    while !stands(token, at) {
      guard let next = passSpace(at) else { return nil }
      at = next
    }
    offset = at + token.count
    return at..<offset
  }

  /// Whether only white space is left.
  public func isAtEnd() -> Bool {
    var at = offset
    while let next = passSpace(at) { at = next }
    return at == text.count
  }

  private func stands(_ token: UnsafeBufferPointer<UInt8>, _ at: Int) -> Bool {
    guard text.count - at >= token.count else { return false }
    for index in 0..<token.count where text[at + index] != token[index] { return false }
    return true
  }

  private func passSpace(_ at: Int) -> Int? {
    guard at < text.count else { return nil }
    let (scalar, length) = TextScalars.scalar(in: text, at: at)
    return TextScalars.isSpace(scalar) ? at + length : nil
  }
}

extension TextCursor {
  /// Where all tokens stand in a text, in scalars, one after the other with nothing but white space between; nil when they do not.
  public static func extents(of tokens: Tokens, in text: UnsafeBufferPointer<UInt8>) -> [Tokens.Extent]? {
    var cursor = TextCursor(text)
    // Each byte is counted once.
    var (at, scalars) = (0, 0)
    func scalar(ofByte byte: Int) -> UInt32 {
      while at < byte {
        if text[at] & 0xC0 != 0x80 { scalars &+= 1 }
        at &+= 1
      }
      return UInt32(truncatingIfNeeded: scalars)
    }
    return tokens.withCells { memory, cells -> [Tokens.Extent]? in
      var extents: [Tokens.Extent] = []
      extents.reserveCapacity(tokens.count)
      for row in 0..<tokens.count {
        let cell = cells[tokens.cellRange(ofRow: row).lowerBound]
        guard let found = cursor.find(UnsafeBufferPointer(rebasing: memory[Int(cell.start)..<Int(cell.end)])) else { return nil }
        extents.append(Tokens.Extent(start: scalar(ofByte: found.lowerBound), end: scalar(ofByte: found.upperBound)))
      }
      return cursor.isAtEnd() ? extents : nil
    }
  }
}
