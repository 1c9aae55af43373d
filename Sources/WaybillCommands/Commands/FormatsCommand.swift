import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// `waybill formats`: what formats there are and what they can do.
enum FormatsCommand: Command {
  static let id = PositionalDeclaration(
    name: "ID", help: "The format to show; all when left out", kind: .formatName, isOptional: true)
  static let json = OptionDeclaration("json", "Print JSON: one object with an ID, an array without")
  static let markdown = OptionDeclaration("markdown", "Print Markdown: the card's tables with an ID, the matrix page without")

  static let declaration = CommandDeclaration(
    name: "formats",
    summary: "List the formats, or show what one of them can do.",
    discussion: "With an ID: what is read and written, the options of --from and --to, the rules its files can break, and links.",
    positionals: [id],
    options: [json, markdown],
    examples: [
      Example(purpose: "Which formats are there?", line: "waybill formats"),
      Example(purpose: "What can this one hold, and which options has it?", line: "waybill formats pascal-voc"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    if arguments.has(json) && arguments.has(markdown) { throw .usage(.conflict(json, markdown)) }
    if let name = arguments[0] {
      let descriptor = try CommandFailure.wrap { () throws(DatasetError) in try context.registry.format(named: name).descriptor }
      if arguments.has(json) {
        context.output.write(FormatJSON.object(descriptor))
      } else {
        context.output.write(arguments.has(markdown) ? AbilityTable.card(descriptor) : FormatPages.text(descriptor))
      }
      return .done
    }
    let descriptors = context.registry.formats.map { $0.descriptor }
    if arguments.has(json) {
      context.output.write(FormatJSON.array(descriptors))
    } else {
      context.output.write(arguments.has(markdown) ? AbilityTable.matrix(context.registry) : FormatPages.list(descriptors))
    }
    return .done
  }
}
