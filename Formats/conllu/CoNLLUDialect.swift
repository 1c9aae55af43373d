import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How the files of a dataset are spelled.
struct CoNLLUDialect: Equatable, Sendable {
  /// Whether lines end in a carriage return and a line feed.
  var isCRLF = false
  /// Whether the file begins with a byte order mark.
  var hasMark = false
  /// The lines before the first sentence that are about the whole file, `# global.columns` among them.
  var preamble = ""
  /// What the columns are.
  var columns = CoNLLUColumns.standard
  /// Whether sentences have a comment with their text.
  var hasTexts = true
  /// How tags in MISC say where entities begin and end; nil while there is none.
  var scheme: TagScheme?
  /// The key of such tags in MISC.
  var key = "NER"

  /// The end of a line.
  var lineEnd: StaticString { isCRLF ? "\r\n" : "\n" }

  /// The position of the type among the parts of a bracket in `Entity=`, as the file says it.
  var entityType: Int {
    for line in preamble.split(whereSeparator: { $0 == "\n" || $0 == "\r\n" }) where line.hasPrefix("# global.Entity") {
      let parts = line.drop { $0 != "=" }.dropFirst().split(separator: " ").first?.split(separator: "-") ?? []
      if let found = parts.firstIndex(where: { $0 == "etype" || $0 == "entity" }) { return found }
    }
    return 1
  }

  /// The dialect as members of a preserved section.
  var members: [UInt8] {
    var attributes = Attributes()
    attributes["texts"] = .boolean(hasTexts)
    if isCRLF { attributes["line-end"] = .string("crlf") }
    if hasMark { attributes["bom"] = .boolean(true) }
    if !preamble.isEmpty { attributes["preamble"] = .string(preamble) }
    if let scheme { attributes["scheme"] = .string(scheme.rawValue) }
    if key != "NER" { attributes["key"] = .string(key) }
    var out = ByteBuffer()
    out.append(json: attributes)
    return Array(out.array(from: 1).dropLast())
  }

  /// The dialect of new files.
  init() {}

  /// Reads the dialect that a reader left behind; what is not understood is as usual.
  init(_ preserved: Preserved) {
    PreservedReader(preserved, CoNLLUFormat.id).forEach { key, value in
      var scanner = JSONScanner(value)
      guard let value = try? scanner.attributeValue() else { return }
      switch (key.makeString(), value) {
      case ("texts", .boolean(let given)): hasTexts = given
      case ("line-end", .string(let text)): isCRLF = text == "crlf"
      case ("bom", .boolean(let given)): hasMark = given
      case ("scheme", .string(let text)): scheme = TagScheme(rawValue: text)
      case ("key", .string(let text)): if CoNLLUMisc.entityKeys.contains(text) { self.key = text }
      case ("preamble", .string(let text)): take(preamble: text)
      default: break
      }
    }
  }

  /// Takes lines over the first sentence, when they are such lines.
  mutating func take(preamble text: String) {
    var names: CoNLLUColumns?
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) where !line.isEmpty {
      guard line.hasPrefix("# global.") else { return }
      if let value = CoNLLUDialect.columnsValue(String(line)) {
        guard let found = CoNLLUColumns(line: value) else { return }
        names = found
      }
    }
    guard text.isEmpty || text.utf8.last == 0x0A else { return }
    preamble = text
    columns = names ?? .standard
  }

  /// The names in a line `# global.columns = ..`; nil for any other line.
  static func columnsValue(_ line: String) -> String? {
    guard line.hasPrefix("# global.columns") else { return nil }
    let rest = line.utf8.dropFirst("# global.columns".utf8.count).drop { $0 == 0x20 }
    guard rest.first == UInt8(ascii: "=") else { return nil }
    let value = rest.dropFirst()
    return String(Substring(value.last == 0x0D ? value.dropLast() : value))
  }
}
