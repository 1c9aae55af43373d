import WaybillBytes
import WaybillDiagnostics

/// The names of entries: what the writer writes and what the reader accepts are the same.
///
/// A name is UTF-8 without control characters, relative, clean (no empty part, no `.`, no `..`), and holds no backslash: the same path on
/// every system. Longer names than 65,535 bytes do not exist in zip.
enum ZipName {
  /// The rule that a name breaks, if any; a folder's name comes without its last slash.
  static func problem(_ name: UnsafeRawBufferPointer) -> ZipRule? {
    guard let first = name.first else { return .nameEmpty }
    guard name.count <= ZipFormat.textLimit else { return .nameLong }
    if first == 0x2F || first == 0x5C { return .nameAbsolute }
    if name.count > 1, name[1] == 0x3A, isLetter(first) { return .nameAbsolute }
    var high: UInt8 = 0
    var length = 0
    var dots = 0
    for byte in name {
      switch byte {
      case 0x2F:
        if let problem = componentProblem(length, dots) { return problem }
        length = 0
        dots = 0
        continue
      case 0x2E: dots &+= 1
      case 0x5C: return .nameBackslash
      case 0..<0x20, 0x7F: return .nameControl
      default: high |= byte
      }
      length &+= 1
    }
    if let problem = componentProblem(length, dots) { return problem }
    return high < 0x80 ? nil : highProblem(name)
  }

  private static func componentProblem(_ length: Int, _ dots: Int) -> ZipRule? {
    guard length == dots, length <= 2 else { return nil }
    return length == 2 ? .nameOutside : .nameUnclean
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x61...0x7A).contains(byte | 0x20) }

  /// The rule that a name with bytes beyond ASCII breaks: the control characters from U+0080 to U+009F are two bytes.
  private static func highProblem(_ name: UnsafeRawBufferPointer) -> ZipRule? {
    if UTF8Check.firstInvalid(in: name) != nil { return .nameEncoding }
    for index in name.indices.dropFirst() where name[index - 1] == 0xC2 && name[index] < 0xA0 { return .nameControl }
    return nil
  }

  /// Whether every byte is ASCII.
  static func isASCII(_ name: UnsafeRawBufferPointer) -> Bool { name.allSatisfy { $0 < 0x80 } }

  /// A name from a file as a message may show it: in quotes, escaped, and cut where it is very long.
  static func shown(_ name: UnsafeRawBufferPointer) -> String {
    let limit = 240
    let part = UnsafeRawBufferPointer(rebasing: name.prefix(limit))
    return "\"" + terminalSafe(FileTree.display(Array(part))) + (name.count > limit ? "...\"" : "\"")
  }
}
