import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// What is found while the elements of one object are read.
struct VOCObject {
  var annotation = Annotation()
  /// Whether all is spelled and ordered so that no tokens need to be kept.
  var isPlain = true
  var isBad = false
  var box = -1
  var shape = -1
  var point = -1
  var pose = -1
  var maskColor = -1
  var hasParts = false
  var seen: UInt32 = 0
  var attributes = Attributes()
  /// The names of the attributes.
  var names = SeenTexts()
  var spellings: [UInt8] = []
  var hard = HardExample()
  var members: [(name: StaticString, json: [UInt8])] = []
}

extension VOCDecoder {
  /// Reads an `object`, or a `part` of the annotation at `parent`, and its parts; false when it has an error and is left out.
  mutating func readObject(_ element: Int, parent: Int?) -> Bool {
    var object = VOCObject()
    let order = parent == nil ? template : .part
    var last: UInt8 = 0
    var child = tree.firstChild(element)
    while child >= 0 {
      let kind = VOCElement(tree.name(child))
      let rank = order.ranks[Int(kind.rawValue)]
      if rank < last || kind == .extra || tree.hasAttributes(child) { object.isPlain = false }
      last = rank
      if kind == .extra || kind == .part {
        if kind == .part { object.hasParts = true }
      } else if kind != .shape, kind != .box {
        if object.seen & 1 << UInt32(kind.rawValue) != 0 {
          duplicate(child, of: element)
          object.isBad = true
        }
        object.seen |= 1 << UInt32(kind.rawValue)
      }
      take(kind, child, of: element, &object)
      child = tree.next(child)
    }
    readPlace(element, &object)
    if object.annotation.label == nil, object.seen & 1 == 0 {
      report(.error, "voc.object.name", "An \(shown(element)) has a \"name\"; this one has none", element)
      object.isBad = true
    }
    if tree.hasStrayText(element) { stray(element) }
    if tree.hasAttributes(element) { object.members.append(("attributes", VOCDecoder.json(tree.attributes(element)))) }
    guard !object.isBad else { return false }
    let index = document.annotations.count
    if let parent { object.annotation.partOf = index &- parent }
    keepOrder(element, order, parent == nil, &object)
    finish(&object)
    if dialect.readsMaskColors, object.shape < 0, let color = maskColor(of: object) { document.maskColors[index] = color }
    document.annotations.append(object.annotation)
    if object.hasParts { readParts(element, of: index) }
    return true
  }

  private mutating func readParts(_ element: Int, of index: Int) {
    var child = tree.firstChild(element)
    while child >= 0 {
      if tree.isNamed(child, "part") { _ = readObject(child, parent: index) }
      child = tree.next(child)
    }
  }

  private mutating func take(_ kind: VOCElement, _ child: Int, of element: Int, _ object: inout VOCObject) {
    switch kind {
    case .name: readName(child, &object)
    case .pose:
      object.pose = child
      readPose(child, &object)
    case .truncated: object.annotation.flags.truncated = readFlag(child, &object)
    case .difficult: object.annotation.flags.difficult = readFlag(child, &object)
    case .occluded: object.annotation.flags.occluded = readFlag(child, &object)
    case .confidence: object.annotation.confidence = readNumber(child, "voc.object.confidence", &object)
    case .hardCoefficient:
      object.hard.coefficient = readNumber(child, "voc.object.hard-coefficient", &object)
      if tree.name(child).count != 16 { object.isPlain = false }
    case .hard:
      guard let flag = VOCSpelled.flag(tree.trimmed(child)) else { return object.isPlain = false }
      object.hard.isHard = flag
      if !VOCSpelled.isCanonical(flag: tree.text(child)) { object.isPlain = false }
    case .hardReasons: readReasons(child, &object)
    case .maskColor:
      object.isPlain = false
      object.maskColor = child
    case .box:
      if object.box >= 0 { twoShapes(child, &object) }
      object.box = child
    case .shape:
      if tree.isNamed(child, "point") {
        if object.point >= 0 { twoShapes(child, &object) }
        object.point = child
      } else {
        if object.shape >= 0 { twoShapes(child, &object) }
        object.shape = child
      }
    case .actions: readActions(child, &object)
    case .properties: readProperties(child, &object)
    case .attributes: readAttributes(child, &object)
    case .part, .extra: break
    }
  }

  private mutating func twoShapes(_ child: Int, _ object: inout VOCObject) {
    report(
      .error, "voc.object.two-shapes", "An object has one place; \"\(shown(child))\" is a second one", child)
    object.isBad = true
  }

  private mutating func readName(_ child: Int, _ object: inout VOCObject) {
    let name = tree.value(child)
    guard !VOCTree.trim(name).isEmpty else {
      report(.error, "voc.object.name", "The \"name\" of an object is its label and must not be empty", child)
      object.isBad = true
      return
    }
    if tree.firstChild(child) >= 0 { nested(child) }
    if name.count != tree.text(child).count { object.isPlain = false }
    object.annotation.label = labels.intern(name)
  }

  private mutating func readPose(_ child: Int, _ object: inout VOCObject) {
    let value = tree.value(child)
    if tree.firstChild(child) >= 0 { nested(child) }
    guard !VOCSpelled.isSilent(pose: tree.trimmed(child)) else { return }
    if value.count != tree.text(child).count { object.isPlain = false }
    add("pose", .string(String(decoding: value, as: UTF8.self)), .pose, child, &object)
  }

  private mutating func readFlag(_ child: Int, _ object: inout VOCObject) -> Bool? {
    if VOCSpelled.isCanonical(flag: tree.text(child)) { return tree.text(child)[0] == 49 }
    object.isPlain = false
    if let flag = VOCSpelled.flag(tree.trimmed(child)) { return flag }
    report(
      .error, "voc.object.flag", "The element \"\(shown(child))\" is 0 or 1, not \"\(shownText(child))\"", child)
    object.isBad = true
    return nil
  }

  private mutating func readNumber(_ child: Int, _ rule: String, _ object: inout VOCObject) -> Double? {
    guard let value = VOCSpelled.number(tree.trimmed(child)) else {
      report(.error, rule, "The element \"\(shown(child))\" is a number, not \"\(shownText(child))\"", child)
      object.isBad = true
      return nil
    }
    var scratch = ByteBuffer(capacity: 32)
    if !VOCSpelled.isCanonical(tree.text(child), value, &scratch) { object.isPlain = false }
    return value
  }

  /// Numbers joined by hyphens; anything else is kept as an unknown element.
  private mutating func readReasons(_ child: Int, _ object: inout VOCObject) {
    let text = tree.trimmed(child)
    var reasons: [Int] = []
    for word in text.split(separator: 0x2D, omittingEmptySubsequences: false) {
      guard let value = NumberParser.integer(UnsafeBufferPointer(rebasing: word)) else { return object.isPlain = false }
      reasons.append(Int(value))
    }
    if text.count != tree.text(child).count { object.isPlain = false }
    object.hard.reasons = reasons
  }

  /// Keeps the order, the spellings and the unknown elements of an object where they are not those of the template.
  private mutating func keepOrder(_ element: Int, _ order: VOCTemplate, _ mayLead: Bool, _ object: inout VOCObject) {
    let silent = object.pose >= 0 && VOCSpelled.isSilent(pose: tree.trimmed(object.pose))
    if object.pose < 0 {
      if order.pose != nil { object.isPlain = false }
    } else if silent {
      let text = tree.text(object.pose)
      if order.pose?.withBytes({ $0.holdsSameBytes(as: text) }) != true { object.isPlain = false }
    }
    // Marks that a writer would fill in, and that this object does without.
    if mayLead, dialect.fillsFlags, object.seen & order.marks != order.marks { object.isPlain = false }
    guard !object.isPlain else { return }
    let tokens = objectOrder(element, object)
    if mayLead, !hasSeenObject, lead(tokens) { return }
    object.members.append(("order", VOCToken.json(tokens)))
  }

  /// Makes the first object's order the template of the document; false when the object has more to say than an order.
  private mutating func lead(_ tokens: [VOCToken]) -> Bool {
    var kinds: [VOCElement] = []
    var collapsed: [VOCToken] = []
    for token in tokens {
      guard case .element(let name, let text, let attributes) = token, attributes.isEmpty else { return false }
      let kind = VOCElement(named: name)
      if kind == .part, kinds.last == .part { continue }
      guard !kinds.contains(kind), text == nil || kind == .pose, kind != .hardCoefficient else { return false }
      if kind == .shape, name == "polyline" || name == "point" { return false }
      kinds.append(kind)
      collapsed.append(token)
    }
    template = VOCTemplate(collapsed)
    addMember("objects", tokens: collapsed)
    return true
  }

  private func objectOrder(_ element: Int, _ object: VOCObject) -> [VOCToken] {
    var tokens: [VOCToken] = []
    var child = tree.firstChild(element)
    while child >= 0 {
      tokens.append(token(child, object))
      child = tree.next(child)
    }
    return tokens
  }

  private func token(_ child: Int, _ object: VOCObject) -> VOCToken {
    let text = tree.text(child)
    var isPlain = true
    var scratch = ByteBuffer(capacity: 32)
    switch VOCElement(tree.name(child)) {
    case .extra: return tree.token(child)
    case .shape where child == object.point && object.box >= 0: return tree.token(child)
    case .attributes where !object.spellings.contains(VOCSpelling.cvat.rawValue): return tree.token(child)
    case .actions where !object.spellings.contains(VOCSpelling.actions.rawValue): return tree.token(child)
    case .hard where VOCSpelled.flag(tree.trimmed(child)) == nil: return tree.token(child)
    case .hardReasons where object.hard.reasons.isEmpty: return tree.token(child)
    case .hardReasons: isPlain = tree.trimmed(child).count == text.count
    case .name: isPlain = tree.value(child).count == text.count
    case .pose: isPlain = !VOCSpelled.isSilent(pose: tree.trimmed(child)) && tree.value(child).count == text.count
    case .maskColor: isPlain = false
    case .truncated, .difficult, .occluded, .hard: isPlain = VOCSpelled.isCanonical(flag: text)
    case .confidence, .hardCoefficient:
      isPlain = VOCSpelled.number(tree.trimmed(child)).map { VOCSpelled.isCanonical(text, $0, &scratch) } ?? false
    case .box, .shape, .part, .actions, .properties, .attributes: break
    }
    return self.element(child, text: isPlain ? nil : text)
  }

  private func finish(_ object: inout VOCObject) {
    if object.hard != HardExample() { object.annotation.hard = object.hard }
    if !object.attributes.isEmpty { object.annotation.attributes = object.attributes }
    if !VOCSpelled.isCanonical(object.spellings, object.attributes) {
      object.members.append(("spelling", VOCDecoder.json(String(decoding: object.spellings, as: UTF8.self))))
    }
    if !object.members.isEmpty {
      object.annotation.preserved = Preserved(VOCCodec.section, members: VOCDecoder.joined(object.members))
    }
  }
}
