import WaybillDiagnostics

/// Where and why bytes are not a table: facts only, the words are in ``message``.
public struct CSVFault: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// A quoted field that is not closed; the place is its opening quote.
    case unterminatedQuote
    /// Something between a closing quote and the next delimiter; the place is its first byte.
    case textBehindQuote
    /// A row of more than ``CSVScanner/rowLimit`` bytes; the place is its beginning.
    case longRow
    /// A row of more than ``CSVScanner/fieldLimit`` fields; the place is the first one too many.
    case manyFields
  }

  /// What is wrong.
  public var problem: Problem
  /// Offset of the first byte of it.
  public var offset: Int

  /// A fault at an offset.
  public init(_ problem: Problem, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// The identifier of the rule that is broken.
  public var rule: String {
    switch problem {
    case .unterminatedQuote: "csv.unterminated-quote"
    case .textBehindQuote: "csv.text-behind-quote"
    case .longRow: "csv.long-row"
    case .manyFields: "csv.many-fields"
    }
  }

  /// One sentence for people.
  public var message: String {
    switch problem {
    case .unterminatedQuote: "This quoted field is not closed"
    case .textBehindQuote:
      "Behind a closing quote comes a delimiter or the end of the row; a quote inside a quoted field is doubled"
    case .longRow: "A row has at most \(CSVScanner.rowLimit >> 20) MiB; nothing longer is a table"
    case .manyFields: "A row has at most \(CSVScanner.fieldLimit) fields"
    }
  }

  /// The fault as a located diagnostic of a file whose scanned bytes begin at `base`.
  public func diagnostic(in file: FileID, base: Int = 0) -> Diagnostic {
    Diagnostic(.error, rule, message, at: SourceRange(file: file, offset: base + offset, length: 1))
  }
}
