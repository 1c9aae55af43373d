import WaybillBytes

/// Numbers as programs write them into label files: JSON's grammar, and Python's and C's liberties with it.
enum YOLONumber {
  /// Reads the number that begins at a pointer and ends at white space; nil when there is none, or it is not finite.
  @inline(__always) static func read(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    if let next = NumberParser.double(start, end, &value), next == end || YOLOLines.isBlank(next.pointee) { return next }
    return readSlowly(start, end, &value)
  }

  /// Reads `.5`, `5.`, `+1` and `007`.
  @inline(never) private static func readSlowly(
    _ start: UnsafePointer<UInt8>, _ end: UnsafePointer<UInt8>, _ value: inout Double
  ) -> UnsafePointer<UInt8>? {
    var stop = start
    var digits = 0
    while stop < end, !YOLOLines.isBlank(stop.pointee) {
      switch stop.pointee {
      case 48...57: digits += 1
      case UInt8(ascii: "."), UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"): break
      default: return nil
      }
      stop += 1
    }
    guard digits > 0, stop - start <= 4096 else { return nil }
    let text = String(decoding: UnsafeBufferPointer(start: start, count: stop - start), as: UTF8.self)
    guard let parsed = Double(text.hasSuffix(".") ? text + "0" : text), parsed.isFinite else { return nil }
    value = parsed
    return stop
  }

  /// The number of a class: a whole number from 0 on, which may be written as `1.0`; nil for anything else.
  @inline(__always) static func classNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    if text.count <= 9, !text.isEmpty {
      var number = 0
      for byte in text {
        let digit = byte &- 48
        if digit > 9 { return slowClassNumber(text) }
        number = number &* 10 &+ Int(digit)
      }
      return number
    }
    return slowClassNumber(text)
  }

  @inline(never) private static func slowClassNumber(_ text: UnsafeRawBufferPointer) -> Int? {
    guard let start = text.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return nil }
    var value = 0.0
    guard read(start, start + text.count, &value) == start + text.count, value >= 0, value < 1e9, value == value.rounded(.down)
    else {
      return nil
    }
    return value.sign == .minus ? nil : Int(value)
  }
}
