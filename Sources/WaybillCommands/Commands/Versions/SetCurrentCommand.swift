import WaybillDiagnostics
import WaybillVersioning

/// `waybill set-current`: which version is current.
enum SetCurrentCommand: Command {
  static let declaration = CommandDeclaration(
    name: "set-current",
    summary: "Make a version the current one of its dataset.",
    positionals: [StoreOptions.store, StoreOptions.version],
    options: [InputOptions.quiet] + StoreOptions.access,
    examples: [Example(purpose: "Back to an earlier version", line: "waybill set-current store street@V001")])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let entry = try StoreOptions.entry(arguments, in: store)
    try CommandFailure.wrap { () throws(DatasetError) in try VersionCatalog(store).setCurrent(entry) }
    if !arguments.has(InputOptions.quiet) {
      context.error.write("\(entry.record.dataset)@\(entry.record.version) is the current version\n")
    }
    return .done
  }
}

/// `waybill delete-version`: takes a version away; `waybill gc` frees its room.
enum DeleteVersionCommand: Command {
  static let declaration = CommandDeclaration(
    name: "delete-version",
    summary: "Delete a version; waybill gc frees what no other version needs.",
    discussion:
      "The source data and all other versions stay as they are. The objects stay until waybill gc, past its grace period.",
    positionals: [StoreOptions.store, StoreOptions.version],
    options: [InputOptions.quiet] + StoreOptions.access,
    examples: [Example(purpose: "A version nobody needs", line: "waybill delete-version store street@V001")])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let reference = try StoreOptions.reference(arguments)
    let (entry, wasCurrent) = try CommandFailure.wrap { () throws(DatasetError) in
      let current = try VersionCatalog(store).current(of: reference.dataset)?.version
      guard reference.version != nil else {
        throw DatasetError(.usage, "Name the version to delete, such as \(reference.dataset)@\(current?.text ?? "V001")")
      }
      let entry = try VersionDeletion.delete(reference, in: store)
      return (entry, current == entry.record.version)
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write(
        "\(entry.record.dataset)@\(entry.record.version) deleted; waybill gc frees its room after the grace period\n")
      if wasCurrent { context.error.write("It was the current version; there is none now (waybill set-current)\n") }
    }
    return .done
  }
}
