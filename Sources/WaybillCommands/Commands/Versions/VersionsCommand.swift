import WaybillDiagnostics
import WaybillVersioning

/// `waybill versions`: the versions in a store.
enum VersionsCommand: Command {
  static let declaration = CommandDeclaration(
    name: "versions",
    summary: "List the datasets and versions of a store.",
    positionals: [StoreOptions.store, StoreOptions.dataset],
    options: [InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "Everything in a store", line: "waybill versions store"),
      Example(purpose: "The versions of one dataset, for a script", line: "waybill versions store street --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let catalog = VersionCatalog(store)
    let lists = try CommandFailure.wrap { () throws(DatasetError) in
      var lists: [VersionList] = []
      let names: [DatasetName]
      if let text = arguments[1] { names = [try VersionReference(text).dataset] } else { names = try catalog.datasets() }
      for name in names {
        let entries = try catalog.versions(of: name)
        // The message names what there is.
        if entries.isEmpty { _ = try catalog.entry(VersionReference(dataset: name)) }
        lists.append(VersionList(dataset: name, entries: entries, current: try catalog.current(of: name)?.version))
      }
      return lists
    }
    if arguments.has(InputOptions.json) {
      context.output.write(VersionJSON.lists(lists))
    } else if lists.isEmpty {
      context.output.write("No dataset is in \(terminalSafe(store.location))\n")
    } else {
      for (index, list) in lists.enumerated() {
        if index > 0 { context.output.write("\n") }
        context.output.write(VersionText.list(list))
      }
    }
    return .done
  }
}

/// The versions of one dataset.
struct VersionList {
  var dataset: DatasetName
  var entries: [VersionCatalog.Entry]
  var current: VersionName?
}
