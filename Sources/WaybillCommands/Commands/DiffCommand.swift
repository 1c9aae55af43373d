import WaybillComparison
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// `waybill diff`: what became of each sample and each annotation between two datasets.
enum DiffCommand: Command {
  static let old = PositionalDeclaration(
    name: "A",
    help:
      "The old file, folder, version (STORE#DATASET@V001) or, in a label repository, commit; - is standard input; HEAD when left out",
    kind: .file, isOptional: true)
  static let new = PositionalDeclaration(
    name: "B", help: "The new one; the labels of the repository as they are now when left out", kind: .file, isOptional: true)
  static let markdown = OptionDeclaration("markdown", "Print Markdown, for a pull request")
  static let from = OptionDeclaration(
    "from", value: "ID[:option=value,...]", kind: .sourceFormat, "The format of A; found by content when left out")
  static let fromB = OptionDeclaration(
    "from-b", value: "ID[:option=value,...]", kind: .sourceFormat, "The format of B; found by content when left out")
  static let stat = OptionDeclaration("stat", "Print the sums by label, author and field alone")
  static let exitCode = OptionDeclaration("exit-code", "Exit with 1 when anything differs, and with 0 when nothing does")
  static let all = OptionDeclaration(
    "all", "Compare everything, also what only one of the formats has a place for and the order of annotations")
  static let ignore = OptionDeclaration(
    "ignore", value: "FEATURE,...", kind: .list(Feature.allCases.map(\.name)),
    "Leave features out of the comparison, such as id,created-at", isRepeatable: true)
  static let tolerance = OptionDeclaration(
    "tolerance", value: "PIXELS", "Take coordinates for the same that differ by no more than this",
    defaultValue: "0; 0.01 between different forms or units")
  static let keys = OptionDeclaration(
    "keys", value: "GLOB", "Compare samples alone, and only those whose key fits, such as 'street/*'")

  static let declaration = CommandDeclaration(
    name: "diff",
    summary: "Show what became of each sample and each annotation between two datasets.",
    discussion:
      "Samples are the same that have one key; annotations that have one id or overlap most. Each is added, removed, moved, relabeled "
      + "or edited, and by whom. Of two formats only what both have a place for is compared, and the last lines say what was not. The "
      + "result does not depend on the order of samples.",
    positionals: [old, new],
    options: [
      from, fromB, stat, markdown, InputOptions.json, exitCode, all, ignore, tolerance, keys, InputOptions.filter,
      RepositoryOptions.repository, ConvertCommand.mediaRoot, InputOptions.mapURL,
      InputOptions.jobs, InputOptions.quiet,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "What changed?", line: "waybill diff yesterday.waybill.jsonl today.waybill.jsonl"),
      Example(purpose: "Between two versions", line: "waybill diff store#street@V001 store#street@V002"),
      Example(purpose: "In a label repository: what a branch changed", line: "waybill diff main feature"),
      Example(purpose: "For a pull request", line: "waybill diff origin/main HEAD --markdown"),
      Example(purpose: "The sums alone, by label and author", line: "waybill diff V001.json V002.json --stat"),
      Example(
        purpose: "Did a tool that numbers annotations anew change anything else?",
        line: "waybill diff before.json after.json --ignore id --exit-code"),
      Example(purpose: "Boxes that moved by more than half a pixel", line: "waybill diff voc yolo --tolerance 0.5"),
      Example(purpose: "For a script", line: "waybill diff a.manifest b.manifest --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let sides = try ComparedSides(arguments, context)
    let request = try self.request(arguments, sides, context)
    defer { withExtendedLifetime(sides) {} }
    let output = DiffOutput(arguments, context)
    var comparison = DatasetComparison(request, registry: context.registry)
    let isQuiet = arguments.has(InputOptions.quiet)
    let progress = ProgressLine("Comparing", on: context.error, isQuiet: isQuiet)
    if let progress {
      // What is printed on a terminal would run into the line.
      comparison.progress = { if !output.hasPrinted { progress.show($0, of: $1) } }
    }
    let work = comparison
    let report: ComparisonReport
    do throws(ComparisonFailure) {
      report = try work.run { (event) throws(DatasetError) in
        if output.prints(event) { progress?.clear() }
        output.print(event)
      }
      progress?.clear()
    } catch {
      progress?.clear()
      context.output.flush()
      printProblems(error.report, context, isQuiet: isQuiet)
      throw .operation(error.error, error.sources)
    }
    output.finish(report)
    context.output.flush()
    printProblems(report, context, isQuiet: isQuiet)
    if report.hasErrors { return .invalidInput }
    return arguments.has(exitCode) && report.hasDifferences ? .failed : .done
  }

  private static func printProblems(_ report: ComparisonReport, _ context: CommandContext, isQuiet: Bool) {
    for side in [report.old, report.new] {
      DiagnosticText(path: side.path, sources: side.sources)
        .print(side.diagnostics, on: context.error, atLeast: isQuiet ? .error : .warning)
    }
  }

  private static func request(
    _ arguments: ParsedArguments, _ sides: ComparedSides, _ context: CommandContext
  ) throws(CommandFailure) -> ComparisonRequest {
    let forms = [stat, InputOptions.json, markdown].filter { arguments.has($0) }
    if forms.count > 1 { throw .usage(.conflict(forms[0], forms[1])) }
    var request = ComparisonRequest(old: sides.old.path, new: sides.new.path)
    (request.oldFiles, request.newFiles) = (sides.old.files, sides.new.files)
    request.oldFormat = try format(from, arguments, context) ?? sides.old.format
    request.newFormat = try format(fromB, arguments, context) ?? sides.new.format
    request.options.filter = try InputOptions.filter(arguments)
    request.urlMap = try InputOptions.urlMap(arguments)
    request.mediaRoot = arguments.value(of: ConvertCommand.mediaRoot)
    request.jobs = try InputOptions.jobs(arguments)
    request.options.comparesAll = arguments.has(all)
    request.options.keys = arguments.value(of: keys).map { KeyPattern($0) }
    let ignored = try CommandFailure.wrap { () throws(ArgumentFault) in try arguments.list(of: ignore) }
    for name in ignored {
      guard let feature = Feature(name: name) else {
        let hint =
          nearest(to: name, among: Feature.allCases.map(\.name)).map { "did you mean \($0)?" }
          ?? "waybill formats waybill lists them"
        throw .operation(DatasetError(.usage, "There is no feature \"\(terminalSafe(name))\"; \(hint)"), nil)
      }
      request.options.ignored.insert(feature)
    }
    try CommandFailure.wrap { () throws(ArgumentFault) in
      if let text = arguments.value(of: tolerance) {
        guard let number = Double(text), number >= 0, number.isFinite else {
          throw .invalidValue(tolerance, text, expected: "a number of pixels, 0 or more")
        }
        request.options.tolerance = number
      }
    }
    return request
  }

  private static func format(
    _ option: OptionDeclaration, _ arguments: ParsedArguments, _ context: CommandContext
  ) throws(CommandFailure) -> FormatChoice? {
    guard let text = arguments.value(of: option) else { return nil }
    return try CommandFailure.wrap { () throws(DatasetError) in
      let choice = try context.registry.parse(text)
      _ = try choice.readOptions()
      return choice
    }
  }
}
