import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport

/// `waybill sample`: a part of a dataset, the same every time.
enum SampleCommand: Command {
  static let count = OptionDeclaration("count", short: "n", value: "N", "Keep N samples")
  static let share = OptionDeclaration("share", value: "P", "Keep about this share of the samples, such as 0.1 or 10%")
  static let seed = OptionDeclaration("seed", value: "S", "Another whole number gives another part", defaultValue: "0")
  static let stratify = OptionDeclaration("stratify", "Keep the shares of the labels, by the rarest label of each sample")
  static let to = OptionDeclaration(
    "to", value: "ID[:option=value,...]", kind: .targetFormat, "The format to write; that of the input when left out")

  static let declaration = CommandDeclaration(
    name: "sample",
    summary: "Write a part of a dataset, the same every time, with an account of every annotation.",
    discussion:
      "A hash of the seed and its key says whether a sample is kept, so that the order of the input and the number of threads change "
      + "nothing. With --share, adding samples moves no other in or out; --count keeps the N smallest hashes; with --stratify each "
      + "sample counts for its rarest label, and each label gives its share. The order of the input and the whole list of labels "
      + "stay. Everything else is as with waybill convert.",
    positionals: [InputOptions.input, ConvertCommand.output],
    options: [
      count, share, seed, stratify, to, InputOptions.from, ConvertCommand.media, ConvertCommand.mediaRoot, InputOptions.mapURL,
      ConvertCommand.labels, ConvertCommand.keepLabels, ConvertCommand.split, InputOptions.filter, InputOptions.jobs,
      ConvertCommand.allowLoss,
      ConvertCommand.approximate, ConvertCommand.strict, ConvertCommand.skipInvalid, ConvertCommand.dryRun, ConvertCommand.report,
      ConvertCommand.overwrite, InputOptions.quiet, InputOptions.json,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "A hundred samples", line: "waybill sample instances_val.json small.json --count 100"),
      Example(
        purpose: "A tenth of the training samples with their pictures, all labels in proportion",
        line: "waybill sample dataset tenth --share 10% --stratify --split train --media copy"),
      Example(
        purpose: "Another hundred, in another format", line: "waybill sample val.json voc --count 100 --seed 7 --to pascal-voc"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let subset = try self.subset(arguments)
    let named = try InputOptions.format(arguments, context)
    var from = named
    let place = try InputOptions.place(of: arguments[0] ?? "", arguments, context)
    let target = try CommandFailure.wrap { () throws(DatasetError) in
      if let text = arguments.value(of: to) {
        let choice = try context.registry.parse(text)
        _ = try choice.writeOptions()
        return choice
      }
      if let named { return FormatChoice(format: named.format) }
      guard arguments[0] != "-" else {
        throw DatasetError(.usage, "Standard input needs --to or --from, for its format is found only when it is read")
      }
      let found = try context.registry.detect(try DatasetInput(path: place.path, in: place.files))
      from = found
      return FormatChoice(format: found.format)
    }
    var request = try ConvertCommand.request(arguments, context, to: target, from: from)
    request.subset = subset
    return try ConvertCommand.run(request, arguments, context)
  }

  private static func subset(_ arguments: ParsedArguments) throws(CommandFailure) -> Subset {
    try CommandFailure.wrap { () throws(ArgumentFault) in
      let count = try arguments.number(of: count, in: 1...Int.max)
      let share = try self.share(arguments)
      let seed = try arguments.number(of: seed, in: 0...Int.max) ?? 0
      let size: Subset.Size
      switch (count, share) {
      case (let count?, nil): size = .count(count)
      case (nil, let share?): size = .share(share)
      case (.some, .some): throw .conflict(SampleCommand.count, SampleCommand.share)
      case (nil, nil): throw .missingOneOf(SampleCommand.count, SampleCommand.share)
      }
      return Subset(size, seed: UInt64(seed), isStratified: arguments.has(stratify))
    }
  }

  /// A share as a number or as a percentage.
  private static func share(_ arguments: ParsedArguments) throws(ArgumentFault) -> Double? {
    guard let text = arguments.value(of: share) else { return nil }
    let isPercentage = text.hasSuffix("%")
    guard let number = Double(isPercentage ? String(text.dropLast()) : text), number > 0, number <= (isPercentage ? 100 : 1) else {
      throw .invalidValue(share, text, expected: "a number above 0 up to 1, or a percentage such as 10%")
    }
    return isPercentage ? number / 100 : number
  }
}
