import CWaybillMachine

/// Reads the short numbers of lists, nearly all coordinates, many bytes at a time.
public enum NumberRuns {
  /// The forms that ``waybill_read_numbers`` asks for; none where the processor has no such steps.
  private static let forms: [waybill_number_form] = waybill_reads_numbers() != 0 ? (0...UInt8.max).map { form($0) } : []

  /// The form of a number before the highest of some marks, which is its end; the other can only be its point.
  private static func form(_ marks: UInt8) -> waybill_number_form {
    var form = waybill_number_form()
    form.least = .max
    let end = 7 - marks.leadingZeroBitCount
    let whole = marks.trailingZeroBitCount
    let fraction = marks.nonzeroBitCount == 2 ? end - whole - 1 : 0
    guard (1...2).contains(marks.nonzeroBitCount), (1...4).contains(whole), end == whole || (1...4).contains(fraction) else {
      return form
    }
    form.length = UInt8(end)
    // A zero leads nothing but a point.
    form.least = UInt8(ascii: whole > 1 ? "1" : "0")
    withUnsafeMutableBytes(of: &form.places) { places in
      for place in 0..<8 { places[place] = 0x80 }
      for digit in 0..<whole { places[4 - whole + digit] = UInt8(digit) }
      for digit in 0..<fraction { places[4 + digit] = UInt8(whole + 1 + digit) }
    }
    return form
  }

  /// Reads numbers of up to seven characters, such as `473.07`, from inside a JSON array: each before a comma or the bracket that
  /// ends it, with at most one space behind a comma.
  ///
  /// Returns how many were read, at most `room`; the pointer then stands behind the last of them. It stops early at will, before
  /// whatever it does not know and before the end of the bytes: the caller reads on by itself with ``NumberParser``, which gives
  /// the same values.
  public static func read(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into numbers: UnsafeMutablePointer<Double>, room: Int
  ) -> Int {
    forms.withUnsafeBufferPointer { forms in
      guard forms.count > 0, let forms = forms.baseAddress else { return readPortably(&p, end, into: numbers, room: room) }
      var next: UnsafePointer<UInt8>? = p
      let count = waybill_read_numbers(&next, end, numbers, max(0, room), forms)
      p = next ?? p
      return count
    }
  }

  /// The same in words of eight bytes.
  static func readPortably(
    _ p: inout UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, into numbers: UnsafeMutablePointer<Double>, room: Int
  ) -> Int {
    var count = 0
    var start = p
    while end - start >= 16, count < room, let stop = readOne(start, numbers + count) {
      count &+= 1
      p = stop
      guard stop.pointee == UInt8(ascii: ",") else { break }
      start = stop[1] == UInt8(ascii: " ") ? stop + 2 : stop + 1
    }
    return count
  }

  private static let powers: [Double] = [1, 10, 1e2, 1e3, 1e4, 1e5, 1e6]

  /// Reads a number and returns where it ends; nil for any other than those of ``read(_:_:into:room:)``.
  private static func readOne(_ p: UnsafePointer<UInt8>, _ value: UnsafeMutablePointer<Double>) -> UnsafePointer<UInt8>? {
    let word = UnsafeRawPointer(p).loadUnaligned(as: UInt64.self).littleEndian
    // Bytes that are no digits get their high bit set.
    let digits = word ^ 0x3030_3030_3030_3030
    let others = ((digits &+ 0x7676_7676_7676_7676) | digits) & 0x8080_8080_8080_8080
    if others == 0 { return nil }
    let first = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) & 0x78
    if first == 0 || (first > 8 && digits & 0xFF == 0) { return nil }
    var end = first
    var mantissa = eightDigits(digits &<< (64 &- first))
    var places = 0
    if (word &>> first) & 0xFF == UInt64(UInt8(ascii: ".")) {
      let rest = others & (others &- 1)
      if rest == 0 { return nil }
      end = UInt64(truncatingIfNeeded: rest.trailingZeroBitCount) & 0x78
      guard end > first &+ 8 else { return nil }
      // Closes the gap of the point, then moves the digits to the end of the word.
      let whole = digits & ((1 &<< first) &- 1)
      let fraction = (digits &>> (first &+ 8)) &<< first
      mantissa = eightDigits((whole | fraction) &<< (72 &- end))
      places = Int(truncatingIfNeeded: (end &- first) >> 3) &- 1
    }
    let stop = p + Int(truncatingIfNeeded: end >> 3)
    guard stop.pointee == UInt8(ascii: ",") || stop.pointee == UInt8(ascii: "]") else { return nil }
    value.pointee = Double(Int64(truncatingIfNeeded: mantissa)) / powers[places]
    return stop
  }

  /// The number that eight digits spell, the first in the lowest byte.
  private static func eightDigits(_ digits: UInt64) -> UInt64 {
    let pairs = (digits &* 10 &+ (digits &>> 8)) & 0x00FF_00FF_00FF_00FF
    let fours = (pairs &* 100 &+ (pairs &>> 16)) & 0x0000_FFFF_0000_FFFF
    return (fours &* 10_000 &+ (fours &>> 32)) & 0xFFFF_FFFF
  }
}
