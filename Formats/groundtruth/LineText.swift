import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Writes the line of a sample, compact: a pure function of the sample and the layout.
///
/// Readers use it too, to see which lines would not come out as they stand.
struct LineText: Sendable {
  /// The layout, with an attribute for every task.
  let layout: ManifestLayout
  /// The name an option gives to the first attribute that is new.
  let name: String
  /// The class ids of each attribute by label.
  let ids: ClassIDs
  private let objects: [ObjectText]
  private let keys: [Key]

  /// What a key of a line is.
  private enum Key: Sendable {
    case sourceRef, source, id, attributes, size, order
    /// The value or the metadata of the attributes of a name.
    case value([Int])
    case metadata([Int])
    case foreign(String)
  }

  init(layout: ManifestLayout, name: String, ids: ClassIDs) {
    self.layout = layout
    self.name = name
    self.ids = ids
    objects = layout.attributes.map { ObjectText(order: $0.orders.item, isFrame: false) }
    keys = layout.keys.map { key in
      switch key {
      case "source-ref": return .sourceRef
      case "source": return .source
      case "id": return .id
      case "attributes": return .attributes
      case "image_size": return .size
      case "annotation-order": return .order
      default:
        let values = layout.attributes.indices.filter { !layout.attributes[$0].isNew && layout.attributes[$0].name == key }
        if !values.isEmpty { return .value(values) }
        let metadata = layout.attributes.indices.filter {
          !layout.attributes[$0].isNew && layout.attributes[$0].metadataName == key
        }
        return metadata.isEmpty ? .foreign(key) : .metadata(metadata)
      }
    }
  }

  /// What a line says of one attribute.
  struct Part {
    var attribute: Int
    var name: String
    /// Positions of its annotations in the sample.
    var annotations: [Int] = []
    /// What it says beside the model, when that is not what most lines say.
    var others: [UInt8]?
  }

  /// A line being put together.
  struct Draft {
    var parts: [Part] = []
    var kept = KeptMembers([])
    var source: String?
    var order: [Int] = []
    /// Places of masks by part.
    var masks: [Int: String] = [:]

    /// Whether a key is that of a part or of its metadata, which stands before one that was kept.
    func hasPart(_ key: String) -> Bool {
      parts.contains { key == $0.name || (key.hasSuffix(LabelAttribute.suffix) && key == $0.name + LabelAttribute.suffix) }
    }
  }

  /// Appends the line.
  ///
  /// - Parameters:
  ///   - source: The place of the media, which may have been brought along.
  ///   - masks: The places of new masks by attribute.
  func append(_ sample: Sample, _ draft: Draft, position: Int, labels: LabelCache, to out: inout ByteBuffer) {
    let start = out.count
    out.append(UInt8(ascii: "{"))
    var done = Set<String>()
    var written = [Bool](repeating: false, count: draft.parts.count * 2)
    for key in keys {
      switch key {
      case .foreign(let name):
        guard let value = draft.kept.value(name), !draft.hasPart(name) else { continue }
        member(name, start, &out)
        out.append(value)
        done.insert(name)
      case .value(let attributes), .metadata(let attributes):
        guard let at = draft.parts.firstIndex(where: { attributes.contains($0.attribute) }) else { continue }
        var isMetadata = false
        if case .metadata = key { isMetadata = true }
        guard !written[at * 2 + (isMetadata ? 1 : 0)] else { continue }
        written[at * 2 + (isMetadata ? 1 : 0)] = true
        part(at, isMetadata, sample, draft, labels, start, &out)
      default: plain(key, sample, draft, position, start, &out, &done)
      }
    }
    for key in [Key.sourceRef, .source, .id, .attributes] { plain(key, sample, draft, position, start, &out, &done) }
    for at in draft.parts.indices {
      for isMetadata in [false, true] where !written[at * 2 + (isMetadata ? 1 : 0)] {
        part(at, isMetadata, sample, draft, labels, start, &out)
      }
    }
    for key in [Key.size, .order] { plain(key, sample, draft, position, start, &out, &done) }
    for item in draft.kept.items where done.insert(item.key).inserted && !draft.hasPart(item.key) {
      member(item.key, start, &out)
      out.append(item.value)
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends the key of a member.
  private func member(_ key: String, _ start: Int, _ out: inout ByteBuffer) {
    if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
    out.appendJSON(key)
    out.append(UInt8(ascii: ":"))
  }

  private func plain(
    _ key: Key, _ sample: Sample, _ draft: Draft, _ position: Int, _ start: Int, _ out: inout ByteBuffer, _ done: inout Set<String>
  ) {
    switch key {
    case .sourceRef:
      guard let source = draft.source ?? (sample.media.text == nil ? sample.key : nil), done.insert("source-ref").inserted else {
        return
      }
      member("source-ref", start, &out)
      out.appendJSON(source)
    case .source:
      guard draft.source == nil, let text = sample.media.text, done.insert("source").inserted else { return }
      member("source", start, &out)
      out.appendJSON(text)
    case .id:
      var id = sample.id
      // The key of a text is its id, else its number.
      if id == nil, draft.source == nil, sample.media.text != nil, sample.key != "\(position + 1)" { id = .string(sample.key) }
      guard let id, done.insert("id").inserted else { return }
      member("id", start, &out)
      out.append(json: id)
    case .attributes:
      guard !sample.attributes.isEmpty, done.insert("attributes").inserted else { return }
      member("attributes", start, &out)
      out.append(json: sample.attributes)
    case .size:
      let hasBoxes = draft.parts.contains { layout.attributes[$0.attribute].task == .boxes }
      guard !hasBoxes, sample.media.width != nil, done.insert("image_size").inserted else { return }
      let before = out.count
      member("image_size", start, &out)
      if !size(sample, [], &out) { out.truncate(to: before) }
    case .order:
      guard !draft.order.isEmpty, done.insert("annotation-order").inserted else { return }
      member("annotation-order", start, &out)
      out.append(UInt8(ascii: "["))
      for (index, place) in draft.order.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.append(decimal: place)
      }
      out.append(UInt8(ascii: "]"))
    default: return
    }
  }

  private func part(
    _ at: Int, _ isMetadata: Bool, _ sample: Sample, _ draft: Draft, _ labels: LabelCache, _ start: Int, _ out: inout ByteBuffer
  ) {
    let part = draft.parts[at]
    member(isMetadata ? part.name + LabelAttribute.suffix : part.name, start, &out)
    if isMetadata {
      metadata(part, sample, labels, &out)
    } else {
      value(part, sample, draft.masks[at], labels, &out)
    }
  }

  /// Appends the size of a picture; false when it is not known.
  func size(_ sample: Sample, _ order: [String], _ out: inout ByteBuffer) -> Bool {
    guard let width = sample.media.width, let height = sample.media.height else { return false }
    out.append("[{")
    var isFirst = true
    for key in order.isEmpty ? ["width", "height", "depth"] : order {
      let number: Int? =
        switch key {
        case "width": width
        case "height": height
        case "depth": sample.media.channels
        default: nil
        }
      guard let number else { continue }
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.appendJSON(key)
      out.append(UInt8(ascii: ":"))
      out.append(decimal: number)
    }
    out.append("}]")
    return true
  }

  // MARK: Values

  private func value(_ part: Part, _ sample: Sample, _ mask: String?, _ labels: LabelCache, _ out: inout ByteBuffer) {
    let attribute = layout.attributes[part.attribute]
    switch attribute.task {
    case .boxes:
      out.append(UInt8(ascii: "{"))
      var isFirst = true
      let known = ["image_size", "annotations"]
      for key in attribute.orders.value + known.filter({ !attribute.orders.value.contains($0) }) {
        let before = out.count
        if !isFirst { out.append(UInt8(ascii: ",")) }
        if key == "image_size" {
          out.append("\"image_size\":")
          if !size(sample, attribute.orders.size, &out) {
            out.truncate(to: before)
            continue
          }
        } else if key == "annotations" {
          out.append("\"annotations\":[")
          for (count, index) in part.annotations.enumerated() {
            if count > 0 { out.append(UInt8(ascii: ",")) }
            let id = ids.number(sample.annotations[index].label, part.attribute)
            objects[part.attribute].append(sample.annotations[index], id: id, to: &out)
          }
          out.append(UInt8(ascii: "]"))
        } else {
          out.truncate(to: before)
          continue
        }
        isFirst = false
      }
      out.append(UInt8(ascii: "}"))
    case .entities: entities(part, attribute, sample, labels, &out)
    case .single:
      let label = part.annotations.first.flatMap { sample.annotations[$0].label }
      out.append(attribute.isText ? ids.text(label, part.attribute) : ids.number(label, part.attribute))
    case .classes:
      out.append(UInt8(ascii: "["))
      for (count, index) in part.annotations.enumerated() {
        if count > 0 { out.append(UInt8(ascii: ",")) }
        let label = sample.annotations[index].label
        out.append(attribute.isText ? ids.text(label, part.attribute) : ids.number(label, part.attribute))
      }
      out.append(UInt8(ascii: "]"))
    case .mask, .frames:
      let kept = part.annotations.first.map { sample.annotations[$0] }
      out.appendJSON(mask ?? kept?.reference ?? kept.flatMap { Marks($0.preserved).text("@mask") } ?? "")
    }
  }

  private func entities(
    _ part: Part, _ attribute: LabelAttribute, _ sample: Sample, _ labels: LabelCache, _ out: inout ByteBuffer
  ) {
    out.append("{\"annotations\":{\"labels\":[")
    var names = attribute.classes.map { (name: $0.name, short: $0.id) }
    for index in part.annotations {
      guard let label = sample.annotations[index].label, let name = labels.label(label)?.name else { continue }
      if !names.contains(where: { $0.name == name }) { names.append((name, name)) }
    }
    for (index, item) in names.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append("{\"label\":")
      out.appendJSON(item.name)
      out.append(",\"shortDisplayName\":")
      out.appendJSON(item.short)
      out.append(UInt8(ascii: "}"))
    }
    out.append("],\"entities\":[")
    for (count, index) in part.annotations.enumerated() {
      let annotation = sample.annotations[index]
      if count > 0 { out.append(UInt8(ascii: ",")) }
      out.append("{\"label\":")
      out.appendJSON(annotation.label.flatMap { labels.label($0)?.name } ?? "")
      out.append(",\"startOffset\":")
      out.append(decimal: annotation.span?.start ?? 0)
      out.append(",\"endOffset\":")
      out.append(decimal: annotation.span?.end ?? 0)
      if !annotation.attributes.isEmpty {
        out.append(",\"label-category-attributes\":")
        out.append(json: annotation.attributes)
      }
      if !annotation.preserved.isEmpty {
        for item in KeptMembers(annotation.preserved[GroundTruthFormat.id]).items {
          out.append(UInt8(ascii: ","))
          out.appendJSON(item.key)
          out.append(UInt8(ascii: ":"))
          out.append(item.value)
        }
      }
      out.append(UInt8(ascii: "}"))
    }
    out.append("]}}")
  }
}

/// The ids of classes: for each attribute, the id of each label as text.
struct ClassIDs: Sendable {
  private let texts: [[[UInt8]]]

  /// The ids attributes give, then those labels have, then the lowest that are free.
  init(_ layout: ManifestLayout, _ labels: [Label]) {
    texts = layout.attributes.map { attribute in
      var ids = [[UInt8]](repeating: [], count: labels.count)
      var taken: Set<[UInt8]> = []
      var positions: [String: Int] = [:]
      for (index, label) in labels.enumerated() where positions[label.name] == nil { positions[label.name] = index }
      guard attribute.task != .entities else { return ids }
      for item in attribute.classes {
        guard let index = positions[item.name], ids[index].isEmpty else { continue }
        ids[index] = Array(item.id.utf8)
        taken.insert(ids[index])
      }
      for (index, label) in labels.enumerated() where ids[index].isEmpty {
        guard case .integer(let id)? = label.id, id >= 0 else { continue }
        let text = Array("\(id)".utf8)
        if taken.insert(text).inserted { ids[index] = text }
      }
      var next = 0
      for index in labels.indices where ids[index].isEmpty {
        while taken.contains(Array("\(next)".utf8)) { next += 1 }
        ids[index] = Array("\(next)".utf8)
        taken.insert(ids[index])
      }
      return ids
    }
  }

  /// The id of a label, without quotes; empty when it has none.
  func plain(_ label: LabelID?, _ attribute: Int) -> [UInt8] {
    guard let label, texts.indices.contains(attribute), texts[attribute].indices.contains(Int(label.index)) else { return [] }
    return texts[attribute][Int(label.index)]
  }

  /// The id as a JSON number, or as text when it is none.
  func number(_ label: LabelID?, _ attribute: Int) -> [UInt8] {
    let id = plain(label, attribute)
    if id.isEmpty { return Array("null".utf8) }
    let isNumber = id.withUnsafeBufferPointer { NumberParser.integer($0) != nil }
    return isNumber ? id : text(label, attribute)
  }

  /// The id as JSON text.
  func text(_ label: LabelID?, _ attribute: Int) -> [UInt8] {
    var out = ByteBuffer()
    out.appendJSON(String(decoding: plain(label, attribute), as: UTF8.self))
    return out.array()
  }
}
