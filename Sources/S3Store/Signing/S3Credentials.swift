/// What requests are signed with.
struct S3Credentials: Sendable, Equatable {
  /// The name of the key; public.
  var accessKey: String
  /// The key itself.
  var secretKey: Secret
  /// What goes along with keys that are lent for some time.
  var token: Secret?
  /// When they end, in seconds since 1970; nil for those that do not.
  var expirySeconds: Int64?
}

/// A text that never shows itself: not in a message, a dump or a crash.
struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The text, for what signs or sends it.
  let revealed: String

  init(_ text: String) { revealed = text }

  var description: String { "(secret)" }
  var debugDescription: String { description }
  var customMirror: Mirror { Mirror(self, children: []) }
}
