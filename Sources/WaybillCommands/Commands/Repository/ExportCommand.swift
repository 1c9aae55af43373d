import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill export`: the labels of a repository in any format.
enum ExportCommand: Command {
  static let declaration = CommandDeclaration(
    name: "export",
    summary: "Write the labels of the repository in another format.",
    discussion: "It is waybill convert of the repository: what the format has no place for is refused or reported in the same way.",
    positionals: [ConvertCommand.output],
    options: [
      ConvertCommand.to, InputOptions.filter, ConvertCommand.split, ConvertCommand.keepLabels, ConvertCommand.media,
      ConvertCommand.allowLoss,
      ConvertCommand.approximate, ConvertCommand.strict, ConvertCommand.dryRun, ConvertCommand.report, ConvertCommand.overwrite,
      RepositoryOptions.repository, InputOptions.jobs, InputOptions.json, InputOptions.quiet,
    ],
    examples: [
      Example(purpose: "For training", line: "waybill export train.json --to coco --where 'state = labeled'"),
      Example(purpose: "With the pictures", line: "waybill export yolo --to yolo --media copy"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let (target, native) = try CommandFailure.wrap { () throws(DatasetError) in
      let choice = try context.registry.parse(arguments.value(of: ConvertCommand.to) ?? "")
      _ = try choice.writeOptions()
      return (choice, try context.registry.parse("waybill"))
    }
    var request = try ConvertCommand.request(arguments, context, to: target, from: native)
    request.input = repository.root
    request.output = arguments[0] ?? ""
    return try ConvertCommand.run(request, arguments, context)
  }
}
