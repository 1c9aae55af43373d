import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill unannotate`: takes annotations away.
enum UnannotateCommand: Command {
  static let all = OptionDeclaration("all", "All annotations of the samples")
  static let label = OptionDeclaration("label", value: "NAME", "Those with this label")
  static let id = OptionDeclaration("id", value: "ID", "The one with this id")

  static let declaration = CommandDeclaration(
    name: "unannotate",
    summary: "Take annotations of samples away.",
    discussion: "Relations that lead from or to an annotation go with it; parts of it stand alone.",
    positionals: [RepositoryOptions.keys],
    options: [label, id, all, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "All boxes of a label", line: "waybill unannotate street/0001.jpg --label car"),
      Example(purpose: "One annotation", line: "waybill unannotate street/0001.jpg --id 7"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let keys = try RepositoryOptions.keys(arguments)
    guard arguments.has(all) || arguments.has(label) || arguments.has(id) else {
      throw .operation(DatasetError(.usage, "Say which annotations go: --label NAME, --id ID or --all"), nil)
    }
    if arguments.has(all), arguments.has(label) || arguments.has(id) { throw .usage(.conflict(all, label)) }
    let edit = try RepositoryOptions.edit(arguments, context)
    let wantedLabel = try arguments.value(of: label).map { (name) throws(CommandFailure) in
      try AnnotationArguments.label(name, edit.settings)
    }
    let wantedID = arguments.value(of: id)
    var removed = 0
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try edit.change(.keys(keys)) { (sample) throws(DatasetError) in
        let before = sample.annotations.count
        sample.removeAnnotations { annotation in
          if let wantedLabel, annotation.label != wantedLabel { return false }
          if let wantedID, !AnnotationArguments.isID(wantedID, annotation.id) { return false }
          return true
        }
        removed += before - sample.annotations.count
        return before == sample.annotations.count ? .kept : .changed
      }
      try edit.commit()
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write(
        "\(counted(removed, "annotation")) of \(counted(edit.counts.changed, "sample")) removed\n")
    }
    return .done
  }
}
