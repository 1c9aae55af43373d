import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// How the rows of a file are written.
struct RowLayout: Sendable, Equatable {
  /// What a row is.
  enum Kind: String, Sendable {
    /// Fields with a delimiter between.
    case table
    /// Labels with a prefix, then the text.
    case fasttext
    /// A line of text, and a line of labels in another file.
    case pair
  }

  var kind = Kind.table
  var delimiter = UInt8(ascii: ",")
  var isQuoting = true
  /// The first row as it stands in the file, when it names the columns.
  var header: String?
  /// How many columns there are.
  var columns = 2
  /// The column of the text, and those of labels.
  var text = 0
  var labels = [1]
  /// The column of ids.
  var id: Int?
  /// Names of the columns; empty without a header.
  var names: [String] = []
  /// Columns whose fields stand in quotes though they need none.
  var quoted: [Int] = []
  /// What stands between the labels of one field; nil where a field is one label, or a JSON list of several.
  var separator: String?
  /// Whether a space behind a delimiter does not count.
  var skipsSpace = false
  /// What labels begin with.
  var prefix = "__label__"
  /// What stands before the first row and behind the header, between two rows, and behind the last.
  var lead = ""
  var headerEnd = "\n"
  var between = "\n"
  var tail = "\n"
  var encoding = TextEncoding.utf8
  /// The ending of the source's name, where it is not that of its layout.
  var sourceEnding: String?
  /// Whether options of the reader said what the rows are.
  var isGiven = false
  /// Names of the files of splits, where they are not the split's.
  var files: [String: String] = [:]

  /// The rows of samples from other formats: a table with a header.
  init() {}

  /// What dataset a writer's option asks for.
  init(named name: String) {
    (header, names, columns, id, text, labels) = ("id,text,label", ["id", "text", "label"], 3, 0, 1, [2])
    switch name {
    case "tsv":
      (delimiter, isQuoting, header) = (9, false, "id\ttext\tlabel")
    case "fasttext": self = RowLayout.plain(.fasttext)
    case "modelarts": self = RowLayout.plain(.pair)
    case "modelarts-combined":
      self = RowLayout.plain(.table)
      (delimiter, isQuoting, separator) = (9, false, ",")
    default: break
    }
  }

  private static func plain(_ kind: Kind) -> RowLayout {
    var layout = RowLayout()
    layout.kind = kind
    if kind == .pair { layout.separator = "," }
    return layout
  }

  /// The columns that are neither text, labels nor ids.
  var others: [Int] { (0..<columns).filter { $0 != text && $0 != id && !labels.contains($0) } }

  /// The ending of a file of this layout.
  var ending: String {
    switch kind {
    case .fasttext, .pair: ".txt"
    case .table: delimiter == 9 ? ".tsv" : ".csv"
    }
  }
}

// MARK: As JSON

extension RowLayout {
  /// The layout a reader left in the header; nil when the samples came from elsewhere.
  init?(_ preserved: Preserved) {
    guard let value = PreservedReader(preserved, TextClassificationFormat.id).value("layout") else { return nil }
    let read: Attributes? = value.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      return try? scanner.attributes()
    }
    guard let given = read else { return nil }
    self.init()
    func text(_ name: String) -> String? { if case .string(let text)? = given[name] { text } else { nil } }
    func number(_ name: String) -> Int? {
      if case .integer(let value)? = given[name], value >= 0, value < 1 << 16 { Int(value) } else { nil }
    }
    func numbers(_ name: String) -> [Int]? {
      guard case .list(let list)? = given[name] else { return nil }
      return list.compactMap { if case .integer(let value) = $0, value >= 0, value < 1 << 16 { Int(value) } else { nil } }
    }
    kind = text("kind").flatMap(Kind.init) ?? .table
    delimiter = text("delimiter")?.utf8.first ?? delimiter
    if case .boolean(let isOn)? = given["quoting"] { isQuoting = isOn }
    header = text("header")
    columns = max(1, number("columns") ?? 2)
    self.text = number("text") ?? 0
    labels = numbers("labels") ?? [1]
    id = number("id")
    quoted = numbers("quoted") ?? []
    if case .list(let list)? = given["names"] { names = list.compactMap { if case .string(let name) = $0 { name } else { nil } } }
    separator = text("separator").flatMap { $0.isEmpty ? nil : $0 }
    if case .boolean(let isOn)? = given["space"] { skipsSpace = isOn }
    prefix = text("prefix") ?? prefix
    lead = text("lead") ?? ""
    headerEnd = text("header-end") ?? "\n"
    between = text("between") ?? "\n"
    tail = text("tail") ?? "\n"
    encoding = text("encoding").flatMap { TextEncoding(named: $0) } ?? .utf8
    sourceEnding = text("ending")
    if case .boolean(let isOn)? = given["given"] { isGiven = isOn }
    if case .object(let names)? = given["files"] {
      for item in names.items { if case .string(let name) = item.value { files[item.name] = name } }
    }
    let isSound =
      self.text < columns && labels.allSatisfy { $0 < columns && $0 != self.text && $0 != id } && (id ?? 0) < columns
      && id != self.text
      && Set(labels).count == labels.count
    let isSpaced =
      between.utf8.contains(0x0A)
      && [lead, headerEnd, between, tail].allSatisfy { $0.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\r" } }
    guard isSpaced, isSound || kind != .table else { return nil }
  }

  /// The layout as members for the header; what is usual is left out.
  var members: [UInt8] {
    let usual = RowLayout()
    var all: Attributes = ["kind": .string(kind.rawValue)]
    func note<Value: Equatable>(_ name: String, _ path: KeyPath<RowLayout, Value>, _ json: (Value) -> AttributeValue?) {
      if self[keyPath: path] != usual[keyPath: path], let value = json(self[keyPath: path]) { all[name] = value }
    }
    func list(_ numbers: [Int]) -> AttributeValue { .list(numbers.map { .integer(Int64($0)) }) }
    note("delimiter", \.delimiter) { .string(String(decoding: [$0], as: UTF8.self)) }
    note("quoting", \.isQuoting, AttributeValue.boolean)
    note("header", \.header) { $0.map(AttributeValue.string) }
    note("columns", \.columns) { .integer(Int64($0)) }
    note("text", \.text) { .integer(Int64($0)) }
    note("labels", \.labels, list)
    note("id", \.id) { $0.map { .integer(Int64($0)) } }
    note("names", \.names) { .list($0.map { .string($0) }) }
    note("quoted", \.quoted, list)
    note("separator", \.separator) { $0.map(AttributeValue.string) }
    note("space", \.skipsSpace, AttributeValue.boolean)
    note("prefix", \.prefix, AttributeValue.string)
    note("lead", \.lead, AttributeValue.string)
    note("header-end", \.headerEnd, AttributeValue.string)
    note("between", \.between, AttributeValue.string)
    note("tail", \.tail, AttributeValue.string)
    note("encoding", \.encoding) { .string($0.name) }
    note("ending", \.sourceEnding) { $0.map(AttributeValue.string) }
    note("given", \.isGiven, AttributeValue.boolean)
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
}
