import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill imports`: the history of imports.
enum ImportsCommand: Command {
  static let declaration = CommandDeclaration(
    name: "imports",
    summary: "List what was imported into the repository, the oldest first.",
    options: [RepositoryOptions.repository, InputOptions.json],
    examples: [Example(purpose: "Where do the labels come from?", line: "waybill imports")])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let records = try CommandFailure.wrap { () throws(DatasetError) in try ImportRecord.list(repository) }
    for record in records {
      if arguments.has(InputOptions.json) {
        context.output.write(String(decoding: record.line, as: UTF8.self))
      } else {
        context.output.write(
          "\(terminalSafe(record.at))  \(terminalSafe(record.input)) (\(terminalSafe(record.format))) by \(terminalSafe(record.by)): \(words(record))"
        )
      }
    }
    return .done
  }

  /// What an import brought, as a line.
  static func words(_ record: ImportRecord) -> String {
    var parts = ["\(counted(record.added, "sample")) added", "\(counted(record.changed, "sample")) changed"]
    if record.kept > 0 { parts.append("\(counted(record.kept, "sample")) kept as they were") }
    parts.append("\(counted(record.annotations, "annotation"))")
    if record.labels > 0 { parts.append("\(counted(record.labels, "new label"))") }
    return parts.joined(separator: ", ") + "\n"
  }
}
