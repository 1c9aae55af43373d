import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill confirm`: proposals become labels.
enum ConfirmCommand: Command {
  static let label = OptionDeclaration("label", value: "NAME", "Only proposals with this label")

  static let declaration = CommandDeclaration(
    name: "confirm",
    summary: "Confirm annotations that were proposed: they become labels.",
    discussion: "Who made an annotation and when stays as it is; git says who confirmed it.",
    positionals: [RepositoryOptions.keys],
    options: [InputOptions.filter, label, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "One sample", line: "waybill confirm street/0001.jpg"),
      Example(
        purpose: "All a model is sure of", line: "waybill confirm --where 'state = unconfirmed and all(confidence >= 0.9)'"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let selection = try RepositoryOptions.selection(arguments)
    let edit = try RepositoryOptions.edit(arguments, context)
    let wanted = try arguments.value(of: label).map { (name) throws(CommandFailure) in
      try AnnotationArguments.label(name, edit.settings)
    }
    var confirmed = 0
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try edit.change(selection) { sample in
        var isChanged = false
        for index in sample.annotations.indices where sample.annotations[index].flags.unconfirmed == true {
          if let wanted, sample.annotations[index].label != wanted { continue }
          sample.annotations[index].flags.unconfirmed = nil
          confirmed += 1
          isChanged = true
        }
        return isChanged ? .changed : .kept
      }
      try edit.commit()
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write("\(counted(confirmed, "annotation")) of \(counted(edit.counts.changed, "sample")) confirmed\n")
    }
    return .done
  }
}
