import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

extension VOCEncoder {
  private func items(_ object: VOCObjectWriting, _ spelling: VOCSpelling) -> [Attributes.Attribute] {
    guard object.spellings.contains(spelling.rawValue) else { return [] }
    return zip(object.annotation.attributes.items, object.spellings).filter { $0.1 == spelling.rawValue }.map(\.0)
  }

  /// The pose that says something, or else the silent text the file had.
  mutating func writePose(_ text: String?, _ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer) {
    let level = object.level + 1
    if let item = items(object, .pose).first, case .string(let pose) = item.value {
      return leaf("pose", pose, text, attributes, level: level, &out)
    }
    guard var text, text.withUTF8({ VOCSpelled.isSilent(pose: VOCTree.trim($0)) }) else { return }
    raw("pose", text, attributes, level: level, &out)
  }

  mutating func writeActions(_ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer) {
    let level = object.level + 1
    guard let item = items(object, .actions).first, case .object(let actions) = item.value else { return }
    begin("actions", attributes, level: level, &out)
    for action in actions.items {
      indent(level + 1, &out)
      switch action.value {
      case .boolean(let isTrue): named(action.name, isTrue ? "1" : "0", &out)
      case .string(let text): named(action.name, text, &out)
      default: break
      }
    }
    end("actions", level: level, &out)
  }

  /// `properties`, with each property in its own spelling.
  mutating func writeProperties(_ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer) {
    let all = object.annotation
    guard all.hasRareAnswers,
      object.spellings.contains(VOCSpelling.keyed.rawValue) || object.spellings.contains(VOCSpelling.child.rawValue)
    else { return }
    let level = object.level + 1
    begin("properties", attributes, level: level, &out)
    for (item, spelling) in zip(all.attributes.items, object.spellings) {
      if spelling == VOCSpelling.child.rawValue, case .string(let text) = item.value {
        indent(level + 1, &out)
        named(item.name, text, &out)
      } else if spelling == VOCSpelling.keyed.rawValue {
        begin("property", level: level + 1, &out)
        value("key", .string(item.name), level: level + 2, &out)
        value("value", item.value, level: level + 2, &out)
        end("property", level: level + 1, &out)
      }
    }
    end("properties", level: level, &out)
  }

  /// `attributes` as CVAT writes them.
  mutating func writeAttributes(_ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer) {
    let level = object.level + 1
    let own = items(object, .cvat)
    guard !own.isEmpty else { return }
    begin("attributes", attributes, level: level, &out)
    for item in own {
      guard case .string(let text) = item.value else { continue }
      begin("attribute", level: level + 1, &out)
      raw("name", item.name, "", level: level + 2, &out)
      raw("value", text, "", level: level + 2, &out)
      end("attribute", level: level + 1, &out)
    }
    end("attributes", level: level, &out)
  }

  /// An element whose name comes from the data; the name has been checked.
  private mutating func named(_ name: String, _ text: String, _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "<"))
    out.append(name)
    out.append(UInt8(ascii: ">"))
    append(text, "properties", &out)
    out.append("</")
    out.append(name)
    out.append(">\n")
  }

  /// A plain text, or any other value as JSON, marked so.
  private mutating func value(_ name: StaticString, _ value: AttributeValue, level: Int, _ out: inout ByteBuffer) {
    if case .string(let text) = value, VOCSpelled.isPlain(text) { return raw(name, text, "", level: level, &out) }
    var json = ByteBuffer(capacity: 64)
    json.append(json: value)
    raw(name, json.string(), " type=\"json\"", level: level, &out)
  }
}

extension VOCSpelled {
  /// Whether a text reads back the same from an element: something beside white space, and no line break at the ends.
  static func isPlain(_ text: String) -> Bool {
    var text = text
    return text.withUTF8 { bytes in
      !VOCTree.trim(bytes).isEmpty && VOCTree.value(of: bytes).count == bytes.count && isValidXMLText(bytes)
    }
  }

  /// Whether an attribute can still be spelled as its file spelled it.
  static func isPossible(_ spelling: UInt8, _ attribute: Attributes.Attribute) -> Bool {
    switch VOCSpelling(rawValue: spelling) {
    case .keyed: return true
    case .pose, .actions: return VOCSpelled.spelling(of: attribute).rawValue == spelling
    case .child:
      guard case .string(let text) = attribute.value else { return false }
      return isElementName(attribute.name) && isPlain(text)
    case .cvat:
      guard case .string(var text) = attribute.value else { return false }
      var name = attribute.name
      return !name.isEmpty && name.withUTF8 { isValidXMLText($0) } && text.withUTF8 { isValidXMLText($0) }
    case nil: return false
    }
  }
}
