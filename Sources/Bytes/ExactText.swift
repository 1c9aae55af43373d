/// A text that equals another only when their bytes are the same.
///
/// `String` takes `é` written as one scalar and as two for equal; names from files must not be merged by that.
public struct ExactText: Hashable, Sendable {
  /// The text.
  public let text: String

  /// A text to compare by its bytes.
  @inlinable public init(_ text: String) { self.text = text }

  /// Whether the bytes are the same.
  @inlinable public static func == (a: ExactText, b: ExactText) -> Bool {
    a.text.utf8.count == b.text.utf8.count && a.text.withBytes { a in b.text.withBytes { a.holdsSameBytes(as: $0) } }
  }

  /// Feeds the bytes to a hasher.
  public func hash(into hasher: inout Hasher) {
    text.withBytes { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    hasher.combine(0xFF as UInt8)
  }
}
