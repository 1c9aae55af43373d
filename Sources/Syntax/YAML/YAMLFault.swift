import WaybillDiagnostics

/// Where and why bytes are not the YAML that is read here: facts only, the words are in ``message``.
public struct YAMLFault: Error, Equatable, Sendable {
  /// What is wrong.
  public enum Problem: Equatable, Sendable {
    /// Something else was expected here.
    case expected(String)
    /// A line begins at a column that fits nothing before it.
    case indentation
    /// A tab stands where spaces must.
    case tab
    /// A quoted text or a bracket is not closed.
    case unclosed
    /// An escape YAML does not know.
    case escape
    /// Bytes that are not UTF-8.
    case invalidUTF8
    /// Values nested deeper than ``YAMLReader/depthLimit``.
    case tooDeep
    /// The same key twice in one mapping.
    case duplicateKey(String)
    /// Anchors, aliases, tags, complex keys, directives or a second document.
    case unsupported(String)
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
    case .expected, .indentation, .tab, .unclosed, .escape: "yaml.syntax"
    case .invalidUTF8: "yaml.invalid-utf8"
    case .tooDeep: "yaml.too-deep"
    case .duplicateKey: "yaml.duplicate-key"
    case .unsupported: "yaml.unsupported"
    }
  }

  /// One sentence for people.
  public var message: String {
    switch problem {
    case .expected(let what): "Expected \(what)"
    case .indentation: "This line is indented like nothing before it"
    case .tab: "YAML is indented with spaces, not with tabs"
    case .unclosed: "A quoted text or a bracket is not closed"
    case .escape: "This escape is not known in YAML"
    case .invalidUTF8: "These bytes are not UTF-8"
    case .tooDeep: "Values are nested deeper than \(YAMLReader.depthLimit)"
    case .duplicateKey(let key): "The key \"\(terminalSafe(key))\" stands twice in one mapping"
    case .unsupported(let what): "\(what) not read here"
    }
  }
}
