import WaybillBytes

/// The numbers of a row, and whether writing them gives the same bytes.
struct MOTRow: Equatable {
  /// Number of the frame.
  var frame = 0
  /// Number of the object; -1 for none.
  var id = 0
  /// The other columns: left, top, width, height, confidence, and one to three more.
  var x = 0.0
  var y = 0.0
  var width = 0.0
  var height = 0.0
  var confidence = -1.0
  var first = -1.0
  var second = -1.0
  var third = -1.0
  /// Whether the confidence is written without a point.
  var hasBareConfidence = false
  /// How many columns there are.
  var columns = 0
  /// Whether the row is written as the style of its file writes it.
  var isPlain = true
  /// Column, from 1, that is no number, or not the one it should be; 0 when there is none.
  var badColumn = 0
  /// Where that column begins.
  var badPlace = 0

  /// Least and most columns of a row.
  static let columnRange = 6...10

  /// Reads a row.
  @inline(__always) init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ style: MOTStyle) {
    guard let base = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
    let start = base + range.lowerBound
    let end = base + range.upperBound
    if bytes.count &- range.upperBound >= MOTRow.wordsBehind, readShort(start, end, style) { return }
    var p = start
    var column = 0
    while true {
      column &+= 1
      var number = MOTNumber()
      guard column <= MOTRow.columnRange.upperBound, number.read(&p, end) else {
        badColumn = column
        badPlace = p - base
        return
      }
      if isPlain, !number.isPlain(column <= 2 ? 0 : style.decimals(column)) {
        isPlain = column == 7 && style.tail == .classes && number.isOnePointZero && style.decimals(7) < 0
      }
      switch column {
      case 1: frame = number.integer
      case 2: id = number.integer
      case 3: x = number.value
      case 4: y = number.value
      case 5: width = number.value
      case 6: height = number.value
      case 7:
        confidence = number.value
        hasBareConfidence = number.decimals == 0
        // In rows with a class, nothing said is written as 1.
        if style.tail == .classes, confidence == -1 { isPlain = false }
      case 8: first = number.value
      case 9: second = number.value
      default: third = number.value
      }
      if column <= 2, !number.isInteger {
        badColumn = column
        badPlace = p - base
        return
      }
      if p == end { break }
      // The number ends at a comma, or it would not have been read.
      p += 1
    }
    columns = column
    if columns != style.columns { isPlain = false }
    if columns < 7 { hasBareConfidence = true }
    if columns < MOTRow.columnRange.lowerBound {
      badColumn = columns + 1
      badPlace = range.upperBound
    }
  }
}

extension MOTRow {
  /// Whether a row can hold the number of a track: -1 says that there is none, and others are read as doubles.
  static func holds(track: Int64) -> Bool { track != -1 && track.magnitude < 9_000_000_000_000_000 }

  /// The confidence; nil where the row says no more than that it counts.
  ///
  /// Ground truth with classes has a mark there: 1 for what counts, 0 for what does not. A confidence of one is written 1.0.
  @inline(__always) func confidence(_ style: MOTStyle) -> Double? {
    if confidence == -1 || (style.tail == .classes && confidence == 1 && hasBareConfidence) { return nil }
    return confidence
  }
}

/// One number of a row: its value, and how it is spelled.
struct MOTNumber {
  /// The value.
  var value = 0.0
  /// Digits behind the point.
  var decimals = 0
  /// Whether it is spelled without spaces, signs, zeros or an exponent that printing would not give.
  private var isUsual = true
  /// Whether the last digit behind the point is a zero.
  private var endsWithZero = false

  init() {}

  /// Whether the value is a whole number that fits.
  var isInteger: Bool { value.magnitude < 9e15 && Double(Int(value)) == value }
  /// The value as a whole number; 0 when it is none.
  var integer: Int { isInteger ? Int(value) : 0 }

  /// Whether it is spelled `1.0`.
  var isOnePointZero: Bool { value == 1 && decimals == 1 && isUsual }

  /// Whether printing with some number of decimals gives the same text; -1 stands for as few as are needed.
  @inline(__always) func isPlain(_ wanted: Int) -> Bool {
    guard isUsual else { return false }
    return wanted < 0 ? !endsWithZero : decimals == wanted
  }

  /// Reads the number at a pointer, up to a comma or the end; false for anything else.
  @inline(__always) mutating func read(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    if p < end, p.pointee <= 0x20 || p.pointee == UInt8(ascii: "+") { return readSlowly(&p, end) }
    let start = p
    let isNegative = p < end && p.pointee == UInt8(ascii: "-")
    if isNegative { p += 1 }
    let digits = p
    var mantissa: UInt64 = 0
    while p < end {
      let digit = p.pointee &- 48
      if digit > 9 { break }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      p += 1
    }
    let whole = p - digits
    var count = whole
    if p < end, p.pointee == UInt8(ascii: ".") {
      p += 1
      let fraction = p
      while p < end {
        let digit = p.pointee &- 48
        if digit > 9 { break }
        mantissa = mantissa &* 10 &+ UInt64(digit)
        p += 1
      }
      decimals = p - fraction
      count &+= decimals
      endsWithZero = decimals > 0 && p[-1] == 48
      if decimals == 0 { isUsual = false }
    }
    guard whole > 0, count <= 15, p == end || p.pointee == UInt8(ascii: ",") else {
      p = start
      return readSlowly(&p, end)
    }
    value = decimals == 0 ? Double(mantissa) : Double(mantissa) / exactPowers[decimals]
    if isNegative { value = -value }
    // Shortest texts of such values have an exponent, or no sign.
    if (whole > 1 && digits.pointee == 48) || (mantissa == 0 ? isNegative : value.magnitude < 1e-4) { isUsual = false }
    return true
  }

  /// Reads numbers as they are seldom written: with spaces around, a plus sign, an exponent, very many digits.
  @inline(never) private mutating func readSlowly(_ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>) -> Bool {
    isUsual = false
    var stop = p
    while stop < end, stop.pointee != UInt8(ascii: ",") { stop += 1 }
    var (first, last) = (p, stop)
    while first < last, first.pointee == 0x20 || first.pointee == 0x09 { first += 1 }
    while first < last, last[-1] == 0x20 || last[-1] == 0x09 || last[-1] == 0x0D { last -= 1 }
    if first < last, last[-1] == UInt8(ascii: ".") { last -= 1 }
    var text = Array(UnsafeBufferPointer(start: first, count: last - first))
    // More zeros in front than JSON allows.
    let sign = text.first == UInt8(ascii: "-") || text.first == UInt8(ascii: "+") ? 1 : 0
    var zeros = sign
    while zeros + 1 < text.count, text[zeros] == 48, text[zeros + 1] &- 48 <= 9 { zeros += 1 }
    text.removeSubrange(sign..<zeros)
    guard let number = text.withUnsafeBufferPointer({ NumberParser.number($0) }) else { return false }
    value = number.doubleValue
    p = stop
    return true
  }
}

/// Powers of ten that a double holds exactly.
let exactPowers: [Double] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15]
