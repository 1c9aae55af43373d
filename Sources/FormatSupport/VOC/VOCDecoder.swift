import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// Reads one document; see ``VOCCodec/decode(_:in:labels:dialect:diagnostics:)``.
struct VOCDecoder {
  let tree: VOCTree
  let file: FileID
  let labels: LabelCache
  let dialect: VOCDialect
  var diagnostics = DiagnosticList()
  var document = VOCDocument()
  /// The order of elements that objects of this document keep unless they say otherwise.
  var template = VOCTemplate.canonical
  /// The order of the corners of a box, of which the first box decides.
  var corners: UInt16 = VOCTemplate.canonicalCorners
  var hasSeenObject = false
  var hasSeenBox = false
  /// Whether whole numbers of boxes are written with `.0`, of which the first box decides.
  var keepsFraction = false
  /// Members for ``VOCDocument/preserved``.
  var members: [(name: StaticString, json: [UInt8])] = []

  init(_ reader: XMLReader, _ file: FileID, _ labels: LabelCache, _ dialect: VOCDialect) {
    tree = VOCTree(reader)
    self.file = file
    self.labels = labels
    self.dialect = dialect
  }

  mutating func report(_ severity: Diagnostic.Severity, _ rule: String, _ message: String, _ element: Int) {
    diagnostics.report(severity, rule, message, at: range(of: element))
  }

  /// The start tag's name, `<` included.
  func range(of element: Int) -> SourceRange {
    guard element >= 0, element < tree.elements.count else { return SourceRange(file: file, offset: 0) }
    return SourceRange(file: file, offset: tree.elements[element].offset, length: tree.name(element).count &+ 1)
  }

  /// An element's name for a message.
  func shown(_ element: Int) -> String { terminalSafe(String(decoding: tree.name(element), as: UTF8.self)) }
  /// An element's text for a message, cut where it is long.
  func shownText(_ element: Int) -> String {
    let text = tree.trimmed(element)
    return terminalSafe(String(decoding: text.prefix(40), as: UTF8.self)) + (text.count > 40 ? "..." : "")
  }

  mutating func decode() -> VOCDocument? {
    guard !tree.elements.isEmpty, tree.isNamed(0, "annotation") else {
      let name = tree.elements.isEmpty ? "nothing" : "\"\(shown(0))\""
      report(.error, "voc.root", "The root element of a Pascal VOC file is \"annotation\", not \(name)", 0)
      return nil
    }
    guard tree.firstChild(0) >= 0 else {
      report(.error, "voc.empty", "The element \"annotation\" holds nothing", 0)
      return nil
    }
    var last = VOCTopElement.folder
    var seen: UInt16 = 0
    var isCanonical = true
    // The size comes first, wherever it stands: boxes are compared with it.
    var child = tree.firstChild(0)
    while child >= 0, !tree.isNamed(child, "size") { child = tree.next(child) }
    if child >= 0 { readSize(child) }
    child = tree.firstChild(0)
    while child >= 0 {
      let kind = VOCTopElement(tree.name(child))
      if kind.rawValue < last.rawValue || kind == .extra || (kind != .object && tree.hasAttributes(child)) { isCanonical = false }
      last = kind
      if kind.rawValue < VOCTopElement.object.rawValue {
        if seen & 1 << UInt16(kind.rawValue) != 0 {
          duplicate(child, of: 0)
          child = tree.next(child)
          continue
        }
        seen |= 1 << UInt16(kind.rawValue)
      }
      if !take(kind, child) { isCanonical = false }
      child = tree.next(child)
    }
    if dialect.folder != nil, document.folder == nil { isCanonical = false }
    if tree.hasStrayText(0) { stray(0) }
    if tree.hasAttributes(0) { addMember("root", text: tree.attributes(0)) }
    if !isCanonical { addMember("order", tokens: order()) }
    if !members.isEmpty { document.preserved = Preserved(VOCCodec.section, members: VOCDecoder.joined(members)) }
    return document
  }

  /// Takes one element of the root; false when its spelling must be kept.
  private mutating func take(_ kind: VOCTopElement, _ child: Int) -> Bool {
    switch kind {
    case .folder: document.folder = leafText(child)
    case .filename: document.filename = leafText(child)
    case .path: document.path = leafText(child)
    case .maskSource: document.maskSource = leafText(child)
    case .segmented:
      guard let flag = VOCSpelled.flag(tree.trimmed(child)) else {
        report(.error, "voc.segmented", "The element \"segmented\" is 0 or 1, not \"\(shownText(child))\"", child)
        return false
      }
      document.segmented = flag
      return VOCSpelled.isCanonical(flag: tree.text(child))
    case .source: readSource(child)
    case .object:
      let count = document.annotations.count
      if !readObject(child, parent: nil) { document.omissions.append(count) }
      hasSeenObject = true
    case .size, .extra: break
    }
    return kind.rawValue > VOCTopElement.path.rawValue && kind != .maskSource || tree.value(child).count == tree.text(child).count
  }

  private mutating func leafText(_ element: Int) -> String {
    if tree.firstChild(element) >= 0 { nested(element) }
    return String(decoding: tree.value(element), as: UTF8.self)
  }

  /// The order of the root's elements, for a file whose order is not the canonical one.
  private func order() -> [VOCToken] {
    var tokens: [VOCToken] = []
    var child = tree.firstChild(0)
    while child >= 0 {
      let kind = VOCTopElement(tree.name(child))
      switch kind {
      case .extra: tokens.append(tree.token(child))
      case .object:
        var count = 0
        while child >= 0, VOCTopElement(tree.name(child)) == .object {
          count += 1
          guard tree.next(child) >= 0, VOCTopElement(tree.name(tree.next(child))) == .object else { break }
          child = tree.next(child)
        }
        tokens.append(.element(name: "object", text: String(count), attributes: ""))
      case .folder, .filename, .path, .maskSource:
        let isPlain = tree.value(child).count == tree.text(child).count
        tokens.append(element(child, text: isPlain ? nil : tree.text(child)))
      case .segmented: tokens.append(element(child, text: VOCSpelled.isCanonical(flag: tree.text(child)) ? nil : tree.text(child)))
      case .source, .size: tokens.append(element(child, text: nil))
      }
      child = tree.next(child)
    }
    return tokens
  }

  func element(_ element: Int, text: UnsafeBufferPointer<UInt8>?) -> VOCToken {
    .element(
      name: String(decoding: tree.name(element), as: UTF8.self), text: text.map { String(decoding: $0, as: UTF8.self) },
      attributes: tree.hasAttributes(element) ? tree.attributes(element) : "")
  }

  mutating func addMember(_ name: StaticString, tokens: [VOCToken]) { members.append((name, VOCToken.json(tokens))) }

  mutating func addMember(_ name: StaticString, text: String) { members.append((name, VOCDecoder.json(text))) }

  static func json(_ text: String) -> [UInt8] {
    var out = ByteBuffer(capacity: 64)
    out.appendJSON(text)
    return out.array()
  }

  static func joined(_ members: [(name: StaticString, json: [UInt8])]) -> [UInt8] {
    var out = ByteBuffer(capacity: 256)
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append(UInt8(ascii: "\""))
      out.append(member.name)
      out.append("\":")
      out.append(member.json)
    }
    return out.array()
  }

  mutating func duplicate(_ element: Int, of parent: Int) {
    report(.error, "voc.element.duplicate", "The element \"\(shown(element))\" stands twice in \"\(shown(parent))\"", element)
  }

  mutating func stray(_ element: Int) {
    report(.warning, "voc.element.text", "Text between the elements of \"\(shown(element))\" is not kept", element)
  }

  mutating func nested(_ element: Int) {
    report(.warning, "voc.element.children", "The elements inside \"\(shown(element))\", which holds a text, are not kept", element)
  }
}
