/// Where and why bytes are no text in an encoding: facts only, the words are in ``message``.
public struct TextFault: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// One half of a pair of UTF-16 without the other.
    case loneSurrogate
    /// A number of UTF-32 that is no character.
    case noCharacter
    /// Bytes left over at the end that are no whole unit.
    case cutUnit
    /// Bytes that mean nothing in the encoding of a name.
    case invalid(String)
    /// The system does not know the encoding of a name.
    case unknownEncoding(String)
    /// A character that the encoding of a name does not have; only where text is written.
    case lacks(String)
  }

  /// What is wrong.
  public var problem: Problem
  /// Offset of the first byte of it: in the file where it is read, in the UTF-8 where it is written.
  public var offset: Int

  /// A fault at an offset.
  public init(_ problem: Problem, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// One sentence for people.
  public var message: String {
    switch problem {
    case .invalidUTF8: "These bytes are not UTF-8"
    case .loneSurrogate: "These bytes are not UTF-16: half of a pair stands alone"
    case .noCharacter: "These bytes are not UTF-32: no character has this number"
    case .cutUnit: "The last character is cut off"
    case .invalid(let name): "These bytes are not text in the encoding \(name)"
    case .unknownEncoding(let name): "The encoding \(name) is not known to this system"
    case .lacks(let name): "The encoding \(name) has no such character"
    }
  }
}
