import TestSupport
import Testing

@testable import WaybillConversion

@Suite("Subsets")
struct SubsetTests {
  /// Samples with random keys and labels, by position.
  private func candidates(
    _ count: Int, labels labelCount: Int, seed: UInt64, subsetSeed: UInt64 = 0
  ) -> (candidates: [SubsetCandidates.Candidate], labels: [[UInt32]]) {
    var numbers = SeededNumbers(seed: seed)
    var found: [SubsetCandidates.Candidate] = []
    var labels: [[UInt32]] = []
    for position in 0..<count {
      var own: Set<UInt32> = []
      for _ in 0..<numbers.below(4) { own.insert(UInt32(numbers.below(1 + numbers.below(labelCount)))) }
      labels.append(own.sorted())
      found.append(
        .init(
          hash: Subset.hash(of: "\(numbers.next()).jpg", seed: subsetSeed), position: UInt32(position), labels: UInt32(own.count)))
    }
    return (found, labels)
  }

  private func chosen(_ subset: Subset, _ all: [SubsetCandidates.Candidate], _ labels: [[UInt32]], batch: Int = 100) -> [Int] {
    var candidates = SubsetCandidates(subset)
    var start = 0
    while start < all.count {
      let end = min(start + batch, all.count)
      candidates.add(Array(all[start..<end]), labels: subset.isStratified ? Array(labels[start..<end].joined()) : [])
      start = end
    }
    return candidates.choose().sorted()
  }

  @Test(
    "the hash of a key never changes",
    arguments: [
      ("", 0, 0x3C47_C2AB_3B83_9AA3), ("a.jpg", 0, 0x2614_FE1B_3C6E_8572), ("a.jpg", 1, 0x8568_EB0E_481C_3F67),
      ("images/000000397133.jpg", 7, 0x3E79_F463_EB4D_B08A), ("žluťoučký kůň.png", 0, 0xFA8C_E844_F184_73A3),
    ] as [(String, UInt64, UInt64)])
  func hash(key: String, seed: UInt64, expected: UInt64) {
    #expect(Subset.hash(of: key, seed: seed) == expected, "0x\(String(Subset.hash(of: key, seed: seed), radix: 16))")
  }

  @Test("hashes are even: every share of many keys is near its size, for any seed", arguments: [0, 1, 2, 99] as [UInt64])
  func even(seed: UInt64) {
    for share in [0.01, 0.1, 0.5, 0.9] {
      let bound = Subset.bound(ofShare: share) ?? .max
      let kept = (0..<20_000).count { Subset.hash(of: "images/\($0).jpg", seed: seed) < bound }
      // Five standard deviations.
      let deviation = (20_000 * share * (1 - share)).squareRoot() * 5
      #expect(abs(Double(kept) - 20_000 * share) < deviation, "seed \(seed), share \(share): \(kept)")
    }
  }

  @Test("bounds of shares", arguments: [(1.0, nil), (2.0, nil), (0.5, 1 << 63), (0.25, 1 << 62), (0.0, 0)] as [(Double, UInt64?)])
  func bounds(share: Double, bound: UInt64?) { #expect(Subset.bound(ofShare: share) == bound) }

  @Test("a count keeps the smallest hashes, whatever the batches", arguments: [0, 1, 7, 100, 9_999, 10_000, 20_000])
  func counts(count: Int) {
    let seed = testSeed(31)
    let (all, labels) = candidates(10_000, labels: 5, seed: seed)
    let expected = all.sorted().prefix(count).map { Int($0.position) }.sorted()
    for batch in [1, 128, 10_000] {
      #expect(chosen(Subset(.count(count)), all, labels, batch: batch) == expected, "seed \(seed), batches of \(batch)")
    }
  }

  @Test("a smaller count is a part of a larger one, and more samples push out only as many as come in")
  func nested() {
    let seed = testSeed(32)
    let (all, labels) = candidates(3000, labels: 5, seed: seed)
    let large = Set(chosen(Subset(.count(500)), all, labels))
    #expect(Set(chosen(Subset(.count(200)), all, labels)).isSubset(of: large), "seed \(seed)")
    let before = Set(chosen(Subset(.count(500)), Array(all.prefix(2900)), labels))
    #expect(before.subtracting(large).count == large.filter { $0 >= 2900 }.count, "seed \(seed)")
  }

  @Test(
    "largest remainders",
    arguments: [
      ([1, 1, 1], 2, [1, 1, 0]), ([10, 20, 70], 10, [1, 2, 7]), ([10, 20, 70], 0, [0, 0, 0]), ([0, 3, 0], 2, [0, 2, 0]),
      ([3, 3, 3], 9, [3, 3, 3]), ([5, 3, 1], 5, [3, 2, 0]), ([1, 9], 1, [0, 1]), ([], 3, []), ([0, 0], 0, [0, 0]),
    ] as [([Int], Int, [Int])])
  func quotas(sizes: [Int], total: Int, expected: [Int]) { #expect(SubsetCandidates.quotas(of: sizes, total: total) == expected) }

  @Test("no quota is beyond its group, and together they are the total", arguments: 0..<20)
  func quotaSums(step: Int) {
    var numbers = SeededNumbers(seed: testSeed(33) + UInt64(step))
    let sizes = (0..<1 + numbers.below(50)).map { _ in numbers.below(step % 2 == 0 ? 10 : 1_000_000_000) }
    let all = sizes.reduce(0, +)
    let total = all == 0 ? 0 : numbers.below(all + 1)
    let quotas = SubsetCandidates.quotas(of: sizes, total: total)
    #expect(quotas.reduce(0, +) == total, "seed \(testSeed(33)), step \(step)")
    #expect(zip(quotas, sizes).allSatisfy { $0 <= $1 && $0 >= 0 }, "seed \(testSeed(33)), step \(step)")
  }

  @Test("groups by the rarest label keep their shares to within one sample", arguments: [Subset.Size.count(300), .share(0.1)])
  func stratified(size: Subset.Size) {
    let seed = testSeed(34)
    let (all, labels) = candidates(3000, labels: 12, seed: seed)
    let kept = chosen(Subset(size, isStratified: true), all, labels)
    #expect(kept.count == 300, "seed \(seed)")
    var samples: [UInt32: Int] = [:]
    for own in labels { for label in own { samples[label, default: 0] += 1 } }
    func group(_ position: Int) -> Int {
      labels[position].min { (samples[$0] ?? 0, $0) < (samples[$1] ?? 0, $1) }.map { Int($0) + 1 } ?? 0
    }
    for own in 0...12 {
      let members = labels.indices.filter { group($0) == own }
      let share = Double(members.count) / 10
      let count = kept.count { group($0) == own }
      #expect(abs(Double(count) - share) < 1, "seed \(seed), group \(own): \(count) of \(members.count)")
      // Within its group, the smallest hashes.
      let smallest = members.map { all[$0] }.sorted().prefix(count).map { Int($0.position) }
      #expect(Set(smallest) == Set(kept.filter { group($0) == own }), "seed \(seed), group \(own)")
    }
  }

  @Test("all labels the same, or none, is a plain count", arguments: [[], [3]] as [[UInt32]])
  func oneGroup(own: [UInt32]) {
    var (all, _) = candidates(500, labels: 2, seed: testSeed(35))
    for index in all.indices { all[index].labels = UInt32(own.count) }
    let labels = Array(repeating: own, count: 500)
    #expect(chosen(Subset(.count(50), isStratified: true), all, labels) == chosen(Subset(.count(50)), all, labels))
  }
}
