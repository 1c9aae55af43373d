import WaybillBytes

/// Times of day as `hh:mm:ss.SSS`, for seconds from the start of a recording.
enum ClockTime {
  /// Seconds of a clock time; nil if it is none.
  ///
  /// Hours, and hours with minutes, may be missing, and so may the fraction.
  static func seconds(_ text: UnsafeBufferPointer<UInt8>) -> Double? {
    var at = 0
    var isNegative = false
    if at < text.count, text[at] == UInt8(ascii: "-") {
      isNegative = true
      at += 1
    }
    var whole = 0
    var parts = 0
    while true {
      let start = at
      var part = 0
      while at < text.count, text[at] &- 48 <= 9 {
        guard at - start < 9 else { return nil }
        part = part * 10 + Int(text[at] &- 48)
        at += 1
      }
      guard at > start else { return nil }
      whole = whole &* 60 &+ part
      parts += 1
      guard at < text.count, text[at] == UInt8(ascii: ":") else { break }
      guard parts < 3 else { return nil }
      at += 1
    }
    guard at == text.count || text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: ",") else { return nil }
    var number = ByteBuffer(capacity: 48)
    number.append(decimal: whole)
    if at < text.count {
      number.append(UInt8(ascii: "."))
      at += 1
      let start = at
      while at < text.count, text[at] &- 48 <= 9 {
        number.append(text[at])
        at += 1
      }
      guard at > start, at == text.count, at - start <= 40 else { return nil }
    }
    guard case let value? = NumberParser.number(number.bytes.assumingMemoryBound(to: UInt8.self)) else { return nil }
    return isNegative ? 0 - value.doubleValue : value.doubleValue
  }

  /// Appends seconds as a clock time: three digits of fraction, more where the number needs them; false if it is not finite.
  static func append(_ seconds: Double, to out: inout ByteBuffer) -> Bool {
    let magnitude = seconds.magnitude
    guard magnitude < 1e9 else { return false }
    if seconds < 0 { out.append(UInt8(ascii: "-")) }
    let whole = Int(magnitude.rounded(.down))
    appendTwo(whole / 3600, &out)
    out.append(UInt8(ascii: ":"))
    appendTwo(whole / 60 % 60, &out)
    out.append(UInt8(ascii: ":"))
    appendTwo(whole % 60, &out)
    out.append(UInt8(ascii: "."))
    let thousandths = (magnitude * 1000).rounded()
    if thousandths / 1000 == magnitude {
      out.append(decimal: Int(thousandths) % 1000, width: 3)
    } else {
      appendFraction(magnitude, &out)
    }
    return true
  }

  private static func appendTwo(_ value: Int, _ out: inout ByteBuffer) {
    if value > 99 { out.append(decimal: value) } else { out.append(decimal: value, width: 2) }
  }

  /// The digits after the point of the shortest text that reads back as the number.
  private static func appendFraction(_ value: Double, _ out: inout ByteBuffer) {
    let text = Array(value.description.utf8)
    let mark = text.firstIndex(of: UInt8(ascii: "e")) ?? text.count
    if mark < text.count {
      // Only tiny numbers come here: 1.5e-07 is 0.00000015.
      let exponent = Int(String(decoding: text[(mark + 1)...], as: UTF8.self)) ?? 0
      for _ in 0..<max(0, min(400, -exponent - 1)) { out.append(UInt8(ascii: "0")) }
      for byte in text[..<mark] where byte != UInt8(ascii: ".") { out.append(byte) }
      return
    }
    guard let point = text.firstIndex(of: UInt8(ascii: ".")) else { return out.append("000") }
    for byte in text[(point + 1)...] { out.append(byte) }
  }
}
