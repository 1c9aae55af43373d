/// Guesses where a key lies among sorted keys from those that were seen, as one opens a dictionary: numbers count as numbers.
///
/// A guess that does not halve what is left is followed by the middle, so that it never takes more than twice as many steps.
struct KeyInterpolation {
  private let target: [UInt8]
  private var seen: [(key: [UInt8], position: Int)] = []
  private var lastWidth = Int.max
  private var lastWasGuess = false

  init(_ target: [UInt8]) { self.target = target }

  /// Notes a key and where its line begins.
  mutating func note(_ key: [UInt8], at position: Int) {
    seen.append((key, position))
    // The two that are nearest on each side are enough.
    guard seen.count > 2 else { return }
    let below = seen.filter { !target.lexicographicallyPrecedes($0.key) }.max { $0.position < $1.position }
    let above = seen.filter { target.lexicographicallyPrecedes($0.key) }.min { $0.position < $1.position }
    if let below, let above {
      seen = [below, above]
    } else {
      seen.sort { $0.position < $1.position }
      seen = above == nil ? Array(seen.suffix(2)) : Array(seen.prefix(2))
    }
  }

  /// Where to look next in what is left.
  mutating func next(in range: Range<Int>) -> Int {
    let middle = range.lowerBound + range.count / 2
    let hasHalved = range.count <= lastWidth / 2
    lastWidth = range.count
    guard seen.count == 2, hasHalved || !lastWasGuess, let share = Self.share(of: target, between: seen[0].key, and: seen[1].key)
    else {
      lastWasGuess = false
      return middle
    }
    lastWasGuess = true
    let distance = Double(seen[1].position - seen[0].position)
    let place = Double(seen[0].position) + share * distance
    guard place.isFinite else { return middle }
    return Int(min(max(place, Double(range.lowerBound)), Double(range.upperBound - 1)))
  }

  /// How far a key is on the way from one key to another: 0 at the first, 1 at the second, beyond them less or more; nil when nothing tells.
  static func share(of key: [UInt8], between first: [UInt8], and second: [UInt8]) -> Double? {
    var start = 0
    while start < key.count, start < first.count, start < second.count, key[start] == first[start], key[start] == second[start] {
      start += 1
    }
    // The run of digits that follows in all three; where there is none, some bytes.
    var (base, length) = (10.0, run(start, [key, first, second]) { (0x30...0x39).contains($0) })
    let hex = run(start, [key, first, second]) { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    if hex > length { (base, length) = (16, hex) }
    if length == 0 { (base, length) = (256, 6) }
    let values = [first, second, key].map { text in
      (0..<min(length, 12)).reduce(0.0) { sum, index in
        let byte = start + index < text.count ? text[start + index] : 0
        return sum * base + Double(base == 256 ? byte : byte < 0x3A ? byte - 0x30 : byte - 0x57)
      }
    }
    guard values[0] != values[1] else { return nil }
    return (values[2] - values[0]) / (values[1] - values[0])
  }

  /// Number of bytes from a place on that are of a kind in all texts.
  private static func run(_ start: Int, _ texts: [[UInt8]], _ isOfKind: (UInt8) -> Bool) -> Int {
    var end = start
    while texts.allSatisfy({ end < $0.count && isOfKind($0[end]) }) { end += 1 }
    return end - start
  }
}
