import WaybillBytes

extension MOTRow {
  /// How many bytes there must be behind a row for its words to be read.
  static let wordsBehind = 32

  /// Reads a row of short numbers, as nearly all are, in words of eight bytes; false, having changed nothing, for any other row.
  ///
  /// Short numbers have at most seven digits on each side of the point, and are spelled as printing would spell them, but for zeros at
  /// the end. Up to ``wordsBehind`` bytes behind the row are looked at.
  @inline(__always) mutating func readShort(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ style: MOTStyle
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: MOTRow.columnRange.upperBound) { memory in
      guard let values = memory.baseAddress else { return false }
      // What a row without these columns says.
      for column in MOTRow.columnRange { values[column &- 1] = -1 }
      var numbers = (frame: 0, id: 0)
      // A byte for each column from the third on: digits behind the point, and whether the last of them is a zero.
      var decimals: UInt64 = 0
      var zeros: UInt64 = 0
      var column = 0
      var p = start
      while true {
        let isNegative = p.pointee == UInt8(ascii: "-")
        if isNegative { p += 1 }
        let digits = ShortDigits(p)
        let whole = digits.count
        guard whole > 0, whole <= ShortDigits.limit, whole == 1 || !digits.beginsWithZero else { return false }
        var mantissa = digits.value(whole)
        p += whole
        var magnitude = Double(mantissa)
        if p.pointee == UInt8(ascii: ".") {
          let fraction = ShortDigits(p + 1)
          let places = fraction.count
          guard places > 0, places <= ShortDigits.limit, column >= 2 else { return false }
          mantissa = mantissa &* ShortDigits.powers[places] &+ fraction.value(places)
          magnitude = Double(mantissa) / exactPowers[places]
          // Printing gives such numbers an exponent.
          guard magnitude >= 1e-4 || mantissa == 0 else { return false }
          p += places &+ 1
          let shift = UInt64(truncatingIfNeeded: (column &- 2) &* 8)
          decimals |= UInt64(truncatingIfNeeded: places) &<< shift
          if p[-1] == UInt8(ascii: "0") { zeros |= 0xFF &<< shift }
        } else if column < 2 {
          let number = Int(truncatingIfNeeded: isNegative ? 0 &- mantissa : mantissa)
          if column == 0 { numbers.frame = number } else { numbers.id = number }
        }
        guard mantissa != 0 || !isNegative else { return false }
        values[column] = isNegative ? -magnitude : magnitude
        column &+= 1
        if p == end { break }
        guard p < end, p.pointee == UInt8(ascii: ","), column < MOTRow.columnRange.upperBound else { return false }
        p += 1
      }
      guard column >= MOTRow.columnRange.lowerBound else { return false }
      (frame, id) = numbers
      (x, y, width, height) = (values[2], values[3], values[4], values[5])
      (confidence, first, second, third) = (values[6], values[7], values[8], values[9])
      columns = column
      let confidencePlaces = decimals &>> 32 & 0xFF
      hasBareConfidence = confidencePlaces == 0
      if style.tail == .classes, confidence == 1, confidencePlaces == 1 { zeros &= ~(0xFF &<< 32) }
      let saysNothing = style.tail == .classes && column >= 7 && confidence == -1
      isPlain = column == style.columns && !saysNothing && style.isPlain(columns: column, decimals, zeros)
      return true
    }
  }
}

/// Eight bytes of memory, each less the digit zero: the digits of a number and what is behind it.
struct ShortDigits {
  private let bytes: UInt64

  /// The most digits that can be told from what is behind them.
  static let limit = 7
  /// Powers of ten up to that of all digits.
  static let powers: [Int64] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000]

  @inline(__always) init(_ p: UnsafePointer<UInt8>) {
    bytes = UInt64(littleEndian: UnsafeRawPointer(p).loadUnaligned(as: UInt64.self)) ^ 0x3030_3030_3030_3030
  }

  /// Digits before the first byte that is none.
  @inline(__always) var count: Int {
    let others = ((bytes &+ 0x7676_7676_7676_7676) | bytes) & ByteMarks.all
    return others.trailingZeroBitCount &>> 3
  }

  /// Whether the first byte is the digit zero.
  @inline(__always) var beginsWithZero: Bool { bytes & 0xFF == 0 }

  /// The number that the first digits spell, one to seven of them.
  @inline(__always) func value(_ count: Int) -> Int64 {
    let last = bytes &<< UInt64(truncatingIfNeeded: 64 &- count &* 8)
    let pairs = (last &* 10 &+ (last &>> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
    return Int64(truncatingIfNeeded: (fours &* 10_000 &+ (fours &>> 32)) & 0xFFFF_FFFF)
  }
}
