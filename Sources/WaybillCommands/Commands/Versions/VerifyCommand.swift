import WaybillDiagnostics
import WaybillVersioning

/// `waybill verify`: whether a store still holds what was published.
enum VerifyCommand: Command {
  static let deep = OptionDeclaration("deep", "Also check every entry's checksum and every media file's digest, one by one")
  static let version = PositionalDeclaration(
    name: "DATASET[@VERSION]", help: "The dataset or version; everything in the store when left out", isOptional: true)

  static let declaration = CommandDeclaration(
    name: "verify",
    summary: "Check that a store holds what was published, byte for byte.",
    discussion:
      "Every object of every version must be there with its size and its SHA-256; an object that versions share is read once. What is "
      + "damaged is named, and the exit code is then 3.",
    positionals: [StoreOptions.store, version],
    options: [deep, InputOptions.quiet, InputOptions.json] + StoreOptions.access,
    examples: [
      Example(purpose: "A whole store", line: "waybill verify store"),
      Example(purpose: "One version, file by file", line: "waybill verify store street@V002 --deep"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let progress = ProgressLine("Checking", of: "MB", on: context.error, isQuiet: arguments.has(InputOptions.quiet))
    var verification = Verification(store, isDeep: arguments.has(deep))
    if let progress { verification.progress = { progress.add(bytes: $0, of: $1) } }
    let work = verification
    let report = try CommandFailure.wrap { () throws(DatasetError) in
      guard let text = arguments[1] else { return try work.run() }
      let reference = try VersionReference(text)
      guard text.contains("@") else { return try work.run(dataset: reference.dataset) }
      let version = try VersionCatalog(store).resolve(reference)
      return try work.run(dataset: reference.dataset, version: version)
    }
    progress?.clear()
    if arguments.has(InputOptions.json) {
      context.output.write(VersionJSON.verification(report))
    } else {
      for problem in report.problems { context.output.write(VersionText.problem(problem)) }
      if !arguments.has(InputOptions.quiet) { context.output.write(VersionText.verification(report)) }
    }
    return report.problems.isEmpty ? .done : .invalidInput
  }
}
