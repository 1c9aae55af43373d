/// Why bytes are no picture, or a picture not the one asked for.
public struct PNGProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of thing is wrong.
  public enum Kind: UInt8, Sendable {
    /// The bytes do not begin as a PNG file does.
    case notPNG
    /// The file ends before the picture does.
    case truncated
    /// A chunk contradicts its checksum or the format.
    case damaged
    /// The picture is larger than the limits allow.
    case tooLarge
    /// The picture does not store what was asked for, such as palette indices.
    case form
    /// There is no memory.
    case memory
  }

  /// What kind of thing is wrong.
  public var kind: Kind
  /// One phrase that says it, in the words of libpng where the bytes are damaged.
  public var message: String
  /// Where the chunk that is wrong begins, or the number of bytes of a file that ends too early.
  public var offset: Int

  /// A problem at a place.
  public init(_ kind: Kind, _ message: String, at offset: Int = 0) {
    self.kind = kind
    self.message = message
    self.offset = offset
  }

  /// The phrase and the place.
  public var description: String { "\(message), at byte \(offset)" }
}
