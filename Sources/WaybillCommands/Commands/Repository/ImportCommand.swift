import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill import`: the samples and labels of a dataset into a repository.
enum ImportCommand: Command {
  static let onConflict = OptionDeclaration(
    "on-conflict", value: "POLICY",
    "What happens to samples that have other annotations already: they stay (keep), give way (replace), "
      + "get those that come as well (add), or nothing is imported (error)",
    choices: ImportConflictPolicy.allCases.map(\.rawValue), defaultValue: "error")
  static let onlyHard = OptionDeclaration("only-hard", "Import hard samples alone")
  static let unconfirmed = OptionDeclaration("unconfirmed", "The annotations are proposals that wait for waybill confirm")
  static let keyPrefix = OptionDeclaration(
    "key-prefix", value: "TEXT", "Put this before the keys of samples that have no file below the repository's folder")

  static let declaration = CommandDeclaration(
    name: "import",
    summary: "Bring the samples and labels of a dataset of any format into the repository.",
    discussion:
      "A sample is the same that has the same key, or whose media is the same file below the repository. Labels that the set lacks are added to it. "
      + "Everything is imported or, where a sample cannot be read or breaks a rule, nothing.",
    positionals: [InputOptions.input],
    options: [
      InputOptions.from, onConflict, onlyHard, unconfirmed, keyPrefix, InputOptions.mapURL, RepositoryOptions.by,
      RepositoryOptions.dryRun,
      RepositoryOptions.repository, InputOptions.quiet,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "Labels made elsewhere", line: "waybill import labels.coco.json"),
      Example(purpose: "What a model proposes", line: "waybill import predictions.json --unconfirmed --on-conflict keep"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let given = try InputOptions.format(arguments, context)
    let (path, files) = try InputOptions.place(of: arguments[0] ?? "", arguments, context)
    let map = try InputOptions.urlMap(arguments)
    let edit = try RepositoryOptions.edit(arguments, context)
    let reading = ReadContext(sources: SourceMap(), urlMap: map)
    let dataset: Dataset
    do throws(DatasetError) {
      let input = try DatasetInput(path: path, in: files)
      let choice: FormatChoice
      if let given { choice = given } else { choice = try context.registry.detect(input) }
      dataset = try Dataset.open(input, as: choice, demand: Demand(labels: true), context: reading)
    } catch {
      DiagnosticText(path: path, sources: reading.sources).print(reading.diagnostics, on: context.error, atLeast: .warning)
      throw .operation(error, reading.sources)
    }
    let isQuiet = arguments.has(InputOptions.quiet)
    DiagnosticText(path: path, sources: reading.sources)
      .print(reading.diagnostics, on: context.error, atLeast: isQuiet ? .error : .warning)
    var job = DatasetImport(dataset, into: edit.repository)
    job.policy = arguments.value(of: onConflict).flatMap { ImportConflictPolicy(rawValue: $0) } ?? .error
    job.onlyHard = arguments.has(onlyHard)
    job.unconfirmed = arguments.has(unconfirmed)
    job.keyPrefix = arguments.value(of: keyPrefix) ?? ""
    var record = ImportRecord(
      at: Timestamp.now().text(), by: Author.name(given: arguments.value(of: RepositoryOptions.by)), input: arguments[0] ?? "",
      format: dataset.format.descriptor.id.name)
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try job.run(edit, &record)
      if !arguments.has(RepositoryOptions.dryRun) { try edit.commit(recording: record) }
    }
    RepositoryOptions.printProblems(of: edit, context, arguments)
    if !isQuiet { context.error.write(ImportsCommand.words(record)) }
    return .done
  }
}
