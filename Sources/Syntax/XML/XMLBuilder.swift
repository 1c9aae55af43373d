internal import CWaybillXML2
import Glibc

/// Turns the events of one parse into an ``XMLTree``; lives at a fixed address that libxml2 hands back with each event.
struct XMLBuilder {
  var tree = XMLTree()
  var fault: XMLFault?
  /// The limit on elements and attributes together.
  var recordLimit = 0

  private var context: xmlParserCtxtPtr?
  private var sink: UnsafeMutablePointer<waybill_xml_sink>?
  private var source = UnsafeRawBufferPointer(start: nil, count: 0)
  /// The innermost element that has not ended.
  private var open: Int32 = -1
  /// The element that character data belongs to: before `tailing` the open one, after it the one that just ended.
  private var last: Int32 = -1
  private var tailing = false
  private var depth = 0

  static let depthLimit = 256

  /// Gets ready for the events of one document.
  mutating func begin(_ source: UnsafeRawBufferPointer, sink: UnsafeMutablePointer<waybill_xml_sink>) {
    tree.reset()
    fault = nil
    self.source = source
    self.sink = sink
    context = sink.pointee.context
    open = -1
    last = -1
    tailing = false
    depth = 0
  }

  /// Offset in the source of the place the parser has come to.
  private func position() -> Int {
    guard let input = context?.pointee.input, let base = input.pointee.base, let current = input.pointee.cur else { return 0 }
    return min(max(Int(input.pointee.consumed) &+ (current - base), 0), source.count)
  }

  /// Keeps the fault, unless the parser has found one before, and stops the parser.
  mutating func stop(_ code: XMLFault.Code, _ message: String) {
    if fault == nil, sink?.pointee.code == 0 { fault = XMLFault(code, message, offset: position()) }
    xmlStopParser(context)
  }

  /// Fixes the length of the text or tail that ends where the next tag begins.
  @inline(__always)
  private func closeText() {
    guard last >= 0 else { return }
    let element = tree.elements + Int(last)
    let end = UInt32(truncatingIfNeeded: tree.byteCount)
    if tailing {
      element.pointee.tailLength = end &- element.pointee.tailStart
    } else {
      element.pointee.textLength = end &- element.pointee.textStart
    }
  }

  @inline(__always)
  mutating func start(_ name: UnsafePointer<xmlChar>, _ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>?) {
    guard fault == nil else { return }
    depth &+= 1
    if depth > XMLBuilder.depthLimit {
      return stop(.tooDeep, "Elements are nested more than \(XMLBuilder.depthLimit) deep.")
    }
    if tree.elementCount &+ tree.attributeCount >= recordLimit {
      return stop(.tooLarge, "The document has more than \(recordLimit) elements and attributes.")
    }
    closeText()
    let index = Int32(truncatingIfNeeded: tree.elementCount)
    if last >= 0 {
      if tailing {
        tree.elements[Int(last)].nextSiblingIndex = index
      } else {
        tree.elements[Int(last)].firstChildIndex = index
      }
    }
    let nameLength = strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
    let nameStart = tree.append(name, nameLength)
    let attributeStart = tree.attributeCount
    if let attributes { append(attributes) }
    let place = startTag(nameLength)
    tree.append(
      XMLElement(
        nameStart: UInt32(truncatingIfNeeded: nameStart), nameLength: UInt32(truncatingIfNeeded: nameLength),
        attributeStart: UInt32(truncatingIfNeeded: attributeStart),
        attributeCount: UInt32(truncatingIfNeeded: tree.attributeCount &- attributeStart),
        textStart: UInt32(truncatingIfNeeded: tree.byteCount), parent: open, line: place.line, offset: place.offset))
    open = index
    last = index
    tailing = false
  }

  /// The place of the `<` of the start tag the parser has just read: in a tag, `<` stands at the front only.
  @inline(__always)
  private func startTag(_ nameLength: Int) -> (offset: UInt32, line: UInt32) {
    let end = position()
    var line = UInt32(truncatingIfNeeded: context?.pointee.input?.pointee.line ?? 0)
    var offset = end &- nameLength &- 1
    if offset < 0 || source[offset] != 0x3C {
      offset = end &- 1
      while offset > 0 && source[offset] != 0x3C {
        if source[offset] == 0x0A { line &-= 1 }
        offset &-= 1
      }
      offset = max(offset, 0)
    }
    return (UInt32(truncatingIfNeeded: offset), line)
  }

  private mutating func append(_ attributes: UnsafeMutablePointer<UnsafePointer<xmlChar>?>) {
    var pair = attributes
    while let name = pair[0] {
      let nameLength = strlen(UnsafeRawPointer(name).assumingMemoryBound(to: CChar.self))
      let nameStart = tree.append(name, nameLength)
      var valueStart = tree.byteCount
      var valueLength = 0
      if let value = pair[1] {
        valueLength = strlen(UnsafeRawPointer(value).assumingMemoryBound(to: CChar.self))
        valueStart = tree.append(value, valueLength)
        valueLength = unescapeAmpersands(valueStart, valueLength)
      }
      tree.append(
        XMLAttribute(
          nameStart: UInt32(truncatingIfNeeded: nameStart), nameLength: UInt32(truncatingIfNeeded: nameLength),
          valueStart: UInt32(truncatingIfNeeded: valueStart), valueLength: UInt32(truncatingIfNeeded: valueLength)))
      pair += 2
    }
  }

  /// libxml2 hands out each `&` in a value as `&#38;`, for a later pass that is not ours; returns the new length.
  private mutating func unescapeAmpersands(_ start: Int, _ length: Int) -> Int {
    guard let first = memchr(tree.bytes + start, 0x26, length) else { return length }
    let end = start &+ length
    var read = UnsafePointer(first.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(tree.bytes)
    var write = read
    while read < end {
      let byte = tree.bytes[read]
      tree.bytes[write] = byte
      write &+= 1
      read &+= byte == 0x26 && end &- read >= 5 && memcmp(tree.bytes + read, "&#38;", 5) == 0 ? 5 : 1
    }
    tree.byteCount = write
    return write &- start
  }

  @inline(__always)
  mutating func end() {
    guard open >= 0 else { return }
    closeText()
    let element = tree.elements + Int(open)
    element.pointee.tailStart = UInt32(truncatingIfNeeded: tree.byteCount)
    last = open
    open = element.pointee.parentIndex
    tailing = true
    depth &-= 1
  }

  @inline(__always)
  mutating func characters(_ text: UnsafePointer<xmlChar>, _ count: Int32) {
    guard open >= 0, count > 0 else { return }
    _ = tree.append(text, Int(count))
  }
}
