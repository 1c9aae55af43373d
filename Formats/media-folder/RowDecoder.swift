import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What is wrong with a row, and where.
struct RowFault: Error {
  var rule: String
  var message: String
  /// Offset in the file.
  var offset: Int
}

/// Turns one row of metadata into a sample; one per worker.
final class RowDecoder {
  let columns: MetadataColumns
  let places: MediaPlaces
  let labels: LabelCache
  var objects = ObjectsDecoder()
  private var fields: [CSVField] = []
  /// The path that the row read last names, below the root.
  private(set) var path = ""

  /// What was met in a row and is put to use at its end.
  struct Found {
    /// The path the row names, and where it stands.
    var file: String?
    var fileOffset = 0
    var hasLabel = false
    var hasText = false
    var width: AttributeValue?
    var height: AttributeValue?
    var own: OwnMembers?
    var seen = SeenTexts()
    var classes: [Annotation] = []
    var texts: [Annotation] = []
    var boxes: [Annotation] = []
  }

  init(columns: MetadataColumns, places: MediaPlaces, labels: LabelCache) {
    self.columns = columns
    self.places = places
    self.labels = labels
  }

  /// Decodes the row that begins at an offset of a file and returns its range.
  func decode(
    _ shard: MediaFolderIndex.Shard, from start: Int, into sample: inout Sample
  ) throws(RowFault) -> Range<Int> {
    let bytes = shard.mapped.bytes
    sample.reset()
    do {
      if let names = shard.columns { return try table(bytes, start, names, shard.folder, &sample) }
      var lines = LineScanner(bytes, from: start)
      let range = lines.next() ?? start..<start
      try record(bytes, range, shard.folder, &sample)
      return range
    } catch let fault as RowFault {
      throw fault
    } catch let fault as JSONFault {
      throw RowFault(rule: fault.rule, message: fault.message, offset: fault.offset)
    } catch let fault as CSVFault {
      throw RowFault(rule: fault.rule, message: fault.message, offset: fault.offset)
    } catch {
      throw RowFault(rule: "media-folder.row.object", message: "This row cannot be read: \(error)", offset: start)
    }
  }

  // MARK: Lines of JSON

  private func record(
    _ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, _ folder: String, _ sample: inout Sample
  ) throws {
    var scanner = JSONScanner(bytes, from: range.lowerBound, to: range.upperBound)
    guard try scanner.peekKind() == .object else {
      throw RowFault(rule: "media-folder.row.object", message: "A line of metadata is a JSON object", offset: scanner.offset)
    }
    var found = Found()
    var progress = try scanner.beginObject()
    while let key = try scanner.nextKey(&progress) {
      let name = key.makeString()
      guard found.seen.insert(name) else { throw JSONFault(.duplicateKey(name), at: scanner.offset(of: key)) }
      let start = scanner.offset
      if try take(name, &scanner, &found, &sample) { continue }
      scanner.offset = start
      sample.attributes.items.append(.init(name: name, value: try scanner.attributeValue()))
    }
    try scanner.expectEnd()
    try finish(&found, folder, range, &sample)
  }

  /// Takes the value of a column that means something; false when it means nothing here.
  private func take(_ name: String, _ scanner: inout JSONScanner, _ found: inout Found, _ sample: inout Sample) throws -> Bool {
    let start = scanner.offset
    let kind = try scanner.peekKind()
    switch name {
    case columns.media:
      guard kind == .string else { return false }
      let path = try scanner.string()
      guard path.raw.count <= ListLine.pathLimit else {
        throw RowFault(rule: "media-folder.row.path", message: "This path is longer than any file's", offset: start)
      }
      (found.file, found.fileOffset) = (path.makeString(), start)
    case MetadataColumns.own: found.own = try OwnMembers(&scanner)
    case MetadataColumns.objects:
      if kind == .null { return scanner.skipNull() }
      guard kind == .object else { return false }
      try objects.read(&scanner, columns, labels, into: &found.boxes)
    case columns.label:
      if kind == .null { return scanner.skipNull() }
      guard let names = classes(try scanner.attributeValue()) else { return false }
      found.classes = names
      found.hasLabel = true
    case columns.text:
      if kind == .null { return scanner.skipNull() }
      guard let texts = captions(try scanner.attributeValue()) else { return false }
      found.texts = texts
      found.hasText = true
    case MetadataColumns.labels where !found.hasLabel && kind == .array:
      guard let names = classes(try scanner.attributeValue()) else { return false }
      found.classes = names
    case MetadataColumns.captions where !found.hasText && kind == .array:
      guard let texts = captions(try scanner.attributeValue()) else { return false }
      found.texts = texts
    case "id":
      if kind == .null { return scanner.skipNull() }
      guard kind == .string || kind == .number, let id = try? scanner.recordID() else { return false }
      sample.id = id
    case "width": found.width = try scanner.attributeValue()
    case "height": found.height = try scanner.attributeValue()
    default: return false
    }
    return true
  }

  /// The classes that a value names; nil when it is something else.
  func classes(_ value: AttributeValue) -> [Annotation]? {
    switch value {
    case .string(let name) where !name.isEmpty: return [Annotation(label: name.withBytes { labels.intern($0) })]
    case .integer(let number): return [Annotation(label: String(number).withBytes { labels.intern($0) })]
    case .list(let list):
      var found: [Annotation] = []
      for item in list {
        if case .list = item { return nil }
        guard let own = classes(item) else { return nil }
        found += own
      }
      return found
    default: return nil
    }
  }

  private func captions(_ value: AttributeValue) -> [Annotation]? {
    func caption(_ text: String) -> Annotation {
      var annotation = Annotation()
      annotation.text = text
      return annotation
    }
    switch value {
    case .string(let text): return [caption(text)]
    case .list(let list):
      var found: [Annotation] = []
      for item in list {
        guard case .string(let text) = item else { return nil }
        found.append(caption(text))
      }
      return found
    default: return nil
    }
  }

  /// Puts together what a row says.
  private func finish(_ found: inout Found, _ folder: String, _ range: Range<Int>, _ sample: inout Sample) throws(RowFault) {
    guard let file = found.file else {
      throw RowFault(
        rule: "media-folder.row.no-file", message: "This row has no text \"\(terminalSafe(columns.media))\" that names its file",
        offset: range.lowerBound)
    }
    do throws(RelativePath.Problem) {
      // What climbs out of the folder of its metadata is never followed, though it might stay below the root.
      path = folder + (try RelativePath(file).text)
    } catch {
      throw RowFault(
        rule: "media-folder.row.path",
        message: "The path \"\(terminalSafe(file))\" \(error.phrase); it is one below the folder of its metadata",
        offset: found.fileOffset)
    }
    sample.annotations = found.classes + found.texts + found.boxes
    sample.key = path
    sample.media = Media(MediaPlaces.kind(of: path) ?? .image, location: path)
    sample.split = places.place(of: path).split
    size(found.width, found.height, &sample)
    if let own = found.own { try own.apply(to: &sample, at: range.lowerBound) }
  }

  /// Takes a size in pixels; anything else stays an attribute.
  private func size(_ width: AttributeValue?, _ height: AttributeValue?, _ sample: inout Sample) {
    if case .integer(let w)? = width, case .integer(let h)? = height, w > 0, h > 0, w <= 1 << 31, h <= 1 << 31 {
      (sample.media.width, sample.media.height) = (Int(w), Int(h))
      return
    }
    for (name, value) in [("width", width), ("height", height)] {
      guard let value, value != .null else { continue }
      sample.attributes.items.append(.init(name: name, value: value))
    }
  }

  // MARK: Tables

  private func table(
    _ bytes: UnsafeRawBufferPointer, _ start: Int, _ names: [String], _ folder: String, _ sample: inout Sample
  ) throws -> Range<Int> {
    var scanner = CSVScanner(bytes, from: start)
    guard let row = try scanner.nextRow(&fields) else { return start..<start }
    guard fields.count == names.count else {
      throw RowFault(
        rule: "media-folder.row.columns",
        message: "This row has \(fields.count) \(fields.count == 1 ? "field" : "fields"), and the table \(names.count) columns",
        offset: row.range.lowerBound)
    }
    var found = Found()
    for (field, name) in zip(fields, names) where !field.range.isEmpty {
      let text = field.string(in: bytes)
      switch name {
      case columns.media:
        guard text.utf8.count <= ListLine.pathLimit else {
          throw RowFault(
            rule: "media-folder.row.path", message: "This path is longer than any file's", offset: field.range.lowerBound)
        }
        (found.file, found.fileOffset) = (text, field.range.lowerBound)
      case columns.label: found.classes = classes(.string(text)) ?? []
      case columns.text: found.texts = captions(.string(text)) ?? []
      case "id":
        if let number = Int64(text), String(number) == text { sample.id = .integer(number) } else { sample.id = .string(text) }
      case "width": found.width = number(text)
      case "height": found.height = number(text)
      default: sample.attributes.items.append(.init(name: name, value: .string(text)))
      }
    }
    try finish(&found, folder, row.range, &sample)
    return row.range
  }

  /// A whole number as it is written; any other text as itself.
  private func number(_ text: String) -> AttributeValue {
    if let number = Int64(text), String(number) == text { return .integer(number) }
    return .string(text)
  }
}
