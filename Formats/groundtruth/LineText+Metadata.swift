import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension LineText {
  private static let usual = [
    "objects", "class-name", "confidence", "class-map", "confidence-map", "internal-color-map", "entities",
    "label-category-attributes", "type", "job-name", "human-annotated", "creation-date", "annotated-by", "creation-dates",
  ]

  /// Appends the metadata of an attribute.
  func metadata(_ part: Part, _ sample: Sample, _ labels: LabelCache, _ out: inout ByteBuffer) {
    let attribute = layout.attributes[part.attribute]
    var kept = KeptMembers(part.others ?? [])
    if attribute.task == .single, let index = part.annotations.first {
      kept.merge(KeptMembers(sample.annotations[index].preserved[GroundTruthFormat.id]))
    }
    kept.merge(KeptMembers(attribute.others))
    let start = out.count
    var done = Set<String>()
    out.append(UInt8(ascii: "{"))
    for key in attribute.orders.metadata + LineText.usual + kept.items.map(\.key) where done.insert(key).inserted {
      let before = out.count
      if out.count > start + 1 { out.append(UInt8(ascii: ",")) }
      out.appendJSON(key)
      out.append(UInt8(ascii: ":"))
      if let value = kept.value(key) {
        out.append(value)
      } else if !known(key, part, attribute, sample, labels, &out) {
        out.truncate(to: before)
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  /// Appends the value of a key the model has a place for; false when there is none.
  private func known(
    _ key: String, _ part: Part, _ attribute: LabelAttribute, _ sample: Sample, _ labels: LabelCache, _ out: inout ByteBuffer
  ) -> Bool {
    let first = part.annotations.first.map { sample.annotations[$0] }
    switch (key, attribute.task) {
    case ("type", _): out.appendJSON(attribute.type)
    case ("objects", .boxes), ("entities", .entities):
      out.append(UInt8(ascii: "["))
      for (count, index) in part.annotations.enumerated() {
        if count > 0 { out.append(UInt8(ascii: ",")) }
        guard let confidence = sample.annotations[index].confidence else {
          out.append("{}")
          continue
        }
        out.append("{\"confidence\":")
        out.append(confidence)
        out.append(UInt8(ascii: "}"))
      }
      out.append(UInt8(ascii: "]"))
    case ("class-map", .boxes), ("class-map", .classes): classMap(part, sample, labels, &out)
    case ("class-name", .single):
      guard let label = first?.label, let name = labels.label(label)?.name else { return false }
      out.appendJSON(name)
    case ("confidence", .single):
      guard let confidence = first?.confidence else { return false }
      out.append(confidence)
    case ("label-category-attributes", .single):
      guard let attributes = first?.attributes, !attributes.isEmpty else { return false }
      out.append(json: attributes)
    case ("confidence-map", .classes): return confidences(part, sample, &out)
    case ("internal-color-map", .mask): return colors(part, attribute, sample, labels, &out)
    case ("human-annotated", _):
      guard let author = first?.author else { return false }
      if Provenance.isHuman(author) { out.append("\"yes\"") } else { out.append("\"no\"") }
    case ("creation-date", _):
      guard let time = part.annotations.lazy.compactMap({ sample.annotations[$0].createdAt }).first else { return false }
      out.appendJSON(time.text())
    case ("annotated-by", _):
      return Provenance.list(part.annotations.map { sample.annotations[$0].author }, &out)
    case ("creation-dates", _):
      let times = part.annotations.map { sample.annotations[$0].createdAt?.text() }
      guard times.contains(where: { $0 != times[0] }) else { return false }
      Provenance.append(times, &out)
    default: return false
    }
    return true
  }

  private func classMap(_ part: Part, _ sample: Sample, _ labels: LabelCache, _ out: inout ByteBuffer) {
    var seen: Set<LabelID> = []
    out.append(UInt8(ascii: "{"))
    for index in part.annotations {
      guard let label = sample.annotations[index].label, seen.insert(label).inserted else { continue }
      if seen.count > 1 { out.append(UInt8(ascii: ",")) }
      out.append(ids.text(label, part.attribute))
      out.append(UInt8(ascii: ":"))
      out.appendJSON(labels.label(label)?.name ?? "")
    }
    out.append(UInt8(ascii: "}"))
  }

  private func confidences(_ part: Part, _ sample: Sample, _ out: inout ByteBuffer) -> Bool {
    var isFirst = true
    for index in part.annotations {
      guard let confidence = sample.annotations[index].confidence else { continue }
      if isFirst { out.append(UInt8(ascii: "{")) } else { out.append(UInt8(ascii: ",")) }
      isFirst = false
      out.append(ids.text(sample.annotations[index].label, part.attribute))
      out.append(UInt8(ascii: ":"))
      out.append(confidence)
    }
    if !isFirst { out.append(UInt8(ascii: "}")) }
    return !isFirst
  }

  /// Appends the colours of a mask, that of all other pixels first.
  private func colors(
    _ part: Part, _ attribute: LabelAttribute, _ sample: Sample, _ labels: LabelCache, _ out: inout ByteBuffer
  ) -> Bool {
    guard part.annotations.contains(where: { sample.annotations[$0].reference == nil }) else { return false }
    let palette = MaskPalette(part.annotations.map { sample.annotations[$0] })
    out.append("{\"0\":{\"class-name\":\"BACKGROUND\",\"hex-color\":")
    out.appendJSON(MaskPicture.hex(palette.background))
    out.append(UInt8(ascii: "}"))
    for (entry, index) in zip(palette.entries, part.annotations) where sample.annotations[index].reference == nil {
      let annotation = sample.annotations[index]
      out.append(UInt8(ascii: ","))
      out.appendJSON(entry.id)
      out.append(":{\"class-name\":")
      out.appendJSON(annotation.label.flatMap { labels.label($0)?.name } ?? "")
      out.append(",\"hex-color\":")
      out.appendJSON(MaskPicture.hex(entry.color))
      if let confidence = annotation.confidence {
        out.append(",\"confidence\":")
        out.append(confidence)
      }
      if let box = annotation.box?.converted(to: .extent) {
        out.append(",\"box\":{\"left\":")
        out.append(box.first)
        out.append(",\"top\":")
        out.append(box.second)
        out.append(",\"width\":")
        out.append(box.third)
        out.append(",\"height\":")
        out.append(box.fourth)
        out.append(UInt8(ascii: "}"))
      }
      if !annotation.attributes.isEmpty {
        out.append(",\"label-category-attributes\":")
        out.append(json: annotation.attributes)
      }
      out.append(UInt8(ascii: "}"))
    }
    out.append(UInt8(ascii: "}"))
    return true
  }
}

/// The colours of the masks of one picture, and the numbers of their classes.
struct MaskPalette {
  /// The colour of all other pixels.
  private(set) var background: UInt32 = 0xFFFFFF
  /// For each annotation its number in the map and its colour.
  private(set) var entries: [(id: String, color: UInt32)] = []

  /// Colours for some annotations: the ones they had, else the next of the colour map.
  init(_ annotations: [Annotation]) {
    var colors: Set<UInt32> = [background]
    var ids: Set<String> = ["0"]
    let kept = annotations.map { annotation -> (id: String?, color: UInt32?) in
      guard !annotation.preserved.isEmpty else { return (nil, nil) }
      let marks = Marks(annotation.preserved)
      var id = marks.text("@index")
      if let own = id, !ids.insert(own).inserted { id = nil }
      var color = marks.text("@color").flatMap { MaskPicture.color($0) }
      if let own = color, own != background, !colors.insert(own).inserted { color = nil }
      if color == background {
        // The class has white: the rest of the picture gets black.
        background = 0
        colors.insert(0)
      }
      return (id, color)
    }
    var nextID = 1
    var nextColor: UInt32 = 1
    for item in kept {
      var id = item.id
      if id == nil {
        while ids.contains("\(nextID)") { nextID += 1 }
        id = "\(nextID)"
        ids.insert("\(nextID)")
      }
      var color = item.color
      if color == nil {
        while colors.contains(ColorMap.color(of: nextColor)) { nextColor += 1 }
        color = ColorMap.color(of: nextColor)
        colors.insert(ColorMap.color(of: nextColor))
      }
      entries.append((id ?? "", color ?? 0))
    }
  }
}

/// Who made labels, and when.
enum Provenance {
  /// Whether an author is a person.
  static func isHuman(_ author: String) -> Bool { author == "human" || author.hasPrefix("human/") }

  /// Appends the authors when there is more to say than yes or no; false otherwise.
  static func list(_ authors: [String?], _ out: inout ByteBuffer) -> Bool {
    guard let first = authors.first else { return false }
    if authors.allSatisfy({ $0 == first }) {
      guard let first, first != "human", first != "machine" else { return false }
      out.appendJSON(first)
      return true
    }
    append(authors, &out)
    return true
  }

  /// Appends a list of texts.
  static func append(_ texts: [String?], _ out: inout ByteBuffer) {
    out.append(UInt8(ascii: "["))
    for (index, text) in texts.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      if let text { out.appendJSON(text) } else { out.append("null") }
    }
    out.append(UInt8(ascii: "]"))
  }
}
