/// The name of a version: 1 to 32 letters, digits, `-` and `_` of ASCII, as ModelArts has them.
///
/// `current` is no name, for it means whichever version is current.
public struct VersionName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// A name; nil when the text is none.
  public init?(_ text: String) {
    guard (1...32).contains(text.utf8.count), text != "current", text.utf8.allSatisfy(VersionName.isAllowed) else { return nil }
    self.text = text
  }

  static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F: true
    default: false
    }
  }

  /// The number of a default name, such as 12 of `V012`; nil for any other name.
  var number: Int? {
    guard text.utf8.first == UInt8(ascii: "V"), text.utf8.count >= 4, text.utf8.dropFirst().allSatisfy({ $0 >= 0x30 && $0 <= 0x39 })
    else { return nil }
    return Int(text.dropFirst())
  }

  /// The default name after some names: one more than the largest default number among them, with at least three digits.
  static func next(after names: some Sequence<VersionName>) -> VersionName? {
    let largest = names.compactMap(\.number).max() ?? 0
    let (number, overflow) = largest.addingReportingOverflow(1)
    guard !overflow else { return nil }
    let digits = String(number)
    return VersionName("V" + String(repeating: "0", count: max(0, 3 - digits.utf8.count)) + digits)
  }

  /// The name.
  public var description: String { text }

  /// Orders by bytes.
  public static func < (a: VersionName, b: VersionName) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}

/// The name of a dataset in a store: 1 to 100 letters, digits, `-`, `_` and `.` of ASCII that do not begin with a dot.
public struct DatasetName: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The name.
  public let text: String

  /// A name; nil when the text is none.
  public init?(_ text: String) {
    guard (1...100).contains(text.utf8.count), text.utf8.first != 0x2E,
      text.utf8.allSatisfy({ VersionName.isAllowed($0) || $0 == 0x2E })
    else { return nil }
    self.text = text
  }

  /// The name.
  public var description: String { text }

  /// Orders by bytes.
  public static func < (a: DatasetName, b: DatasetName) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}
