import WaybillDiagnostics

/// Text of a page: what comes from a file is escaped, cut to a length, and free of control characters.
enum HTMLText {
  private static let lengthLimit = 120

  /// Text from anywhere, safe between tags and in quoted attributes.
  static func escaped(_ text: String, limit: Int = lengthLimit) -> String {
    var cut = terminalSafe(text.unicodeScalars.count > limit ? String(text.unicodeScalars.prefix(limit)) + "…" : text)
    for (character, entity) in [("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("\"", "&quot;"), ("'", "&#39;")]
      as [(Character, String)]
    {
      cut = cut.replacing(character, by: entity)
    }
    return cut
  }

  /// Bytes as base 64, as `data:` addresses hold them.
  static func base64(_ bytes: [UInt8]) -> String {
    let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    var at = 0
    while at < bytes.count {
      let left = bytes.count - at
      let group = UInt32(bytes[at]) << 16 | (left > 1 ? UInt32(bytes[at + 1]) << 8 : 0) | (left > 2 ? UInt32(bytes[at + 2]) : 0)
      text.append(digits[Int(group >> 18)])
      text.append(digits[Int(group >> 12 & 63)])
      text.append(left > 1 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "="))
      text.append(left > 2 ? digits[Int(group & 63)] : UInt8(ascii: "="))
      at += 3
    }
    return String(decoding: text, as: UTF8.self)
  }
}
