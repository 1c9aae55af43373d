import WaybillBytes
import WaybillDatasetModel

/// The field MISC: `Name=Value` parted by bars.
enum CoNLLUMisc {
  /// The keys under which tags of entities stand, and that of brackets round them.
  static let entityKeys = ["NER", "NE"]
  static let bracketKey = "Entity"

  /// The value of a key; nil when it is not there.
  static func value(_ misc: UnsafeBufferPointer<UInt8>, _ key: String) -> UnsafeBufferPointer<UInt8>? {
    let name = key.utf8
    if misc.count <= name.count { return nil }
    for pair in misc.split(separator: UInt8(ascii: "|")) where pair.count > name.count && pair.starts(with: name) {
      let mark = pair.startIndex + name.count
      if pair[mark] == UInt8(ascii: "=") { return UnsafeBufferPointer(rebasing: pair[(mark + 1)...]) }
    }
    return nil
  }

  /// Whether no space follows the token.
  static func hasNoSpaceAfter(_ misc: UnsafeBufferPointer<UInt8>) -> Bool {
    misc.count >= 13 && value(misc, "SpaceAfter")?.elementsEqual("No".utf8) ?? false
  }

  /// The pairs without those about entities; empty when none is left.
  static func withoutEntities(_ misc: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var kept: [UInt8] = []
    if misc.count == 1, misc[0] == UInt8(ascii: "_") { return kept }
    for pair in misc.split(separator: UInt8(ascii: "|"), omittingEmptySubsequences: false) {
      let name = pair.prefix { $0 != UInt8(ascii: "=") }
      if (entityKeys + [bracketKey]).contains(where: { name.elementsEqual($0.utf8) }) { continue }
      if !kept.isEmpty { kept.append(UInt8(ascii: "|")) }
      kept += pair
    }
    return kept
  }

  /// A text as it can stand in a value or in the place of a name.
  static func escaped(_ text: UnsafeBufferPointer<UInt8>, isName: Bool) -> [UInt8] {
    var out: [UInt8] = []
    for byte in text {
      let letter: UInt8? =
        switch byte {
        case UInt8(ascii: "\\"): UInt8(ascii: "\\")
        case UInt8(ascii: "|"): UInt8(ascii: "p")
        case 0x20: UInt8(ascii: "s")
        case 0x09: UInt8(ascii: "t")
        case 0x0A: UInt8(ascii: "n")
        case 0x0D: UInt8(ascii: "r")
        case UInt8(ascii: "="): isName ? UInt8(ascii: "e") : nil
        default: nil
        }
      if let letter { out += [UInt8(ascii: "\\"), letter] } else { out.append(byte) }
    }
    return out
  }

  /// The text that ``escaped(_:isName:)`` was given.
  static func unescaped(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
    var out: [UInt8] = []
    var at = 0
    while at < text.count {
      guard text[at] == UInt8(ascii: "\\"), at + 1 < text.count else {
        out.append(text[at])
        at += 1
        continue
      }
      switch text[at + 1] {
      case UInt8(ascii: "p"): out.append(UInt8(ascii: "|"))
      case UInt8(ascii: "s"): out.append(0x20)
      case UInt8(ascii: "t"): out.append(0x09)
      case UInt8(ascii: "n"): out.append(0x0A)
      case UInt8(ascii: "r"): out.append(0x0D)
      case UInt8(ascii: "e"): out.append(UInt8(ascii: "="))
      default: out.append(text[at + 1])
      }
      at += 2
    }
    return out
  }
}
