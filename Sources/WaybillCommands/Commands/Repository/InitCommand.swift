import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository
import WaybillVersioning

/// `waybill init`: a new label repository.
enum InitCommand: Command {
  static let folder = PositionalDeclaration(
    name: "DIR", help: "The folder; made if it is missing", kind: .folder, isOptional: true)
  static let type = OptionDeclaration(
    "type", value: "TYPE", "What is labeled", choices: LabelingType.allCases.map(\.name), isRequired: true)
  static let name = OptionDeclaration(
    "name", value: "NAME", "The name of the dataset: 1 to 100 letters, digits, hyphens, underscores and dots", isRequired: true)
  static let labels = OptionDeclaration(
    "labels", value: "FILE", kind: .file, "The label set: a text file with one name a line, or a dataset whose labels are taken")
  static let source = OptionDeclaration(
    "source", value: "DIR|URL", "Where media come from; a folder is taken relative to the repository", isRepeatable: true)
  static let shards = OptionDeclaration(
    "shards", value: "N", "How many files the samples are spread over", defaultValue: "1")
  static let noGit = OptionDeclaration("no-git", "Do not set up git, even in a git repository")

  static let declaration = CommandDeclaration(
    name: "init",
    summary: "Make a folder a label repository.",
    discussion:
      "dataset.json then holds the settings and the label set, labels/ the samples, one a line. In a git repository the attributes, "
      + "the drivers for diff and merge and the hook are set up as by waybill git setup.",
    positionals: [folder],
    options: [type, name, labels, source, shards, noGit, InputOptions.quiet],
    examples: [
      Example(purpose: "Boxes in pictures", line: "waybill init --type object-detection --name street --source images"),
      Example(
        purpose: "With a label set, for a million samples",
        line: "waybill init street --type image-classification --name street --labels labels.txt --shards 64"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let root = arguments[0] ?? "."
    guard let type = arguments.value(of: type).flatMap({ LabelingType(rawValue: $0) }), let name = arguments.value(of: name) else {
      throw .usage(.missingOption(InitCommand.type))
    }
    let shardCount = try CommandFailure.wrap { () throws(ArgumentFault) in
      try arguments.number(of: shards, in: 1...RepositorySettings.shardLimit)
    }
    var set: [Label] = []
    if let file = arguments.value(of: labels) {
      set = try CommandFailure.wrap { () throws(DatasetError) in try LabelList.read(file, context.registry) }
    }
    guard DatasetName(name) != nil else {
      throw .usage(
        .invalidValue(InitCommand.name, name, expected: "1 to 100 letters, digits, -, _ and . that do not begin with a dot"))
    }
    let settings = RepositorySettings(
      name: name, type: type, labels: set, sources: arguments.values(of: source), shardCount: shardCount ?? 1)
    let repository = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try LabelRepository.create(root, settings)
    }
    let isQuiet = arguments.has(InputOptions.quiet)
    if !isQuiet {
      context.error.write(
        "\(terminalSafe(root)) is a label repository for \(type.name) with \(counted(set.count, "label"))\n")
    }
    guard !arguments.has(noGit) else { return .done }
    let setup = try CommandFailure.wrap { () throws(DatasetError) in try GitSetup(repository)?.install() }
    if let setup, !isQuiet { context.error.write(setup.map { "\(terminalSafe($0))\n" }.joined()) }
    return .done
  }
}
