/// What stopped an operation: a code to match on, a sentence to print, and the cause.
public struct DatasetError: Error, Sendable, CustomStringConvertible {
  /// What kind of thing went wrong.
  ///
  /// New codes may be added.
  public struct Code: Hashable, Sendable {
    /// The stable word for the code.
    public let name: String
    private init(_ name: String) { self.name = name }

    /// A file, folder or device did not do what was asked.
    public static let io = Code("io")
    /// A store or its network did not answer for now: trying again may help (exit 1).
    public static let unavailable = Code("unavailable")
    /// The caller asked for something that does not make sense (exit 2).
    public static let usage = Code("usage")
    /// The input can be read, or written as asked, in several ways; the message names what decides (exit 2).
    public static let ambiguous = Code("ambiguous")
    /// The input is not valid; the diagnostics say where (exit 3).
    public static let invalidInput = Code("invalid-input")
    /// Going on would lose labels that matter (exit 4).
    public static let wouldLoseLabels = Code("would-lose-labels")
    /// The output exists and overwriting was not asked for (exit 4).
    public static let outputExists = Code("output-exists")
    /// Someone else changed it, or was quicker (exit 4).
    public static let conflict = Code("conflict")
    /// What is stored is not what was stored: a size, a checksum or a digest is wrong (exit 3).
    public static let corrupt = Code("corrupt")
    /// A signal asked to stop (exit 130).
    public static let interrupted = Code("interrupted")
  }

  /// What kind of thing went wrong.
  public var code: Code
  /// One sentence: what went wrong and, where there is one, the remedy.
  public var message: String
  /// The file or folder it is about.
  public var path: String?
  /// The place in the input it is about.
  public var range: SourceRange?
  /// The system's error number behind it.
  public var errno: Int32?

  /// An error with its facts.
  public init(_ code: Code, _ message: String, path: String? = nil, range: SourceRange? = nil, errno: Int32? = nil) {
    self.code = code
    self.message = message
    self.path = path
    self.range = range
    self.errno = errno
  }

  /// The sentence, led by the path and followed by the system's words.
  public var description: String {
    var text = ""
    if let path { text += "\(path): " }
    text += message
    if let errno { text += " (\(systemMessage(errno)))" }
    return text
  }
}
