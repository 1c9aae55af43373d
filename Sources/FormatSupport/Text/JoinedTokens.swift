import WaybillBytes
import WaybillDatasetModel

/// Whether a text is some tokens with one space between two, as files of one token a line imply.
public enum JoinedTokens {
  /// Whether tokens make a text.
  public static func make(_ text: UnsafeBufferPointer<UInt8>, _ tokens: borrowing Tokens) -> Bool {
    let count = tokens.count
    return tokens.withCells { memory, cells in
      var at = 0
      for row in 0..<count {
        let range = tokens.cellRange(ofRow: row)
        let cell = range.isEmpty ? Tokens.Extent(start: 0, end: 0) : cells[range.lowerBound]
        if row > 0 {
          guard at < text.count, text[at] == 0x20 else { return false }
          at &+= 1
        }
        guard stands(Int(cell.start)..<Int(cell.end), of: memory, at: at, in: text) else { return false }
        at &+= Int(cell.end) &- Int(cell.start)
      }
      return at == text.count
    }
  }

  /// Whether bytes of some memory stand at a place of a text; nearly all words are eight or fewer, which are compared at once.
  @inline(__always) static func stands(
    _ word: Range<Int>, of memory: UnsafeBufferPointer<UInt8>, at place: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let count = word.count
    guard text.count &- place >= count else { return false }
    if count > 0, count <= 8, memory.count &- word.lowerBound >= 8, text.count &- place >= 8, let a = memory.baseAddress,
      let b = text.baseAddress
    {
      let first = UnsafeRawPointer(a + word.lowerBound).loadUnaligned(as: UInt64.self)
      let second = UnsafeRawPointer(b + place).loadUnaligned(as: UInt64.self)
      return (first ^ second) &<< UInt64(64 &- count &* 8) == 0
    }
    return UnsafeBufferPointer(rebasing: text[place..<place &+ count])
      .holdsSameBytes(as: UnsafeBufferPointer(rebasing: memory[word]))
  }
}
