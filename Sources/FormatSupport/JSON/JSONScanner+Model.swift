import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

extension JSONScanner {
  /// Reads an id, keeping its kind: a whole number, or a text.
  public mutating func recordID() throws(JSONFault) -> RecordID {
    switch try peekKind() {
    case .string: return .string(try string().makeString())
    default: return .integer(try integer())
    }
  }

  /// Reads any value as an attribute's value.
  ///
  /// A key that stands twice in an object is a fault.
  public mutating func attributeValue() throws(JSONFault) -> AttributeValue { try attributeValue(depth: 0) }

  private mutating func attributeValue(depth: Int) throws(JSONFault) -> AttributeValue {
    let kind = try peekKind()
    if kind == .array || kind == .object, depth >= JSONScanner.depthLimit { throw JSONFault(.tooDeep, at: offset) }
    switch kind {
    case .string: return .string(try string().makeString())
    case .boolean: return .boolean(try boolean())
    case .null:
      // A word that only begins like null is refused by the strict skip, which knows the reason.
      if !skipNull() { try skipValue() }
      return .null
    case .number:
      switch try number() {
      case .integer(let value): return .integer(value)
      case .double(let value): return .number(value)
      }
    case .array:
      var list: [AttributeValue] = []
      var progress = try beginArray()
      while try nextElement(&progress) { list.append(try attributeValue(depth: depth + 1)) }
      return .list(list)
    case .object: return .object(try attributes(depth: depth))
    }
  }

  /// Reads an object as attributes in order.
  ///
  /// A key that stands twice is a fault.
  public mutating func attributes() throws(JSONFault) -> Attributes { try attributes(depth: 0) }

  private mutating func attributes(depth: Int) throws(JSONFault) -> Attributes {
    var attributes = Attributes()
    var names: Set<ExactText> = []
    var progress = try beginObject()
    while let key = try nextKey(&progress) {
      let name = key.makeString()
      guard names.insert(ExactText(name)).inserted else { throw JSONFault(.duplicateKey(name), at: offset(of: key)) }
      attributes.items.append(.init(name: name, value: try attributeValue(depth: depth + 1)))
    }
    return attributes
  }
}

extension ByteBuffer {
  /// Appends an id as JSON.
  public mutating func append(json id: RecordID) {
    switch id {
    case .integer(let value): append(decimal: Int(value))
    case .string(let value): appendJSON(value)
    }
  }

  /// Appends an attribute's value as compact JSON.
  public mutating func append(json value: AttributeValue) {
    switch value {
    case .string(let text): appendJSON(text)
    case .integer(let number): append(decimal: Int(number))
    case .number(let number): append(number)
    case .boolean(let isTrue): if isTrue { append("true") } else { append("false") }
    case .null: append("null")
    case .list(let list):
      append(UInt8(ascii: "["))
      for (index, item) in list.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append(json: item)
      }
      append(UInt8(ascii: "]"))
    case .object(let attributes): append(json: attributes)
    }
  }

  /// Appends attributes as a compact JSON object.
  public mutating func append(json attributes: Attributes) {
    append(UInt8(ascii: "{"))
    for (index, item) in attributes.items.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendJSON(item.name)
      append(UInt8(ascii: ":"))
      append(json: item.value)
    }
    append(UInt8(ascii: "}"))
  }
}
