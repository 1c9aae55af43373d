import WaybillBytes
import WaybillDiagnostics
import WaybillSyntax

extension VOCEncoder {
  /// Appends the white space before an element of a level.
  @inline(__always) func indent(_ level: Int, _ out: inout ByteBuffer) {
    for _ in 0..<level {
      if dialect.layout == .service { out.append("    ") } else { out.append(UInt8(ascii: "\t")) }
    }
  }

  /// Appends a start tag, without a line break after it.
  @inline(__always) func open(_ name: StaticString, _ attributes: String, level: Int, _ out: inout ByteBuffer) {
    indent(level, &out)
    out.append(UInt8(ascii: "<"))
    out.append(name)
    if !attributes.isEmpty { out.append(attributes) }
    out.append(UInt8(ascii: ">"))
  }

  /// Appends an end tag and a line break.
  @inline(__always) func close(_ name: StaticString, _ out: inout ByteBuffer) {
    out.append("</")
    out.append(name)
    out.append(">\n")
  }

  /// Appends the start tag of an element that holds elements.
  @inline(__always) func begin(_ name: StaticString, _ attributes: String = "", level: Int, _ out: inout ByteBuffer) {
    open(name, attributes, level: level, &out)
    out.append(UInt8(ascii: "\n"))
  }

  /// Appends the end tag of an element that holds elements.
  @inline(__always) func end(_ name: StaticString, level: Int, _ out: inout ByteBuffer) {
    indent(level, &out)
    close(name, &out)
  }

  /// Appends an element with a text as it is.
  mutating func raw(_ name: StaticString, _ text: String, _ attributes: String, level: Int, _ out: inout ByteBuffer) {
    open(name, attributes, level: level, &out)
    append(text, name, &out)
    close(name, &out)
  }

  /// Appends an element with a value, in the file's own spelling where that still means the value; nothing when there is no value.
  mutating func leaf(
    _ name: StaticString, _ value: String?, _ spelled: String?, _ attributes: String, level: Int, _ out: inout ByteBuffer
  ) {
    guard let value else { return }
    if var spelled, spelled.withUTF8({ VOCTree.value(of: $0).elementsEqual(value.utf8) }) {
      return raw(name, spelled, attributes, level: level, &out)
    }
    raw(name, value, attributes, level: level, &out)
  }

  /// Appends a yes-or-no mark.
  mutating func flag(
    _ name: StaticString, _ value: Bool, _ spelled: String?, _ attributes: String, level: Int, _ out: inout ByteBuffer
  ) {
    if var spelled, spelled.withUTF8({ VOCSpelled.flag(VOCTree.trim($0)) }) == value {
      return raw(name, spelled, attributes, level: level, &out)
    }
    open(name, attributes, level: level, &out)
    out.append(value ? UInt8(ascii: "1") : UInt8(ascii: "0"))
    close(name, &out)
  }

  /// Appends a number.
  mutating func number(
    _ name: StaticString, _ value: Double, _ spelled: String? = nil, _ attributes: String = "", fraction: Bool = false, level: Int,
    _ out: inout ByteBuffer
  ) {
    if var spelled, spelled.withUTF8({ VOCSpelled.number(VOCTree.trim($0)) }) == value {
      return raw(name, spelled, attributes, level: level, &out)
    }
    open(name, attributes, level: level, &out)
    VOCSpelled.append(value, fraction: fraction, to: &out)
    close(name, &out)
  }

  /// Appends a text, escaped; a text that XML cannot hold is an error.
  mutating func append(_ text: String, _ name: StaticString, _ out: inout ByteBuffer) {
    var text = text
    let isValid = text.withUTF8 { bytes in
      guard isValidXMLText(bytes) else { return false }
      VOCEncoder.appendEscaped(bytes, &out)
      return true
    }
    if !isValid {
      report(
        "voc.write.text",
        "The text of \"\(name)\" holds a control character, which XML cannot hold: \"\(terminalSafe(text.prefix(60)))\"")
    }
  }

  @inline(__always) static func appendEscaped(_ bytes: UnsafeBufferPointer<UInt8>, _ out: inout ByteBuffer) {
    var start = 0
    for index in 0..<bytes.count {
      let byte = bytes[index]
      guard byte <= 0x3E, byte == 0x26 || byte == 0x3C || byte == 0x3E || byte == 0x0D else { continue }
      out.append(UnsafeBufferPointer(rebasing: bytes[start..<index]))
      switch byte {
      case 0x26: out.append("&amp;")
      case 0x3C: out.append("&lt;")
      case 0x3E: out.append("&gt;")
      default: out.append("&#13;")
      }
      start = index &+ 1
    }
    out.append(UnsafeBufferPointer(rebasing: bytes[start...]))
  }

  /// Appends a preserved element: each element inside on its own line, or as it is when `isVerbatim`.
  mutating func append(_ xml: String, _ isVerbatim: Bool, level: Int, _ out: inout ByteBuffer) {
    indent(level, &out)
    var xml = xml
    xml.withUTF8 { bytes in
      if isVerbatim { out.append(bytes) } else { appendIndented(bytes, level, &out) }
    }
    out.append(UInt8(ascii: "\n"))
  }

  private func appendIndented(_ bytes: UnsafeBufferPointer<UInt8>, _ level: Int, _ out: inout ByteBuffer) {
    var depth = level
    var isAfterTag = false
    var index = 0
    while index < bytes.count {
      guard bytes[index] == 0x3C else {
        out.append(bytes[index])
        isAfterTag = false
        index += 1
        continue
      }
      let isEnd = index + 1 < bytes.count && bytes[index + 1] == 0x2F
      if isEnd { depth -= 1 }
      if isAfterTag {
        out.append(UInt8(ascii: "\n"))
        indent(max(depth, 0), &out)
      }
      let start = index
      while index < bytes.count, bytes[index] != 0x3E { index += 1 }
      index = min(index + 1, bytes.count)
      out.append(UnsafeBufferPointer(rebasing: bytes[start..<index]))
      if !isEnd, index < start + 2 || bytes[index - 2] != 0x2F { depth += 1 }
      isAfterTag = true
    }
  }
}
