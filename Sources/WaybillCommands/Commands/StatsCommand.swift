import Glibc
import WaybillConversion
import WaybillDiagnostics
import WaybillFiles

/// `waybill stats`: what a dataset holds, counted and measured.
enum StatsCommand: Command {
  static let html = OptionDeclaration(
    "html", value: "FILE", kind: .file, "Write a page with charts and pictures, complete in itself, instead of printing")

  static let declaration = CommandDeclaration(
    name: "stats",
    summary: "Count and measure what a dataset holds.",
    discussion:
      "Labels with their shares and splits, kinds of shapes, sizes of images and boxes, positions, annotations per sample, authors, "
      + "confidences, hard examples, lengths of texts and times, problems, and what is probably not meant. Quantiles are the lower "
      + "edges of bins at most a 64th wide; whole numbers below 128 are exact. Where labels give no pixel size it is read from the "
      + "picture's header.",
    positionals: [InputOptions.input],
    options: [
      html, InputOptions.filter, InputOptions.json, InputOptions.from, ConvertCommand.mediaRoot, InputOptions.mapURL,
      InputOptions.jobs,
      ConvertCommand.overwrite, InputOptions.quiet,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "What is in this file?", line: "waybill stats annotations/instances_val.json"),
      Example(
        purpose: "A page for people, with pictures", line: "waybill stats train.manifest --html train.html --media-root images"),
      Example(
        purpose: "Large cars of the night",
        line: "waybill stats train.json --where 'path like \"night/*\" and any(label = car and area > 9216)'"),
      Example(purpose: "Numbers for a script", line: "waybill stats VOC2012 --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let request = try InputOptions.scan(arguments, context)
    // What stands in the way of the page is told before the work, not after it.
    let page = try CommandFailure.wrap { () throws(DatasetError) in try openPage(arguments) }
    defer { page?.abort() }
    var statistics = Statistics(request, registry: context.registry)
    statistics.mediaRoot = arguments.value(of: ConvertCommand.mediaRoot)
    statistics.exampleCount = page == nil ? 0 : StatisticsPage.exampleCount
    let isQuiet = arguments.has(InputOptions.quiet)
    let progress = ProgressLine("Reading", on: context.error, isQuiet: isQuiet)
    if let progress { statistics.progress = { progress.show($0, of: $1) } }
    let work = statistics
    let report = try CommandFailure.wrap(request, context, progress) { () throws(ScanFailure) in try work.run() }
    if let page {
      try CommandFailure.wrap { () throws(DatasetError) in
        try page.writeFile(FileName.basename(of: page.target), StatisticsPage(report).bytes())
        try InterruptFlag.check()
        try page.commit()
      }
      if !isQuiet { context.error.write("Page written to \(terminalSafe(page.target))\n") }
    }
    if arguments.has(InputOptions.json) {
      context.output.write(report.json())
    } else if page == nil {
      context.output.write(StatisticsText(report).text)
    }
    if !isQuiet, !report.filterProblems.isEmpty {
      context.output.flush()
      DiagnosticText(path: report.path, sources: report.sources).print(report.filterProblems, on: context.error)
    }
    guard report.diagnostics.hasErrors else { return .done }
    // What could not be read is missing from the counts, so that the places are named.
    context.output.flush()
    DiagnosticText(path: report.path, sources: report.sources).print(report.diagnostics, on: context.error, atLeast: .error)
    return .invalidInput
  }

  /// The place of the page, which must not be that of the input.
  private static func openPage(_ arguments: ParsedArguments) throws(DatasetError) -> StagedOutput? {
    guard let path = arguments.value(of: html) else { return nil }
    guard !path.hasSuffix("/") else { throw DatasetError(.usage, "--html names a file, and \"\(terminalSafe(path))\" is a folder") }
    var (input, output) = (stat(), stat())
    if let source = arguments[0], source != "-", stat(path, &output) == 0 {
      let isSame = stat(source, &input) == 0 && input.st_dev == output.st_dev && input.st_ino == output.st_ino
      // Of a path that leads into an archive the system knows nothing.
      if isSame || output.st_mode & S_IFMT == S_IFREG && ReportFile.isRead(path, by: source) {
        throw DatasetError(.usage, "--html names the same place as INPUT")
      }
    }
    do throws(DatasetError) {
      return try StagedOutput(target: path, kind: .file, overwrite: arguments.has(ConvertCommand.overwrite))
    } catch {
      guard error.code == .outputExists, !arguments.has(ConvertCommand.overwrite), stat(path, &output) == 0,
        output.st_mode & S_IFMT == S_IFREG
      else { throw error }
      var error = error
      error.message += "; --overwrite replaces it"
      throw error
    }
  }
}
