import WaybillDiagnostics
import WaybillLabelRepository

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
      throw .usage(
        .invalidPositional(
          PositionalDeclaration(name: "N", help: "", choices: ["1 to \(RepositorySettings.shardLimit)"]), arguments[0] ?? ""))
    }
    let edit = try RepositoryOptions.edit(arguments, context)
    let moved = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      let repair = try edit.repair(shardCount: number)
      try edit.commit()
      return repair.moved
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write("\(counted(moved, "sample")) moved; \(counted(number, "file")) now\n")
    }
    return .done
  }
}
