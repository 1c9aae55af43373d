import Glibc
import WaybillBytes

/// Keys of samples by a shell pattern: `*` any text, slashes included, `?` one character, `[a-z]` one of some.
public struct KeyPattern: Sendable, Equatable {
  /// The pattern as it was given.
  public let text: String

  /// A pattern.
  public init(_ text: String) { self.text = text }

  /// Whether a key fits; a key with a zero byte fits nothing.
  public func matches(_ key: String) -> Bool {
    !key.utf8.contains(0) && fnmatch(text, key, 0) == 0
  }

  /// Whether a key given as UTF-8 fits.
  func matches(_ key: UnsafeRawBufferPointer) -> Bool { matches(String(decoding: key, as: UTF8.self)) }
}
