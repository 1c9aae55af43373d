import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill status`: how far the labeling has come, and what is wrong.
enum StatusCommand: Command {
  static let declaration = CommandDeclaration(
    name: "status",
    summary: "Show how many samples are labeled, what breaks a rule, and what changed since HEAD.",
    discussion: "Files that look as they did are not read again.",
    options: [RepositoryOptions.repository, InputOptions.json, InputOptions.jobs],
    examples: [
      Example(purpose: "How far are we?", line: "waybill status"),
      Example(purpose: "For a script", line: "waybill status --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let jobs = try InputOptions.jobs(arguments)
    let status = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try repository.status(jobs: jobs) }
    let changes = try CommandFailure.wrap { () throws(DatasetError) in
      try GitChanges.sinceHead(repository)
    }
    if arguments.has(InputOptions.json) {
      context.output.write(RepositoryJSON.text(of: status, changes, repository))
    } else {
      context.output.write(RepositoryText.text(of: status, changes, repository))
    }
    context.output.flush()
    DiagnosticText(path: repository.root, sources: status.sources).print(status.diagnostics, on: context.error)
    return status.isClean ? .done : .invalidInput
  }
}
