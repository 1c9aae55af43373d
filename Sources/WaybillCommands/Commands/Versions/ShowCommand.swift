import WaybillDiagnostics
import WaybillVersioning

/// `waybill show`: what a version holds and where it came from.
enum ShowCommand: Command {
  static let declaration = CommandDeclaration(
    name: "show",
    summary: "Show the record of a version: labels, splits, media, formats, parent and message.",
    positionals: [StoreOptions.store, StoreOptions.version],
    options: [InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "A version", line: "waybill show store street@V002"),
      Example(purpose: "The current version's record, as it is stored", line: "waybill show store street@current --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let entry = try StoreOptions.entry(arguments, in: store)
    if arguments.has(InputOptions.json) {
      context.output.write(entry.record.encoded().bytes)
    } else {
      let current = try CommandFailure.wrap { () throws(DatasetError) in
        try VersionCatalog(store).current(of: entry.record.dataset)?.version
      }
      context.output.write(VersionText.record(entry, isCurrent: current == entry.record.version))
    }
    return .done
  }
}
