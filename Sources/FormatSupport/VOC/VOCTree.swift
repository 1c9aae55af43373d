import WaybillBytes
import WaybillSyntax

/// A parsed document as plain memory, valid until the reader's next parse: what hot loops walk over.
struct VOCTree {
  let elements: UnsafeBufferPointer<XMLElement>
  let reader: XMLReader
  private let base: UnsafePointer<UInt8>?

  init(_ reader: XMLReader) {
    self.reader = reader
    elements = reader.elements
    base = reader.bytes(0..<0).baseAddress
  }

  @inline(__always) private func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    guard let base else { return UnsafeBufferPointer(start: nil, count: 0) }
    return UnsafeBufferPointer(start: base + range.lowerBound, count: range.count)
  }

  @inline(__always) func name(_ element: Int) -> UnsafeBufferPointer<UInt8> { bytes(elements[element].name) }
  /// The text as it stands.
  @inline(__always) func text(_ element: Int) -> UnsafeBufferPointer<UInt8> { bytes(elements[element].text) }
  @inline(__always) func firstChild(_ element: Int) -> Int { elements[element].firstChild }
  @inline(__always) func next(_ element: Int) -> Int { elements[element].nextSibling }
  @inline(__always) func hasAttributes(_ element: Int) -> Bool { !elements[element].attributes.isEmpty }
  @inline(__always) func isNamed(_ element: Int, _ word: StaticString) -> Bool { name(element).equals(word) }

  /// The text without white space at both ends.
  @inline(__always) func trimmed(_ element: Int) -> UnsafeBufferPointer<UInt8> { VOCTree.trim(text(element)) }

  /// The text as a value: white space at its ends counts unless a line break is among it, which only a pretty-printer leaves.
  func value(_ element: Int) -> UnsafeBufferPointer<UInt8> {
    let all = text(element)
    guard let first = all.first, let last = all.last, isXMLSpace(first) || isXMLSpace(last) else { return all }
    return VOCTree.value(of: all)
  }

  static func value(of all: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    let inner = trim(all)
    guard inner.count < all.count, let start = all.baseAddress, let core = inner.baseAddress else { return all }
    let before = core - start
    let hasBreak =
      all[..<before].contains(0x0A) || all[(before &+ inner.count)...].contains(0x0A) || all[..<before].contains(0x0D)
    return hasBreak ? inner : all
  }

  @inline(__always) static func trim(_ bytes: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
    guard let start = bytes.baseAddress else { return bytes }
    var lower = 0
    var upper = bytes.count
    while lower < upper, isXMLSpace(bytes[lower]) { lower &+= 1 }
    while upper > lower, isXMLSpace(bytes[upper &- 1]) { upper &-= 1 }
    return UnsafeBufferPointer(start: start + lower, count: upper &- lower)
  }

  /// Whether there is text other than white space before, between or after the children.
  @inline(__always) func hasStrayText(_ element: Int) -> Bool {
    if !VOCTree.isBlank(text(element)) { return true }
    var child = firstChild(element)
    while child >= 0 {
      if !VOCTree.isBlank(bytes(elements[child].tail)) { return true }
      child = next(child)
    }
    return false
  }

  @inline(__always) private static func isBlank(_ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
    for byte in bytes where !isXMLSpace(byte) { return false }
    return true
  }

  /// The XML attributes of an element as they stand in a start tag, each with a space before.
  func attributes(_ element: Int) -> String {
    var text: [UInt8] = []
    for index in elements[element].attributes {
      let (name, value) = reader.attribute(index)
      text.append(0x20)
      text.append(contentsOf: name)
      text.append(contentsOf: [0x3D, 0x22])
      appendXMLEscapedAttribute(value, to: &text)
      text.append(0x22)
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// An element and all inside it as XML: without white space between tags, or as read where white space may matter.
  func token(_ element: Int) -> VOCToken {
    let isVerbatim = isMixed(element)
    var text: [UInt8] = []
    if isVerbatim { reader.appendXML(of: element, to: &text) } else { appendCompact(element, to: &text) }
    return .xml(String(decoding: text, as: UTF8.self), isVerbatim: isVerbatim)
  }

  private func isMixed(_ element: Int) -> Bool {
    if reader.attribute(of: element, named: "xml:space") != nil || reader.isMixed(element) { return true }
    var child = firstChild(element)
    while child >= 0 {
      if isMixed(child) { return true }
      child = next(child)
    }
    return false
  }

  private func appendCompact(_ element: Int, to output: inout [UInt8]) {
    let child = firstChild(element)
    guard child >= 0 else { return reader.appendXML(of: element, to: &output) }
    output.append(0x3C)
    output.append(contentsOf: name(element))
    output.append(contentsOf: attributes(element).utf8)
    output.append(0x3E)
    var following = child
    while following >= 0 {
      appendCompact(following, to: &output)
      following = next(following)
    }
    output.append(contentsOf: [0x3C, 0x2F])
    output.append(contentsOf: name(element))
    output.append(0x3E)
  }
}

@inline(__always) func isXMLSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x09 || byte == 0x0D }

extension VOCToken {
  /// Tokens as a JSON array of texts: `"name"`, `"name=text"`, `"@ attributes"` before its element, `"<xml/>"`, `["<verbatim> </verbatim>"]`.
  static func json(_ tokens: [VOCToken]) -> [UInt8] {
    var out = ByteBuffer(capacity: 256)
    out.append(UInt8(ascii: "["))
    var isFirst = true
    func comma(_ out: inout ByteBuffer) {
      if !isFirst { out.append(UInt8(ascii: ",")) }
      isFirst = false
    }
    for token in tokens {
      comma(&out)
      switch token {
      case .element(let name, let text, let attributes):
        if !attributes.isEmpty {
          out.appendJSON("@" + attributes)
          comma(&out)
        }
        out.appendJSON(text.map { "\(name)=\($0)" } ?? name)
      case .xml(let xml, let isVerbatim):
        if isVerbatim { out.append(UInt8(ascii: "[")) }
        out.appendJSON(xml)
        if isVerbatim { out.append(UInt8(ascii: "]")) }
      }
    }
    out.append(UInt8(ascii: "]"))
    return out.array()
  }

  /// Reads what ``json(_:)`` wrote; what is not in that form is passed over.
  static func read(_ json: UnsafeRawBufferPointer) -> [VOCToken] {
    var tokens: [VOCToken] = []
    var scanner = JSONScanner(json)
    guard var progress = try? scanner.beginArray() else { return [] }
    var attributes = ""
    while (try? scanner.nextElement(&progress)) == true {
      guard let kind = try? scanner.peekKind() else { return tokens }
      if kind == .array {
        guard var inner = try? scanner.beginArray(), (try? scanner.nextElement(&inner)) == true, let text = try? scanner.string()
        else { return tokens }
        tokens.append(.xml(text.makeString(), isVerbatim: true))
        while (try? scanner.nextElement(&inner)) == true { if (try? scanner.skipValue()) == nil { return tokens } }
        continue
      }
      guard kind == .string, let text = (try? scanner.string())?.makeString() else { return tokens }
      if text.utf8.first == 0x3C {
        tokens.append(.xml(text, isVerbatim: false))
      } else if text.utf8.first == 0x40 {
        attributes = String(text.dropFirst())
      } else {
        let mark = text.utf8.firstIndex(of: 0x3D)
        tokens.append(
          .element(
            name: mark.map { String(text[..<$0]) } ?? text, text: mark.map { String(text[text.utf8.index(after: $0)...]) },
            attributes: attributes))
        attributes = ""
      }
    }
    return tokens
  }
}
