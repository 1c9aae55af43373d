import Glibc
import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport

/// `waybill convert`: labels from one format to another, with an account of every annotation.
enum ConvertCommand: Command {
  static let to = OptionDeclaration(
    "to", value: "ID[:option=value,...]", kind: .targetFormat, "The format to write; waybill formats lists them", isRequired: true)
  static let media = OptionDeclaration(
    "media", value: "MODE", "How media files are brought along", choices: MediaMode.allCases.map(\.rawValue), defaultValue: "none")
  static let mediaRoot = OptionDeclaration(
    "media-root", value: "DIR", kind: .folder, "The folder of the media, when it is not where the labels say")
  static let labels = OptionDeclaration(
    "labels", value: "FILE", kind: .file, "The names of the labels, one a line, in the order to write them")
  static let keepLabels = OptionDeclaration(
    "keep-labels", value: "A,B", #"Keep only annotations with these labels; \, is a comma in a name"#, isRepeatable: true)
  static let split = OptionDeclaration("split", value: "NAME", "Convert only the samples of this split")
  static let shard = OptionDeclaration("shard", value: "I/N", "Convert only the I-th of N equal parts")
  static let allowLoss = OptionDeclaration("allow-loss", "Leave out what the target has no place for, instead of refusing")
  static let approximate = OptionDeclaration(
    "approximate", value: "FROM=TO,...",
    kind: .list(Approximations.possible.flatMap { entry in entry.to.map { "\(entry.from.name)=\($0.name)" } }),
    "Write shapes the target lacks as others, such as polygon=box", isRepeatable: true)
  static let strict = OptionDeclaration("strict", "Refuse every loss, also of what labels can do without")
  static let skipInvalid = OptionDeclaration("skip-invalid", "Leave out records that cannot be read, instead of refusing")
  static let dryRun = OptionDeclaration("dry-run", "Make the account and write nothing")
  static let report = OptionDeclaration(
    "report", value: "FILE", kind: .file, "Write the account as JSON to a file, also when refused")
  static let overwrite = OptionDeclaration("overwrite", "Replace an output that exists, in one step")
  static let output = PositionalDeclaration(
    name: "OUTPUT", help: "The file or folder to write, or an archive whose name ends in .zip", kind: .file)

  static let declaration = CommandDeclaration(
    name: "convert",
    summary: "Convert labels from one format to another and account for every annotation.",
    discussion:
      "Nothing becomes visible at OUTPUT unless everything was written. What the target has no place for is refused if labels "
      + "would be wrong or gone without it, and listed otherwise.",
    positionals: [InputOptions.input, output],
    options: [
      to, InputOptions.from, media, mediaRoot, InputOptions.mapURL, labels, keepLabels, split,
      InputOptions.filter, shard, InputOptions.jobs, allowLoss, approximate, strict, skipInvalid, dryRun, report, overwrite,
      InputOptions.quiet, InputOptions.json,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "COCO to a folder of Pascal VOC", line: "waybill convert instances_val.json voc --to pascal-voc"),
      Example(
        purpose: "A bucket's manifest, with the media beside the labels",
        line: "waybill convert train.manifest out --to pascal-voc --media copy --map-url s3://bucket/data=/mnt/data"),
      Example(purpose: "What would be lost?", line: "waybill convert val.json voc --to pascal-voc --dry-run"),
      Example(
        purpose: "From one archive to another, with the media",
        line: "waybill convert coco.zip voc.zip --to pascal-voc --media copy"),
      Example(
        purpose: "Write masks and polygons as boxes",
        line: "waybill convert val.json voc --to pascal-voc --approximate polygon=box,mask=box"),
      Example(
        purpose: "The samples with a sure car",
        line: "waybill convert val.json cars.json --to coco --where 'any(label = car and confidence > 0.9)'"),
      Example(
        purpose: "The third of eight parts, with the account in a file",
        line: "waybill convert all.manifest part3.json --to coco --shard 3/8 --report part3.report.json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let target = try CommandFailure.wrap { () throws(DatasetError) in
      let choice = try context.registry.parse(arguments.value(of: to) ?? "")
      _ = try choice.writeOptions()
      return choice
    }
    let request = try self.request(arguments, context, to: target, from: try InputOptions.format(arguments, context))
    return try run(request, arguments, context)
  }

  /// Runs a conversion and tells what it did.
  static func run(
    _ request: ConversionRequest, _ arguments: ParsedArguments, _ context: CommandContext
  ) throws(CommandFailure) -> ExitCode {
    let reportFile = try ReportFile(arguments, request)
    let isQuiet = arguments.has(InputOptions.quiet)
    let progress = ProgressLine(request.dryRun ? "Checking" : "Converting", on: context.error, isQuiet: isQuiet)
    var conversion = Conversion(request, registry: context.registry)
    if let progress { conversion.progress = { progress.show($0, of: $1) } }
    var outcome: ConversionReport?
    var failure: DatasetError?
    do throws(Conversion.Failure) {
      outcome = try conversion.run()
    } catch {
      (outcome, failure) = (error.report, error.error)
    }
    progress?.clear()
    if let outcome {
      let summary = ConversionSummary(request: request, report: outcome)
      summary.print(on: context.error, isQuiet: isQuiet, hasFailed: failure != nil)
      let json = arguments.has(InputOptions.json) || reportFile != nil ? outcome.json() : []
      if arguments.has(InputOptions.json) { context.output.write(json) }
      do throws(DatasetError) {
        try reportFile?.write(json)
      } catch {
        // The failure of the conversion comes first; that of its report is then only told.
        guard failure != nil else { throw .operation(error, nil) }
        context.report(error)
      }
    }
    if let failure { throw .operation(withRemedy(failure, request), outcome?.sources) }
    return .done
  }

  /// Names the option that replaces an output, where it would.
  private static func withRemedy(_ failure: DatasetError, _ request: ConversionRequest) -> DatasetError {
    var status = stat()
    guard failure.code == .outputExists, !request.overwrite, stat(request.output, &status) == 0 else { return failure }
    guard [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT) else { return failure }
    var failure = failure
    failure.message += "; --overwrite replaces it"
    return failure
  }

  /// What the arguments ask for; options that a command does not declare are not given.
  static func request(
    _ arguments: ParsedArguments, _ context: CommandContext, to target: FormatChoice, from: FormatChoice?
  ) throws(CommandFailure) -> ConversionRequest {
    let (path, files) = try InputOptions.place(of: arguments[0] ?? "", arguments, context)
    var request = ConversionRequest(input: path, output: arguments[1] ?? "", to: target, from: from)
    request.files = files
    if let text = arguments.value(of: media), let mode = MediaMode(rawValue: text) { request.media = mode }
    request.mediaRoot = arguments.value(of: mediaRoot)
    request.urlMap = try InputOptions.urlMap(arguments)
    request.labelsFile = arguments.value(of: labels)
    if arguments.has(keepLabels) {
      request.keepLabels = try CommandFailure.wrap { () throws(ArgumentFault) in try arguments.list(of: keepLabels) }
    }
    request.filter = try InputOptions.filter(arguments)
    request.split = arguments.value(of: split)
    if let text = arguments.value(of: shard) {
      request.shard = try CommandFailure.wrap { () throws(DatasetError) in try ConversionRequest.Shard(text) }
    }
    request.jobs = try InputOptions.jobs(arguments)
    request.allowLoss = arguments.has(allowLoss)
    request.approximations = try CommandFailure.wrap { () throws(DatasetError) in
      try Approximations(arguments.values(of: approximate).joined(separator: ","))
    }
    request.strict = arguments.has(strict)
    if request.strict && request.allowLoss { throw .usage(.conflict(strict, allowLoss)) }
    request.skipInvalid = arguments.has(skipInvalid)
    request.dryRun = arguments.has(dryRun)
    request.overwrite = arguments.has(overwrite)
    return request
  }
}
