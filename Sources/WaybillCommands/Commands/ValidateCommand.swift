import WaybillConversion
import WaybillDiagnostics

/// `waybill validate`: every problem of a dataset.
enum ValidateCommand: Command {
  /// Problems of one rule that are listed; the rest are counted.
  private static let limitPerRule = 1000

  static let declaration = CommandDeclaration(
    name: "validate",
    summary: "List everything that is wrong with a dataset.",
    discussion:
      "Reads every record and prints each problem as path:line:column: severity: message [rule]. Exits 3 if any of them is an "
      + "error. The first \(limitPerRule) problems of a rule are listed, the rest are counted.",
    positionals: [InputOptions.input],
    options: [InputOptions.from, InputOptions.mapURL, InputOptions.jobs, InputOptions.json, InputOptions.quiet],
    examples: [
      Example(purpose: "Check a file", line: "waybill validate annotations/instances_val.json"),
      Example(purpose: "Check a folder of Pascal VOC in CI", line: "waybill validate VOC2012 --from pascal-voc --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    var request = try InputOptions.scan(arguments, context)
    request.limitPerRule = limitPerRule
    var validation = Validation(request, registry: context.registry)
    let isQuiet = arguments.has(InputOptions.quiet)
    let progress = ProgressLine("Checking", on: context.error, isQuiet: isQuiet)
    if let progress { validation.progress = { progress.show($0, of: $1) } }
    let work = validation
    let report = try CommandFailure.wrap(request, context, progress) { () throws(ScanFailure) in try work.run() }
    if arguments.has(InputOptions.json) {
      context.output.write(report.json())
    } else {
      DiagnosticText(path: report.path, sources: report.sources).print(report.diagnostics, on: context.output)
    }
    context.output.flush()
    if !isQuiet {
      let unreadable = report.unreadable > 0 ? ", \(report.unreadable) more unreadable" : ""
      context.error.write(
        "\(terminalSafe(report.path)): \(counted(report.samples, "sample"))\(unreadable), \(report.diagnostics.summary)\n")
    }
    return report.isValid ? .done : .invalidInput
  }
}
