import WaybillBytes

extension YAMLReader {
  /// A key and its colon; nil, wherever the position then is, when the line holds none.
  mutating func key() throws(YAMLFault) -> (String, Range<Int>)? {
    let start = at
    let text: String
    var end = at
    switch byte() {
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      text = try quoted()
      end = at
      skipSpaces()
    case UInt8(ascii: "["), UInt8(ascii: "{"), UInt8(ascii: "|"), UInt8(ascii: ">"): return nil
    default:
      while at < bytes.count, byte() != 0x0A, byte() != 0x0D {
        if byte() == UInt8(ascii: ":"), isBreak(1) { break }
        if byte() == UInt8(ascii: "#"), at > start, isBreak(-1) { return nil }
        at += 1
        if byte(-1) != 0x20 && byte(-1) != 0x09 { end = at }
      }
      guard byte() == UInt8(ascii: ":"), !isAtEnd else { return nil }
      let place = at
      at = start
      try refuseMarks()
      at = place
      text = String(decoding: bytes[start..<end], as: UTF8.self)
    }
    guard byte() == UInt8(ascii: ":"), isBreak(1) else { return nil }
    at += 1
    return (text, start..<end)
  }

  /// A value that begins on the line of its key.
  mutating func inlineValue(parent: Int) throws(YAMLFault) -> YAMLNode {
    let start = at
    switch byte() {
    case UInt8(ascii: "["), UInt8(ascii: "{"): return try flow()
    case UInt8(ascii: "\""), UInt8(ascii: "'"):
      let text = try quoted()
      return YAMLNode(.scalar(text, isPlain: false), at: start..<at)
    case UInt8(ascii: "|"), UInt8(ascii: ">"):
      let text = try blockScalar(parent)
      return YAMLNode(.scalar(text, isPlain: false), at: start..<(start + 1))
    default: return try plain(parent)
    }
  }

  /// Refuses what would begin an anchor, an alias, a tag or a reserved token.
  func refuseMarks() throws(YAMLFault) {
    switch byte() {
    case UInt8(ascii: "&"): throw YAMLFault(.unsupported("Anchors are"), at: at)
    case UInt8(ascii: "*"): throw YAMLFault(.unsupported("Aliases are"), at: at)
    case UInt8(ascii: "!"): throw YAMLFault(.unsupported("Tags are"), at: at)
    case UInt8(ascii: "@"), UInt8(ascii: "`"), UInt8(ascii: "%"): throw YAMLFault(.expected("a value in quotes"), at: at)
    default: return
    }
  }

  /// A text without quotes; lines further right than the parent go on with it.
  private mutating func plain(_ parent: Int) throws(YAMLFault) -> YAMLNode {
    try refuseMarks()
    let start = at
    var text = ""
    var end = at
    while true {
      let from = at
      end = at
      while at < bytes.count, byte() != 0x0A, byte() != 0x0D {
        if byte() == UInt8(ascii: "#"), isBreak(-1) { break }
        if byte() == UInt8(ascii: ":"), isBreak(1) { throw YAMLFault(.expected("a value in quotes, for it holds a colon"), at: at) }
        at += 1
        if byte(-1) != 0x20 && byte(-1) != 0x09 { end = at }
      }
      text += String(decoding: bytes[from..<end], as: UTF8.self)
      if byte() == UInt8(ascii: "#") { break }
      let before = at
      let line = lineCount(from: before)
      guard let next = try nextContent(), next > parent else {
        at = before
        break
      }
      text += line > 1 ? String(repeating: "\n", count: line - 1) : " "
    }
    return YAMLNode(.scalar(text, isPlain: true), at: start..<max(start, min(end, bytes.count)))
  }

  /// How many lines on the next one is that is not blank; comments count as lines that hold something.
  private func lineCount(from position: Int) -> Int {
    var count = 0
    var position = position
    while position < bytes.count {
      if bytes[position] == 0x0A { count += 1 } else if bytes[position] > 0x20 { break }
      position += 1
    }
    return count
  }

  /// A quoted text; a line's end inside it is a space.
  mutating func quoted() throws(YAMLFault) -> String {
    let start = at
    let quote = byte()
    at += 1
    var text: [UInt8] = []
    while at < bytes.count {
      let value = byte()
      if value == quote {
        at += 1
        // A doubled quote stands for one.
        guard quote == UInt8(ascii: "'"), byte() == quote else { return String(decoding: text, as: UTF8.self) }
        text.append(quote)
        at += 1
      } else if value == 0x0A || value == 0x0D {
        fold(into: &text)
      } else if value == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        try escape(into: &text)
      } else {
        text.append(value)
        at += 1
      }
    }
    throw YAMLFault(.unclosed, at: start)
  }

  private mutating func fold(into text: inout [UInt8]) {
    while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
    var lines = 0
    while at < bytes.count, isBreak(0) {
      if byte() == 0x0A { lines += 1 }
      at += 1
    }
    if lines > 1 { text.append(contentsOf: repeatElement(0x0A, count: lines - 1)) } else { text.append(0x20) }
  }

  private mutating func escape(into text: inout [UInt8]) throws(YAMLFault) {
    let start = at
    let mark = byte(1)
    at += 2
    switch mark {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "t"), 0x09: text.append(0x09)
    case UInt8(ascii: "r"): text.append(0x0D)
    case UInt8(ascii: "0"): text.append(0)
    case UInt8(ascii: "a"): text.append(7)
    case UInt8(ascii: "b"): text.append(8)
    case UInt8(ascii: "v"): text.append(0x0B)
    case UInt8(ascii: "f"): text.append(0x0C)
    case UInt8(ascii: "e"): text.append(0x1B)
    case UInt8(ascii: " "), UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"): text.append(mark)
    case UInt8(ascii: "x"), UInt8(ascii: "u"), UInt8(ascii: "U"):
      let count = mark == UInt8(ascii: "x") ? 2 : mark == UInt8(ascii: "u") ? 4 : 8
      var value: UInt32 = 0
      for _ in 0..<count {
        guard let digit = hexadecimal(byte()), !isAtEnd else { throw YAMLFault(.escape, at: start) }
        value = value &* 16 &+ digit
        at += 1
      }
      if value & 0xFFFF_FC00 == 0xD800, byte() == UInt8(ascii: "\\"), byte(1) == UInt8(ascii: "u") {
        var low: UInt32 = 0
        for offset in 2..<6 {
          guard let digit = hexadecimal(byte(offset)) else { throw YAMLFault(.escape, at: start) }
          low = low &* 16 &+ digit
        }
        guard low & 0xFFFF_FC00 == 0xDC00 else { throw YAMLFault(.escape, at: start) }
        at += 6
        value = 0x10000 &+ ((value & 0x3FF) &<< 10) &+ (low & 0x3FF)
      }
      guard let scalar = Unicode.Scalar(value) else { throw YAMLFault(.escape, at: start) }
      text.append(contentsOf: Array(String(Character(scalar)).utf8))
    case 0x0A, 0x0D:
      // A line's end that is escaped is no space.
      at -= 1
      while at < bytes.count, isBreak(0) { at += 1 }
    default: throw YAMLFault(.escape, at: start)
    }
  }

  private func hexadecimal(_ byte: UInt8) -> UInt32? {
    switch byte {
    case 48...57: UInt32(byte) - 48
    case 65...70: UInt32(byte) - 55
    case 97...102: UInt32(byte) - 87
    default: nil
    }
  }

  /// A text after `|` or `>`: the lines further right than the parent.
  private mutating func blockScalar(_ parent: Int) throws(YAMLFault) -> String {
    let isFolded = byte() == UInt8(ascii: ">")
    at += 1
    var keepsEnd: Bool?
    var indent: Int?
    while !isBreak(0) {
      switch byte() {
      case UInt8(ascii: "+") where keepsEnd == nil: keepsEnd = true
      case UInt8(ascii: "-") where keepsEnd == nil: keepsEnd = false
      case 49...57 where indent == nil: indent = max(0, parent) + Int(byte()) - 48
      default: throw YAMLFault(.expected("the end of the line"), at: at)
      }
      at += 1
    }
    try endLine()
    skipLine()
    var lines: [String] = []
    while at < bytes.count {
      var end = at
      while end < bytes.count, bytes[end] != 0x0A { end += 1 }
      let next = min(end + 1, bytes.count)
      if end > at, bytes[end - 1] == 0x0D { end -= 1 }
      var column = 0
      while at + column < end, bytes[at + column] == 0x20 { column += 1 }
      if at + column == end {
        lines.append("")
      } else {
        if column <= parent || column < (indent ?? 0) { break }
        let left = indent ?? column
        indent = left
        lines.append(String(decoding: bytes[(at + left)..<end], as: UTF8.self))
      }
      at = next
    }
    // The line break before the next line belongs to what is read already: step back so that it is looked at anew.
    if at > 0, at < bytes.count { at -= 1 }
    var trailing = 0
    while lines.last == "" {
      lines.removeLast()
      trailing += 1
    }
    var text = ""
    for (index, line) in lines.enumerated() {
      if index > 0 {
        let isText =
          isFolded && !line.isEmpty && !lines[index - 1].isEmpty && line.utf8.first != 0x20
          && lines[index - 1].utf8.first != 0x20
        if isText { text += " " } else if !(isFolded && line.isEmpty) || lines[index - 1].isEmpty { text += "\n" }
      }
      text += line
    }
    if keepsEnd == false || lines.isEmpty { return text }
    return text + String(repeating: "\n", count: keepsEnd == true ? trailing + 1 : 1)
  }
}
