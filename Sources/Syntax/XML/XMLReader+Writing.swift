/// How ``XMLReader/appendXML(of:to:layout:)`` treats white space between tags.
public enum XMLLayout: Sendable {
  /// All white space stays as it was read.
  case asRead
  /// Each child on its own line, indented by tabs, the element itself standing at `level`.
  ///
  /// Text of elements without children, mixed content and what stands under `xml:space="preserve"` stay as read.
  case indented(level: Int)
}

extension XMLReader {
  /// Appends an element with all that is inside it as XML.
  ///
  /// What is read back is equal: names, attributes in order, text in order with the children. Comments and processing
  /// instructions are gone, CDATA comes as escaped text, an element without content as `<a/>`. The output begins with the
  /// start tag and ends with the end tag; `xmlns` declarations of elements further out are not repeated.
  public func appendXML(of element: Int, to output: inout [UInt8], layout: XMLLayout = .asRead) {
    let item = self[element]
    output.append(0x3C)
    output.append(contentsOf: bytes(item.name))
    for index in item.attributes { appendAttribute(index, to: &output) }
    if item.textLength == 0, item.firstChild < 0 {
      output.append(0x2F)
      output.append(0x3E)
      return
    }
    output.append(0x3E)
    appendContent(of: element, to: &output, layout: layout)
    output.append(0x3C)
    output.append(0x2F)
    output.append(contentsOf: bytes(item.name))
    output.append(0x3E)
  }

  private func appendAttribute(_ index: Int, to output: inout [UInt8]) {
    let (name, value) = attribute(index)
    output.append(0x20)
    output.append(contentsOf: name)
    output.append(0x3D)
    output.append(0x22)
    appendXMLEscapedAttribute(value, to: &output)
    output.append(0x22)
  }

  private func appendContent(of element: Int, to output: inout [UInt8], layout: XMLLayout) {
    if case .indented(let level) = layout, self[element].firstChild >= 0, mayIndent(element) {
      for child in children(of: element) {
        appendLine(level &+ 1, to: &output)
        appendXML(of: child, to: &output, layout: .indented(level: level &+ 1))
      }
      return appendLine(level, to: &output)
    }
    appendXMLEscaped(text(of: element), to: &output)
    for child in children(of: element) {
      appendXML(of: child, to: &output, layout: .asRead)
      appendXMLEscaped(tail(of: child), to: &output)
    }
  }

  private func mayIndent(_ element: Int) -> Bool {
    if let space = attribute(of: element, named: "xml:space"), space.elementsEqual("preserve".utf8) { return false }
    return !isMixed(element)
  }

  private func appendLine(_ level: Int, to output: inout [UInt8]) {
    output.append(0x0A)
    for _ in 0..<max(level, 0) { output.append(0x09) }
  }
}
