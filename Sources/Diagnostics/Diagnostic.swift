/// Something a file says that is wrong or surprising: the place, the rule, one sentence.
///
/// A diagnostic is about the *input*; what stops the whole operation is a thrown ``DatasetError``.
public struct Diagnostic: Sendable, Equatable {
  /// How much it matters.
  public enum Severity: UInt8, Sendable, Comparable {
    /// Worth knowing; nothing is wrong.
    case note
    /// Probably not what was meant; everything the file said is kept.
    case warning
    /// The record cannot be read as it stands; nothing is written unless invalid records are skipped on purpose.
    case error

    /// The word that messages print.
    public var word: String {
      switch self {
      case .note: "note"
      case .warning: "warning"
      case .error: "error"
      }
    }

    /// Orders by weight.
    public static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
  }

  /// Another place that belongs to the same problem.
  public struct Related: Sendable, Equatable {
    /// Where it is.
    public var range: SourceRange
    /// What it is, as a phrase: "first defined here".
    public var message: String

    /// Another place that belongs to a problem.
    public init(range: SourceRange, message: String) {
      self.range = range
      self.message = message
    }
  }

  /// How much it matters.
  public var severity: Severity
  /// The identifier users search and filter by: `format.record.problem`, such as `coco.annotation.box-count`.
  public var rule: String
  /// One sentence that states the rule and names the record, without the place.
  public var message: String
  /// Where it is, or nil when it is about the dataset as a whole.
  public var range: SourceRange?
  /// Other places that belong to it.
  public var related: [Related]

  /// A problem at a place.
  public init(
    _ severity: Severity, _ rule: String, _ message: String, at range: SourceRange? = nil, related: [Related] = []
  ) {
    self.severity = severity
    self.rule = rule
    self.message = message
    self.range = range
    self.related = related
  }
}
