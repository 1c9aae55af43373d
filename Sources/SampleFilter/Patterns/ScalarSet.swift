/// A set of Unicode scalars, as ranges.
struct ScalarSet: Hashable, Sendable {
  /// The greatest scalar.
  static let last: UInt32 = 0x10FFFF

  /// The ranges, in order and apart from one another once ``normalized`` was asked for.
  private(set) var ranges: [ClosedRange<UInt32>]

  /// A set of ranges in any order.
  init(_ ranges: [ClosedRange<UInt32>]) { self.ranges = ScalarSet.joined(ranges) }

  /// A set of one scalar.
  init(_ scalar: Unicode.Scalar) { ranges = [scalar.value...scalar.value] }

  /// Every scalar.
  static let all = ScalarSet([0...last])
  /// Every scalar but the line feed: what `.` stands for.
  static let notLineFeed = ScalarSet([0x0A...0x0A]).inverted
  /// `\d`: the digits of ASCII.
  static let digits = ScalarSet([0x30...0x39])
  /// `\w`: the letters and digits of ASCII, and the underscore.
  static let wordCharacters = ScalarSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
  /// `\s`: the white space of ASCII.
  static let spaces = ScalarSet([0x09...0x0D, 0x20...0x20])

  /// Every scalar that is not in it.
  var inverted: ScalarSet {
    var rest: [ClosedRange<UInt32>] = []
    var next: UInt32 = 0
    for range in ranges {
      if range.lowerBound > next { rest.append(next...(range.lowerBound - 1)) }
      next = range.upperBound + 1
    }
    if next <= ScalarSet.last { rest.append(next...ScalarSet.last) }
    return ScalarSet(rest)
  }

  /// Those in either set.
  func union(_ other: ScalarSet) -> ScalarSet { ScalarSet(ranges + other.ranges) }

  /// Whether a scalar is in it.
  func contains(_ scalar: UInt32) -> Bool {
    var (low, high) = (0, ranges.count)
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < scalar { low = middle + 1 } else { high = middle }
    }
    return low < ranges.count && ranges[low].contains(scalar)
  }

  /// The set with the capital and small forms of all letters in it.
  var ignoringCase: ScalarSet {
    var more = ranges
    for (small, capital) in LetterPairs.all {
      if contains(small) { more.append(capital...capital) }
      if contains(capital) { more.append(small...small) }
    }
    return ScalarSet(more)
  }

  /// Ranges in order, those that touch joined.
  private static func joined(_ ranges: [ClosedRange<UInt32>]) -> [ClosedRange<UInt32>] {
    guard ranges.count > 1 else { return ranges }
    var result: [ClosedRange<UInt32>] = []
    for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = result.last, range.lowerBound <= last.upperBound &+ 1 {
        result[result.count - 1] = last.lowerBound...max(last.upperBound, range.upperBound)
      } else {
        result.append(range)
      }
    }
    return result
  }
}

/// Small letters with their capitals, where each is one scalar.
private enum LetterPairs {
  static let all: [(small: UInt32, capital: UInt32)] = {
    var pairs: [(UInt32, UInt32)] = []
    // Letters with two cases lie below U+1F000.
    for value in UInt32(0x41)..<0x1F000 {
      guard let scalar = Unicode.Scalar(value), scalar.properties.isCased else { continue }
      let small = scalar.properties.lowercaseMapping.unicodeScalars
      if small.count == 1, let first = small.first, first != scalar { pairs.append((first.value, value)) }
      let capital = scalar.properties.uppercaseMapping.unicodeScalars
      if capital.count == 1, let first = capital.first, first != scalar { pairs.append((value, first.value)) }
    }
    return pairs
  }()
}
