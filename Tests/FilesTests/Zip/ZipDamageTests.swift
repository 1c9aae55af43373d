import TestSupport
import Testing

@testable import WaybillFiles

/// Damage by accident and by chance: what is damaged is refused, or nothing that matters was.
@Suite struct ZipDamageTests {
  static let small: [[UInt8]] = [
    ForgedArchive([ForgedEntry("a/b", Array("some bytes".utf8)), ForgedEntry("c", [UInt8](repeating: 5, count: 90)).deflated()])
      .bytes,
    ForgedArchive([
      ForgedEntry("a/", []), ForgedEntry("a/é", Array("x".utf8)).with { $0.flags = ZipFormat.flagUTF8 },
      ForgedEntry("./d", [1, 2]).with {
        $0.flags = 8; $0.after = $0.descriptor()
      },
    ]).with { $0.comment = Array("note".utf8) }.bytes,
    ForgedArchive([
      ForgedEntry("a").with {
        $0.localSize = 0xFFFF_FFFF; $0.localStoredSize = 0xFFFF_FFFF; $0.localExtra = zip64Field([7, 7])
      }
    ])
    .with { $0.zip64 = { _ in } }.bytes,
    (try? zipped([("images/1.jpg", Array("jpeg".utf8)), ("labels.json", Array("{}".utf8))])) ?? [],
  ]

  @Test(arguments: small.indices, [true, false])
  func everyTruncationIsRefused(index: Int, isMapped: Bool) {
    let whole = Self.small[index]
    #expect(judge(whole, isMapped: isMapped).rule == nil)
    for length in 0..<whole.count {
      let verdict = judge(Array(whole.prefix(length)), isMapped: isMapped, stages: [])
      #expect(verdict.rule?.hasPrefix("zip.") == true, "\(length) of \(whole.count) bytes: \(verdict)")
    }
    for length in 1..<whole.count where length < whole.count - 22 {
      #expect(
        judge(Array(whole.suffix(length)), isMapped: isMapped, stages: []).rule?.hasPrefix("zip.") == true, "the last \(length)")
    }
  }

  /// Reading alone, without the second reader, never gives other bytes under any name.
  @Test(arguments: small.indices)
  func everyBitCounts(index: Int) throws {
    let whole = Self.small[index]
    guard case .accepted(let files) = judge(whole) else { return #expect(Bool(false), "\(judge(whole))") }
    var refused = 0
    for bit in 0..<(whole.count * 8) {
      var bytes = whole
      bytes[bit / 8] ^= 1 << (bit % 8)
      let verdict = judge(bytes, isMapped: bit % 2 == 0, stages: [.contents])
      if let rule = verdict.rule {
        #expect(rule.hasPrefix("zip."))
        refused += 1
      } else {
        #expect(verdict == .accepted(files), "bit \(bit % 8) of byte \(bit / 8)")
      }
    }
    #expect(refused > whole.count * 3)
  }

  @Test func chanceNeverTraps() {
    let seed = testSeed(20_261_108)
    var random = SeededNumbers(seed)
    var accepted = 0
    for round in 0..<1500 {
      var bytes = random.pick(Self.small)
      for _ in 0...random.below(4) { mutate(&bytes, &random) }
      let verdict = judge(bytes, isMapped: true)
      // In memory or fetched, the verdict is the same.
      #expect(judge(bytes, isMapped: false) == verdict, "seed \(seed), round \(round)")
      if let rule = verdict.rule { #expect(rule.hasPrefix("zip."), "seed \(seed), round \(round)") } else { accepted += 1 }
    }
    #expect(accepted < 750, "seed \(seed)")
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededNumbers) {
    guard bytes.count > 8 else { return bytes.append(UInt8(random.below(256))) }
    let at = random.below(bytes.count)
    switch random.below(6) {
    case 0: bytes[at] = UInt8(random.below(256))
    case 1: bytes[at] = random.pick([0, 1, 0x7F, 0x80, 0xFE, 0xFF])
    case 2: bytes.insert(UInt8(random.below(256)), at: at)
    case 3: bytes.remove(at: at)
    case 4: bytes.replaceSubrange(at..<min(bytes.count, at + 4), with: [0xFF, 0xFF, 0xFF, 0xFF])
    default:
      let from = random.below(bytes.count)
      let length = min(random.below(60), bytes.count - from)
      bytes.insert(contentsOf: bytes[from..<(from + length)], at: at)
    }
  }
}
