/// A text that equals another only when the bytes are the same.
///
/// Swift's strings compare by canonical equivalence, so "é" in one code point equals "é" in two. Files mean bytes: two labels that
/// look alike are two labels, and joining them would lose the spelling of one.
public struct ExactText: Hashable, Sendable {
  /// The text.
  public let text: String

  /// A text to compare by its bytes.
  @inlinable public init(_ text: String) { self.text = text }

  /// Whether the bytes are the same.
  @inlinable public static func == (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.utf8.elementsEqual(b.text.utf8)
  }

  /// Hashes the bytes.
  @inlinable public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }
}
