import WaybillBytes
import WaybillDatasetModel

/// Whether a text is some tokens with one space between two, as files of one token a line imply.
public enum JoinedTokens {
  /// Whether tokens make a text.
  public static func make(_ text: UnsafeBufferPointer<UInt8>, _ tokens: borrowing Tokens) -> Bool {
    let count = tokens.count
    let width = tokens.isEven ? tokens.columns.count &+ 1 : 0
    return tokens.withCells { memory, cells in
      guard let first = text.baseAddress else {
        return count == 0 || (count == 1 && cells.first.map { $0.start == $0.end } ?? true)
      }
      var at = 0
      var next = 0
      for row in 0..<count {
        var cell = Tokens.Extent(start: 0, end: 0)
        if width > 0 {
          cell = cells[next]
          next &+= width
        } else {
          let range = tokens.cellRange(ofRow: row)
          if !range.isEmpty { cell = cells[range.lowerBound] }
        }
        if row > 0 {
          guard at < text.count, first[at] == 0x20 else { return false }
          at &+= 1
        }
        guard stands(cell, of: memory, at: at, in: text) else { return false }
        at &+= Int(cell.end &- cell.start)
      }
      return at == text.count
    }
  }

  /// Whether bytes of some memory stand at a place of a text; nearly all words are eight or fewer, which are compared at once.
  @inline(__always) static func stands(
    _ word: Tokens.Extent, of memory: UnsafeBufferPointer<UInt8>, at place: Int, in text: UnsafeBufferPointer<UInt8>
  ) -> Bool {
    let start = Int(word.start)
    let count = Int(word.end &- word.start)
    guard text.count &- place >= count else { return false }
    if count > 0, count <= 8, memory.count &- start >= 8, text.count &- place >= 8, let a = memory.baseAddress,
      let b = text.baseAddress
    {
      let first = UnsafeRawPointer(a + start).loadUnaligned(as: UInt64.self)
      let second = UnsafeRawPointer(b + place).loadUnaligned(as: UInt64.self)
      return (first ^ second) &<< UInt64(64 &- count &* 8) == 0
    }
    return UnsafeBufferPointer(rebasing: text[place..<place &+ count])
      .holdsSameBytes(as: UnsafeBufferPointer(rebasing: memory[start..<start &+ count]))
  }
}
