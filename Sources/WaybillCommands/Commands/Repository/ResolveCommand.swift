import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill resolve`: ends conflicts of a merge.
enum ResolveCommand: Command {
  static let ours = OptionDeclaration("ours", "As our side would have it")
  static let theirs = OptionDeclaration("theirs", "As the other side would have it")
  static let both = OptionDeclaration("both", "With the annotations of both sides")
  static let all = OptionDeclaration("all", "All samples that are in conflict")
  static let settings = OptionDeclaration("settings", "The conflicts of dataset.json")

  static let declaration = CommandDeclaration(
    name: "resolve",
    summary: "End conflicts that a merge left.",
    discussion:
      "A sample that two branches changed in ways that do not go together holds both sides, each with everything that could be merged. "
      + "waybill status lists such samples. Afterwards git add tells git that the conflict has ended.",
    positionals: [RepositoryOptions.keys],
    options: [ours, theirs, both, all, settings, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "Ours is right", line: "waybill resolve street/0001.jpg --ours"),
      Example(purpose: "Keep every box, and look later", line: "waybill resolve --all --both"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let choices: [(OptionDeclaration, ConflictChoice)] = [(ours, .ours), (theirs, .theirs), (both, .both)]
    let given = choices.filter { arguments.has($0.0) }
    guard let choice = given.first else { throw .usage(.missingOption(ours)) }
    if given.count > 1 { throw .usage(.conflict(given[0].0, given[1].0)) }
    let keys = arguments.all(from: 0)
    if keys.isEmpty, !arguments.has(all), !arguments.has(settings) { throw .usage(.missingPositional(RepositoryOptions.keys)) }
    let edit = try RepositoryOptions.edit(arguments, context)
    var ended = 0
    if arguments.has(settings) { ended += edit.resolveSettings(choice.1) }
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      if !keys.isEmpty || arguments.has(all) { ended += try edit.resolve(arguments.has(all) ? nil : keys, choice.1) }
      try edit.commit()
    }
    RepositoryOptions.printProblems(of: edit, context, arguments)
    if !arguments.has(InputOptions.quiet) { context.error.write("\(counted(ended, "conflict")) ended\n") }
    return .done
  }
}
