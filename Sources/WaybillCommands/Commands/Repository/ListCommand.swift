import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillSampleFilter
import WaybillSyntax

/// `waybill list`: samples by a filter, as a table.
enum ListCommand: Command {
  static let sort = OptionDeclaration(
    "sort", value: "BY", "The order", choices: ["key", "area", "aspect", "confidence", "hard"], defaultValue: "key")
  static let reverse = OptionDeclaration("reverse", "The other way round")
  static let columns = OptionDeclaration(
    "columns", value: "A,B,...", kind: .list(ListColumn.allCases.map(\.rawValue)), "What is shown of each sample", defaultValue: "key,state,labels")
  static let limit = OptionDeclaration("limit", value: "N", "Show only the first N")

  static let declaration = CommandDeclaration(
    name: "list",
    summary: "List samples, all of them or those that fit a filter.",
    discussion:
      "Samples are sorted by their key or, with --sort, by the largest area, the widest aspect, the least confidence of their annotations, or by how hard "
      + "they are, the hardest first.",
    options: [
      InputOptions.filter, sort, reverse, columns, limit, RepositoryOptions.repository, InputOptions.json,
    ],
    examples: [
      Example(purpose: "What is still to be done?", line: "waybill list --where 'state = unlabeled'"),
      Example(
        purpose: "Where is the model unsure?",
        line: "waybill list --where 'state = unconfirmed' --sort confidence --columns key,confidence,labels --limit 20"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let filter = try InputOptions.filter(arguments)
    let names = try CommandFailure.wrap { () throws(ArgumentFault) in
      arguments.has(columns) ? try arguments.list(of: columns) : ["key", "state", "labels"]
    }
    var shown: [ListColumn] = []
    for name in names {
      guard let column = ListColumn(rawValue: name) else {
        throw .usage(.invalidValue(columns, name, expected: "some of \(ListColumn.allCases.map(\.rawValue).joined(separator: ", "))"))
      }
      shown.append(column)
    }
    let count = try CommandFailure.wrap { () throws(ArgumentFault) in try arguments.number(of: limit, in: 1...Int.max) }
    let repository = try RepositoryOptions.open(arguments, context)
    var rows: [(rank: Double, cells: [String])] = []
    let order = arguments.value(of: sort) ?? "key"
    let labels = repository.settings.header.labels
    let isJSON = arguments.has(InputOptions.json)
    // In the order of keys rows are printed as they come, unless a table must know its widths.
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try repository.forEachSample(filter) { sample in
        rows.append((ListColumn.rank(of: sample, by: order), shown.map { $0.value(of: sample, labels) }))
      }
    }
    if order != "key" { rows = rows.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element) }
    if arguments.has(reverse) { rows.reverse() }
    if let count { rows = Array(rows.prefix(count)) }
    context.output.write(isJSON ? json(rows.map(\.cells), shown) : table(rows.map(\.cells)))
    return .done
  }

  private static func table(_ rows: [[String]]) -> String {
    guard let first = rows.first else { return "" }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    var text = ""
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        line += cell + (column + 1 < row.count ? String(repeating: " ", count: widths[column] - cell.count + 2) : "")
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }

  private static func json(_ rows: [[String]], _ columns: [ListColumn]) -> String {
    var out = ByteBuffer()
    for row in rows {
      out.append(UInt8(ascii: "{"))
      for (index, (column, cell)) in zip(columns, row).enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.appendJSON(column.rawValue)
        out.append(UInt8(ascii: ":"))
        if column.isNumber, !cell.isEmpty { out.append(cell) } else if cell.isEmpty { out.append("null") } else { out.appendJSON(cell) }
      }
      out.append("}\n")
    }
    return out.string()
  }
}

/// A column of `waybill list`.
enum ListColumn: String, CaseIterable {
  case key, state, labels, annotations, split, hard, area, aspect, confidence, by, path, width, height, text

  /// Whether its values are numbers.
  var isNumber: Bool {
    switch self {
    case .annotations, .area, .aspect, .confidence, .width, .height: true
    default: false
    }
  }

  /// What it says of a sample; empty where there is nothing to say.
  func value(of sample: Sample, _ labels: LabelTable) -> String {
    switch self {
    case .key: terminalSafe(sample.key)
    case .state: sample.annotations.isEmpty ? "unlabeled" : sample.isUnconfirmed ? "unconfirmed" : "labeled"
    case .labels:
      ListColumn.unique(sample.annotations.compactMap { $0.label.flatMap { labels[$0]?.name } }).joined(separator: ",")
    case .annotations: "\(sample.annotations.count)"
    case .split: terminalSafe(sample.split ?? "")
    case .hard: sample.hard?.isHard == true ? "hard" : ""
    case .area: ListColumn.largestArea(sample).map(ListColumn.number) ?? ""
    case .aspect: ListColumn.widestAspect(sample).map(ListColumn.number) ?? ""
    case .confidence: sample.annotations.compactMap(\.confidence).min().map(ListColumn.number) ?? ""
    case .by: ListColumn.unique(sample.annotations.compactMap(\.author)).joined(separator: ",")
    case .path: terminalSafe(sample.media.location ?? "")
    case .width: sample.media.width.map(String.init) ?? ""
    case .height: sample.media.height.map(String.init) ?? ""
    case .text: terminalSafe(sample.media.text ?? sample.annotations.compactMap(\.text).first ?? "")
    }
  }

  private static func unique(_ texts: [String]) -> [String] {
    var seen: Set<String> = []
    return texts.filter { seen.insert($0).inserted }.map { terminalSafe($0) }
  }

  private static func number(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int64(value))" : "\((value * 1000).rounded() / 1000)"
  }

  private static func bounds(_ annotation: Annotation) -> (width: Double, height: Double)? {
    guard let box = annotation.box ?? annotation.shape.flatMap({ Bounds.box(around: $0) }) else { return nil }
    let extent = box.converted(to: .extent)
    return (extent.third, extent.fourth)
  }

  private static func largestArea(_ sample: Sample) -> Double? {
    sample.annotations.compactMap { $0.area ?? bounds($0).map { $0.width * $0.height } }.max()
  }

  private static func widestAspect(_ sample: Sample) -> Double? {
    sample.annotations.compactMap { bounds($0).flatMap { $0.height > 0 ? $0.width / $0.height : nil } }.max()
  }

  /// What samples are sorted by, the lowest first.
  static func rank(of sample: Sample, by order: String) -> Double {
    switch order {
    case "area": -(largestArea(sample) ?? -1)
    case "aspect": -(widestAspect(sample) ?? -1)
    case "confidence": sample.annotations.compactMap(\.confidence).min() ?? 2
    case "hard": -(sample.hard?.isHard == true ? 1 + (sample.hard?.coefficient ?? 0) : 0)
    default: 0
    }
  }
}
