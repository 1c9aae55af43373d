/// How numbers are distributed: exact count, sum, least and greatest, and counts in bins of a fixed relative width.
///
/// Each power of two is parted into 64 bins of equal width, so that whole numbers below 128 have a bin each and no bin is wider than
/// a 64th of its numbers. Memory does not grow with the numbers. Numbers below 2^-30, negative ones too, share the first bin, and
/// those from 2^50 on the last.
public struct Distribution: Sendable {
  private static let leastExponent = -30
  private static let greatestExponent = 50
  private static let binsPerOctave = 64

  /// How many numbers.
  public private(set) var count = 0
  /// The least number.
  public private(set) var least = Double.infinity
  /// The greatest number.
  public private(set) var greatest = -Double.infinity
  private var sum = 0.0
  private var bins: [Int] = []

  /// No numbers yet.
  public init() {}

  /// Their mean; 0 when there is none.
  public var mean: Double { count > 0 ? sum / Double(count) : 0 }

  /// Adds a number; what is not finite is left out.
  public mutating func add(_ value: Double) {
    guard value.isFinite else { return }
    if bins.isEmpty {
      bins = [Int](
        repeating: 0, count: 1 + (Distribution.greatestExponent - Distribution.leastExponent) * Distribution.binsPerOctave)
    }
    count += 1
    sum += value
    least = min(least, value)
    greatest = max(greatest, value)
    bins[Distribution.bin(of: value)] += 1
  }

  /// The bin of a number: its exponent and the first six bits after its leading one.
  private static func bin(of value: Double) -> Int {
    guard value >= 0x1p-30 else { return 0 }
    guard value < 0x1p50 else { return (greatestExponent - leastExponent) * binsPerOctave }
    return 1 + Int(value.bitPattern >> 46) - (1023 + leastExponent) * binsPerOctave
  }

  /// The least number of a bin.
  private static func lowerEdge(of bin: Int) -> Double {
    guard bin > 0 else { return 0 }
    return Double(bitPattern: UInt64(bin - 1 + (1023 + leastExponent) * binsPerOctave) << 46)
  }

  /// A quantile: the least number of the bin in which the number of that rank lies, but never outside of all numbers; nil when there is none.
  ///
  /// Exact for whole numbers below 128; else it may be too small by a 64th.
  public func quantile(_ share: Double) -> Double? {
    guard count > 0 else { return nil }
    let rank = min(count, max(1, Int((Double(count) * share).rounded(.up))))
    var seen = 0
    for (bin, number) in bins.enumerated() where number > 0 {
      seen += number
      if seen >= rank { return min(greatest, max(least, Distribution.lowerEdge(of: bin))) }
    }
    return greatest
  }

  /// A range of numbers and how many lie in it.
  public struct Bin: Sendable, Equatable {
    /// The least number of the range.
    public var from: Double
    /// The end of the range, which is not in it.
    public var to: Double
    /// How many.
    public var count: Int
  }

  /// Counts in coarser bins, from the first that is not empty to the last: 1, 2, 4 and so on up to 64 to a power of two.
  ///
  /// The first bin begins at 0 when it holds numbers below 2^-30.
  public func histogram(perOctave parts: Int) -> [Bin] {
    guard count > 0, let first = bins.firstIndex(where: { $0 > 0 }), let last = bins.lastIndex(where: { $0 > 0 }) else { return [] }
    let size = max(1, Distribution.binsPerOctave / max(1, parts))
    var result: [Bin] = []
    if first == 0 { result.append(Bin(from: 0, to: 0x1p-30, count: bins[0])) }
    guard last > 0 else { return result }
    let occupied = bins[1...].firstIndex { $0 > 0 } ?? last
    for group in (occupied - 1) / size...(last - 1) / size {
      let range = 1 + group * size..<min(bins.count, 1 + (group + 1) * size)
      result.append(
        Bin(
          from: Distribution.lowerEdge(of: range.lowerBound), to: Distribution.lowerEdge(of: range.upperBound),
          count: bins[range].reduce(0, +)))
    }
    return result
  }

  /// How many of the numbers are whole and this one; exact below 128.
  public func count(of number: Int) -> Int {
    guard !bins.isEmpty, number >= 0, number < 128 else { return 0 }
    return bins[Distribution.bin(of: Double(number))]
  }
}
