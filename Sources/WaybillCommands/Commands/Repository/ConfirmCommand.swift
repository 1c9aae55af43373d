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

/// `waybill resolve`: ends conflicts of a merge.
enum ResolveCommand: Command {
  static let ours = OptionDeclaration("ours", "As our side would have it")
  static let theirs = OptionDeclaration("theirs", "As the other side would have it")
  static let both = OptionDeclaration("both", "With the annotations of both sides")
  static let all = OptionDeclaration("all", "All samples that are in conflict")
  static let settings = OptionDeclaration("settings", "The conflicts of dataset.json")

  static let declaration = CommandDeclaration(
    name: "resolve",
    summary: "End conflicts that a merge left.",
    discussion:
      "A sample that two branches changed in ways that do not go together holds both sides, each with everything that could be merged. "
      + "waybill status lists such samples. Afterwards git add tells git that the conflict has ended.",
    positionals: [RepositoryOptions.keys],
    options: [ours, theirs, both, all, settings, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "Ours is right", line: "waybill resolve street/0001.jpg --ours"),
      Example(purpose: "Keep every box, and look later", line: "waybill resolve --all --both"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let choices: [(OptionDeclaration, ConflictChoice)] = [(ours, .ours), (theirs, .theirs), (both, .both)]
    let given = choices.filter { arguments.has($0.0) }
    guard let choice = given.first else { throw .usage(.missingOption(ours)) }
    if given.count > 1 { throw .usage(.conflict(given[0].0, given[1].0)) }
    let keys = arguments.all(from: 0)
    if keys.isEmpty, !arguments.has(all), !arguments.has(settings) { throw .usage(.missingPositional(RepositoryOptions.keys)) }
    let edit = try RepositoryOptions.edit(arguments, context)
    var ended = 0
    if arguments.has(settings) { ended += edit.resolveSettings(choice.1) }
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      if !keys.isEmpty || arguments.has(all) { ended += try edit.resolve(arguments.has(all) ? nil : keys, choice.1) }
      try edit.commit()
    }
    RepositoryOptions.printProblems(of: edit, context, arguments)
    if !arguments.has(InputOptions.quiet) { context.error.write("\(counted(ended, "conflict")) ended\n") }
    return .done
  }
}
