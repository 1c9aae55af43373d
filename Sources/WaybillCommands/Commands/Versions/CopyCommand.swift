import WaybillDiagnostics
import WaybillObjectStore
import WaybillVersioning

/// `waybill copy`: a version from a store to another one.
enum CopyCommand: Command {
  static let other = PositionalDeclaration(
    name: "OTHERSTORE", help: "The store to copy to: a folder, or s3://BUCKET/PREFIX", kind: .folder)
  static let setCurrent = OptionDeclaration(
    "set-current", "Make it the current version there; without this it becomes so only where none is")

  static let declaration = CommandDeclaration(
    name: "copy",
    summary: "Copy a version to another store, byte for byte.",
    discussion:
      "Packs that are there already are not sent again. Everything is read back and compared with the record, which comes last: until then "
      + "nothing of the version is visible there.",
    positionals: [StoreOptions.store, StoreOptions.version, other],
    options: [setCurrent, InputOptions.quiet, InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "From a disk to a bucket", line: "waybill copy store street@V002 s3://labels/street"),
      Example(purpose: "And back", line: "waybill copy s3://labels/street street@current store"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let source = try StoreOptions.open(arguments, context)
    let reference = try StoreOptions.reference(arguments)
    let target = try StoreOptions.open(arguments, context, at: 2, creates: true)
    let progress = ProgressLine("Copying", of: "MB", on: context.error, isQuiet: arguments.has(InputOptions.quiet))
    var copy = VersionCopy(from: source, to: target)
    if let progress { copy.progress = { progress.add(bytes: $0, of: $1) } }
    let work = copy
    let report = try CommandFailure.wrap { () throws(DatasetError) in
      try work.run(reference, setsCurrent: arguments.has(setCurrent))
    }
    progress?.clear()
    if arguments.has(InputOptions.json) {
      context.output.write(VersionJSON.copy(report))
    } else if !arguments.has(InputOptions.quiet) {
      context.output.write(text(report, target))
    }
    return .done
  }

  private static func text(_ report: VersionCopy.Report, _ target: any ObjectStore) -> String {
    let record = report.version.record
    var text = "\(record.dataset)@\(record.version) "
    text += report.isUnchanged && report.copiedObjects == 0 ? "is there already" : "copied to \(terminalSafe(target.location))"
    text += ": \(counted(report.copiedObjects, "object")) (\(byteCount(report.copiedBytes))) sent"
    if report.presentObjects > 0 { text += ", \(report.presentObjects) (\(byteCount(report.presentBytes))) there before" }
    return text + (report.isCurrent ? "; current\n" : "\n")
  }
}
