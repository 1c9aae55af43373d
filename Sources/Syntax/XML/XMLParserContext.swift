internal import CWaybillXML2

/// libxml2's parser, hardened and renewed before its name dictionary grows large.
///
/// The older of libxml2's two event interfaces is used: it hands out names as written, keeps `xmlns` among the
/// attributes and adds no defaulted ones. Nothing is ever loaded: no network, no external subset, no entity.
///
/// A class on purpose: users of the room do not see libxml2's types, so no public type may hold them in its own layout.
final class XMLParserContext {
  /// Where the events of the parse go.
  let builder: UnsafeMutablePointer<XMLBuilder>

  private var context: xmlParserCtxtPtr?
  private var sink: UnsafeMutablePointer<waybill_xml_sink>?

  /// Names of hostile files pile up in the dictionary; libxml2 itself gives up at 10 MB.
  private static let dictionaryLimit = 1 << 20
  private static let options = Int32(XML_PARSE_NONET.rawValue) | Int32(XML_PARSE_IGNORE_ENC.rawValue)

  /// Process-wide settings, made once: no loader for external files, nothing on stderr.
  private static let prepared: Void = {
    xmlInitParser()
    xmlSetExternalEntityLoader { _, _, _ in nil }
    waybill_xml_silence()
  }()

  /// A parser that refuses documents with more elements and attributes together.
  init(recordLimit: Int) {
    builder = .allocate(capacity: 1)
    builder.initialize(to: XMLBuilder())
    builder.pointee.recordLimit = recordLimit
  }

  deinit {
    free()
    builder.pointee.tree.deallocate()
    builder.deinitialize(count: 1)
    builder.deallocate()
  }

  /// Parses UTF-8 text of less than 2 GiB into the builder's tree, or returns false and leaves a fault in the builder.
  func parse(_ text: UnsafeRawBufferPointer) -> Bool {
    guard let context = ready(), let sink else {
      builder.pointee.fault = XMLFault(.tooLarge, "There is not enough memory to parse the document.")
      return false
    }
    sink.pointee.code = 0
    builder.pointee.begin(text, sink: sink)
    let base = text.baseAddress?.assumingMemoryBound(to: CChar.self)
    // No document is built, so nil is what success looks like too; a declared entity makes libxml2 begin one.
    let document = xmlCtxtReadMemory(context, base, Int32(truncatingIfNeeded: text.count), nil, nil, XMLParserContext.options)
    if document != nil { xmlFreeDoc(document) }
    let succeeded = context.pointee.wellFormed != 0 && builder.pointee.fault == nil
    if !succeeded {
      if builder.pointee.fault == nil { builder.pointee.fault = reported(by: sink, context, length: text.count) }
      // A parser that gave up midway is not worth trusting with the next file.
      free()
    }
    return succeeded
  }

  /// The first fatal error; when the process has its own listener for libxml2's errors, the last one, without a place.
  private func reported(by sink: UnsafeMutablePointer<waybill_xml_sink>, _ context: xmlParserCtxtPtr, length: Int) -> XMLFault {
    let isKept = sink.pointee.code != 0
    var message = ""
    if isKept {
      message = withUnsafeBytes(of: sink.pointee.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    } else if let last = context.pointee.lastError.message {
      message = String(String(cString: last).prefix(300))
    }
    while message.last?.isWhitespace == true { message.removeLast() }
    if message.isEmpty { message = "The document is not well-formed XML." }
    let number = isKept ? sink.pointee.code : context.pointee.lastError.code
    let offset = isKept ? Int(clamping: sink.pointee.offset) : 0
    var kind = code(number, message)
    // libxml2 says the same of a document that ends before the root and of one with something else in its place.
    if kind == .empty, offset < length { kind = .syntax }
    return XMLFault(kind, message, offset: offset)
  }

  /// Frees the parser; the next parse makes a new one.
  private func free() {
    if let context { xmlFreeParserCtxt(context) }
    if let sink { sink.deallocate() }
    context = nil
    sink = nil
  }

  private func ready() -> xmlParserCtxtPtr? {
    if let context {
      if xmlDictGetUsage(context.pointee.dict) <= XMLParserContext.dictionaryLimit { return context }
      free()
    }
    _ = XMLParserContext.prepared
    guard let fresh = xmlNewParserCtxt(), let sax = fresh.pointee.sax else { return nil }
    sax.pointee = XMLParserContext.handler()
    let shared = UnsafeMutablePointer<waybill_xml_sink>.allocate(capacity: 1)
    shared.initialize(to: waybill_xml_sink())
    shared.pointee.builder = UnsafeMutableRawPointer(builder)
    shared.pointee.context = fresh
    fresh.pointee.userData = UnsafeMutableRawPointer(shared)
    context = fresh
    sink = shared
    return fresh
  }

  // Comments and processing instructions are not listened to.
  private static func handler() -> xmlSAXHandler {
    var sax = xmlSAXHandler()
    // 1 asks for the older interface; its errors come by the two variadic callbacks.
    sax.initialized = 1
    waybill_xml_listen(&sax)
    sax.startElement = { data, name, attributes in
      if let data, let name { events(data).pointee.start(name, attributes) }
    }
    sax.endElement = { data, _ in
      if let data { events(data).pointee.end() }
    }
    sax.characters = { data, text, count in
      if let data, let text { events(data).pointee.characters(text, count) }
    }
    // The same function, or libxml2 would guess which white space does not matter.
    sax.ignorableWhitespace = sax.characters
    sax.cdataBlock = sax.characters
    refuseDeclarations(&sax)
    return sax
  }

  /// A DOCTYPE that only names the root is harmless; whatever else would change the content is refused where it stands.
  private static func refuseDeclarations(_ sax: inout xmlSAXHandler) {
    sax.internalSubset = { data, _, publicID, systemID in
      if let data, publicID != nil || systemID != nil {
        events(data).pointee.stop(.doctype, "The DOCTYPE names an external file, which is never loaded.")
      }
    }
    sax.entityDecl = { data, name, _, _, _, _ in
      if let data { events(data).pointee.stop(.entity, "The DOCTYPE declares the entity '\(word(name))'.") }
    }
    sax.unparsedEntityDecl = { data, name, _, _, _ in
      if let data { events(data).pointee.stop(.entity, "The DOCTYPE declares the entity '\(word(name))'.") }
    }
    sax.getEntity = { data, name in
      if let data { events(data).pointee.stop(.entity, "The entity '&\(word(name));' is not one of the predefined five.") }
      return nil
    }
    sax.getParameterEntity = { data, name in
      if let data { events(data).pointee.stop(.entity, "The DOCTYPE uses the parameter entity '%\(word(name));'.") }
      return nil
    }
    sax.attributeDecl = { data, element, name, _, _, value, choices in
      // The list of choices is ours to free.
      if let choices { xmlFreeEnumeration(choices) }
      if let data, value != nil {
        let message = "The DOCTYPE sets a default for the attribute '\(word(name))' of '\(word(element))'."
        events(data).pointee.stop(.doctype, message)
      }
    }
  }
}

// Outside the type, so that the callbacks capture nothing.
private func events(_ data: UnsafeMutableRawPointer) -> UnsafeMutablePointer<XMLBuilder> {
  data.assumingMemoryBound(to: waybill_xml_sink.self).pointee.builder.assumingMemoryBound(to: XMLBuilder.self)
}

/// A name out of the file for a message, cut where it gets long.
private func word(_ name: UnsafePointer<xmlChar>?) -> String {
  guard let name else { return "" }
  let text = String(cString: name)
  return text.utf8.count <= 64 ? text : text.prefix(60) + "..."
}

private func code(_ number: Int32, _ message: String) -> XMLFault.Code {
  switch xmlParserErrors(UInt32(bitPattern: number)) {
  case XML_ERR_DOCUMENT_EMPTY: .empty
  case XML_ERR_UNKNOWN_ENCODING, XML_ERR_UNSUPPORTED_ENCODING, XML_ERR_INVALID_ENCODING, XML_I18N_CONV_FAILED: .encoding
  case XML_ERR_UNDECLARED_ENTITY, XML_ERR_ENTITY_LOOP, XML_ERR_UNPARSED_ENTITY: .entity
  case XML_ERR_NO_MEMORY, XML_ERR_NAME_TOO_LONG: .tooLarge
  case XML_ERR_INTERNAL_ERROR where message.hasPrefix("Excessive depth"): .tooDeep
  default: .syntax
  }
}
