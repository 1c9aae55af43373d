import Glibc

/// The memory a parse fills: an arena of bytes, the elements and the attributes, kept from document to document.
///
/// Plain memory rather than arrays: the parser's callbacks write here a few nanoseconds apart.
@usableFromInline
struct XMLTree {
  @usableFromInline var bytes: UnsafeMutablePointer<UInt8>
  @usableFromInline var byteCount = 0
  @usableFromInline var elements: UnsafeMutablePointer<XMLElement>
  @usableFromInline var elementCount = 0
  @usableFromInline var attributes: UnsafeMutablePointer<XMLAttribute>
  @usableFromInline var attributeCount = 0
  private var byteCapacity = XMLTree.startBytes
  private var elementCapacity = XMLTree.startElements
  private var attributeCapacity = XMLTree.startAttributes

  private static var startBytes: Int { 1 << 14 }
  private static var startElements: Int { 512 }
  private static var startAttributes: Int { 64 }
  /// Memory above this is given back before the next document, so that one giant does not weigh on a long run.
  private static var keptBytes: Int { 8 << 20 }

  init() {
    bytes = .allocate(capacity: XMLTree.startBytes)
    elements = .allocate(capacity: XMLTree.startElements)
    attributes = .allocate(capacity: XMLTree.startAttributes)
  }

  func deallocate() {
    bytes.deallocate()
    elements.deallocate()
    attributes.deallocate()
  }

  /// Empties the tree for the next document.
  mutating func reset() {
    byteCount = 0
    elementCount = 0
    attributeCount = 0
    let held =
      byteCapacity &+ elementCapacity &* MemoryLayout<XMLElement>.stride
      &+ attributeCapacity &* MemoryLayout<XMLAttribute>.stride
    if held > XMLTree.keptBytes {
      deallocate()
      self = XMLTree()
    }
  }

  /// Appends bytes to the arena and returns where they begin.
  @inline(__always)
  mutating func append(_ source: UnsafePointer<UInt8>, _ count: Int) -> Int {
    let start = byteCount
    if byteCapacity &- start < count { growBytes(by: count) }
    memcpy(bytes + start, source, count)
    byteCount = start &+ count
    return start
  }

  /// Appends bytes and a zero that does not count, and returns where they begin.
  mutating func append(zeroTerminated source: UnsafePointer<UInt8>, _ count: Int) -> Int {
    if byteCapacity &- byteCount <= count { growBytes(by: count &+ 1) }
    let start = append(source, count)
    bytes[byteCount] = 0
    return start
  }

  @inline(__always)
  mutating func append(_ element: XMLElement) {
    if elementCount == elementCapacity { growElements() }
    (elements + elementCount).initialize(to: element)
    elementCount &+= 1
  }

  mutating func append(_ attribute: XMLAttribute) {
    if attributeCount == attributeCapacity {
      attributes = XMLTree.grown(attributes, count: attributeCount, capacity: &attributeCapacity, by: 1)
    }
    (attributes + attributeCount).initialize(to: attribute)
    attributeCount &+= 1
  }

  @inline(never)
  private mutating func growBytes(by count: Int) {
    bytes = XMLTree.grown(bytes, count: byteCount, capacity: &byteCapacity, by: count)
  }

  @inline(never)
  private mutating func growElements() {
    elements = XMLTree.grown(elements, count: elementCount, capacity: &elementCapacity, by: 1)
  }

  private static func grown<T>(
    _ old: UnsafeMutablePointer<T>, count: Int, capacity: inout Int, by extra: Int
  ) -> UnsafeMutablePointer<T> {
    let larger = max(capacity &* 2, count &+ extra)
    let new = UnsafeMutablePointer<T>.allocate(capacity: larger)
    new.moveInitialize(from: old, count: count)
    old.deallocate()
    capacity = larger
    return new
  }
}
