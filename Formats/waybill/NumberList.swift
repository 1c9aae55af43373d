import WaybillBytes
import WaybillSyntax

/// The numbers of JSON arrays, read into memory that is used again and again; one per worker.
final class NumberList {
  private var base: UnsafeMutablePointer<Double>
  private var room: Int
  /// Powers of ten from 1 on, as whole numbers and as doubles.
  private let powers: UnsafeMutablePointer<(UInt64, Double)>
  /// How many numbers there are.
  private(set) var count = 0

  init() {
    room = 4096
    base = .allocate(capacity: room)
    powers = .allocate(capacity: 8)
    var power: UInt64 = 1
    for index in 0..<8 {
      (powers + index).initialize(to: (power, Double(power)))
      power *= 10
    }
  }

  deinit {
    base.deallocate()
    powers.deallocate()
  }

  /// The number at a position below ``count``.
  subscript(position: Int) -> Double { position < count ? base[position] : 0 }

  /// Forgets the numbers.
  func removeAll() { count = 0 }

  /// The numbers as an array of exactly their size.
  func array() -> [Double] { Array(UnsafeBufferPointer(start: base, count: count)) }

  private func grow() {
    let moved = UnsafeMutablePointer<Double>.allocate(capacity: room * 2)
    moved.update(from: base, count: count)
    base.deallocate()
    base = moved
    room *= 2
  }

  /// Appends the numbers of the array the scanner stands on; the scanner reads up to `limit` in `bytes`.
  ///
  /// Arrays without white space are read in one loop; anything else is left to the scanner, which names every fault.
  func read(_ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer, limit: Int) throws(JSONFault) {
    scanner.skipWhitespace()
    let start = scanner.offset
    guard start < limit, limit <= bytes.count, let address = bytes.baseAddress else { return try readSlowly(&scanner) }
    let origin = address.assumingMemoryBound(to: UInt8.self)
    let end = origin + limit
    var p = origin + start
    let before = count
    guard p.pointee == UInt8(ascii: "[") else { return try readSlowly(&scanner) }
    p += 1
    if p < end, p.pointee == UInt8(ascii: "]") {
      scanner.offset = start + 2
      return
    }
    if count == room { grow() }
    let readable = origin + bytes.count
    while true {
      if room &- count < 64 { grow() }
      // Nothing that ends a line is passed over, so no more than the line is read.
      let taken = NumberRuns.read(&p, readable, into: base + count, room: room &- count)
      count &+= taken
      if taken == 0 {
        guard let next = readNumber(p, end, base + count, powers) else { break }
        count &+= 1
        p = next
      }
      guard p < end else { break }
      let byte = p.pointee
      p += 1
      if byte == UInt8(ascii: "]") {
        scanner.offset = p - origin
        return
      }
      guard byte == UInt8(ascii: ",") else { break }
    }
    count = before
    try readSlowly(&scanner)
  }

  private func readSlowly(_ scanner: inout JSONScanner) throws(JSONFault) {
    var progress = try scanner.beginArray()
    while try scanner.nextElement(&progress) {
      let value = try scanner.double()
      if count == room { grow() }
      base[count] = value
      count += 1
    }
  }
}

/// Reads one number and returns where it ends, or nil if there is none.
///
/// Up to seven digits on each side of the point take no loop.
@inline(__always) private func readNumber(
  _ start: UnsafePointer<UInt8>, _ limit: UnsafePointer<UInt8>, _ value: UnsafeMutablePointer<Double>,
  _ powers: UnsafeMutablePointer<(UInt64, Double)>
) -> UnsafePointer<UInt8>? {
  guard limit - start >= 20 else { return readSlowly(start, end: limit, value) }
  let isNegative = start.pointee == UInt8(ascii: "-")
  let digits = isNegative ? start + 1 : start
  let word = load(digits) ^ 0x3030_3030_3030_3030
  let stop = nonDigits(word)
  let length = stop.trailingZeroBitCount >> 3
  guard stop != 0, length > 0, length == 1 || digits.pointee != UInt8(ascii: "0") else {
    return readSlowly(start, end: limit, value)
  }
  let dot = digits[length]
  var mantissa = decimal(word &<< UInt64(64 &- length &* 8))
  var next = digits + length
  var magnitude: Double
  if dot == UInt8(ascii: ".") {
    let fractionWord = load(next + 1) ^ 0x3030_3030_3030_3030
    let fractionStop = nonDigits(fractionWord)
    let places = fractionStop.trailingZeroBitCount >> 3
    guard fractionStop != 0, places > 0 else { return readSlowly(start, end: limit, value) }
    let (factor, power) = powers[places]
    mantissa = mantissa &* factor &+ decimal(fractionWord &<< UInt64(64 &- places &* 8))
    next = next + 1 + places
    // Both are exact, so one division rounds correctly.
    magnitude = Double(Int64(truncatingIfNeeded: mantissa)) / power
  } else {
    magnitude = Double(Int64(truncatingIfNeeded: mantissa))
  }
  if next.pointee | 0x20 == UInt8(ascii: "e") { return readSlowly(start, end: limit, value) }
  value.pointee = isNegative ? -magnitude : magnitude
  return next
}

@inline(never) private func readSlowly(
  _ start: UnsafePointer<UInt8>, end: UnsafePointer<UInt8>, _ value: UnsafeMutablePointer<Double>
) -> UnsafePointer<UInt8>? {
  var parsed = 0.0
  guard start < end, let next = NumberParser.double(start, end, &parsed) else { return nil }
  value.pointee = parsed
  return next
}

@inline(__always) private func load(_ p: UnsafePointer<UInt8>) -> UInt64 {
  UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self))
}

/// The highest bit of each byte that is above 9; exact up to and including the first of them.
@inline(__always) private func nonDigits(_ word: UInt64) -> UInt64 {
  ((word &+ 0x7676_7676_7676_7676) | word) & 0x8080_8080_8080_8080
}

/// The value of eight digits, the first in the lowest byte.
@inline(__always) private func decimal(_ word: UInt64) -> UInt64 {
  let pairs = (word &* 10) &+ (word >> 8)
  let low = (pairs & 0x0000_00FF_0000_00FF) &* 0x000F_4240_0000_0064
  let high = ((pairs >> 16) & 0x0000_00FF_0000_00FF) &* 0x0000_2710_0000_0001
  return (low &+ high) >> 32
}
