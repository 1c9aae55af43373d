import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How the files of a dataset are spelled.
struct CoNLLDialect: Equatable, Sendable {
  /// What stands between the columns of a row.
  enum Separator: String, Sendable {
    /// A tab; spaces belong to the cells.
    case tab
    /// A space; tabs and runs of both are read as well.
    case space
  }

  /// What stands between columns.
  var separator = Separator.tab
  /// Whether a sentence is a line of tokens `token|column|tag`, as spaCy has them.
  var isLinewise = false
  /// Whether lines end in a carriage return and a line feed.
  var isCRLF = false
  /// Whether the file begins with a byte order mark.
  var hasMark = false
  /// What the columns are.
  var layout: CoNLLLayout
  /// How tags say where entities begin and end; nil while there is no entity.
  var scheme: TagScheme?
  /// How the beginning of a document is spelled, with the lines behind it; nil for the usual way.
  var docstart: String?

  /// The dialect of a new file.
  static let standard = CoNLLDialect(layout: CoNLLLayout(names: [], labelCount: 1))

  /// The end of a line.
  var lineEnd: StaticString { isCRLF ? "\r\n" : "\n" }
  /// What stands between the columns of a row.
  var columnMark: UInt8 { isLinewise ? UInt8(ascii: "|") : separator == .tab ? 0x09 : 0x20 }

  /// The lines that begin a document whose name is its number.
  var documentStart: String {
    if let docstart { return docstart }
    if isLinewise { return "-DOCSTART-\(lineEnd)" }
    let mark = separator == .tab ? "\t" : " "
    let fillers = layout.width > 1 ? String(repeating: "\(mark)-X-", count: layout.width - 2) + "\(mark)O" : ""
    return "-DOCSTART-\(fillers)\(lineEnd)\(lineEnd)"
  }

  /// The lines that begin a document of a name; an empty name ends the documents.
  func documentStart(named name: String) -> String { "-DOCSTART- (\(name))\(lineEnd)\(isLinewise ? "" : "\(lineEnd)")" }

  /// What a line that names the columns says: a layout, and what parts the columns.
  func json(of layout: CoNLLLayout) -> AttributeValue {
    guard case .object(var members) = layout.json else { return layout.json }
    members["separator"] = .string(isLinewise ? "bar" : separator.rawValue)
    return .object(members)
  }

  /// Takes what such a line says about a whole file.
  mutating func take(columns json: AttributeValue) {
    guard let given = CoNLLLayout(json: json), case .object(let members) = json else { return }
    layout = given
    guard case .string(let name) = members["separator"] else { return }
    isLinewise = name == "bar"
    separator = Separator(rawValue: name) ?? .space
  }

  /// Whether columns are found in the first lines of a file as they are here, whatever they are called.
  func isFound(in bytes: UnsafeRawBufferPointer, isWhole: Bool) -> Bool {
    guard let found = CoNLLLayoutFinder.find(bytes, isWhole: isWhole, labels: nil, token: nil)?.dialect else { return true }
    return found.separator == separator && found.isLinewise == isLinewise && found.layout.width == layout.width
      && found.layout.token == layout.token && found.layout.labels == layout.labels
  }

  /// The dialect as members of a preserved section.
  var members: [UInt8] {
    var attributes: Attributes = ["separator": .string(separator.rawValue)]
    if isLinewise { attributes["style"] = .string("lines") }
    if isCRLF { attributes["line-end"] = .string("crlf") }
    if hasMark { attributes["bom"] = .boolean(true) }
    attributes["columns"] = layout.json
    if let scheme { attributes["scheme"] = .string(scheme.rawValue) }
    if let docstart { attributes["docstart"] = .string(docstart) }
    var out = ByteBuffer()
    out.append(json: attributes)
    return Array(out.array(from: 1).dropLast())
  }

  /// Reads the dialect that a reader left behind; what is not understood is as usual.
  init(_ preserved: Preserved) {
    self = .standard
    PreservedReader(preserved, CoNLLFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let value = try? scanner.attributeValue() else { return }
      switch (key.makeString(), value) {
      case ("separator", .string(let text)): separator = Separator(rawValue: text) ?? separator
      case ("style", .string(let text)): isLinewise = text == "lines"
      case ("line-end", .string(let text)): isCRLF = text == "crlf"
      case ("bom", .boolean(let given)): hasMark = given
      case ("columns", _): layout = CoNLLLayout(json: value) ?? layout
      case ("scheme", .string(let text)): scheme = TagScheme(rawValue: text)
      case ("docstart", .string(let text)):
        // What would be read as anything but the beginning of a document is not printed.
        let rest = text.utf8.drop { $0 != 0x0A }
        let isClean = text.hasPrefix("-DOCSTART-") && !text.contains("(") && !rest.isEmpty
        if isClean, rest.allSatisfy({ $0 == 0x0A || $0 == 0x0D || $0 == 0x20 || $0 == 0x09 }) { docstart = text }
      default: break
      }
    }
  }

  /// Whether a file of another dialect is spelled the same, so that the header's dialect holds for it as well.
  func isSpelled(like other: CoNLLDialect) -> Bool {
    separator == other.separator && isLinewise == other.isLinewise && isCRLF == other.isCRLF && layout == other.layout
      && (other.scheme == nil || scheme == other.scheme) && (other.docstart == nil || docstart == other.docstart)
  }

  /// A dialect.
  init(layout: CoNLLLayout) { self.layout = layout }
}
