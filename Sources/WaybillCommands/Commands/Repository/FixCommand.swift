import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill fix`: everything into its canonical form.
enum FixCommand: Command {
  static let declaration = CommandDeclaration(
    name: "fix",
    summary: "Bring labels into their canonical form; what cannot be repaired is listed.",
    discussion:
      "Samples are written in the one way that there is, sorted by their keys, each in the file it belongs into, with the names labels have now. "
      + "Rules that are broken are for people to mend: waybill status lists them.",
    options: [RepositoryOptions.dryRun, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "After editing by hand", line: "waybill fix"),
      Example(purpose: "What would change?", line: "waybill fix --dry-run"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let edit = try RepositoryOptions.edit(arguments, context)
    let repair = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      let repair = try edit.repair()
      if !arguments.has(RepositoryOptions.dryRun) { try edit.commit() }
      return repair
    }
    if !arguments.has(InputOptions.quiet) { context.error.write(words(repair)) }
    return .done
  }

  private static func words(_ repair: LabelEdit.Repair) -> String {
    var parts: [String] = []
    if repair.rewritten > 0 { parts.append("\(counted(repair.rewritten, "sample")) rewritten") }
    if repair.moved > 0 { parts.append("\(counted(repair.moved, "sample")) moved") }
    if repair.files > 0 { parts.append("\(counted(repair.files, "file")) put in order") }
    if repair.settings { parts.append("the settings rewritten") }
    return parts.isEmpty ? "Nothing to repair\n" : "\(parts.joined(separator: ", "))\n"
  }
}
