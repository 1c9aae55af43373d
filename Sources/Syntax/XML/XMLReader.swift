/// Reads XML documents into a flat element list; one per worker, reused from file to file.
///
/// Made for many small annotation files: after the first few documents a parse allocates nothing. Comments and
/// processing instructions are skipped, CDATA is text, line ends become line feeds, names keep their prefixes as written.
/// Nothing outside the bytes is ever loaded, and no entity but the five predefined ones is known: a document that
/// declares or uses another is refused. Not for use by two threads at once.
public final class XMLReader {
  // One worker reads and parses in turn, so an access is never checked against another.
  @exclusivity(unchecked) @usableFromInline var tree: XMLTree
  private let parser: XMLParserContext
  private var decoding = XMLDecoding()
  private let maximumBytes: Int

  /// A reader that refuses documents beyond the limits; elements and attributes count together.
  public init(maximumBytes: Int = 64 << 20, maximumElements: Int = 4 << 20) {
    self.maximumBytes = min(max(maximumBytes, 0), 1 << 30)
    parser = XMLParserContext(recordLimit: min(max(maximumElements, 0), 1 << 28))
    tree = parser.builder.pointee.tree
  }

  /// Parses one document.
  ///
  /// What the accessors return is valid until the next parse and as long as the reader lives. After a fault the reader
  /// is empty and ready for the next document.
  public func parse(_ bytes: UnsafeRawBufferPointer) throws(XMLFault) {
    tree.elementCount = 0
    tree.attributeCount = 0
    guard bytes.count <= maximumBytes else {
      throw XMLFault(.tooLarge, "The document has \(bytes.count) bytes; the limit is \(maximumBytes).")
    }
    if parsePlain(bytes) { return }
    try parseAny(bytes)
  }

  /// Parses a document if it is plain; false, and nothing done, when it is not.
  func parsePlain(_ bytes: UnsafeRawBufferPointer) -> Bool {
    let builder = parser.builder
    let isPlain = XMLPlainScanner.scan(bytes, into: &builder.pointee.tree, recordLimit: builder.pointee.recordLimit)
    tree = builder.pointee.tree
    if isPlain { return true }
    tree.elementCount = 0
    tree.attributeCount = 0
    return false
  }

  /// Parses a document with libxml2, whatever is in it.
  func parseAny(_ bytes: UnsafeRawBufferPointer) throws(XMLFault) {
    if try decoding.decode(bytes) {
      let fault = decoding.text.withUnsafeBytes { parseText($0) }
      if var fault {
        var places = XMLDecoding.Places()
        fault.offset = places.source(of: fault.offset, in: decoding, bytes)
        throw fault
      }
      relocate(to: bytes)
    } else if let fault = parseText(bytes) {
      throw fault
    }
  }

  /// Parses one document held in an array.
  public func parse(_ bytes: [UInt8]) throws(XMLFault) {
    let fault = bytes.withUnsafeBytes { buffer -> XMLFault? in
      do throws(XMLFault) {
        try parse(buffer)
        return nil
      } catch {
        return error
      }
    }
    if let fault { throw fault }
  }

  private func parseText(_ text: UnsafeRawBufferPointer) -> XMLFault? {
    var found = XMLScreening.fault(in: text)
    if found == nil {
      if parser.parse(text) {
        tree = parser.builder.pointee.tree
        return nil
      }
      found = parser.builder.pointee.fault
      tree = parser.builder.pointee.tree
      tree.elementCount = 0
      tree.attributeCount = 0
    }
    if let syntax = found, syntax.code == .syntax, let broken = XMLScreening.encodingFault(in: text, before: syntax.offset) {
      found = broken
    }
    found?.locate(in: text)
    return found
  }

  /// Turns offsets in the converted text into offsets in the source.
  private func relocate(to source: UnsafeRawBufferPointer) {
    var places = XMLDecoding.Places()
    for index in 0..<tree.elementCount {
      let place = places.source(of: Int(tree.elements[index].sourceOffset), in: decoding, source)
      tree.elements[index].sourceOffset = UInt32(truncatingIfNeeded: place)
    }
  }
}

@available(*, unavailable, message: "a reader belongs to one worker")
extension XMLReader: Sendable {}
