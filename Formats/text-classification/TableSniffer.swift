import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// What a reader was told about its files.
struct RowOptions: Sendable {
  var layout = "auto"
  var header = "auto"
  var delimiter = "auto"
  var quoting = "auto"
  var text = ""
  var label = ""
  var separator = ""
  var prefix = "__label__"

  init() {}

  init(_ options: FormatOptions) {
    layout = options["layout"]
    header = options["header"]
    delimiter = options["delimiter"]
    quoting = options["quoting"]
    text = options["text"]
    label = options["label"]
    separator =
      RowOptions.delimiter(named: options["separator"]).map { String(decoding: [$0], as: UTF8.self) } ?? options["separator"]
    if !options["prefix"].isEmpty { prefix = options["prefix"] }
  }

  /// Whether something is said about what the rows are.
  var saysLayout: Bool {
    [layout, header, delimiter, quoting].contains { $0 != "auto" } || !text.isEmpty || !label.isEmpty
  }

  /// The delimiter of a name.
  static func delimiter(named name: String) -> UInt8? {
    switch name {
    case "comma": UInt8(ascii: ",")
    case "tab": 9
    case "semicolon": UInt8(ascii: ";")
    case "pipe": UInt8(ascii: "|")
    default: nil
    }
  }
}

/// Finds out what the rows of a file are from its beginning.
struct TableSniffer {
  /// How much of a file is looked at.
  static let headSize = 1 << 20

  private let bytes: UnsafeRawBufferPointer
  private let options: RowOptions
  private let isTSV: Bool
  /// Whether the bytes are cut off somewhere.
  private let isCut: Bool

  /// A look at the beginning of a text in UTF-8.
  init(_ bytes: UnsafeRawBufferPointer, _ options: RowOptions, name: String, isCut: Bool) {
    let mark = CSVScanner.byteOrderMarkLength(of: bytes)
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[mark...])
    self.options = options
    isTSV = name.lowercased().hasSuffix(".tsv")
    self.isCut = isCut
  }

  /// Why a layout cannot be found.
  struct Unknown: Error {
    var message: String
  }

  /// Whether lines begin with labels of fastText.
  func isFastText() -> Bool {
    let prefix = Array(options.prefix.utf8)
    guard !prefix.isEmpty else { return false }
    var lines = LineScanner(bytes)
    for _ in 0..<32 {
      guard let line = lines.next() else { return false }
      if bytes[line].drop(while: { $0 == 0x20 || $0 == 9 }).starts(with: prefix) { return true }
    }
    return false
  }

  /// The layout of the rows.
  func layout() throws(Unknown) -> RowLayout {
    var layout = RowLayout()
    layout.prefix = options.prefix
    let chosen = options.layout
    if chosen == "fasttext" || (chosen == "auto" && isFastText()) {
      layout.kind = .fasttext
      return layout
    }
    let isCombined = chosen == "modelarts-combined"
    let (delimiter, found) = delimiter(isCombined)
    layout.delimiter = delimiter
    let isUnquoted = options.quoting == "no" || (isCombined && options.quoting == "auto")
    layout.isQuoting = options.quoting == "yes" || (!isUnquoted && isQuoted(delimiter))
    let rows = rows(layout, limit: 64)
    let names = rows.first ?? []
    let isHeader = options.header == "yes" || (options.header == "auto" && !isCombined && (found || namesColumns(names)))
    if isHeader {
      layout.names = names
      layout.skipsSpace = names.count > 1 && names.dropFirst().allSatisfy { $0.hasPrefix(" ") }
      layout.columns = max(1, names.count)
    } else {
      layout.columns = max(1, isCombined ? 2 : commonCount(rows))
    }
    // Whether there is a header at all; the reader takes its text from the file.
    layout.header = isHeader ? "" : nil
    if !options.separator.isEmpty { layout.separator = options.separator } else if isCombined { layout.separator = "," }
    try assign(&layout, isHeader ? names : nil, isHeader ? Array(rows.dropFirst()) : rows)
    noteQuotes(&layout)
    return layout
  }

  // MARK: Delimiters and quotes

  private func delimiter(_ isCombined: Bool) -> (UInt8, namesColumns: Bool) {
    if let given = RowOptions.delimiter(named: options.delimiter) { return (given, false) }
    if options.layout == "tsv" || isCombined { return (9, false) }
    var best: (delimiter: UInt8, score: Int)?
    for delimiter in [UInt8(ascii: ","), 9, UInt8(ascii: ";"), UInt8(ascii: "|")] {
      var layout = RowLayout()
      layout.delimiter = delimiter
      let names = rows(layout, limit: 1).first ?? []
      guard namesColumns(names) else { continue }
      let score = (ColumnNames.find(ColumnNames.labels, in: names) != nil ? 1000 : 0) + names.count
      if score > best?.score ?? 0 { best = (delimiter, score) }
    }
    if let best { return (best.delimiter, true) }
    if options.layout == "csv" { return (UInt8(ascii: ","), false) }
    if isTSV { return (9, false) }
    // What stands equally often on every line, a tab before a comma.
    for delimiter in [9, UInt8(ascii: ","), UInt8(ascii: ";"), UInt8(ascii: "|")] {
      var layout = RowLayout()
      layout.delimiter = delimiter
      layout.isQuoting = isQuoted(delimiter)
      let counts = rows(layout, limit: 32).map(\.count)
      if let first = counts.first, first > 1, counts.allSatisfy({ $0 == first }) { return (delimiter, false) }
    }
    return (UInt8(ascii: ","), false)
  }

  /// Whether a row names the column of the text.
  private func namesColumns(_ names: [String]) -> Bool {
    if !options.text.isEmpty, Int(options.text) == nil {
      return names.contains { ColumnNames.plain($0) == ColumnNames.plain(options.text) }
    }
    return ColumnNames.find(ColumnNames.texts, in: names) != nil
  }

  /// Whether quotes around fields mean something: with a comma always, unless that cannot be; with anything else where it is seen.
  private func isQuoted(_ delimiter: UInt8) -> Bool {
    var scanner = CSVScanner(bytes, delimiter: delimiter)
    var fields: [CSVField] = []
    var isSeen = false
    while true {
      do throws(CSVFault) {
        guard try scanner.nextRow(&fields) != nil else { break }
        if !isSeen { isSeen = showsQuoting(fields, delimiter) }
      } catch {
        if error.problem == .unterminatedQuote, isCut, isSeen || delimiter == UInt8(ascii: ",") { break }
        return delimiter == UInt8(ascii: ",") && !isEven(delimiter)
      }
    }
    return isSeen || delimiter == UInt8(ascii: ",")
  }

  /// Whether a row says that quotes mean something: a field needs them, or all have them; a sentence in quotes alone says nothing.
  private func showsQuoting(_ fields: [CSVField], _ delimiter: UInt8) -> Bool {
    guard fields.contains(where: \.isQuoted) else { return false }
    if fields.count > 1, fields.allSatisfy(\.isQuoted) { return true }
    return fields.contains { field in
      field.isQuoted && CSVText.needsQuotes(UnsafeRawBufferPointer(rebasing: bytes[field.range]), delimiter: delimiter)
    }
  }

  /// Whether all rows have as many fields when quotes mean nothing.
  private func isEven(_ delimiter: UInt8) -> Bool {
    var layout = RowLayout()
    layout.delimiter = delimiter
    layout.isQuoting = false
    let counts = rows(layout, limit: 4096).map(\.count)
    return counts.allSatisfy { $0 == counts.first }
  }

  /// The texts of the first rows that are not blank.
  private func rows(_ layout: RowLayout, limit: Int) -> [[String]] {
    var scanner = CSVScanner(bytes, delimiter: layout.delimiter, isQuoting: layout.isQuoting)
    var fields: [CSVField] = []
    var rows: [[String]] = []
    while rows.count < limit {
      guard let row = try? scanner.nextRow(&fields) else { break }
      if row.isBlank || (isCut && row.ending == .none) { continue }
      rows.append(fields.map { $0.string(in: bytes) })
    }
    return rows
  }

  private func commonCount(_ rows: [[String]]) -> Int {
    var counts: [Int: Int] = [:]
    for row in rows { counts[row.count, default: 0] += 1 }
    return counts.max { $0.value != $1.value ? $0.value < $1.value : $0.key < $1.key }?.key ?? 1
  }

  // MARK: Columns

  private func assign(_ layout: inout RowLayout, _ names: [String]?, _ rows: [[String]]) throws(Unknown) {
    let isPair = names == nil && layout.columns == 2
    if !options.text.isEmpty {
      layout.text = try column(options.text, names, layout.columns)
    } else if let names, let found = ColumnNames.find(ColumnNames.texts, in: names) {
      layout.text = found
    } else if layout.separator != nil && options.layout == "modelarts-combined" || layout.columns == 1 {
      layout.text = 0
    } else if isPair {
      let lengths = [0, 1].map { column in rows.reduce(0) { $0 + ($1.count > column ? $1[column].utf8.count : 0) } }
      // With equal lengths, or where a label column was named, the text is the other one.
      layout.text = options.label == "1" || (options.label.isEmpty && lengths[1] > lengths[0]) ? 1 : 0
    } else {
      throw Unknown(
        message:
          "none of the \(layout.columns) columns is known as that of the text; --from text-classification:text=.. names one, by its name or "
          + "by its number from 1")
    }
    layout.labels = []
    if !options.label.isEmpty {
      for part in options.label == "none" ? [] : options.label.split(separator: "+") {
        let found = try column(String(part), names, layout.columns)
        guard found != layout.text, !layout.labels.contains(found) else {
          throw Unknown(message: "the column \"\(terminalSafe(part))\" cannot be a label as well")
        }
        layout.labels.append(found)
      }
    } else if let names {
      let free = names.enumerated().map { $0.offset == layout.text ? "" : $0.element }
      if let found = ColumnNames.find(ColumnNames.labels, in: free) { layout.labels = [found] }
    } else if layout.columns == 2 {
      layout.labels = [1 - layout.text]
    }
    if let names, let id = names.firstIndex(where: { ColumnNames.plain($0) == "id" }), id != layout.text,
      !layout.labels.contains(id)
    {
      layout.id = id
    }
  }

  private func column(_ wanted: String, _ names: [String]?, _ count: Int) throws(Unknown) -> Int {
    if let names, let found = names.firstIndex(where: { ColumnNames.plain($0) == ColumnNames.plain(wanted) }) { return found }
    if let number = Int(wanted), number >= 1, number <= count { return number - 1 }
    throw Unknown(message: "there is no column \"\(terminalSafe(wanted))\" among the \(count)")
  }

  /// Notes the columns whose fields mostly stand in quotes that they do not need.
  private func noteQuotes(_ layout: inout RowLayout) {
    guard layout.isQuoting else { return }
    var scanner = CSVScanner(bytes, delimiter: layout.delimiter)
    var fields: [CSVField] = []
    var counts = [(quoted: Int, bare: Int)](repeating: (0, 0), count: layout.columns)
    var isFirst = layout.header != nil
    for _ in 0..<256 {
      guard let row = try? scanner.nextRow(&fields) else { break }
      if row.isBlank { continue }
      if isFirst {
        isFirst = false
        continue
      }
      for (column, field) in fields.enumerated() where column < layout.columns && !field.range.isEmpty {
        if !field.isQuoted {
          counts[column].bare += 1
        } else if !CSVText.needsQuotes(UnsafeRawBufferPointer(rebasing: bytes[field.range]), delimiter: layout.delimiter) {
          counts[column].quoted += 1
        }
      }
    }
    layout.quoted = counts.indices.filter { counts[$0].quoted > counts[$0].bare }
  }
}
