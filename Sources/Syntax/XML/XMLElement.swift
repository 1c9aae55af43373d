/// One element of a parsed document: where it stands in the tree and where its bytes are.
///
/// Elements lie in document order, so a subtree is a contiguous run. Text is kept as in ElementTree: `text` before the
/// first child, `tail` after the end tag up to the next sibling, so mixed content keeps its order. The ranges count
/// in the reader's arena and are read by ``XMLReader``'s accessors.
public struct XMLElement: Sendable {
  /// Stands for "no element" in ``parent``, ``firstChild`` and ``nextSibling``.
  public static var none: Int { -1 }

  @usableFromInline var nameStart: UInt32
  @usableFromInline var nameLength: UInt32
  @usableFromInline var textStart: UInt32
  @usableFromInline var textLength: UInt32
  @usableFromInline var tailStart: UInt32
  @usableFromInline var tailLength: UInt32
  @usableFromInline var attributeStart: UInt32
  @usableFromInline var attributeCount: UInt32
  @usableFromInline var parentIndex: Int32
  @usableFromInline var firstChildIndex: Int32
  @usableFromInline var nextSiblingIndex: Int32
  @usableFromInline var lineNumber: UInt32
  @usableFromInline var sourceOffset: UInt32

  @inlinable
  init(
    nameStart: UInt32, nameLength: UInt32, attributeStart: UInt32, attributeCount: UInt32, textStart: UInt32,
    parent: Int32, line: UInt32, offset: UInt32
  ) {
    self.nameStart = nameStart
    self.nameLength = nameLength
    self.textStart = textStart
    self.textLength = 0
    self.tailStart = 0
    self.tailLength = 0
    self.attributeStart = attributeStart
    self.attributeCount = attributeCount
    self.parentIndex = parent
    self.firstChildIndex = -1
    self.nextSiblingIndex = -1
    self.lineNumber = line
    self.sourceOffset = offset
  }

  /// Index of the element around this one, or ``none`` for the root.
  @inlinable public var parent: Int { Int(parentIndex) }
  /// Index of the first element inside, or ``none``.
  @inlinable public var firstChild: Int { Int(firstChildIndex) }
  /// Index of the next element with the same parent, or ``none``.
  @inlinable public var nextSibling: Int { Int(nextSiblingIndex) }
  /// Offset of the start tag's `<` in the source bytes.
  @inlinable public var offset: Int { Int(sourceOffset) }
  /// Line of the start tag's `<`, from 1.
  @inlinable public var line: Int { Int(lineNumber) }
  /// Bytes of the name, prefix included, as written.
  @inlinable public var name: Range<Int> { Int(nameStart)..<(Int(nameStart) &+ Int(nameLength)) }
  /// Bytes of the character data before the first child; all of it when there is no child.
  @inlinable public var text: Range<Int> { Int(textStart)..<(Int(textStart) &+ Int(textLength)) }
  /// Bytes of the character data between the end tag and the next sibling or the parent's end tag.
  @inlinable public var tail: Range<Int> { Int(tailStart)..<(Int(tailStart) &+ Int(tailLength)) }
  /// Positions of the attributes, in the order written; `xmlns` declarations are among them.
  @inlinable public var attributes: Range<Int> { Int(attributeStart)..<(Int(attributeStart) &+ Int(attributeCount)) }
}

/// One attribute: where its name and its normalised value are in the reader's arena.
public struct XMLAttribute: Sendable {
  @usableFromInline var nameStart: UInt32
  @usableFromInline var nameLength: UInt32
  @usableFromInline var valueStart: UInt32
  @usableFromInline var valueLength: UInt32

  @inlinable
  init(nameStart: UInt32, nameLength: UInt32, valueStart: UInt32, valueLength: UInt32) {
    self.nameStart = nameStart
    self.nameLength = nameLength
    self.valueStart = valueStart
    self.valueLength = valueLength
  }

  /// Bytes of the name, prefix included, as written.
  @inlinable public var name: Range<Int> { Int(nameStart)..<(Int(nameStart) &+ Int(nameLength)) }
  /// Bytes of the value: references replaced, tabs and line breaks turned into spaces.
  @inlinable public var value: Range<Int> { Int(valueStart)..<(Int(valueStart) &+ Int(valueLength)) }
}
