import WaybillSyntax

/// An answer in XML: a root of a name, and texts in its children.
struct S3Answer {
  private let reader: XMLReader
  /// Whether names are escaped as in a URL, as was asked for.
  private let isEscaped: Bool

  /// The answer in some bytes; nil when they are no XML or have another root.
  init?(_ body: [UInt8], root: StaticString) {
    let reader = XMLReader(maximumBytes: 16 << 20)
    do throws(XMLFault) { try reader.parse(body) } catch { return nil }
    guard reader.count > 0, reader.isNamed(0, root) else { return nil }
    self.reader = reader
    isEscaped = reader.firstChild(of: 0, named: "EncodingType").map { reader.trimmedString(of: $0) } == "url"
  }

  /// The children of the root that have a name.
  func children(_ name: StaticString) -> [Int] { reader.children(of: 0).filter { reader.isNamed($0, name) } }

  /// The text of the first child of that name; nil when there is none.
  func text(_ name: StaticString, of element: Int = 0) -> String? {
    reader.firstChild(of: element, named: name).map { reader.trimmedString(of: $0) }
  }

  /// A child's text as the key that it is, of which no space is taken away; nil when it is none.
  func key(_ name: StaticString, of element: Int = 0) -> String? {
    guard let child = reader.firstChild(of: element, named: name) else { return nil }
    let text = reader.text(of: child)
    return isEscaped ? S3Escaping.unescaped(text) : String(validating: text, as: UTF8.self)
  }
}
