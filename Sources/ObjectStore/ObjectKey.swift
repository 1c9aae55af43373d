/// The name of an object in a store: components between slashes, such as `animals/V001/version.json`.
///
/// A key names the same object on every kind of store, so it is narrower than a path: 1 to 900 bytes, components of 1 to 200 letters, digits,
/// `-`, `_`, `.` that do not begin with a dot. Keys are ordered by their bytes.
public struct ObjectKey: Hashable, Sendable, Comparable, CustomStringConvertible {
  /// The whole key.
  public let text: String

  /// A key; nil when the text is none.
  public init?(_ text: String) {
    var text = text
    let isKey = text.withUTF8 { characters in
      let bytes = UnsafeRawBufferPointer(characters)
      guard bytes.count <= 900 else { return false }
      var start = 0
      for end in 0...bytes.count where end == bytes.count || bytes[end] == 0x2F {
        guard ObjectKey.isComponent(UnsafeRawBufferPointer(rebasing: bytes[start..<end])) else { return false }
        start = end + 1
      }
      return true
    }
    guard isKey else { return nil }
    self.text = text
  }

  /// Whether bytes can stand between two slashes of a key.
  package static func isComponent(_ bytes: UnsafeRawBufferPointer) -> Bool {
    guard let first = bytes.first, first != 0x2E, bytes.count <= 200 else { return false }
    for byte in bytes where !isAllowed(byte) { return false }
    return true
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F: true
    default: false
    }
  }

  /// The key without its last component and the slash before it: `animals/V001`; empty where there is one component.
  public var folder: String { text.lastIndex(of: "/").map { String(text[..<$0]) } ?? "" }

  /// The last component: `version.json`.
  public var name: String { text.lastIndex(of: "/").map { String(text[text.index(after: $0)...]) } ?? text }

  /// The key.
  public var description: String { text }

  /// Orders by bytes.
  public static func < (a: ObjectKey, b: ObjectKey) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }
}
