import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// What a Pascal VOC file says besides its objects, kept with the sample so that the file can be written again.
struct SidecarFacts {
  /// The manifest's own annotation object that points at the file.
  var entry: [UInt8] = []
  /// How many annotations of the sample that need no such file stand before it.
  var before = 0
  /// How many annotations came from the file.
  var count = 0
  /// The look of the file.
  var layout = VOCDialect.Layout.service
  /// All but the objects and the size.
  var document = VOCDocument()
  /// Whether the size is the one in ``document`` rather than the sample's.
  var hasOwnSize = false

  /// Appends the facts as members of an object.
  static func append(_ document: VOCDocument, _ media: Media, layout: VOCDialect.Layout, to out: inout ByteBuffer) {
    switch layout {
    case .service: break
    case .sdk: out.append(",\"layout\":\"sdk\"")
    case .devkit: out.append(",\"layout\":\"devkit\"")
    }
    func text(_ key: StaticString, _ value: String?) {
      guard let value else { return }
      out.append(",\"")
      out.append(key)
      out.append("\":")
      out.appendJSON(value)
    }
    text("folder", document.folder)
    text("filename", document.filename)
    text("path", document.path)
    text("database", document.database)
    if let segmented = document.segmented { out.append(segmented ? ",\"segmented\":true" : ",\"segmented\":false") }
    text("mask-source", document.maskSource)
    if document.width != media.width || document.height != media.height || document.depth != media.channels {
      out.append(",\"size\":[")
      for (index, number) in [document.width, document.height, document.depth].enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        if let number { out.append(decimal: number) } else { out.append("null") }
      }
      out.append("]")
    }
    let members = document.preserved[VOCCodec.section]
    if !members.isEmpty {
      out.append(",\"voc\":{")
      out.append(members)
      out.append("}")
    }
  }

  /// Reads the facts of all files of a sample.
  static func all(_ preserved: Preserved) -> [SidecarFacts] {
    guard let list = PreservedReader(preserved, ModelArtsFormat.id).value("@sidecars") else { return [] }
    var result: [SidecarFacts] = []
    list.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      guard var progress = try? scanner.beginArray() else { return }
      while (try? scanner.nextElement(&progress)) == true {
        guard let facts = try? SidecarFacts(&scanner) else { return }
        result.append(facts)
      }
    }
    return result
  }

  private init(_ scanner: inout JSONScanner) throws(JSONFault) {
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let value = try scanner.skipValue()
      var inner = scanner
      inner.offset = value.lowerBound
      switch key {
      case "entry": entry = Array(scanner.bytes(from: value.lowerBound, to: value.upperBound))
      case "before": before = Int(clamping: try inner.integer())
      case "count": count = Int(clamping: try inner.integer())
      case "layout": layout = try inner.string() == "sdk" ? .sdk : .devkit
      case "folder": document.folder = try inner.string().makeString()
      case "filename": document.filename = try inner.string().makeString()
      case "path": document.path = try inner.string().makeString()
      case "database": document.database = try inner.string().makeString()
      case "segmented": document.segmented = try inner.boolean()
      case "mask-source": document.maskSource = try inner.string().makeString()
      case "size":
        hasOwnSize = true
        guard case .list(let numbers) = try inner.attributeValue(), numbers.count == 3 else { break }
        func number(_ index: Int) -> Int? { if case .integer(let value) = numbers[index] { Int(clamping: value) } else { nil } }
        document.width = number(0)
        document.height = number(1)
        document.depth = number(2)
      case "voc":
        let members = Array(scanner.bytes(from: value.lowerBound + 1, to: value.upperBound - 1))
        document.preserved = Preserved(VOCCodec.section, members: members)
      default: break
      }
    }
  }
}

/// Answers a Pascal VOC object has no element for, carried among its properties.
enum ObjectProperties {
  private static let id = "@modelarts:id"
  private static let author = "@modelarts:annotated_by"
  private static let createdAt = "@modelarts:creation_time"
  private static let content = "@modelarts:content"
  private static let start = "@modelarts:start_time"
  private static let end = "@modelarts:end_time"

  /// Moves the answers from an object's attributes to their places.
  static func take(from object: inout Annotation) {
    guard object.attributes.items.contains(where: { $0.name.hasPrefix("@modelarts:") }) else { return }
    var attributes = object.attributes
    func text(_ name: String) -> String? { if case .string(let text)? = attributes[name] { text } else { nil } }
    if let text = text(id) {
      if let number = Int64(text), "\(number)" == text {
        object.id = .integer(number)
      } else if text.hasPrefix("\""), case .string(let inner)? = decoded(text) {
        object.id = .string(inner)
      } else {
        object.id = .string(text)
      }
      attributes[id] = nil
    }
    if let text = text(author) {
      object.author = text
      attributes[author] = nil
    }
    if let text = text(createdAt), let time = Timestamp(text, separator: UInt8(ascii: " ")) {
      object.createdAt = time
      attributes[createdAt] = nil
    }
    if let text = text(content) {
      object.text = text
      attributes[content] = nil
    }
    if let from = time(text(start)), let to = time(text(end)) {
      object.time = .interval(start: from, end: to)
      attributes[start] = nil
      attributes[end] = nil
    }
    takeBox(from: &attributes, into: &object)
    object.attributes = attributes
  }

  private static func time(_ text: String?) -> MediaTime? {
    guard var text else { return nil }
    return text.withUTF8 { ClockTime.time($0) }
  }

  private static func decoded(_ text: String) -> AttributeValue? {
    Array(text.utf8).withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributeValue()
    }
  }

  /// Adds the answers an object gives, its author and time only where they are not those of its file.
  static func put(into object: inout Annotation, author fileAuthor: String?, createdAt fileTime: Timestamp?) {
    var attributes = object.attributes
    if let value = object.id {
      switch value {
      case .integer(let number): attributes[id] = .string("\(number)")
      case .string(let text):
        var out = ByteBuffer(capacity: 64)
        if text.hasPrefix("\"") || Int64(text) != nil { out.appendJSON(text) } else { out.append(text) }
        attributes[id] = .string(out.string())
      }
    }
    if let text = object.author, text != fileAuthor { attributes[author] = .string(text) }
    if let time = object.createdAt, time != fileTime { attributes[createdAt] = .string(time.text(separator: UInt8(ascii: " "))) }
    if let text = object.text { attributes[content] = .string(text) }
    if case .interval(let from, let to)? = object.time {
      for (name, value) in [(start, from), (end, to)] {
        var out = ByteBuffer(capacity: 32)
        ClockTime.append(value, to: &out)
        attributes[name] = .string(out.string())
      }
      object.time = nil
    }
    object.id = nil
    object.text = nil
    object.author = nil
    object.createdAt = nil
    if attributes != object.attributes { object.attributes = attributes }
  }
}
