import WaybillBytes
import WaybillDatasetModel

/// Times of day as `hh:mm:ss.SSS`, for seconds from the start of a recording.
enum ClockTime {
  /// The time a text says; nil if it is none.
  ///
  /// Hours, and hours with minutes, may be missing, and so may the fraction; parts may have one digit, or say more than 59.
  static func time(_ text: UnsafeBufferPointer<UInt8>) -> MediaTime? {
    var at = 0
    let isNegative = at < text.count && text[at] == UInt8(ascii: "-")
    if isNegative { at = 1 }
    var whole = 0
    var parts = 0
    while true {
      let start = at
      var part = 0
      while at < text.count, text[at] &- 48 <= 9 {
        guard at - start < 15 else { return nil }
        part = part * 10 + Int(text[at] &- 48)
        at += 1
      }
      guard at > start else { return nil }
      // At most 15 digits of hours: no overflow.
      whole = whole * 60 + part
      parts += 1
      guard at < text.count, text[at] == UInt8(ascii: ":") else { break }
      guard parts < 3 else { return nil }
      at += 1
    }
    guard at == text.count || text[at] == UInt8(ascii: ".") || text[at] == UInt8(ascii: ",") else { return nil }
    var number = ByteBuffer(capacity: 48)
    if isNegative { number.append(UInt8(ascii: "-")) }
    number.append(decimal: whole)
    if at < text.count {
      number.append(UInt8(ascii: "."))
      guard at + 1 < text.count, text[(at + 1)...].allSatisfy({ $0 &- 48 <= 9 }) else { return nil }
      number.append(UnsafeRawBufferPointer(UnsafeBufferPointer(rebasing: text[(at + 1)...])))
    }
    return MediaTime(decimal: number.bytes.assumingMemoryBound(to: UInt8.self))?.written(as: .hours)
  }

  /// Appends a time as a clock time: three digits of fraction, more where more were given.
  static func append(_ time: MediaTime, to out: inout ByteBuffer) {
    time.appendClock(.hours, decimals: 3, to: &out)
  }
}
