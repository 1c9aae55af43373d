import WaybillBytes
import WaybillDatasetModel
import WaybillSyntax

/// What a survey learns of an attribute.
enum AttributeSurvey {
  /// The keys of the object a scanner stands on; none when it is no object.
  static func keys(_ json: inout JSONScanner) -> [String] {
    var names: [String] = []
    guard (try? json.peekKind()) == .object, var progress = try? json.beginObject() else { return [] }
    while let key = try? json.nextKey(&progress) {
      names.append(key.makeString())
      guard names.count < 64, (try? json.skipValueStructurally()) != nil else { break }
    }
    return names
  }

  /// Takes the orders of keys from a value.
  static func value(_ json: inout JSONScanner, _ attribute: inout LabelAttribute) {
    let start = json.offset
    switch attribute.task {
    case .single: attribute.isText = (try? json.peekKind()) == .string
    case .classes:
      guard (try? json.peekKind()) == .array, var list = try? json.beginArray(), (try? json.nextElement(&list)) == true else {
        return
      }
      attribute.isText = (try? json.peekKind()) == .string
    case .boxes:
      attribute.orders.value = keys(&json)
      json.offset = start
      guard var progress = try? json.beginObject() else { return }
      while let key = try? json.nextKey(&progress) {
        let isSize = key == "image_size"
        let at = json.offset
        if isSize || key == "annotations", (try? json.peekKind()) == .array, var list = try? json.beginArray(),
          (try? json.nextElement(&list)) == true
        {
          if isSize { attribute.orders.size = keys(&json) } else { attribute.orders.item = keys(&json) }
        }
        json.offset = at
        guard (try? json.skipValueStructurally()) != nil else { return }
      }
    default: return
    }
  }

  /// Adds the classes a line names.
  static func classes(
    _ member: LineDecoder.Member, metadata: LineDecoder.Member, _ json: inout JSONScanner, _ attribute: inout LabelAttribute,
    _ known: inout Set<String>, _ maps: inout Set<[UInt8]>
  ) {
    if attribute.task == .entities { return entities(member, &json, &attribute, &known, &maps) }
    if attribute.task == .boxes, attribute.orders.item.isEmpty {
      json.offset = member.value.lowerBound
      value(&json, &attribute)
    }
    json.offset = metadata.value.lowerBound
    guard (try? json.peekKind()) == .object, var progress = try? json.beginObject() else { return }
    while let key = try? json.nextKey(&progress) {
      let at = json.offset
      let isMap = key == "class-map" || key == "internal-color-map"
      guard let range = try? json.skipValue() else { return }
      let raw = json.bytes(from: range.lowerBound, to: range.upperBound)
      let after = json.offset
      defer { json.offset = after }
      json.offset = at
      if key == "class-name", attribute.task == .single, let name = (try? json.string())?.makeString() {
        var id = json.bytes(from: member.value.lowerBound, to: member.value.upperBound)
        if id.first == UInt8(ascii: "\""), id.count >= 2 { id = UnsafeRawBufferPointer(rebasing: id.dropFirst().dropLast()) }
        add(String(decoding: id, as: UTF8.self), name, &attribute, &known)
        continue
      }
      guard isMap, let kind = try? json.peekKind(), kind == .object else { continue }
      // The same map mostly comes again and again.
      if raw.count < 4096, !maps.insert(Array(raw) + Array(attribute.name.utf8)).inserted { continue }
      guard case .object(let map)? = try? json.attributeValue() else { continue }
      for item in map.items {
        switch item.value {
        case .string(let name): add(item.name, name, &attribute, &known)
        case .object(let entry):
          guard let name = entry["class-name"].text, name.uppercased() != MaskPicture.background else { continue }
          add(item.name, name, &attribute, &known)
        default: continue
        }
      }
    }
  }

  private static func entities(
    _ member: LineDecoder.Member, _ json: inout JSONScanner, _ attribute: inout LabelAttribute, _ known: inout Set<String>,
    _ maps: inout Set<[UInt8]>
  ) {
    json.offset = member.value.lowerBound
    guard case .object(let value)? = try? json.attributeValue(), case .object(let inner)? = value["annotations"] else { return }
    if case .list(let list)? = inner["labels"] {
      for case .object(let item) in list {
        guard let name = item["label"].text else { continue }
        add(item["shortDisplayName"].text ?? name, name, &attribute, &known)
      }
    }
    if case .list(let list)? = inner["entities"] {
      for case .object(let item) in list {
        guard let name = item["label"].text else { continue }
        add(name, name, &attribute, &known)
      }
    }
  }

  /// Adds a class once; of a name that stands for two classes the first one counts.
  private static func add(_ id: String, _ name: String, _ attribute: inout LabelAttribute, _ known: inout Set<String>) {
    guard known.insert(name).inserted else { return }
    attribute.classes.append((id, name))
  }
}
