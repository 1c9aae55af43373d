import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// What is written of one object beside the annotation itself.
struct VOCObjectWriting {
  let index: Int
  let level: Int
  let annotation: Annotation
  var spellings: [UInt8]
  /// The order of elements, when the order of the attributes asks for another one than the document's.
  var sequence: [VOCElement]?
  var order: [VOCToken]?
  var box: [VOCToken] = []
  var shape: [VOCToken] = []
  var attributes = ""
  var written: UInt32 = 0
  var nextPart = 0
}

extension VOCEncoder {
  /// Writes an object or, below the first level, a part; nothing and an error when it cannot be written.
  mutating func writeObject(_ index: Int, level: Int, _ out: inout ByteBuffer) {
    let annotation = document.annotations[index]
    guard let label = annotation.label.flatMap({ labels.label($0) }) else {
      return report("voc.write.no-label", "A Pascal VOC object has a label; annotation \(index + 1) has none")
    }
    guard label.name.withBytes({ !VOCTree.trim($0).isEmpty }) else {
      return report("voc.write.no-label", "The label of annotation \(index + 1) has no name, and a Pascal VOC object needs one")
    }
    guard
      annotation.box != nil || (dialect.allowsExtendedShapes && annotation.shape != nil) || document.maskColors[index] != nil
    else {
      return report("voc.write.no-shape", "A Pascal VOC object has a box; annotation \(index + 1) has none")
    }
    let start = out.count
    let errors = diagnostics.count(atLeast: .error)
    var object = prepare(annotation, index, level)
    let name: StaticString = level == 1 ? "object" : "part"
    begin(name, object.attributes, level: level, &out)
    if let order = object.order {
      for token in order {
        switch token {
        case .xml(let xml, let isVerbatim): append(xml, isVerbatim, level: level + 1, &out)
        case .element(let name, let text, let attributes):
          let element = VOCElement(named: name)
          write(element, named: name, text, attributes, &object, &out)
          object.written |= 1 << UInt32(element.rawValue)
        }
      }
    }
    let template = level == 1 ? self.template : .part
    for element in object.sequence ?? template.sequence
    where object.written & 1 << UInt32(element.rawValue) == 0 || element == .part {
      write(element, named: "", element == .pose && object.order == nil ? template.pose : nil, "", &object, &out)
    }
    end(name, level: level, &out)
    if diagnostics.count(atLeast: .error) > errors { out.truncate(to: start) }
  }

  private func prepare(_ annotation: Annotation, _ index: Int, _ level: Int) -> VOCObjectWriting {
    guard annotation.hasRareAnswers else {
      return VOCObjectWriting(index: index, level: level, annotation: annotation, spellings: [])
    }
    let items = annotation.attributes.items
    var spelling: String?
    var order: [VOCToken]?
    var box: [VOCToken] = []
    var shape: [VOCToken] = []
    var attributes = ""
    if !annotation.preserved.isEmpty {
      PreservedReader(annotation.preserved, VOCCodec.section).forEach { key, value in
        switch key {
        case "order": order = VOCToken.read(value)
        case "box": box = VOCToken.read(value)
        case "shape": shape = VOCToken.read(value)
        case "spelling": spelling = VOCEncoder.text(value)
        case "attributes": attributes = VOCEncoder.text(value) ?? ""
        default: break
        }
      }
    }
    var spellings = spelling.map { Array($0.utf8) } ?? []
    if spellings.count != items.count { spellings = items.map { VOCSpelled.spelling(of: $0).rawValue } }
    for index in items.indices where !VOCSpelled.isPossible(spellings[index], items[index]) {
      spellings[index] = VOCSpelled.spelling(of: items[index]).rawValue
    }
    var object = VOCObjectWriting(index: index, level: level, annotation: annotation, spellings: spellings)
    object.order = order
    object.box = box
    object.shape = shape
    object.attributes = attributes
    if order == nil { keepAttributeOrder(&object) }
    return object
  }

  /// Puts the elements that hold attributes in the attributes' own order; where they would have to be interleaved, all become properties.
  private func keepAttributeOrder(_ object: inout VOCObjectWriting) {
    var groups: [VOCElement] = []
    for spelling in object.spellings {
      let element: VOCElement =
        switch VOCSpelling(rawValue: spelling) {
        case .pose: .pose
        case .actions: .actions
        case .cvat: .attributes
        case .keyed, .child, nil: .properties
        }
      if groups.last != element { groups.append(element) }
    }
    guard groups.count > 1 else { return }
    let base = object.level == 1 ? template : .part
    let ranks = groups.map { base.ranks[Int($0.rawValue)] }
    if zip(ranks, ranks.dropFirst()).allSatisfy({ $0 < $1 }) { return }
    if Set(groups).count < groups.count {
      object.spellings = object.spellings.map { _ in VOCSpelling.keyed.rawValue }
    } else {
      object.sequence = VOCTemplate(elements: [.name] + groups + base.sequence, pose: base.pose).sequence
    }
  }

  private mutating func write(
    _ element: VOCElement, named name: String, _ text: String?, _ attributes: String, _ object: inout VOCObjectWriting,
    _ out: inout ByteBuffer
  ) {
    let level = object.level + 1
    switch element {
    case .name:
      let label = object.annotation.label.flatMap { labels.label($0) }?.name
      leaf("name", label, text, attributes, level: level, &out)
    case .pose: writePose(text, attributes, object, &out)
    case .truncated: mark("truncated", object.annotation.flags.truncated, element, text, attributes, object, &out)
    case .difficult: mark("difficult", object.annotation.flags.difficult, element, text, attributes, object, &out)
    case .occluded: mark("occluded", object.annotation.flags.occluded, element, text, attributes, object, &out)
    case .maskColor: writeMaskColor(text, attributes, object, &out)
    case .confidence:
      if let value = finite(object.annotation.confidence) { number("confidence", value, text, attributes, level: level, &out) }
    case .hardCoefficient, .hard, .hardReasons:
      if object.annotation.hasRareAnswers, let hard = object.annotation.hard {
        write(element, hard, name, text, attributes, level, &out)
      }
    case .box: if let box = object.annotation.box { writeBox(box, attributes, object, &out) }
    case .shape:
      if dialect.allowsExtendedShapes, let shape = object.annotation.shape {
        writeShape(shape, named: name, attributes, object, &out)
      }
    case .part: writeParts(all: object.order == nil || name.isEmpty, &object, &out)
    case .actions: writeActions(attributes, object, &out)
    case .properties: writeProperties(attributes, object, &out)
    case .attributes: writeAttributes(attributes, object, &out)
    case .extra: break
    }
  }

  private mutating func writeMaskColor(
    _ text: String?, _ attributes: String, _ object: VOCObjectWriting, _ out: inout ByteBuffer
  ) {
    let level = object.level + 1
    guard !document.maskColors.isEmpty, let color = document.maskColors[object.index] else {
      if let text { raw("mask_color", text, attributes, level: level, &out) }
      return
    }
    let spelled = text.flatMap { VOCMaskColor.color($0.utf8) == color ? $0 : nil }
    raw("mask_color", spelled ?? VOCMaskColor.text(color), attributes, level: level, &out)
  }

  private mutating func writeParts(all: Bool, _ object: inout VOCObjectWriting, _ out: inout ByteBuffer) {
    guard !parts.isEmpty else { return }
    let own = parts[object.index]
    let limit = all ? own.count : min(object.nextPart + 1, own.count)
    while object.nextPart < limit {
      writeObject(own[object.nextPart], level: object.level + 1, &out)
      object.nextPart += 1
    }
  }

  private mutating func mark(
    _ name: StaticString, _ value: Bool?, _ element: VOCElement, _ text: String?, _ attributes: String, _ object: VOCObjectWriting,
    _ out: inout ByteBuffer
  ) {
    let isFilled =
      dialect.fillsFlags && object.level == 1 && object.order == nil && template.marks & 1 << UInt32(element.rawValue) != 0
    guard let value = value ?? (isFilled ? false : nil) else { return }
    flag(name, value, text, attributes, level: object.level + 1, &out)
  }

  private mutating func write(
    _ element: VOCElement, _ hard: HardExample, _ name: String, _ text: String?, _ attributes: String, _ level: Int,
    _ out: inout ByteBuffer
  ) {
    switch element {
    case .hardCoefficient:
      guard let value = finite(hard.coefficient) else { return }
      let name: StaticString = name == "difficult-coefficient" ? "difficult-coefficient" : "hard-coefficient"
      number(name, value, text, attributes, level: level, &out)
    case .hard: if let isHard = hard.isHard { flag("hard", isHard, text, attributes, level: level, &out) }
    default:
      guard !hard.reasons.isEmpty else { return }
      let reasons = hard.reasons.map(String.init).joined(separator: "-")
      leaf("hard-reasons", reasons, text, attributes, level: level, &out)
    }
  }

  /// A number that can be written; infinities and what is not a number are errors.
  mutating func finite(_ value: Double?) -> Double? {
    guard let value else { return nil }
    if value.isFinite { return value }
    report("voc.write.number", "A number is not finite, and Pascal VOC has no word for it")
    return nil
  }
}
