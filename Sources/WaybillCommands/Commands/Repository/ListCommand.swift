import WaybillBytes
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
    "columns", value: "A,B,...", kind: .list(ListColumn.allCases.map(\.rawValue)), "What is shown of each sample",
    defaultValue: "key,state,labels")
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
        throw .usage(
          .invalidValue(columns, name, expected: "some of \(ListColumn.allCases.map(\.rawValue).joined(separator: ", "))"))
      }
      shown.append(column)
    }
    let count = try CommandFailure.wrap { () throws(ArgumentFault) in try arguments.number(of: limit, in: 1...Int.max) }
    let repository = try RepositoryOptions.open(arguments, context)
    var rows: [(rank: Double, cells: [ListCell])] = []
    let order = arguments.value(of: sort) ?? "key"
    let labels = repository.settings.header.labels
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try repository.forEachSample(filter) { sample in
        rows.append((ListColumn.rank(of: sample, by: order), shown.map { $0.value(of: sample, labels) }))
      }
    }
    if order != "key" {
      rows = rows.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
    }
    if arguments.has(reverse) { rows.reverse() }
    if let count { rows = Array(rows.prefix(count)) }
    let cells = rows.map(\.cells)
    context.output.write(arguments.has(InputOptions.json) ? json(cells, shown) : table(cells.map { $0.map(\.text) }))
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

  private static func json(_ rows: [[ListCell]], _ columns: [ListColumn]) -> String {
    var out = ByteBuffer()
    for row in rows {
      out.append(UInt8(ascii: "{"))
      for (index, (column, cell)) in zip(columns, row).enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        out.appendJSON(column.rawValue)
        out.append(UInt8(ascii: ":"))
        cell.append(to: &out)
      }
      out.append("}\n")
    }
    return out.string()
  }
}
