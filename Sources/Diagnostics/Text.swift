import Glibc

/// The system's words for an error number, such as "No such file or directory".
public func systemMessage(_ number: Int32) -> String {
  String(cString: strerror(number))
}

/// Text that is safe on a terminal: control characters, line breaks, bidirectional overrides and escapes are
/// shown as `\u{..}`.
///
/// Names come from files and may hold terminal escapes; everything printed passes through here.
public func terminalSafe(_ text: some StringProtocol) -> String {
  func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    let value = scalar.value
    return value < 0x20 || (value >= 0x7F && value < 0xA0) || value == 0x061C || (value >= 0x200E && value <= 0x200F)
      || (value >= 0x2028 && value <= 0x202E) || (value >= 0x2066 && value <= 0x2069)
  }
  guard text.unicodeScalars.contains(where: isUnsafe) else { return String(text) }
  var result = ""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\n": result += "\\n"
    case "\r": result += "\\r"
    case "\t": result += "\\t"
    default:
      if isUnsafe(scalar) {
        result += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
  }
  return result
}
