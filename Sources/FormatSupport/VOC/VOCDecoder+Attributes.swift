import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

extension VOCDecoder {
  /// Adds an attribute; a name that stands twice is an error.
  mutating func add(_ name: String, _ value: AttributeValue, _ spelling: VOCSpelling, _ element: Int, _ object: inout VOCObject) {
    guard object.names.insert(name) else {
      report(.error, "voc.properties.duplicate", "The property \"\(terminalSafe(name))\" stands twice in one object", element)
      object.isBad = true
      return
    }
    object.attributes.items.append(Attributes.Attribute(name: name, value: value))
    object.spellings.append(spelling.rawValue)
  }

  /// Reads `properties` in both of ModelArts' spellings.
  mutating func readProperties(_ element: Int, _ object: inout VOCObject) {
    if tree.hasStrayText(element) { stray(element) }
    guard tree.firstChild(element) >= 0 else { return empty(element, &object) }
    var child = tree.firstChild(element)
    while child >= 0 {
      if tree.firstChild(child) >= 0, tree.isNamed(child, "property") {
        readProperty(child, &object)
      } else {
        let value = tree.value(child)
        if VOCTree.trim(value).isEmpty { empty(child, &object) }
        if tree.firstChild(child) >= 0 { nested(child) }
        unkept(child)
        add(
          String(decoding: tree.name(child), as: UTF8.self), .string(String(decoding: value, as: UTF8.self)), .child, child, &object
        )
      }
      child = tree.next(child)
    }
  }

  private mutating func readProperty(_ element: Int, _ object: inout VOCObject) {
    var key = -1
    var value = -1
    var child = tree.firstChild(element)
    while child >= 0 {
      if tree.isNamed(child, "key"), key < 0 {
        key = child
      } else if tree.isNamed(child, "value"), value < 0 {
        value = child
      } else {
        report(
          .error, "voc.properties.element", "A property has one key and one value; \"\(shown(child))\" is neither", child)
        object.isBad = true
      }
      child = tree.next(child)
    }
    guard key >= 0, value >= 0, let name = readValue(key, &object), let read = readValue(value, &object) else {
      if key < 0 || value < 0 { empty(element, &object) }
      return
    }
    guard case .string(let text) = name else {
      report(.error, "voc.properties.json", "The key of a property is a text", key)
      object.isBad = true
      return
    }
    add(text, read, .keyed, element, &object)
  }

  /// A text, or with `type="json"` any value, which is how values other than plain texts are written.
  private mutating func readValue(_ element: Int, _ object: inout VOCObject) -> AttributeValue? {
    if tree.firstChild(element) >= 0 { nested(element) }
    guard tree.hasAttributes(element), let type = tree.reader.attribute(of: element, named: "type"), type.equals("json") else {
      unkept(element)
      let value = tree.value(element)
      guard !VOCTree.trim(value).isEmpty else {
        empty(element, &object)
        return nil
      }
      return .string(String(decoding: value, as: UTF8.self))
    }
    var scanner = JSONScanner(UnsafeRawBufferPointer(tree.text(element)))
    do throws(JSONFault) {
      let value = try scanner.attributeValue()
      try scanner.expectEnd()
      return value
    } catch {
      report(.error, "voc.properties.json", "The value is not JSON: \(error.message)", element)
      object.isBad = true
      return nil
    }
  }

  private mutating func empty(_ element: Int, _ object: inout VOCObject) {
    report(.error, "voc.properties.empty", "Properties have names and values; \"\(shown(element))\" is empty", element)
    object.isBad = true
  }

  mutating func unkept(_ element: Int) {
    guard tree.hasAttributes(element) else { return }
    report(.warning, "voc.element.attribute", "The XML attributes of \"\(shown(element))\" are not kept", element)
  }

  /// Reads `attributes` as CVAT writes them; in any other form they are kept as an unknown element.
  mutating func readAttributes(_ element: Int, _ object: inout VOCObject) {
    var found: [(name: String, value: String, place: Int)] = []
    var names = object.names
    var child = tree.firstChild(element)
    while child >= 0 {
      let name = tree.firstChild(child)
      guard tree.isNamed(child, "attribute"), name >= 0, tree.isNamed(name, "name"), !tree.text(name).isEmpty,
        !tree.hasAttributes(child)
      else { return object.isPlain = false }
      let value = tree.next(name)
      guard value >= 0, tree.isNamed(value, "value"), tree.next(value) < 0, tree.firstChild(name) < 0, tree.firstChild(value) < 0,
        !tree.hasAttributes(name), !tree.hasAttributes(value)
      else { return object.isPlain = false }
      let key = String(decoding: tree.text(name), as: UTF8.self)
      guard names.insert(key) else { return object.isPlain = false }
      found.append((key, String(decoding: tree.text(value), as: UTF8.self), child))
      child = tree.next(child)
    }
    guard !found.isEmpty, !tree.hasStrayText(element) else { return object.isPlain = false }
    for item in found { add(item.name, .string(item.value), .cvat, item.place, &object) }
  }

  /// Reads `actions` as an object of yes-or-no values; other values stay texts.
  mutating func readActions(_ element: Int, _ object: inout VOCObject) {
    var actions = Attributes()
    var names = SeenTexts()
    var child = tree.firstChild(element)
    while child >= 0 {
      let name = String(decoding: tree.name(child), as: UTF8.self)
      guard names.insert(name) else {
        duplicate(child, of: element)
        object.isBad = true
        return
      }
      if tree.firstChild(child) >= 0 { nested(child) }
      unkept(child)
      let text = tree.text(child)
      let value: AttributeValue =
        VOCSpelled.isCanonical(flag: text) ? .boolean(text[0] == 49) : .string(String(decoding: text, as: UTF8.self))
      actions.items.append(Attributes.Attribute(name: name, value: value))
      child = tree.next(child)
    }
    guard !actions.isEmpty else { return object.isPlain = false }
    if tree.hasStrayText(element) { stray(element) }
    add("actions", .object(actions), .actions, element, &object)
  }
}

extension VOCSpelled {
  /// How an attribute is spelled unless the file spelled it otherwise.
  static func spelling(of attribute: Attributes.Attribute) -> VOCSpelling {
    switch attribute.value {
    case .string(let text) where attribute.name == "pose":
      var text = text
      let isPose = text.withUTF8 {
        !isSilent(pose: VOCTree.trim($0)) && VOCTree.value(of: $0).count == $0.count && isValidXMLText($0)
      }
      return isPose ? .pose : .keyed
    case .object(let actions) where attribute.name == "actions":
      return !actions.isEmpty && actions.items.allSatisfy(isAction) ? .actions : .keyed
    default: return .keyed
    }
  }

  private static func isAction(_ item: Attributes.Attribute) -> Bool {
    guard isElementName(item.name) else { return false }
    switch item.value {
    case .boolean: return true
    case .string(var text): return text != "0" && text != "1" && text.withUTF8 { isValidXMLText($0) }
    default: return false
    }
  }

  /// Whether attributes are spelled as they are without being told.
  static func isCanonical(_ spellings: [UInt8], _ attributes: Attributes) -> Bool {
    guard spellings.count == attributes.items.count else { return false }
    for (spelling, item) in zip(spellings, attributes.items) where VOCSpelled.spelling(of: item).rawValue != spelling {
      return false
    }
    return true
  }
}
