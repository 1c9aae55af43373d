import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill git`: what ties a label repository to git, and what git calls.
enum GitCommand: Command {
  static let action = PositionalDeclaration(
    name: "ACTION", help: "setup, unset, check, or one of the drivers git calls",
    choices: ["setup", "unset", "check", "diff-driver", "merge-driver", "textconv"])
  static let files = PositionalDeclaration(
    name: "FILE", help: "What git gives its drivers", kind: .file, isOptional: true, isRepeatable: true)

  static let declaration = CommandDeclaration(
    name: "git",
    summary: "Set up git for labels, check them before a commit, and serve git as a driver.",
    discussion:
      "setup writes .gitattributes, the settings of the drivers and the pre-commit hook; unset takes them back. check fails when labels are not "
      + "canonical, break a rule or hold a conflict: it is what the hook runs, and what CI should run.",
    positionals: [action, files],
    options: [RepositoryOptions.repository, InputOptions.jobs, InputOptions.quiet],
    examples: [
      Example(purpose: "In every new clone", line: "waybill git setup"),
      Example(purpose: "In CI", line: "waybill git check"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let files = arguments.all(from: 1)
    switch arguments[0] ?? "" {
    case "setup", "unset": return try setUp(arguments, context, isUndoing: arguments[0] == "unset")
    case "check": return try check(arguments, context)
    case "merge-driver":
      guard files.count == 4 else { throw .usage(.missingPositional(GitCommand.files)) }
      return try merge(files, context)
    case "diff-driver": return try DiffDriver.run(files, context)
    default:
      guard files.count == 1 else { throw .usage(.missingPositional(GitCommand.files)) }
      return try LabelListing.run(files[0], context)
    }
  }

  private static func setUp(
    _ arguments: ParsedArguments, _ context: CommandContext, isUndoing: Bool
  ) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let done = try CommandFailure.wrap { () throws(DatasetError) in
      guard let setup = try GitSetup(repository) else {
        throw DatasetError(.usage, "The label repository is in no git repository; git init makes one", path: repository.root)
      }
      return isUndoing ? try setup.remove() : try setup.install()
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write(done.isEmpty ? "Nothing to do\n" : done.map { "\(terminalSafe($0))\n" }.joined())
    }
    return .done
  }

  private static func check(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let jobs = try InputOptions.jobs(arguments)
    let status = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try repository.status(jobs: jobs) }
    DiagnosticText(path: repository.root, sources: status.sources).print(status.diagnostics, on: context.error, atLeast: .warning)
    if status.conflicts > 0 {
      context.error.write("\(counted(status.conflicts, "sample")) with both sides of a merge; waybill resolve ends it\n")
      for key in status.conflictKeys.prefix(10) { context.error.write("  \(terminalSafe(key))\n") }
    }
    let isFine = status.isClean && status.diagnostics.count(atLeast: .warning) == 0
    if isFine, !arguments.has(InputOptions.quiet) {
      let former = status.diagnostics.count(of: .note)
      let names = former > 0 ? "; \(counted(former, "sample")) with names labels had before, which waybill fix renews" : ""
      context.error.write("\(counted(status.samples, "sample")): canonical, no rule broken, no conflict\(names)\n")
    }
    return isFine ? .done : .invalidInput
  }

  private static func merge(_ files: [String], _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let outcome = try CommandFailure.wrap { () throws(DatasetError) in
      try MergeDriver(base: files[0], ours: files[1], theirs: files[2], path: files[3]).run()
    }
    for message in outcome.messages { context.error.write("\(terminalSafe(message))\n") }
    return outcome.isClean ? .done : .failed
  }
}
