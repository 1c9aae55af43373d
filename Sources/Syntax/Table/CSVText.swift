import Glibc
import WaybillBytes

/// What doubled quotes stand for, and which fields need quotes.
public enum CSVText {
  /// The text of the inside of a quoted field; invalid UTF-8 is repaired.
  public static func unescaped(_ content: UnsafeRawBufferPointer) -> String {
    var out = ByteBuffer(capacity: content.count)
    out.appendUnescapedCSV(content)
    return out.string()
  }

  /// Whether a field must stand in quotes to be read back: it holds a delimiter, a quote, a line feed or a carriage return.
  public static func needsQuotes(_ text: UnsafeRawBufferPointer, delimiter: UInt8) -> Bool {
    guard let base = text.baseAddress, text.count > 0 else { return false }
    for byte in [delimiter, 0x0A, 0x0D, UInt8(ascii: "\"")] where memchr(base, Int32(byte), text.count) != nil { return true }
    return false
  }
}

/// When a field is written in quotes.
public enum CSVQuoting: Equatable, Sendable {
  /// Where it must be, to be read back.
  case needed
  /// Always.
  case always
  /// Never: for tables without quoting, whose fields hold neither delimiters nor line ends.
  case never
}

extension ByteBuffer {
  /// Appends the text of the inside of a quoted field: each doubled quote becomes one.
  public mutating func appendUnescapedCSV(_ content: UnsafeRawBufferPointer) {
    guard let base = content.baseAddress else { return }
    var at = 0
    while at < content.count {
      guard let found = memchr(base + at, Int32(UInt8(ascii: "\"")), content.count - at) else { break }
      let quote = UnsafeRawPointer(found) - base
      append(UnsafeRawBufferPointer(rebasing: content[at...quote]))
      at = quote + 1
      if at < content.count, content[at] == UInt8(ascii: "\"") { at += 1 }
    }
    if at < content.count { append(UnsafeRawBufferPointer(rebasing: content[at...])) }
  }

  /// Appends a text as a field.
  ///
  /// A row whose only field is empty is a blank line unless it is quoted; that is for the caller to decide.
  public mutating func appendCSV(_ text: UnsafeRawBufferPointer, delimiter: UInt8, quoting: CSVQuoting = .needed) {
    guard quoting == .always || (quoting == .needed && CSVText.needsQuotes(text, delimiter: delimiter)) else { return append(text) }
    append(UInt8(ascii: "\""))
    var at = 0
    while at < text.count, let base = text.baseAddress {
      guard let found = memchr(base + at, Int32(UInt8(ascii: "\"")), text.count - at) else { break }
      let quote = UnsafeRawPointer(found) - base
      append(UnsafeRawBufferPointer(rebasing: text[at...quote]))
      append(UInt8(ascii: "\""))
      at = quote + 1
    }
    if at < text.count { append(UnsafeRawBufferPointer(rebasing: text[at...])) }
    append(UInt8(ascii: "\""))
  }

  /// Appends a text as a field.
  public mutating func appendCSV(_ text: String, delimiter: UInt8, quoting: CSVQuoting = .needed) {
    text.withBytes { appendCSV(UnsafeRawBufferPointer($0), delimiter: delimiter, quoting: quoting) }
  }
}
