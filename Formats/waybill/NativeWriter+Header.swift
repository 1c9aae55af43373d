import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension ByteBuffer {
  /// Appends the comma before a member, unless it is the first since `start`, and its name with quotes and colon.
  @inline(__always) mutating func member(_ name: StaticString, since start: Int) {
    if count != start { append(UInt8(ascii: ",")) }
    append(name)
  }

  /// Appends what is preserved of a header or a label as members of it: those of this format as they are, the others as `preserved`.
  private mutating func append(members preserved: Preserved, own names: Set<String>) {
    var rest = preserved
    let own = preserved[NativeFormat.descriptor.id]
    var areKnown = true
    PreservedReader(preserved, NativeFormat.descriptor.id).forEach { key, _ in
      if !names.contains(key.makeString()) { areKnown = false }
    }
    if !own.isEmpty, areKnown {
      append(UInt8(ascii: ","))
      append(own)
      rest[NativeFormat.descriptor.id] = []
    }
    if !rest.isEmpty {
      append(",\"preserved\":")
      append(json: rest)
    }
  }

  /// Appends preserved sections as an object of objects, their members as they are.
  mutating func append(json preserved: Preserved) {
    append(UInt8(ascii: "{"))
    for (index, section) in preserved.sections.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendJSON(section.format.name)
      append(":{")
      append(section.members)
      append(UInt8(ascii: "}"))
    }
    append(UInt8(ascii: "}"))
  }

  private mutating func append(json texts: [String]) {
    append(UInt8(ascii: "["))
    for (index, text) in texts.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendJSON(text)
    }
    append(UInt8(ascii: "]"))
  }

  /// Appends a dataset's header as a line.
  ///
  /// Labels are listed when the list is whole. A list that may still grow is written as far as it is known when it says more than names,
  /// and marked as open.
  mutating func appendLine(of header: DatasetHeader) {
    append("{\"waybill\":")
    append(decimal: NativeFormat.schemaVersion)
    if let name = header.name {
      append(",\"name\":")
      appendJSON(name)
    }
    let labels = header.labels.labels
    let saysMore = Set(labels.map(\.name)).count != labels.count || labels.contains { !$0.features.isEmpty }
    if header.labelsAreComplete || saysMore {
      append(",\"labels\":[")
      for (index, label) in labels.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append(json: label)
      }
      append(UInt8(ascii: "]"))
      if !header.labelsAreComplete { append(",\"labels_complete\":false") }
    }
    if !header.fields.isEmpty {
      append(",\"fields\":")
      appendKinds(of: header.fields)
    }
    append(members: header.preserved, own: NativeHeaderText.ownMembers)
    append("}\n")
  }

  mutating func append(json label: Label) {
    append("{\"name\":")
    appendJSON(label.name)
    if let id = label.id {
      append(",\"id\":")
      append(json: id)
    }
    append(",\"parent\":", label.parent)
    append(",\"color\":", label.style.color)
    append(",\"shortcut\":", label.style.shortcut)
    append(",\"shape\":", label.style.defaultShape)
    if !label.attributes.isEmpty {
      append(",\"attributes\":[")
      for (index, attribute) in label.attributes.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        append("{\"name\":", attribute.name)
        append(",\"type\":", attribute.type)
        if !attribute.values.isEmpty {
          append(",\"values\":")
          append(json: attribute.values)
        }
        append(",\"default\":", attribute.defaultValue)
        append(UInt8(ascii: "}"))
      }
      append(UInt8(ascii: "]"))
    }
    if let relation = label.relation {
      append(",\"relation\":{\"from\":", relation.source)
      append(",\"to\":", relation.target)
      append(UInt8(ascii: "}"))
    }
    if let names = label.keypointNames {
      append(",\"keypoints\":")
      append(json: names)
    }
    if let skeleton = label.skeleton {
      append(",\"skeleton\":[")
      for (index, line) in skeleton.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendList(of: line)
      }
      append(UInt8(ascii: "]"))
    }
    append(members: label.preserved, own: [Label.formerNamesMember])
    append(UInt8(ascii: "}"))
  }

  private mutating func append(_ name: StaticString, _ text: String?) {
    guard let text else { return }
    append(name)
    appendJSON(text)
  }

  /// Appends whole numbers as an array.
  mutating func appendList(of numbers: [Int]) {
    append(UInt8(ascii: "["))
    for (index, number) in numbers.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      append(decimal: number)
    }
    append(UInt8(ascii: "]"))
  }

  /// Appends attributes so that each value comes back as the kind it is: a number without a fraction is written with `.0`.
  mutating func appendKinds(of attributes: Attributes) {
    append(UInt8(ascii: "{"))
    for (index, item) in attributes.items.enumerated() {
      if index > 0 { append(UInt8(ascii: ",")) }
      appendJSON(item.name)
      append(UInt8(ascii: ":"))
      appendKind(of: item.value)
    }
    append(UInt8(ascii: "}"))
  }

  private mutating func appendKind(of value: AttributeValue) {
    switch value {
    case .number(let number) where number.isFinite && number == number.rounded(): append(number.description)
    case .list(let list):
      append(UInt8(ascii: "["))
      for (index, item) in list.enumerated() {
        if index > 0 { append(UInt8(ascii: ",")) }
        appendKind(of: item)
      }
      append(UInt8(ascii: "]"))
    case .object(let attributes): appendKinds(of: attributes)
    default: append(json: value)
    }
  }
}
