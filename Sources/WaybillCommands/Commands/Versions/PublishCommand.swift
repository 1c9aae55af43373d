import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillVersioning

/// `waybill publish`: a dataset as an immutable version in a store.
enum PublishCommand: Command {
  static let name = OptionDeclaration(
    "name", value: "DATASET", "The name of the dataset in the store; of a label repository its own when left out")
  static let allowUncommitted = OptionDeclaration(
    "allow-uncommitted", "Publish a label repository although git has not got all of its labels")
  static let version = OptionDeclaration(
    "version", value: "V001", "The name of the version: 1 to 32 letters, digits, - and _",
    defaultValue: "the next of V001, V002, ...")
  static let message = OptionDeclaration("message", short: "m", value: "TEXT", "What the version is about")
  static let publisher = OptionDeclaration("by", value: "NAME", "Who publishes, for the record")
  static let rendering = OptionDeclaration(
    "as", value: "ID[:option=value,...]", kind: .targetFormat, "Also write the labels in this format, into a folder of the archive",
    isRepeatable: true)
  static let media = OptionDeclaration(
    "media", value: "MODE", "Whether media go into packs in the store, are listed with their digests, or are left alone",
    choices: MediaPublishing.allCases.map(\.rawValue), defaultValue: "pack")
  static let allowMissing = OptionDeclaration("allow-missing", "Publish although media are not found; the record says how many")
  static let trainRatio = OptionDeclaration(
    "train-ratio", value: "R", "Put this share of the samples without a split into train and the rest into validation, such as 0.8")
  static let seed = OptionDeclaration("seed", value: "N", "Another whole number gives another split", defaultValue: "0")
  static let stratify = OptionDeclaration(
    "stratify", "Keep the shares of the labels in both splits, by the rarest label of each sample")
  static let dropSplits = OptionDeclaration("drop-splits", "Forget the splits that samples have")
  static let dropHard = OptionDeclaration("drop-hard", "Leave out the marks of hard examples")
  static let selfContained = OptionDeclaration(
    "self-contained", "Write one archive with labels and media, shared with no other version")
  static let ifChanged = OptionDeclaration("if-changed", "Publish nothing when labels and media are those of the current version")
  static let setCurrent = OptionDeclaration("set-current", "Make it the current version, which is also the default")
  static let keepCurrent = OptionDeclaration("keep-current", "Leave the current version as it is")
  static let noCache = OptionDeclaration("no-cache", "Read all media, also those that look as they did when they were read last")

  static let declaration = CommandDeclaration(
    name: "publish",
    summary: "Publish a dataset as an immutable version in a store.",
    discussion:
      "The version is there when everything of it is, and not before; nothing in a store is ever changed. The labels become a native "
      + "manifest in the order of keys, and only media that the store does not have yet are written. A name that is taken is refused, "
      + "also when two publish at once. Splits are decided by a hash of the seed and the key, so that adding samples moves no other.",
    positionals: [InputOptions.input, StoreOptions.store],
    options: [
      name, version, message, publisher, rendering, media, ConvertCommand.mediaRoot, InputOptions.mapURL, allowMissing, trainRatio,
      seed, stratify, dropSplits, dropHard, selfContained, ifChanged, setCurrent, keepCurrent, noCache, InputOptions.from,
      InputOptions.jobs, allowUncommitted, ConvertCommand.allowLoss, ConvertCommand.approximate, ConvertCommand.skipInvalid,
      InputOptions.quiet,
      InputOptions.json,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "The first version of a dataset", line: "waybill publish street.coco.json store --name street"),
      Example(
        purpose: "With a split, and laid out as ModelArts does",
        line:
          "waybill publish labels.waybill.jsonl store --name street --train-ratio 0.8 --seed 7 --as modelarts -m night"),
      Example(purpose: "A label repository, as its last commit has it", line: "waybill publish . ../store --as coco"),
      Example(
        purpose: "In a job that runs every night", line: "waybill publish dataset /mnt/store --name street --if-changed --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    var request = try self.request(arguments, context)
    let repository = try PublishedRepository(request, arguments, context)
    request.commit = repository?.commit
    let store = try StoreOptions.open(arguments, context, at: 1, creates: true)
    request.remote = StoreOptions.media(arguments, context)
    let isQuiet = arguments.has(InputOptions.quiet)
    let progress = ProgressLine("Publishing", on: context.error, isQuiet: isQuiet)
    var publication = Publication(request, to: store, registry: context.registry)
    if let progress { publication.progress = { progress.show($0, of: $1) } }
    let report: PublicationReport
    do throws(Publication.Failure) { report = try publication.run() } catch {
      progress?.clear()
      if let account = error.report {
        DiagnosticText(path: request.source.input, sources: account.sources).print(
          account.diagnostics, on: context.error, atLeast: .note)
      }
      throw .operation(error.error, error.report?.sources)
    }
    progress?.clear()
    DiagnosticText(path: request.source.input, sources: report.conversion.sources)
      .print(report.conversion.diagnostics, on: context.error, atLeast: isQuiet ? .error : .note)
    if let repository, !report.isUnchanged { try repository.note(report, store: arguments[1] ?? "") }
    if arguments.has(InputOptions.json) {
      context.output.write(VersionJSON.publication(report))
    } else if !isQuiet {
      context.output.write(VersionText.publication(report))
    }
    return .done
  }

  private static func request(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> PublicationRequest
  {
    let native = try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
    let (path, files) = try InputOptions.place(of: arguments[0] ?? "", arguments, context)
    var source = ConversionRequest(input: path, output: "", to: native, from: try InputOptions.format(arguments, context))
    source.files = files
    source.mediaRoot = arguments.value(of: ConvertCommand.mediaRoot)
    source.urlMap = try InputOptions.urlMap(arguments)
    source.jobs = try InputOptions.jobs(arguments)
    source.allowLoss = arguments.has(ConvertCommand.allowLoss)
    source.skipInvalid = arguments.has(ConvertCommand.skipInvalid)
    source.dropsHardMarks = arguments.has(dropHard)
    source.approximations = try CommandFailure.wrap { () throws(DatasetError) in
      try Approximations(arguments.values(of: ConvertCommand.approximate).joined(separator: ","))
    }
    source.splits = try CommandFailure.wrap { () throws(ArgumentFault) in try splits(arguments) }
    return try CommandFailure.wrap { () throws(DatasetError) in
      let own = (try? LabelRepository.open(path))?.settings.header.name
      guard let given = arguments.value(of: name) ?? own else {
        throw DatasetError(.usage, "--name DATASET is missing: the name of the dataset in the store")
      }
      guard let dataset = DatasetName(given) else {
        throw DatasetError(
          .usage,
          "The name of a dataset is 1 to 100 letters, digits, -, _ and . that do not begin with a dot, "
            + "not \"\(terminalSafe(given))\"")
      }
      var request = PublicationRequest(source: source, dataset: dataset)
      if let text = arguments.value(of: version) { request.version = try VersionReference.version(text) }
      request.message = arguments.value(of: message)
      request.publisher = arguments.value(of: publisher)
      for text in arguments.values(of: rendering) {
        let choice = try context.registry.parse(text)
        _ = try choice.writeOptions()
        request.renderings.append(choice)
      }
      request.media = arguments.value(of: media).flatMap(MediaPublishing.init) ?? .pack
      request.allowsMissingMedia = arguments.has(allowMissing)
      request.isSelfContained = arguments.has(selfContained)
      request.onlyIfChanged = arguments.has(ifChanged)
      request.setsCurrent = !arguments.has(keepCurrent)
      if arguments.has(noCache) { request.cacheFolder = nil }
      request.tool = "waybill \(WaybillCommand.version)"
      return request
    }
  }

  private static func splits(_ arguments: ParsedArguments) throws(ArgumentFault) -> SplitAssignment {
    if arguments.has(setCurrent), arguments.has(keepCurrent) { throw .conflict(setCurrent, keepCurrent) }
    var splits = SplitAssignment(dropsExisting: arguments.has(dropSplits))
    guard let text = arguments.value(of: trainRatio) else {
      for option in [seed, stratify] where arguments.has(option) { throw .missingOption(trainRatio) }
      return splits
    }
    guard let ratio = Double(text), ratio > 0, ratio < 1 else {
      throw .invalidValue(trainRatio, text, expected: "a number above 0 and below 1")
    }
    splits.trainShare = ratio
    splits.seed = UInt64(try arguments.number(of: seed, in: 0...Int.max) ?? 0)
    splits.isStratified = arguments.has(stratify)
    return splits
  }
}
