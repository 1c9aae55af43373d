import WaybillBytes

/// A value of an attribute: whatever JSON can say.
public enum AttributeValue: Hashable, Sendable {
  /// A text.
  case string(String)
  /// A whole number.
  case integer(Int64)
  /// Any other number.
  case number(Double)
  /// True or false.
  case boolean(Bool)
  /// Given, and nothing.
  case null
  /// Values in order.
  case list([AttributeValue])
  /// Named values in order.
  case object(Attributes)
}

/// Named values that mean something to a person, in order.
///
/// They cross formats.
public struct Attributes: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  /// One named value.
  public struct Attribute: Hashable, Sendable {
    /// The name.
    public var name: String
    /// The value.
    public var value: AttributeValue

    /// A named value.
    public init(name: String, value: AttributeValue) {
      self.name = name
      self.value = value
    }
  }

  /// The named values in order; a name occurs once.
  public var items: [Attribute]

  /// No attributes.
  @inlinable public init() { items = [] }

  /// Attributes in the order written.
  public init(dictionaryLiteral elements: (String, AttributeValue)...) {
    items = []
    for (name, value) in elements { self[name] = value }
  }

  /// Whether there is none.
  @inlinable public var isEmpty: Bool { items.isEmpty }

  /// The value of a name, told from others by its bytes; setting nil removes it.
  ///
  /// O(count).
  public subscript(name: String) -> AttributeValue? {
    get { items.first { ExactText($0.name) == ExactText(name) }?.value }
    set {
      let index = items.firstIndex { ExactText($0.name) == ExactText(name) }
      if let newValue {
        if let index { items[index].value = newValue } else { items.append(Attribute(name: name, value: newValue)) }
      } else if let index {
        items.remove(at: index)
      }
    }
  }
}

/// The name of a format, such as `coco`: lower case, words joined by hyphens.
public struct FormatID: Hashable, Sendable, Comparable, CustomStringConvertible, ExpressibleByStringLiteral {
  /// The name.
  public let name: String

  /// A format by name.
  public init(_ name: String) { self.name = name }
  /// A format by name.
  public init(stringLiteral name: String) { self.name = name }
  /// The name.
  public var description: String { name }
  /// Formats are ordered by name.
  public static func < (a: FormatID, b: FormatID) -> Bool { a.name < b.name }
}

/// Fields the model has no place for, as JSON text tagged with the format they belong to.
///
/// Only that format's writer, and the native manifest, print them. Each section is the inside of a JSON object, compact, such as
/// `"license":3,"coco_url":"http://.."`: a reader appends members as it meets them and a writer copies them whole.
public struct Preserved: Hashable, Sendable {
  /// The members of one format.
  public struct Section: Hashable, Sendable {
    /// The format they belong to.
    public var format: FormatID
    /// The members: `"name":value` joined by commas, never empty, no white space between tokens.
    public var members: [UInt8]

    /// The members of one format.
    public init(format: FormatID, members: [UInt8]) {
      self.format = format
      self.members = members
    }
  }

  /// The sections, ordered by format.
  public private(set) var sections: [Section]

  /// Nothing preserved.
  public init() { sections = [] }

  /// The members of one format; none if there are no bytes.
  public init(_ format: FormatID, members: [UInt8]) {
    sections = members.isEmpty ? [] : [Section(format: format, members: members)]
  }

  /// The sections in any order, each of a format of its own; those without members are left out.
  public init(sections: [Section]) {
    self.sections = sections.filter { !$0.members.isEmpty }
    if self.sections.count > 1 { self.sections.sort { $0.format < $1.format } }
  }

  /// Whether there is nothing.
  @inlinable public var isEmpty: Bool { sections.isEmpty }

  /// The members of a format; setting an empty array removes the section.
  public subscript(format: FormatID) -> [UInt8] {
    get {
      for section in sections where section.format == format { return section.members }
      return []
    }
    set {
      sections.removeAll { $0.format == format }
      if newValue.isEmpty { return }
      let at = sections.firstIndex { $0.format > format } ?? sections.count
      sections.insert(Section(format: format, members: newValue), at: at)
    }
  }

  /// Appends a member, its value being compact JSON.
  public mutating func append(_ name: String, json: [UInt8], format: FormatID) {
    var members = self[format]
    if !members.isEmpty { members.append(UInt8(ascii: ",")) }
    members.append(UInt8(ascii: "\""))
    members.append(contentsOf: name.utf8)
    members.append(UInt8(ascii: "\""))
    members.append(UInt8(ascii: ":"))
    members.append(contentsOf: json)
    self[format] = members
  }
}
