import Glibc

extension XMLReader {
  /// Number of elements; 0 before the first parse and after a fault, otherwise at least 1: element 0 is the root.
  @inlinable public var count: Int { tree.elementCount }

  /// The elements in document order, element 0 being the root; valid until the next parse.
  @inlinable public var elements: UnsafeBufferPointer<XMLElement> {
    UnsafeBufferPointer(start: tree.elements, count: tree.elementCount)
  }

  /// The element at a position in document order.
  @inlinable
  public subscript(element: Int) -> XMLElement {
    precondition(element >= 0 && element < tree.elementCount, "no such element")
    return tree.elements[element]
  }

  /// The elements directly inside an element, in order.
  @inlinable
  public func children(of element: Int) -> XMLChildren {
    XMLChildren(elements: elements, first: self[element].firstChild)
  }

  /// The first child with a name, if there is one.
  @inlinable
  public func firstChild(of element: Int, named name: StaticString) -> Int? {
    for child in children(of: element) where isNamed(child, name) { return child }
    return nil
  }

  /// Whether an element has a name, compared byte by byte with the prefix as written.
  @inlinable
  public func isNamed(_ element: Int, _ name: StaticString) -> Bool {
    equals(self[element].name, name)
  }

  /// The name, prefix included, as written.
  @inlinable
  public func name(of element: Int) -> UnsafeBufferPointer<UInt8> {
    bytes(self[element].name)
  }

  /// The character data before the first child, exactly as it is; all of an element's text when it has no children.
  @inlinable
  public func text(of element: Int) -> UnsafeBufferPointer<UInt8> {
    bytes(self[element].text)
  }

  /// The character data between the element's end tag and the next tag of its parent.
  @inlinable
  public func tail(of element: Int) -> UnsafeBufferPointer<UInt8> {
    bytes(self[element].tail)
  }

  /// The text as ``text(of:)`` has it, without white space at both ends.
  @inlinable
  public func trimmedText(of element: Int) -> UnsafeBufferPointer<UInt8> {
    var range = self[element].text
    while let byte = range.first.map({ tree.bytes[$0] }), isXMLSpace(byte) { range = (range.lowerBound &+ 1)..<range.upperBound }
    while let byte = range.last.map({ tree.bytes[$0] }), isXMLSpace(byte) { range = range.lowerBound..<(range.upperBound &- 1) }
    return bytes(range)
  }

  /// The trimmed text as a string.
  public func trimmedString(of element: Int) -> String {
    String(decoding: trimmedText(of: element), as: UTF8.self)
  }

  /// All character data directly inside an element, before, between and after its children, appended to `output`.
  public func appendText(of element: Int, to output: inout [UInt8]) {
    output.append(contentsOf: text(of: element))
    for child in children(of: element) { output.append(contentsOf: tail(of: child)) }
  }

  /// Whether an element has children and also text between them that is not white space only.
  public func isMixed(_ element: Int) -> Bool {
    guard self[element].firstChild >= 0 else { return false }
    if !text(of: element).allSatisfy(isXMLSpace) { return true }
    return children(of: element).contains { !tail(of: $0).allSatisfy(isXMLSpace) }
  }

  /// The value of an attribute, or nil when the element does not have it.
  @inlinable
  public func attribute(of element: Int, named name: StaticString) -> UnsafeBufferPointer<UInt8>? {
    for index in self[element].attributes where equals(tree.attributes[index].name, name) {
      return bytes(tree.attributes[index].value)
    }
    return nil
  }

  /// The attribute at a position out of an element's ``XMLElement/attributes``.
  @inlinable
  public func attribute(_ index: Int) -> (name: UnsafeBufferPointer<UInt8>, value: UnsafeBufferPointer<UInt8>) {
    precondition(index >= 0 && index < tree.attributeCount, "no such attribute")
    return (bytes(tree.attributes[index].name), bytes(tree.attributes[index].value))
  }

  /// The bytes of a name, text or value that an ``XMLElement`` or ``XMLAttribute`` of this document tells.
  @inlinable
  public func bytes(_ range: Range<Int>) -> UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(start: tree.bytes + range.lowerBound, count: range.count)
  }

  @inlinable
  func equals(_ range: Range<Int>, _ word: StaticString) -> Bool {
    range.count == word.utf8CodeUnitCount && memcmp(tree.bytes + range.lowerBound, word.utf8Start, range.count) == 0
  }
}

/// The positions of an element's children, in order; valid until the reader's next parse.
public struct XMLChildren: Sequence, IteratorProtocol {
  @usableFromInline let elements: UnsafeBufferPointer<XMLElement>
  @usableFromInline var following: Int

  @inlinable
  init(elements: UnsafeBufferPointer<XMLElement>, first: Int) {
    self.elements = elements
    self.following = first
  }

  /// The position of the next child.
  @inlinable
  public mutating func next() -> Int? {
    guard following >= 0, following < elements.count else { return nil }
    defer { following = elements[following].nextSibling }
    return following
  }
}
