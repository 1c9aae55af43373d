import TestSupport
import Testing
import WaybillBytes

@Suite struct ControlByteTests {
  /// From every place on and up to every limit, whatever lies around it.
  @Test func theFirstIsFound() {
    let seed = testSeed(37)
    var dice = SeededNumbers(seed)
    let alphabet: [UInt8] = [0x20, 0x0A, 0x0D, 0x09, 0x00, 0x1F, 0x21, 0x61, 0x7F, 0x80, 0xA0, 0xFF]
    for round in 0..<300 {
      let isDense = round % 3 == 0
      let bytes = (0..<dice.below(40)).map { _ in isDense || dice.below(9) == 0 ? alphabet[dice.below(alphabet.count)] : 0x62 }
      bytes.withUnsafeBufferPointer { memory in
        guard let base = memory.baseAddress else { return }
        for limit in 0...memory.count {
          for start in 0...limit {
            let expected = memory[start..<limit].firstIndex { $0 <= 0x20 } ?? limit
            #expect(
              ControlBytes.first(in: base, from: start, to: limit) == expected, "\(bytes) from \(start) to \(limit), seed \(seed)")
          }
        }
      }
    }
  }

  @Test func marksAreCounted() {
    for number in 0..<256 {
      // One bit of the number for each byte, and noise below the marks.
      var word: UInt64 = 0x7F00_3C7F_0155_2A7F
      for byte in 0..<8 where number & (1 << byte) != 0 { word |= UInt64(0x80) << UInt64(byte * 8) }
      #expect(ByteMarks.count(word) == number.nonzeroBitCount)
    }
  }

  @Test func copiesCount() {
    let bytes: [UInt8] = Array("a b\tc  defghijklmnop q\n".utf8)
    bytes.withUnsafeBufferPointer { memory in
      for end in 0...memory.count {
        for start in 0...end {
          var out = [UInt8](repeating: 0, count: memory.count + 8)
          let count = out.withUnsafeMutableBufferPointer {
            ControlBytes.copy(start..<end, of: memory, to: $0.baseAddress.unsafelyUnwrapped)
          }
          #expect(count == ControlBytes.count(in: UnsafeBufferPointer(rebasing: memory[start..<end])))
          #expect(count == bytes[start..<end].count { $0 <= 0x20 } && out.starts(with: bytes[start..<end]))
        }
      }
    }
  }
}
