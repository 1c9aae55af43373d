import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// A column whose meaning is fixed by its name, in the order in which columns are written.
enum SegmentsField: UInt8, CaseIterable, Sendable {
  case media, key, kind, start, end, frame, label, text, speaker, channel, confidence, track
  case x, y, cx, cy, width, height, xmin, ymin, xmax, ymax, unit
  case difficult, truncated, occluded, crowd, id, author, created
  case split, duration, imageWidth, imageHeight

  /// The name in the first row.
  var name: String {
    switch self {
    case .imageWidth: "image_width"
    case .imageHeight: "image_height"
    default: "\(self)"
    }
  }

  /// Whether it speaks of the media rather than of an annotation; so does `frame` of a picture.
  var isOfMedia: Bool {
    switch self {
    case .media, .key, .kind, .split, .duration, .imageWidth, .imageHeight: true
    default: false
    }
  }

  /// The bit that stands for it in sets of columns.
  var bit: UInt64 { 1 << UInt64(rawValue) }

  private static let byName: [String: SegmentsField] = {
    var found: [String: SegmentsField] = [:]
    for field in allCases { found[field.name] = field }
    return found
  }()

  /// The column of a name.
  init?(name: String) {
    guard let found = SegmentsField.byName[name] else { return nil }
    self = found
  }
}

/// One column.
enum SegmentsColumn: Hashable, Sendable {
  case field(SegmentsField)
  /// An attribute of the annotation.
  case attribute(String)
  /// An attribute of the media.
  case mediaAttribute(String)

  private static let attributePrefix = "attr."
  private static let mediaPrefix = "media."

  /// The column a name stands for: a fixed one, an attribute of the media, else an attribute of the annotation.
  init(name: String) {
    if let field = SegmentsField(name: name) {
      self = .field(field)
    } else if name.hasPrefix(SegmentsColumn.mediaPrefix) {
      self = .mediaAttribute(String(name.dropFirst(6)))
    } else if name.hasPrefix(SegmentsColumn.attributePrefix) {
      self = .attribute(String(name.dropFirst(5)))
    } else {
      self = .attribute(name)
    }
  }

  /// The usual name: an attribute has a prefix only where its name means something else.
  var name: String {
    switch self {
    case .field(let field): field.name
    case .mediaAttribute(let name): SegmentsColumn.mediaPrefix + name
    case .attribute(let name): SegmentsColumn(name: name) == self && !name.isEmpty ? name : SegmentsColumn.attributePrefix + name
    }
  }
}

/// How a table looks: its columns as they are named in its first row, and the bytes between and behind cells.
struct SegmentsDialect: Sendable, Equatable {
  /// The names in the first row; none where the writer decides.
  var names: [String] = []
  var delimiter = UInt8(ascii: ",")
  var hasCarriageReturns = false
  var endsWithLineFeed = true
  var hasByteOrderMark = false
  /// Whether every cell is in quotes.
  var quotesAll = false

  var columns: [SegmentsColumn] { names.map(SegmentsColumn.init(name:)) }

  func appendLineEnd(to out: inout ByteBuffer) {
    if hasCarriageReturns { out.append(UInt8(0x0D)) }
    out.append(UInt8(0x0A))
  }

  /// As preserved fields of the dataset.
  var preserved: Preserved {
    var out = ByteBuffer(capacity: 256)
    out.append("\"columns\":")
    out.append(json: AttributeValue.list(names.map { .string($0) }))
    if delimiter != UInt8(ascii: ",") {
      out.append(",\"delimiter\":")
      out.appendJSON(String(decoding: [delimiter], as: UTF8.self))
    }
    if hasCarriageReturns { out.append(",\"crlf\":true") }
    if !endsWithLineFeed { out.append(",\"final-newline\":false") }
    if hasByteOrderMark { out.append(",\"bom\":true") }
    if quotesAll { out.append(",\"quotes\":\"all\"") }
    return Preserved(SegmentsFormat.id, members: out.array())
  }

  init() {}

  /// How an earlier reading found a table.
  init(_ preserved: Preserved) {
    PreservedReader(preserved, SegmentsFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let value = try? scanner.attributeValue() else { return }
      switch (key.makeString(), value) {
      case ("columns", .list(let items)):
        for case .string(let name) in items { names.append(name) }
        if Set(names.map(SegmentsColumn.init(name:))).count != names.count { names = [] }
      case ("delimiter", .string(let text)):
        if let byte = text.utf8.first, text.utf8.count == 1, SegmentsFormat.delimiters.contains(byte) { delimiter = byte }
      case ("crlf", .boolean(let isTrue)): hasCarriageReturns = isTrue
      case ("final-newline", .boolean(let isTrue)): endsWithLineFeed = isTrue
      case ("bom", .boolean(let isTrue)): hasByteOrderMark = isTrue
      case ("quotes", .string("all")): quotesAll = true
      default: break
      }
    }
  }
}
