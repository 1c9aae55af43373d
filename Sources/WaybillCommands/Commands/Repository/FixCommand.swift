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

/// `waybill reshard`: spreads the samples over another number of files.
enum ReshardCommand: Command {
  static let count = PositionalDeclaration(name: "N", help: "The number of files, 1 to \(RepositorySettings.shardLimit)")

  static let declaration = CommandDeclaration(
    name: "reshard",
    summary: "Spread the samples over another number of files.",
    discussion:
      "In many files a commit touches small ones; some 64 files suit a million samples. Branches that were begun before should be merged first.",
    positionals: [count],
    options: [RepositoryOptions.repository, InputOptions.quiet],
    examples: [Example(purpose: "For a million samples", line: "waybill reshard 64")])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard let text = arguments[0], let number = Int(text), (1...RepositorySettings.shardLimit).contains(number) else {
      throw .usage(.invalidPositional(PositionalDeclaration(name: "N", help: "", choices: ["1 to \(RepositorySettings.shardLimit)"]), arguments[0] ?? ""))
    }
    let edit = try RepositoryOptions.edit(arguments, context)
    let moved = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      let repair = try edit.repair(shardCount: number)
      try edit.commit()
      return repair.moved
    }
    if !arguments.has(InputOptions.quiet) { context.error.write("\(counted(moved, "sample")) moved; \(counted(number, "file")) now\n") }
    return .done
  }
}
