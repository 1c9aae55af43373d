import TestSupport
import Testing

@testable import WaybillBytes

/// What a run gave: the numbers, and how many bytes it took.
private struct Run: Equatable {
  var bits: [UInt64]
  var length: Int
}

/// The two ways to read a run: the one of this processor and the one of any.
private enum Way: CaseIterable {
  case here, anywhere

  func read(_ bytes: [UInt8], end: Int? = nil, room: Int = 4096) -> Run {
    var numbers = [Double](repeating: -7, count: room + 1)
    return bytes.withUnsafeBufferPointer { bytes in
      guard let start = bytes.baseAddress else { return Run(bits: [], length: 0) }
      var p = start
      let count = numbers.withUnsafeMutableBufferPointer { numbers in
        guard let base = numbers.baseAddress else { return 0 }
        switch self {
        case .here: return NumberRuns.read(&p, start + (end ?? bytes.count), into: base, room: room)
        case .anywhere: return NumberRuns.readPortably(&p, start + (end ?? bytes.count), into: base, room: room)
        }
      }
      #expect(numbers[room] == -7, "a number was written behind the room")
      return Run(bits: numbers.prefix(count).map(\.bitPattern), length: p - start)
    }
  }
}

/// Where a run may end at the latest, with the numbers up to there: read one after the other by the parser of single numbers.
private func single(_ bytes: [UInt8], upTo length: Int) -> [UInt64]? {
  bytes.withUnsafeBufferPointer { bytes in
    guard let start = bytes.baseAddress else { return nil }
    var bits: [UInt64] = []
    var p = start
    while p < start + length {
      var value = 0.0
      guard let next = NumberParser.double(p, start + bytes.count, &value) else { return nil }
      bits.append(value.bitPattern)
      p = next
      if p == start + length { return bits }
      guard p.pointee == UInt8(ascii: ",") else { return nil }
      p += p[1] == UInt8(ascii: " ") ? 2 : 1
    }
    return bits
  }
}

@Suite struct NumberRunsTests {
  /// Enough behind a list that no run stops for want of bytes.
  private static let more = [UInt8](repeating: UInt8(ascii: "}"), count: 96)

  @Test(
    arguments: [
      ("1.5]", 1, 3), ("1.5,2.25]", 2, 8), ("0.5,10,7]", 3, 8), ("1.5, 2.5]", 2, 8), ("473.07,38.65,1234.5]", 3, 19),
      ("0]", 1, 1), ("0.0]", 1, 3), ("9999.999]", 0, 0), ("999.999]", 1, 7), ("1234.56]", 1, 7), ("1234]", 1, 4),
      ("1,-2,3]", 1, 1), ("-1,2]", 0, 0), ("1,02,3]", 1, 1), ("00.5,1]", 0, 0), ("1,.5]", 1, 1), ("1,5.]", 1, 1), ("1,5.,2]", 1, 1),
      ("1,2e3]", 1, 1), ("1,2E3]", 1, 1), ("1,2.5e-3]", 1, 1), ("1,2.5.5]", 1, 1), ("1,2.5 ,3]", 1, 1), ("1,  2]", 1, 1),
      ("1,\n2]", 1, 1), ("1\n,2]", 0, 0), ("1,]", 1, 1), (",1]", 0, 0), ("]", 0, 0), ("", 0, 0), ("1,[2]", 1, 1), ("1,null]", 1, 1),
      ("1,2}", 1, 1), ("1,２]", 1, 1), ("1,2\u{0}]", 1, 1), ("1,123456789.5]", 1, 1), ("1,0.123456789]", 1, 1), ("1,2/3]", 1, 1),
      ("1,2:3]", 1, 1), ("1,2;3]", 1, 1), ("+1,2]", 0, 0), ("1, ]", 1, 1), ("1,NaN]", 1, 1),
    ])
  func whereARunEnds(text: String, count: Int, length: Int) {
    for way in Way.allCases {
      let bytes = Array(text.utf8) + Self.more
      let run = way.read(bytes)
      #expect(run.bits.count == count && run.length == length, "\(way)")
      #expect(run.bits == single(bytes, upTo: run.length))
    }
  }

  @Test func everyShortNumberIsExact() {
    // In lists of as many as the fraction has values, so that each number stands at many places of a block.
    for whole in [0, 1, 7, 9, 10, 42, 99, 100, 512, 999, 1000, 4096, 9999] {
      for places in 0...4 {
        var text = ""
        var power = 1
        for _ in 0..<places { power *= 10 }
        for fraction in stride(from: 0, to: power, by: power > 1000 ? 7 : 1) {
          let digits = places == 0 ? "" : "." + String("\(fraction + power)".dropFirst())
          guard "\(whole)\(digits)".utf8.count <= 7 else { continue }
          text += text.isEmpty ? "\(whole)\(digits)" : ",\(whole)\(digits)"
        }
        guard !text.isEmpty else { continue }
        let bytes = Array((text + "]").utf8) + Self.more
        for way in Way.allCases {
          let run = way.read(bytes, room: 20_000)
          #expect(run.length == text.utf8.count, "\(whole) with \(places) places")
          #expect(run.bits == text.split(separator: ",").map { (Double($0) ?? .nan).bitPattern })
        }
      }
    }
  }

  @Test func seededListsGiveWhatSingleNumbersGive() {
    let seed = testSeed(14)
    var dice = SeededNumbers(seed)
    let alphabet = Array("0123456789012345678901234567890123456789....,,,,,,,, -+eE]}[\n\"".utf8)
    for round in 0..<60_000 {
      var text: [UInt8] = []
      for _ in 0..<dice.below(40) {
        if round % 3 == 0 {
          text.append(alphabet[dice.below(alphabet.count)])
        } else {
          let value = Double(dice.below(dice.pick([10, 1000, 100_000, 10_000_000]))) / dice.pick([1, 10, 100, 1000, 10_000])
          text += Array("\(value)".utf8) + Array(dice.pick([",", ",", ",", ",", ", ", "]"]).utf8)
        }
      }
      if dice.below(8) == 0, !text.isEmpty { text[dice.below(text.count)] = alphabet[dice.below(alphabet.count)] }
      let bytes = text + Self.more
      for way in Way.allCases {
        let run = way.read(bytes)
        guard run.bits == single(bytes, upTo: run.length) else {
          Issue.record("\(way): \(String(decoding: text, as: UTF8.self)), seed \(seed)")
          return
        }
        // It ends behind a number and before what may follow one.
        if run.length > 0 {
          #expect(bytes[run.length] == UInt8(ascii: ",") || bytes[run.length] == UInt8(ascii: "]"))
          #expect(bytes[run.length - 1] &- 48 <= 9)
        }
      }
    }
  }

  @Test func neitherTheEndNorTheRoomIsPassed() {
    let list = Array((0..<200).map { "\($0).25" }.joined(separator: ",").utf8)
    for way in Way.allCases {
      for end in 0...list.count {
        let run = way.read(list, end: end)
        #expect(run.length <= end)
        #expect(run.bits == single(list, upTo: run.length))
      }
      for room in [0, 1, 2, 31, 32, 33, 63, 64, 100] {
        let run = way.read(list, room: room)
        #expect(run.bits.count <= room)
        #expect(run.bits == single(list, upTo: run.length))
      }
    }
  }
}
