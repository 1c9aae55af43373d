import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport

/// `waybill inspect`: what a dataset is and holds.
enum InspectCommand: Command {
  static let declaration = CommandDeclaration(
    name: "inspect",
    summary: "Show what a dataset is and what it holds.",
    discussion:
      "Prints the format and why it was chosen, how many samples are labeled, and counts of annotations, labels, splits, media "
      + "and features.",
    positionals: [InputOptions.input],
    options: [InputOptions.from, InputOptions.mapURL, InputOptions.jobs, InputOptions.json, InputOptions.quiet]
      + StoreOptions.access,
    examples: [
      Example(purpose: "What is in this file?", line: "waybill inspect annotations/instances_val.json"),
      Example(purpose: "The same for a script", line: "waybill inspect train.manifest --json"),
      Example(purpose: "From standard input", line: "zcat val.json.gz | waybill inspect - --from coco"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let request = try InputOptions.scan(arguments, context)
    var inspection = Inspection(request, registry: context.registry)
    let progress = ProgressLine("Reading", on: context.error, isQuiet: arguments.has(InputOptions.quiet))
    if let progress { inspection.progress = { progress.show($0, of: $1) } }
    let work = inspection
    let report = try CommandFailure.wrap(request, context, progress) { () throws(ScanFailure) in try work.run() }
    if arguments.has(InputOptions.json) {
      context.output.write(report.json())
    } else {
      context.output.write(text(report))
    }
    guard report.diagnostics.hasErrors else { return .done }
    // What could not be read is missing from the counts, so that the places are named.
    DiagnosticText(path: report.path, sources: report.sources).print(report.diagnostics, on: context.error, atLeast: .error)
    return .invalidInput
  }

  private static func text(_ report: InspectionReport) -> String {
    let counts = report.counts
    var text = "\(terminalSafe(report.path)): \(report.format.name) (\(report.format.id))\n"
    for reason in report.detection?.reasons ?? [] { text += "  because \(terminalSafe(reason))\n" }
    var facts: [(String, String)] = []
    if let name = report.name { facts.append(("name", terminalSafe(name))) }
    let unreadable = counts.unreadable > 0 ? ", \(grouped(counts.unreadable)) more unreadable" : ""
    facts.append(
      (
        "samples",
        "\(grouped(counts.samples)) (\(grouped(counts.labeled)) labeled, \(grouped(counts.unlabeled)) unlabeled\(unreadable))"
      ))
    facts.append(("annotations", grouped(counts.annotations)))
    if !counts.media.isEmpty { facts.append(("media", listed(counts.media))) }
    if !counts.splits.isEmpty {
      facts.append(("splits", listed(counts.splits) + (counts.unsplit > 0 ? ", \(grouped(counts.unsplit)) without" : "")))
    }
    if !report.diagnostics.isEmpty { facts.append(("problems", report.diagnostics.summary + "; waybill validate lists them")) }
    for (name, value) in facts { text += padded(name, 13) + value + "\n" }
    text += table("label", report.labels.map { (terminalSafe($0.label.name), $0.annotations) })
    text += table("feature", counts.features.map { ($0.name, counts[$0]) })
    return text
  }

  private static func listed(_ counts: [SampleCounts.Named]) -> String {
    counts.map { "\(grouped($0.count)) \(terminalSafe($0.name))" }.joined(separator: ", ")
  }

  private static func table(_ title: String, _ rows: [(name: String, count: Int)]) -> String {
    guard !rows.isEmpty else { return "" }
    // One very long name must not push every count off the screen.
    let width = min(48, max(title.count, rows.map(\.name.count).max() ?? 0))
    let numbers = rows.map { grouped($0.count) }
    let numberWidth = max(5, numbers.map(\.count).max() ?? 0)
    var text = "\n\(padded(title, width))  \(String(repeating: " ", count: numberWidth - 5))count\n"
    for (row, number) in zip(rows, numbers) {
      text += "\(padded(row.name, width))  \(String(repeating: " ", count: numberWidth - number.count))\(number)\n"
    }
    return text
  }
}

/// Text with blanks after it up to a width.
func padded(_ text: String, _ width: Int) -> String { text + String(repeating: " ", count: max(0, width - text.count)) }
