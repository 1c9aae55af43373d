import WaybillBytes

/// Tags and character references in the text of a cue.
enum CueMarkup {
  /// Whether a text has tags: `<`, maybe `/`, a letter and on to a `>`, or a time in brackets.
  static func hasTags(_ text: String) -> Bool {
    text.withBytes { bytes in
      var at = 0
      while at < bytes.count {
        guard bytes[at] == 0x3C else {
          at += 1
          continue
        }
        at += 1
        if at < bytes.count, bytes[at] == 0x2F { at += 1 }
        guard at < bytes.count, isLetter(bytes[at]) || bytes[at] &- 0x30 <= 9 else { continue }
        while at < bytes.count, bytes[at] != 0x3C, bytes[at] != 0x3E { at += 1 }
        if at < bytes.count, bytes[at] == 0x3E { return true }
      }
      return false
    }
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7A }

  /// The characters a text without tags means.
  static func plain(_ text: String) -> String {
    guard text.utf8.contains(0x26) else { return text }
    return text.withBytes { bytes in
      var out = ByteBuffer(capacity: bytes.count)
      var at = 0
      while at < bytes.count {
        if bytes[at] == 0x26, let found = references.first(where: { bytes[at...].starts(with: $0.name.utf8) }) {
          out.append(found.character)
          at += found.name.utf8.count
        } else {
          out.append(bytes[at])
          at += 1
        }
      }
      return out.string()
    }
  }

  private static let references: [(name: String, character: String)] = [
    ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">"), ("&nbsp;", "\u{A0}"), ("&lrm;", "\u{200E}"), ("&rlm;", "\u{200F}"),
  ]

  /// Appends characters so that none of them is a tag, a reference or an arrow.
  static func append(plain text: String, to out: inout ByteBuffer) {
    text.withBytes { bytes in
      for at in bytes.indices {
        switch bytes[at] {
        case 0x26: out.append("&amp;")
        case 0x3C: out.append("&lt;")
        case 0x3E where at >= 2 && bytes[at - 1] == 0x2D && bytes[at - 2] == 0x2D: out.append("&gt;")
        default: out.append(bytes[at])
        }
      }
    }
  }

  /// A text that is one span of a voice, taken apart.
  struct Voice {
    var name: String
    /// The classes, with the point before each.
    var classes: String
    var text: String
  }

  /// The voice of a text that is one span of it, from the first character to the last; nil for all other texts.
  static func voice(_ text: String) -> Voice? {
    let bytes = Array(text.utf8)
    guard bytes.count > 4, bytes[0] == 0x3C, bytes[1] == 0x76, bytes[2] == 0x20 || bytes[2] == 0x2E,
      let end = bytes.firstIndex(of: 0x3E), let space = bytes[..<end].firstIndex(of: 0x20), space + 1 < end
    else { return nil }
    let name = bytes[(space + 1)..<end]
    if name.contains(0x0A) || name.contains(0x3C) { return nil }
    var rest = bytes[(end + 1)...]
    if rest.count >= 4, rest.suffix(4).elementsEqual("</v>".utf8) { rest = rest.dropLast(4) }
    let inner = String(decoding: rest, as: UTF8.self)
    if inner.contains("<v ") || inner.contains("<v.") || inner.contains("<v>") || inner.contains("</v>") { return nil }
    return Voice(
      name: plain(String(decoding: name, as: UTF8.self)), classes: String(decoding: bytes[2..<space], as: UTF8.self), text: inner)
  }
}
