import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill hard`: marks samples as hard, or takes the mark away.
enum HardCommand: Command {
  static let off = OptionDeclaration("off", "Take the mark away")
  static let reason = OptionDeclaration(
    "reason", value: "N", "The number of a reason, 0 to 30, as ModelArts counts them", isRepeatable: true)

  static let declaration = CommandDeclaration(
    name: "hard",
    summary: "Mark samples as hard examples, or take the mark away.",
    positionals: [RepositoryOptions.keys],
    options: [InputOptions.filter, off, reason, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "Look at it again", line: "waybill hard street/0001.jpg --reason 1"),
      Example(purpose: "No longer", line: "waybill hard --where hard --off"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let selection = try RepositoryOptions.selection(arguments)
    var reasons: [Int] = []
    for text in arguments.values(of: reason) {
      guard let number = Int(text), (0...30).contains(number) else {
        throw .usage(.invalidValue(reason, text, expected: "a whole number from 0 to 30"))
      }
      if !reasons.contains(number) { reasons.append(number) }
    }
    let isOff = arguments.has(off)
    if isOff, !reasons.isEmpty { throw .usage(.conflict(off, reason)) }
    let edit = try RepositoryOptions.edit(arguments, context)
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try edit.change(selection) { sample in
        if isOff {
          if sample.hard == nil { return .kept }
          sample.hard = nil
        } else {
          var hard = sample.hard ?? HardExample()
          hard.isHard = true
          hard.reasons += reasons.filter { !hard.reasons.contains($0) }
          if hard == sample.hard { return .kept }
          sample.hard = hard
        }
        return .changed
      }
      try edit.commit()
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write("\(counted(edit.counts.changed, "sample")) \(isOff ? "no longer " : "")marked as hard\n")
    }
    return .done
  }
}
