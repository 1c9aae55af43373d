import WaybillBytes

/// A value of a YAML file, with its place.
public struct YAMLNode: Sendable {
  /// What a value is.
  public indirect enum Content: Sendable {
    /// A text; plain when it stands without quotes, so that it may mean a number or nothing.
    case scalar(String, isPlain: Bool)
    /// Values in order.
    case sequence([YAMLNode])
    /// Named values in order.
    case mapping([Member])
  }

  /// A named value.
  public struct Member: Sendable {
    /// The name.
    public var key: String
    /// Where the name stands.
    public var keyRange: Range<Int>
    /// The value.
    public var value: YAMLNode
  }

  /// What it is.
  public var content: Content
  /// Where its first bytes are.
  public var range: Range<Int>

  /// A value at a place.
  public init(_ content: Content, at range: Range<Int>) {
    self.content = content
    self.range = range
  }

  /// The members of a mapping; nil for anything else.
  public var members: [Member]? {
    if case .mapping(let members) = content { return members }
    return nil
  }

  /// The items of a sequence; nil for anything else.
  public var items: [YAMLNode]? {
    if case .sequence(let items) = content { return items }
    return nil
  }

  /// The text of a scalar; nil for anything else, and for a plain `null`, `~` or nothing.
  public var text: String? {
    guard case .scalar(let text, let isPlain) = content, !(isPlain && YAMLNode.isNull(text)) else { return nil }
    return text
  }

  /// The whole number a scalar is; nil for anything else.
  public var integer: Int? {
    guard case .scalar(let text, true) = content else { return nil }
    return Int(text)
  }

  /// Whether it is nothing: a plain `null`, `~` or no text at all.
  public var isNull: Bool {
    guard case .scalar(let text, true) = content else { return false }
    return YAMLNode.isNull(text)
  }

  private static func isNull(_ text: String) -> Bool { ["", "~", "null", "Null", "NULL"].contains(text) }

  /// The value of a name in a mapping.
  public subscript(key: String) -> YAMLNode? {
    members?.first { ExactText($0.key) == ExactText(key) }?.value
  }
}

extension ByteBuffer {
  /// Appends a YAML value as compact JSON, which is YAML as well; nested values up to the depth the reader allows.
  ///
  /// Plain scalars become numbers, `true`, `false` or `null` where JSON spells them the same; every other one is a string.
  public mutating func appendJSON(_ node: YAMLNode) {
    switch node.content {
    case .scalar(let text, let isPlain):
      var text = text
      let isLiteral = isPlain && (["true", "false", "null"].contains(text) || text.withUTF8 { ByteBuffer.isJSONNumber($0) })
      if isLiteral { append(text) } else { appendJSON(text) }
    case .sequence(let items):
      append(UInt8(ascii: "["))
      for (index, item) in items.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendJSON(item)
      }
      append(UInt8(ascii: "]"))
    case .mapping(let members):
      append(UInt8(ascii: "{"))
      for (index, member) in members.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendJSON(member.key)
        append(UInt8(ascii: ":"))
        appendJSON(member.value)
      }
      append(UInt8(ascii: "}"))
    }
  }

  private static func isJSONNumber(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
    text.first != UInt8(ascii: "+") && NumberParser.number(text) != nil
  }
}
