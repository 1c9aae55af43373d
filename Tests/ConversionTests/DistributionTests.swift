import TestSupport
import Testing

@testable import WaybillConversion

@Suite("Distributions")
struct DistributionTests {
  private func distribution(_ values: [Double]) -> Distribution {
    var distribution = Distribution()
    for value in values { distribution.add(value) }
    return distribution
  }

  @Test("nothing measured")
  func empty() {
    let none = distribution([.nan, .infinity, -.infinity])
    #expect(none.count == 0 && none.mean == 0 && none.quantile(0.5) == nil && none.histogram(perOctave: 4).isEmpty)
  }

  @Test(
    "quantiles of whole numbers are exact",
    arguments: [
      ([5], 0.0, 5), ([5], 1.0, 5), ([1, 2, 3, 4], 0.25, 1), ([1, 2, 3, 4], 0.5, 2), ([1, 2, 3, 4], 0.51, 3),
      ([4, 3, 2, 1], 1.0, 4),
      ([0, 0, 0, 127], 0.75, 0), ([0, 0, 0, 127], 0.76, 127), ([-5, 1], 0.1, 0), ([-5], 0.5, -5),
    ] as [([Double], Double, Double)])
  func quantiles(values: [Double], share: Double, expected: Double) { #expect(distribution(values).quantile(share) == expected) }

  @Test("quantiles of any numbers are at most a 64th too small", arguments: 0..<20)
  func bounds(step: Int) {
    var numbers = SeededNumbers(seed: testSeed(41) + UInt64(step))
    var values: [Double] = []
    for _ in 0..<1 + numbers.below(500) {
      values.append(Double(numbers.below(1_000_000)) / Double([1, 7, 1000, 1_000_000][step % 4]))
    }
    let found = distribution(values)
    let sorted = values.sorted()
    #expect(found.count == values.count && found.least == sorted.first && found.greatest == sorted.last)
    for share in [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0] {
      let exact = sorted[max(1, Int((Double(values.count) * share).rounded(.up))) - 1]
      let quantile = found.quantile(share) ?? .nan
      #expect(
        quantile <= exact && quantile >= exact * 63 / 64 - 0x1p-30,
        "seed \(testSeed(41)), step \(step), \(share): \(quantile), \(exact)")
    }
  }

  @Test("histograms hold every number once, in bins that follow one another", arguments: [1, 2, 4, 64])
  func histogram(parts: Int) {
    var numbers = SeededNumbers(seed: testSeed(42))
    var values = [0.0, -3, 0x1p-40, 0x1p60, 1, 2, 3, 1024]
    for _ in 0..<1000 { values.append(Double(numbers.below(5000)) / 7) }
    let bins = distribution(values).histogram(perOctave: parts)
    #expect(bins.reduce(0) { $0 + $1.count } == values.count)
    for (bin, next) in zip(bins.dropFirst(), bins.dropFirst(2)) { #expect(bin.to == next.from && bin.from < bin.to) }
    for bin in bins.dropFirst().dropLast() { #expect(bin.count == values.count { $0 >= bin.from && $0 < bin.to }, "\(bin)") }
    #expect(bins.first == .init(from: 0, to: 0x1p-30, count: values.count { $0 < 0x1p-30 }))
  }

  @Test("bins of octaves begin at powers of two")
  func octaves() {
    #expect(
      distribution([1, 1.5, 2, 4, 7]).histogram(perOctave: 1)
        == [.init(from: 1, to: 2, count: 2), .init(from: 2, to: 4, count: 1), .init(from: 4, to: 8, count: 2)])
    #expect(distribution([3]).histogram(perOctave: 4) == [.init(from: 3, to: 3.5, count: 1)])
  }

  @Test("whole numbers are counted one by one", arguments: [0, 1, 5, 127])
  func wholeNumbers(number: Int) {
    let found = distribution([Double(number), Double(number), Double(number) + 3, 500])
    #expect(found.count(of: number) == 2 && found.count(of: -1) == 0 && found.count(of: 500) == 0)
  }
}
