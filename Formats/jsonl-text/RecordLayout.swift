import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How the records of a file are written: what most of them show, so that a record notes only where it differs.
struct RecordLayout: Sendable, Equatable {
  /// Whose habits a file follows.
  enum Dialect: String, Sendable, CaseIterable {
    case doccano, prodigy, spacy, huggingface, plain
  }

  /// How spans are written.
  enum SpanForm: String, Sendable {
    /// `[0, 3, "person"]`.
    case triples
    /// `{"start": 0, "end": 3, "label": "person"}`.
    case objects
  }

  /// How the classes of a text are written.
  enum ClassForm: String, Sendable {
    /// `["a", "b"]`.
    case list
    /// `"a"`, and a list only for several.
    case single
    /// `{"a": 0.5, "b": true}`.
    case scores
  }

  var dialect: Dialect
  /// The keys of a record, in order.
  var keys: [String]
  /// Keys that are written when there is nothing to say, with an empty list or object.
  var always: [String] = []
  /// The key of the text.
  var text = "text"
  /// The key of spans.
  var spans: String
  var spanForm: SpanForm
  /// The keys of a span that is an object, in order.
  var spanKeys: [String]
  /// The keys of a relation, in order.
  var relationKeys = ["id", "from_id", "to_id", "type"]
  /// The keys of a token, in order.
  var tokenKeys = ["text", "start", "end", "id", "ws"]
  /// How tokens are lists, where they say all of them; nil when every token is an object.
  var lists: TokenLists?
  /// The key of the classes of a text.
  var classes: String
  var classForm: ClassForm
  /// The key of a list of texts about the text, such as translations; nil where there is none.
  var texts: String?
  /// Names in the order scores have.
  var scoreNames: [String] = []
  /// Whether whole scores are written with a point.
  var scoresHavePoint = false
  /// Whether labels that look like numbers are numbers.
  var labelsAreNumbers = false
  var spaceBehindColon: Bool
  var spaceBehindComma: Bool
  /// Whether text outside ASCII is written as `\u` escapes.
  var isASCII = false
  /// Whether a slash is escaped.
  var escapesSlash = false
  /// What stands before the first record, between two, and behind the last.
  var prefix = ""
  var separator = "\n"
  var suffix = "\n"
  /// What offsets count.
  var offsets = TextSpan.Unit.scalars
  /// Names of the files of splits, where they are not the split's.
  var files: [String: String] = [:]

  /// What a dialect looks like where no file shows it.
  init(_ dialect: Dialect) {
    self.dialect = dialect
    spanKeys = ["id", "start", "end", "label", "score"]
    spaceBehindColon = dialect != .prodigy && dialect != .huggingface
    spaceBehindComma = spaceBehindColon
    classes = "label"
    switch dialect {
    case .doccano:
      (spans, spanForm, classForm) = ("label", .triples, .list)
      spanKeys = ["id", "label", "start_offset", "end_offset", "score"]
      keys = ["id", "text", "label"]
    case .prodigy:
      (spans, spanForm, classForm) = ("spans", .objects, .single)
      spanKeys = ["id", "start", "end", "token_start", "token_end", "label", "score"]
      keys = ["id", "text", "meta", "tokens", "spans", "label"]
    case .spacy:
      (spans, spanForm, classForm) = ("entities", .triples, .scores)
      classes = "cats"
      keys = ["id", "text", "entities", "cats"]
    case .huggingface:
      (spans, spanForm, classForm) = ("spans", .objects, .single)
      keys = ["id", "tokens", "ner_tags", "label"]
      lists = TokenLists(tags: "ner_tags")
    case .plain:
      (spans, spanForm, classForm) = ("spans", .objects, .single)
      keys = ["id", "text", "label", "spans"]
      lists = TokenLists()
    }
  }

  /// Keys that hold statements about the text, in any of their forms.
  static let markKeys: Set<String> = ["label", "labels", "spans", "entities", "ents", "cats", "accept", "annotations", "relations"]
}

// MARK: As JSON

extension RecordLayout {
  /// The layout a reader left in the header; nil when the samples came from elsewhere.
  init?(_ preserved: Preserved) {
    guard let value = PreservedReader(preserved, JSONLTextFormat.id).value("layout") else { return nil }
    let read: Attributes? = value.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributes()
    }
    guard let given = read else { return nil }
    func text(_ name: String) -> String? { if case .string(let text)? = given[name] { text } else { nil } }
    func list(_ name: String) -> [String]? {
      guard case .list(let list)? = given[name] else { return nil }
      return list.compactMap { if case .string(let text) = $0 { text } else { nil } }
    }
    func isOn(_ name: String, _ usual: Bool) -> Bool { if case .boolean(let isOn)? = given[name] { isOn } else { usual } }
    self.init(text("dialect").flatMap(Dialect.init) ?? .prodigy)
    keys = list("keys") ?? keys
    always = list("always") ?? []
    self.text = text("text") ?? self.text
    spans = text("spans") ?? spans
    spanForm = text("span-form").flatMap(SpanForm.init) ?? spanForm
    spanKeys = list("span-keys") ?? spanKeys
    relationKeys = list("relation-keys") ?? relationKeys
    tokenKeys = list("token-keys") ?? tokenKeys
    if let said = given["lists"] { lists = TokenLists(said) }
    classes = text("classes") ?? classes
    classForm = text("class-form").flatMap(ClassForm.init) ?? classForm
    texts = text("texts")
    scoreNames = list("score-names") ?? []
    scoresHavePoint = isOn("score-point", false)
    labelsAreNumbers = isOn("number-labels", false)
    spaceBehindColon = isOn("colon-space", spaceBehindColon)
    spaceBehindComma = isOn("comma-space", spaceBehindComma)
    isASCII = isOn("ascii", false)
    escapesSlash = isOn("slash", false)
    prefix = text("prefix") ?? ""
    separator = text("separator") ?? "\n"
    suffix = text("suffix") ?? "\n"
    switch text("offsets") {
    case "utf16": offsets = .utf16
    case "utf8": offsets = .utf8
    default: offsets = .scalars
    }
    if case .object(let names)? = given["files"] {
      for item in names.items { if case .string(let name) = item.value { files[item.name] = name } }
    }
    guard RecordLayout.isFrame(prefix, separator, suffix) else { return nil }
    // A list of keys, which may have been changed by hand, names each key once.
    keys = keys.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  /// What stands before the first record, between two and behind the last where no file shows it.
  static func usualFrame(isArray: Bool) -> (prefix: String, separator: String, suffix: String) {
    isArray ? ("[\n", ",\n", "\n]\n") : ("", "\n", "\n")
  }

  /// Whether three texts may stand before the first record, between two and behind the last: white space, and the brackets and commas of an
  /// array where there is one.
  static func isFrame(_ prefix: String, _ separator: String, _ suffix: String) -> Bool {
    func core(_ text: Substring) -> [Unicode.Scalar] { text.unicodeScalars.filter { !" \t\r\n".unicodeScalars.contains($0) } }
    // A byte-order mark begins the file or is none.
    let before = core(prefix.unicodeScalars.first == "\u{FEFF}" ? Substring(prefix.unicodeScalars.dropFirst()) : prefix[...])
    let (between, behind) = (core(separator[...]), core(suffix[...]))
    if before == ["["] { return between == [","] && behind == ["]"] }
    return before.isEmpty && between.isEmpty && behind.isEmpty && separator.utf8.contains(0x0A)
  }

  /// The layout as members for the header; what the dialect says anyway is left out.
  var members: [UInt8] {
    let usual = RecordLayout(dialect)
    var all: Attributes = ["dialect": .string(dialect.rawValue), "keys": RecordLayout.list(keys)]
    func note<Value: Equatable>(_ name: String, _ path: KeyPath<RecordLayout, Value>, _ json: (Value) -> AttributeValue?) {
      if self[keyPath: path] != usual[keyPath: path], let value = json(self[keyPath: path]) { all[name] = value }
    }
    note("always", \.always, RecordLayout.list)
    note("text", \.text, AttributeValue.string)
    note("spans", \.spans, AttributeValue.string)
    note("span-form", \.spanForm) { .string($0.rawValue) }
    note("span-keys", \.spanKeys, RecordLayout.list)
    note("relation-keys", \.relationKeys, RecordLayout.list)
    note("token-keys", \.tokenKeys, RecordLayout.list)
    note("lists", \.lists) { $0?.json ?? .null }
    note("classes", \.classes, AttributeValue.string)
    note("class-form", \.classForm) { .string($0.rawValue) }
    note("texts", \.texts) { $0.map(AttributeValue.string) }
    note("score-names", \.scoreNames, RecordLayout.list)
    note("score-point", \.scoresHavePoint, AttributeValue.boolean)
    note("number-labels", \.labelsAreNumbers, AttributeValue.boolean)
    note("colon-space", \.spaceBehindColon, AttributeValue.boolean)
    note("comma-space", \.spaceBehindComma, AttributeValue.boolean)
    note("ascii", \.isASCII, AttributeValue.boolean)
    note("slash", \.escapesSlash, AttributeValue.boolean)
    note("prefix", \.prefix, AttributeValue.string)
    note("separator", \.separator, AttributeValue.string)
    note("suffix", \.suffix, AttributeValue.string)
    note("offsets", \.offsets) { .string($0 == .utf16 ? "utf16" : "utf8") }
    note("files", \.files) { files in
      var names = Attributes()
      for split in files.keys.sorted() { names[split] = .string(files[split] ?? "") }
      return .object(names)
    }
    var out = ByteBuffer()
    out.append("\"layout\":")
    out.append(json: all)
    return out.array()
  }

  private static func list(_ names: [String]) -> AttributeValue { .list(names.map { .string($0) }) }
}
