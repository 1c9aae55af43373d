internal import CWaybillXML2
import Glibc
import WaybillBytes

/// Conversions between UTF-8 and the encodings that the C library knows by name.
enum TextConversion {
  /// Appends bytes in an encoding as UTF-8.
  static func toUTF8(_ source: UnsafeRawBufferPointer, from name: String, into out: inout ByteBuffer) throws(TextFault) {
    if let stop = try convert(source, from: name, to: "UTF-8", into: &out) { throw TextFault(.invalid(name), at: stop) }
  }

  /// Appends UTF-8 in an encoding; what is written reads back as the same text, or there is a fault.
  static func fromUTF8(_ text: UnsafeRawBufferPointer, to name: String, into out: inout ByteBuffer) throws(TextFault) {
    let start = out.count
    if let stop = try convert(text, from: "UTF-8", to: name, into: &out) { throw TextFault(.lacks(name), at: stop) }
    var back = ByteBuffer(capacity: text.count + 32)
    let written = UnsafeRawBufferPointer(rebasing: out.bytes[start...])
    let isRead = try convert(written, from: name, to: "UTF-8", into: &back) == nil
    guard !isRead || back.count != text.count || !back.bytes.elementsEqual(text) else { return }
    // Some encodings have one place for two characters.
    let same = zip(back.bytes, text).prefix { $0 == $1 }.count
    throw TextFault(.lacks(name), at: same)
  }

  /// How many bytes in an encoding become so many bytes of UTF-8.
  static func length(of count: Int, in source: UnsafeRawBufferPointer, from name: String) -> Int {
    guard count > 0 else { return 0 }
    let converter = iconv_open("UTF-8", name)
    guard waybill_iconv_failed(converter) == 0 else { return 0 }
    defer { iconv_close(converter) }
    var input = UnsafeMutablePointer<CChar>(mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
    var remaining = source.count
    let room = UnsafeMutablePointer<CChar>.allocate(capacity: count + 16)
    defer { room.deallocate() }
    var output: UnsafeMutablePointer<CChar>? = room
    var free = count
    // It stops before the first character that finds no room.
    _ = iconv(converter, &input, &remaining, &output, &free)
    // A letter may be held back, for a mark may follow that is joined to it.
    let before = free
    free += 16
    _ = iconv(converter, nil, nil, &output, &free)
    let isHeldBack = free - 16 < before
    return source.count - remaining - (isHeldBack && before == 0 ? 1 : 0)
  }

  /// Converts all, or up to an offset that it returns where bytes mean nothing or are cut off.
  private static func convert(
    _ source: UnsafeRawBufferPointer, from: String, to: String, into out: inout ByteBuffer
  ) throws(TextFault) -> Int? {
    let converter = iconv_open(to, from)
    guard waybill_iconv_failed(converter) == 0 else { throw TextFault(.unknownEncoding(to == "UTF-8" ? from : to), at: 0) }
    defer { iconv_close(converter) }
    var input = UnsafeMutablePointer<CChar>(mutating: source.baseAddress?.assumingMemoryBound(to: CChar.self))
    var remaining = source.count
    // What the converter holds back, to join it with what may follow, comes out at the end.
    var isFlushed = false
    while !isFlushed {
      let isLast = remaining == 0
      let before = remaining
      var code: Int32 = 0
      var written = 0
      let room = max(64, remaining * 2)
      out.write(atMost: room) { start in
        start.withMemoryRebound(to: CChar.self, capacity: room) { start in
          var output: UnsafeMutablePointer<CChar>? = start
          var free = room
          let result =
            isLast
            ? iconv(converter, nil, nil, &output, &free) : iconv(converter, &input, &remaining, &output, &free)
          if result == -1 { code = errno }
          written = room - free
          return written
        }
      }
      if code != 0, code != E2BIG || (written == 0 && remaining == before) { return source.count - remaining }
      isFlushed = isLast
    }
    return nil
  }
}
