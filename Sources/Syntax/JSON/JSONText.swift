import WaybillBytes

extension ByteBuffer {
  /// Appends text as a JSON string with its quotes: only what JSON demands is escaped, all else stays UTF-8.
  @inlinable public mutating func appendJSON(_ text: String) {
    text.withBytes { appendJSON(utf8: $0) }
  }

  /// Appends UTF-8 as a JSON string with its quotes.
  @inlinable public mutating func appendJSON(utf8: UnsafeBufferPointer<UInt8>) {
    append(UInt8(ascii: "\""))
    appendJSONContent(utf8: utf8)
    append(UInt8(ascii: "\""))
  }

  /// Appends UTF-8 as the inside of a JSON string.
  @inlinable public mutating func appendJSONContent(utf8: UnsafeBufferPointer<UInt8>) {
    var clean = 0
    var at = 0
    while at < utf8.count {
      while utf8.count &- at >= 8, JSONScanner.specialBytes(utf8, at) == 0 { at &+= 8 }
      guard at < utf8.count else { break }
      let byte = utf8[at]
      if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
        at &+= 1
        continue
      }
      append(UnsafeBufferPointer(rebasing: utf8[clean..<at]))
      appendJSONEscape(of: byte)
      at &+= 1
      clean = at
    }
    append(UnsafeBufferPointer(rebasing: utf8[clean..<at]))
  }

  @usableFromInline mutating func appendJSONEscape(of byte: UInt8) {
    write(atMost: 6) { start in
      var printer = JSONPrinter(start)
      printer.print(escapeOf: byte)
      return printer.place - start
    }
  }

  /// Appends one valid JSON value, with no white space around it, without the white space between its tokens.
  public mutating func appendCompacted(value: UnsafeRawBufferPointer) {
    // Most are a single token.
    if value.first == UInt8(ascii: "{") || value.first == UInt8(ascii: "[") { appendCompacted(json: value) } else { append(value) }
  }

  /// Appends valid JSON without the white space between its tokens.
  public mutating func appendCompacted(json: UnsafeRawBufferPointer) {
    var inString = false
    var at = 0
    // White space may be nearly all of it.
    reserve(Swift.min(json.count, 1 << 16))
    while at < json.count {
      let byte = json[at]
      if inString {
        append(byte)
        if byte == UInt8(ascii: "\\"), at + 1 < json.count {
          at += 1
          append(json[at])
        } else if byte == UInt8(ascii: "\"") {
          inString = false
        }
      } else if byte > 0x20 {
        append(byte)
        if byte == UInt8(ascii: "\"") { inString = true }
      }
      at += 1
    }
  }
}
