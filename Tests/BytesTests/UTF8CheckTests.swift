import TestSupport
import Testing
import WaybillBytes

private func firstInvalid(_ bytes: [UInt8]) -> Int? { bytes.withUnsafeBytes { UTF8Check.firstInvalid(in: $0) } }

@Suite struct UTF8CheckTests {
  @Test(
    arguments: [
      ([], nil), ([0x00], nil), ([0x7F], nil), ([0xC2, 0x80], nil), ([0xDF, 0xBF], nil), ([0xE0, 0xA0, 0x80], nil),
      ([0xED, 0x9F, 0xBF], nil), ([0xEE, 0x80, 0x80], nil), ([0xEF, 0xBF, 0xBF], nil), ([0xF0, 0x90, 0x80, 0x80], nil),
      ([0xF4, 0x8F, 0xBF, 0xBF], nil),
      ([0x80], 0), ([0xBF], 0), ([0xC0, 0x80], 0), ([0xC1, 0xBF], 0), ([0xE0, 0x80, 0x80], 0), ([0xED, 0xA0, 0x80], 0),
      ([0xF0, 0x80, 0x80, 0x80], 0), ([0xF4, 0x90, 0x80, 0x80], 0), ([0xF5, 0x80, 0x80, 0x80], 0), ([0xFF], 0), ([0xFE], 0),
      ([0xC2], 0), ([0xE2, 0x82], 0), ([0xF0, 0x9F, 0x98], 0), ([0x61, 0x62, 0xC3], 2), ([0x61, 0xC3, 0x28], 1),
      ([0xC3, 0xA9, 0x80], 2),
    ] as [([UInt8], Int?)])
  func tables(bytes: [UInt8], expected: Int?) {
    #expect(firstInvalid(bytes) == expected)
  }

  @Test func oneBadByteIsFoundAnywhere() {
    for length in [1, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 200] {
      for at in 0..<length {
        var bytes = [UInt8](repeating: 0x61, count: length)
        #expect(bytes.withUnsafeBytes { UTF8Check.isASCII($0) })
        bytes[at] = 0xFF
        #expect(firstInvalid(bytes) == at)
        #expect(!bytes.withUnsafeBytes { UTF8Check.isASCII($0) })
      }
    }
  }

  @Test func seededMutationsAgreeWithTheStandardLibrary() {
    let seed = testSeed(14)
    var dice = SeededNumbers(seed)
    let text = Array("añ€😀 plain ascii that is long enough for wide loads, 日本語 ﷽ \u{10FFFF}".utf8)
    for _ in 0..<20_000 {
      var bytes = text
      for _ in 0..<(1 + dice.below(3)) { bytes[dice.below(bytes.count)] = UInt8(truncatingIfNeeded: dice.next()) }
      let expected = bytes.withUnsafeBufferPointer { bytes -> Int? in
        do throws(UTF8.ValidationError) {
          _ = try UTF8Span(validating: bytes.span)
          return nil
        } catch {
          return error.byteOffsets.lowerBound
        }
      }
      #expect(firstInvalid(bytes) == expected, "\(bytes), seed \(seed)")
    }
  }
}

@Suite struct Hash64Tests {
  private func hash(_ bytes: [UInt8], seed: UInt64? = nil) -> UInt64 {
    bytes.withUnsafeBytes { seed.map { [bytes = $0] in Hash64.hash(bytes, seed: $0) } ?? Hash64.hash($0) }
  }

  @Test func dependsOnBytesAloneAndNotOnTheirPlace() {
    let seed = testSeed(15)
    var dice = SeededNumbers(seed)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }
      let expected = hash(bytes)
      for shift in 1..<9 {
        let moved = [UInt8](repeating: 0xAA, count: shift) + bytes
        let found = moved.withUnsafeBytes { Hash64.hash(UnsafeRawBufferPointer(rebasing: $0[shift...])) }
        #expect(found == expected, "length \(length), shift \(shift), seed \(seed)")
      }
    }
  }

  @Test func lengthsOfZerosDiffer() {
    let hashes = (0..<100).map { hash([UInt8](repeating: 0, count: $0)) }
    #expect(Set(hashes).count == 100)
    #expect(
      UnsafeRawBufferPointer(start: nil, count: 0).isEmpty && Hash64.hash(UnsafeRawBufferPointer(start: nil, count: 0)) == hash([]))
  }

  @Test func everyBitCounts() {
    let bytes = (0..<37).map { UInt8($0) }
    var seen: Set<UInt64> = [hash(bytes)]
    for bit in 0..<(bytes.count * 8) {
      var changed = bytes
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(seen.insert(hash(changed)).inserted)
    }
  }

  @Test func seedsGiveOtherHashes() {
    #expect(hash([1, 2, 3], seed: 1) != hash([1, 2, 3], seed: 2))
    #expect(hash([1, 2, 3]) == hash([1, 2, 3]))
  }

  @Test func runningKeysDoNotCollideAndFillTheLowBits() {
    var all: Set<UInt64> = []
    var low: Set<UInt64> = []
    for index in 0..<100_000 {
      let value = hash(Array("images/\(index).jpg".utf8))
      all.insert(value)
      low.insert(value & 1023)
    }
    #expect(all.count == 100_000 && low.count == 1024)
  }
}
