import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

/// Writes one document; see ``VOCCodec/encode(_:labels:dialect:into:diagnostics:source:)``.
struct VOCEncoder {
  let document: VOCDocument
  let labels: LabelCache
  let dialect: VOCDialect
  let source: SourceRange?
  var diagnostics = DiagnosticList()
  /// How the objects of the document are ordered.
  private(set) var template = VOCTemplate.canonical
  /// The order of the corners of a box.
  private(set) var corners: [VOCToken] = []
  /// Whether whole numbers of boxes are written with `.0`.
  private(set) var keepsFraction = false
  private var order: [VOCToken]?
  private var sizeTokens: [VOCToken]?
  private var sourceTokens: [VOCToken]?
  private var rootAttributes = ""
  /// Positions of the annotations that are objects of their own, and of those written so far.
  private var objects: [Int] = []
  private var nextObject = 0
  /// Positions of the parts of each annotation; empty when there is no part at all.
  private(set) var parts: [[Int]] = []

  /// Objects nested deeper than this are refused; a reader refuses more than 256 levels of elements.
  static let depthLimit = 80

  init(_ document: VOCDocument, _ labels: LabelCache, _ dialect: VOCDialect, _ source: SourceRange?) {
    self.document = document
    self.labels = labels
    self.dialect = dialect
    self.source = source
    guard !document.preserved[VOCCodec.section].isEmpty else { return }
    PreservedReader(document.preserved, VOCCodec.section).forEach { key, value in
      switch key {
      case "order": order = VOCToken.read(value)
      case "objects": template = VOCTemplate(VOCToken.read(value))
      case "corners": corners = VOCToken.read(value)
      case "fraction": keepsFraction = value.elementsEqual("true".utf8)
      case "size": sizeTokens = VOCToken.read(value)
      case "source": sourceTokens = VOCToken.read(value)
      case "root": rootAttributes = VOCEncoder.text(value) ?? ""
      default: break
      }
    }
  }

  static func text(_ json: UnsafeRawBufferPointer) -> String? {
    var scanner = JSONScanner(json)
    return (try? scanner.string())?.makeString()
  }

  mutating func report(_ rule: String, _ message: String) {
    diagnostics.report(.error, rule, message, at: source)
  }

  mutating func encode(into out: inout ByteBuffer) {
    findParts()
    switch dialect.layout {
    case .devkit: break
    case .service: out.append("<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n")
    case .sdk: out.append("<?xml version=\"1.0\" ?>\n")
    }
    out.append("<annotation")
    out.append(rootAttributes)
    out.append(">\n")
    let start = out.count
    if let order {
      encode(order, &out)
    } else {
      for element in VOCTopElement.allCases { write(element, nil, "", &out) }
    }
    // Readers refuse an annotation that holds nothing.
    if out.count == start { leaf("filename", "", nil, "", level: 1, &out) }
    out.append("</annotation>\n")
  }

  private mutating func encode(_ tokens: [VOCToken], _ out: inout ByteBuffer) {
    var written: UInt16 = 0
    let lastObject = tokens.lastIndex {
      if case .element(name: "object", _, _) = $0 { return true }
      return false
    }
    for (index, token) in tokens.enumerated() {
      switch token {
      case .xml(let xml, let isVerbatim): append(xml, isVerbatim, level: 1, &out)
      case .element(var name, let text, let attributes):
        let element = name.withUTF8 { VOCTopElement($0) }
        if element == .object {
          writeObjects(upTo: index == lastObject ? .max : nextObject &+ min(max(text.flatMap(Int.init) ?? .max, 0), 1 << 40), &out)
        } else {
          write(element, text, attributes, &out)
        }
        written |= 1 << UInt16(element.rawValue)
      }
    }
    for element in VOCTopElement.allCases where written & 1 << UInt16(element.rawValue) == 0 {
      if element != .folder || document.folder != nil { write(element, nil, "", &out) }
    }
  }

  private mutating func write(_ element: VOCTopElement, _ text: String?, _ attributes: String, _ out: inout ByteBuffer) {
    switch element {
    case .folder: leaf(element.name, document.folder ?? dialect.folder, text, attributes, level: 1, &out)
    case .filename: leaf(element.name, document.filename, text, attributes, level: 1, &out)
    case .path: leaf(element.name, document.path, text, attributes, level: 1, &out)
    case .maskSource: leaf(element.name, document.maskSource, text, attributes, level: 1, &out)
    case .segmented:
      guard let segmented = document.segmented else { return }
      flag("segmented", segmented, text, attributes, level: 1, &out)
    case .source: writeSource(attributes, &out)
    case .size: writeSize(attributes, &out)
    case .object: writeObjects(upTo: .max, &out)
    case .extra: break
    }
  }

  private mutating func writeSource(_ attributes: String, _ out: inout ByteBuffer) {
    guard document.database != nil || sourceTokens != nil else { return }
    if document.database == nil, sourceTokens?.isEmpty == true { return raw("source", "", attributes, level: 1, &out) }
    begin("source", attributes, level: 1, &out)
    var hasDatabase = false
    for token in sourceTokens ?? [] {
      switch token {
      case .xml(let xml, let isVerbatim): append(xml, isVerbatim, level: 2, &out)
      case .element(_, let text, let attributes):
        leaf("database", document.database, text, attributes, level: 2, &out)
        hasDatabase = true
      }
    }
    if !hasDatabase { leaf("database", document.database, nil, "", level: 2, &out) }
    end("source", level: 1, &out)
  }

  private mutating func writeSize(_ attributes: String, _ out: inout ByteBuffer) {
    guard document.width != nil || document.height != nil || document.depth != nil || sizeTokens != nil else { return }
    if document.width == nil, document.height == nil, document.depth == nil, sizeTokens?.isEmpty == true {
      return raw("size", "", attributes, level: 1, &out)
    }
    begin("size", attributes, level: 1, &out)
    var written = 0
    for token in sizeTokens ?? [] {
      switch token {
      case .xml(let xml, let isVerbatim): append(xml, isVerbatim, level: 2, &out)
      case .element(let name, let text, let attributes):
        let which = name == "width" ? 0 : name == "height" ? 1 : 2
        writeLength(which, text, attributes, &out)
        written |= 1 << which
      }
    }
    for which in 0..<3 where written & 1 << which == 0 {
      writeLength(which, which == 2 && dialect.fillsFlags && sizeTokens == nil ? "0" : nil, "", &out)
    }
    end("size", level: 1, &out)
  }

  private mutating func writeLength(_ which: Int, _ text: String?, _ attributes: String, _ out: inout ByteBuffer) {
    let value = which == 0 ? document.width : which == 1 ? document.height : document.depth
    let name: StaticString = which == 0 ? "width" : which == 1 ? "height" : "depth"
    // Where there is no value, the only text that says so is a zero.
    if var text, text.withUTF8({ VOCSpelled.pixels(VOCTree.trim($0)) }) == value ?? 0 {
      return raw(name, text, attributes, level: 2, &out)
    }
    guard let value else { return }
    guard value >= 0, value < VOCSpelled.pixelLimit else {
      return report(
        "voc.write.size", "The \(name) of the image is \(value) pixels, and a size is at most \(VOCSpelled.pixelLimit - 1)")
    }
    open(name, attributes, level: 2, &out)
    out.append(decimal: value)
    close(name, &out)
  }

  // MARK: Objects

  /// Finds out which annotations are parts of others.
  ///
  /// A part of what is not there, or of what follows it, is an error.
  private mutating func findParts() {
    let annotations = document.annotations
    objects.reserveCapacity(annotations.count)
    var depths: [Int] = []
    for (index, annotation) in annotations.enumerated() {
      guard annotation.hasRareAnswers, let distance = annotation.partOf else {
        objects.append(index)
        continue
      }
      if parts.isEmpty {
        parts = Array(repeating: [], count: annotations.count)
        depths = Array(repeating: 0, count: annotations.count)
      }
      guard distance > 0, distance <= index, depths[index &- distance] < VOCEncoder.depthLimit else {
        report("voc.write.part", "An annotation is part of one that does not stand before it, or is nested too deep")
        continue
      }
      depths[index] = depths[index &- distance] &+ 1
      parts[index &- distance].append(index)
    }
  }

  private mutating func writeObjects(upTo limit: Int, _ out: inout ByteBuffer) {
    while nextObject < min(limit, objects.count) {
      writeObject(objects[nextObject], level: 1, &out)
      nextObject &+= 1
    }
  }
}
