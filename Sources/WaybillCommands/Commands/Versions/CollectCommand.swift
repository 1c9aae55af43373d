import WaybillDiagnostics
import WaybillVersioning

/// `waybill gc`: frees what no version names.
enum CollectCommand: Command {
  static let grace = OptionDeclaration(
    "grace", value: "TIME", "Keep what is younger: a number of s, m, h or d, such as 30m", defaultValue: "24h")
  static let dryRun = OptionDeclaration("dry-run", "List what would be removed and remove nothing")

  static let declaration = CommandDeclaration(
    name: "gc",
    summary: "Remove what no version of a store names any more.",
    discussion:
      "Objects of deleted versions, and what publications that were stopped have left behind. Nothing is removed that a version names, "
      + "that is younger than the grace period, or when the store could not be listed as a whole.",
    positionals: [StoreOptions.store],
    options: [dryRun, grace, InputOptions.quiet, InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "What would go?", line: "waybill gc store --dry-run"),
      Example(purpose: "When nobody is publishing", line: "waybill gc store --grace 0s"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let seconds = try CommandFailure.wrap { () throws(ArgumentFault) in try graceSeconds(arguments) }
    let store = try StoreOptions.open(arguments, context)
    let isDryRun = arguments.has(dryRun)
    let report = try CommandFailure.wrap { () throws(DatasetError) in
      try GarbageCollection(store, graceSeconds: seconds, isDryRun: isDryRun).run()
    }
    if arguments.has(InputOptions.json) {
      context.output.write(VersionJSON.collection(report, isDryRun: isDryRun))
    } else {
      context.output.write(VersionText.collection(report, isDryRun: isDryRun, isQuiet: arguments.has(InputOptions.quiet)))
    }
    return .done
  }

  /// The grace period in seconds.
  private static func graceSeconds(_ arguments: ParsedArguments) throws(ArgumentFault) -> Int64 {
    guard let text = arguments.value(of: grace) else { return GarbageCollection.defaultGraceSeconds }
    let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
    guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()), number >= 0, number < 1_000_000_000
    else {
      throw .invalidValue(grace, text, expected: "a number with s, m, h or d behind it, such as 24h")
    }
    return number * unit
  }
}
