import WaybillDiagnostics

/// Where and why bytes are not the JSON they should be: facts only, the words are in ``message``.
public struct JSONFault: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// Something else was expected here.
    case expected(Expectation)
    /// The text ends inside a value.
    case truncated
    /// A number that JSON's grammar does not know, such as `01`, `+1` or `1.`.
    case number
    /// `NaN`, `Infinity` or `-Infinity`.
    case notANumber
    /// A number too large for a double.
    case numberTooLarge
    /// An escape JSON does not know.
    case escape
    /// A `\u` surrogate without its partner.
    case loneSurrogate
    /// A control character inside a string.
    case controlCharacter
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// More than ``JSONScanner/depthLimit`` open brackets.
    case tooDeep
    /// The same key twice in one object.
    case duplicateKey(String)
    /// Something after the end of the value.
    case trailing
  }

  /// What a reader expected.
  public enum Expectation: String, Sendable {
    case value = "a value"
    case object = "an object"
    case array = "an array"
    case string = "a string"
    case number = "a number"
    case integer = "an integer"
    case boolean = "true or false"
    case key = "a key in double quotes"
    case colon = "a colon"
    case commaOrBrace = "a comma or a closing brace"
    case commaOrBracket = "a comma or a closing bracket"
  }

  /// What is wrong.
  public var problem: Problem
  /// Offset of the first byte of it.
  public var offset: Int

  /// A fault at an offset.
  @inlinable public init(_ problem: Problem, at offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  /// The identifier of the rule that is broken.
  public var rule: String {
    switch problem {
    case .expected, .trailing, .escape, .controlCharacter: "json.syntax"
    case .truncated: "json.truncated"
    case .number, .numberTooLarge: "json.number"
    case .notANumber: "json.not-a-number"
    case .loneSurrogate: "json.lone-surrogate"
    case .invalidUTF8: "json.invalid-utf8"
    case .tooDeep: "json.too-deep"
    case .duplicateKey: "json.duplicate-key"
    }
  }

  /// One sentence for people.
  public var message: String {
    switch problem {
    case .expected(let what): "Expected \(what.rawValue)"
    case .truncated: "The JSON ends in the middle of a value"
    case .number: "A JSON number has no leading zero or plus sign, and digits on both sides of its point"
    case .notANumber: "NaN and Infinity are not JSON numbers"
    case .numberTooLarge: "This number is too large for a double"
    case .escape: "A JSON string knows the escapes \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four hexadecimal digits"
    case .loneSurrogate: "A \\u escape names half of a surrogate pair; the other half is missing"
    case .controlCharacter: "Control characters in a JSON string must be escaped"
    case .invalidUTF8: "These bytes are not UTF-8"
    case .tooDeep: "Brackets are nested deeper than \(JSONScanner.depthLimit)"
    case .duplicateKey(let key): "The key \"\(terminalSafe(key))\" stands twice in one object"
    case .trailing: "Something follows the end of the JSON value"
    }
  }

  /// The fault as a located diagnostic of a file whose scanned bytes begin at `base`.
  public func diagnostic(in file: FileID, base: Int = 0) -> Diagnostic {
    Diagnostic(.error, rule, message, at: SourceRange(file: file, offset: base + offset, length: 1))
  }
}
