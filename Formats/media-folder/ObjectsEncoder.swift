import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Writes the boxes of a sample as `objects`: lists that have an element for each box.
struct ObjectsEncoder {
  let columns: MetadataColumns
  let labels: LabelCache

  /// Whether every attribute of an annotation can be an element of a list of its own.
  static func holdsAttributes(of annotation: Annotation, _ columns: MetadataColumns) -> Bool {
    annotation.attributes.items.allSatisfy { isHeld($0, columns) }
  }

  private static func isHeld(_ item: Attributes.Attribute, _ columns: MetadataColumns) -> Bool {
    // An element that is null is none.
    item.value != .null && ![columns.boxes, columns.categories, "id", "area"].contains(item.name)
  }

  /// Appends an object for some annotations of a sample, all of which have a box.
  func append(_ indices: [Int], of sample: Sample, _ context: EncodeContext, to out: inout ByteBuffer) throws(WriteFault) {
    out.append(UInt8(ascii: "{"))
    key(columns.boxes, isFirst: true, &out)
    for (place, index) in indices.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      if let box = sample.annotations[index].box { try append(box, sample, context, &out) }
    }
    out.append(UInt8(ascii: "]"))
    let names = attributeNames(indices, sample)
    // A list of another program's name for categories must not be taken for theirs.
    let isMistaken = names.contains(where: MetadataColumns.categoryNames.contains)
    if isMistaken || indices.contains(where: { sample.annotations[$0].label != nil }) {
      list(columns.categories, indices, sample, &out) { annotation, out in
        guard let id = annotation.label else { return false }
        let name = labels.label(id)?.name ?? ""
        if columns.categoriesAreNumbers, let number = Int64(name), String(number) == name {
          out.append(decimal: Int(number))
        } else {
          out.appendJSON(name)
        }
        return true
      }
    }
    if indices.contains(where: { sample.annotations[$0].id != nil }) {
      list("id", indices, sample, &out) { annotation, out in
        guard let id = annotation.id else { return false }
        out.append(json: id)
        return true
      }
    }
    if indices.contains(where: { sample.annotations[$0].area != nil }) {
      guard indices.allSatisfy({ sample.annotations[$0].area?.isFinite ?? true }) else { throw fault(sample) }
      list("area", indices, sample, &out) { annotation, out in
        guard let area = annotation.area else { return false }
        out.append(area)
        return true
      }
    }
    for name in names {
      list(name, indices, sample, &out) { annotation, out in
        guard let value = annotation.attributes[name] else { return false }
        out.append(json: value)
        return true
      }
    }
    out.append(UInt8(ascii: "}"))
  }

  /// The names of attributes, in the order in which they are first met.
  private func attributeNames(_ indices: [Int], _ sample: Sample) -> [String] {
    var names: [String] = []
    var seen = SeenTexts()
    for index in indices {
      for item in sample.annotations[index].attributes.items
      where ObjectsEncoder.isHeld(item, columns) && seen.insert(item.name) { names.append(item.name) }
    }
    return names
  }

  private func key(_ name: String, isFirst: Bool, _ out: inout ByteBuffer) {
    if !isFirst { out.append(UInt8(ascii: ",")) }
    out.appendJSON(name)
    out.append(":[")
  }

  private func list(
    _ name: String, _ indices: [Int], _ sample: Sample, _ out: inout ByteBuffer, _ body: (Annotation, inout ByteBuffer) -> Bool
  ) {
    key(name, isFirst: false, &out)
    for (place, index) in indices.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      if !body(sample.annotations[index], &out) { out.append("null") }
    }
    out.append(UInt8(ascii: "]"))
  }

  private func append(_ box: Box, _ sample: Sample, _ context: EncodeContext, _ out: inout ByteBuffer) throws(WriteFault) {
    var box = box.converted(to: .extent)
    if box.unit == .unit {
      guard let size = context.imageSize(of: sample), size.width > 0, size.height > 0 else {
        throw WriteFault(
          rule: "media-folder.write.no-size",
          message:
            "A box of \"\(terminalSafe(sample.key))\" is in shares of the image, whose size is not known; --media-root names its folder"
        )
      }
      box = box.converted(to: .pixels, width: Double(size.width), height: Double(size.height))
    }
    guard box.numbers.allSatisfy(\.isFinite), box.third >= 0, box.fourth >= 0 else { throw fault(sample) }
    out.append(UInt8(ascii: "["))
    for (place, number) in box.numbers.enumerated() {
      if place > 0 { out.append(UInt8(ascii: ",")) }
      out.append(number)
    }
    out.append(UInt8(ascii: "]"))
  }

  private func fault(_ sample: Sample) -> WriteFault {
    WriteFault(
      rule: "media-folder.write.number",
      message: "A box of \"\(terminalSafe(sample.key))\" has a number that is not finite, or a negative width or height")
  }
}
