import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillVersioning

/// `waybill checkout`: a version as a folder.
enum CheckoutCommand: Command {
  static let format = OptionDeclaration(
    "as", value: "ID[:option=value,...]", kind: .targetFormat, "The format to write", defaultValue: "waybill")
  static let media = OptionDeclaration(
    "media", value: "MODE", "How media files are brought along", choices: ["copy", "hardlink", "none"], defaultValue: "copy")
  static let keys = OptionDeclaration(
    "keys", value: "GLOB", "Only samples whose keys match, such as 'night/*.jpg'; * also stands for slashes", isRepeatable: true)
  static let folder = PositionalDeclaration(name: "DIR", help: "The folder to write; it must not exist", kind: .folder)

  static let declaration = CommandDeclaration(
    name: "checkout",
    summary: "Write a version, or some of its samples, into a folder, with its media.",
    discussion:
      "Every media file is checked against its digest before it is written, and the folder becomes visible when all of it is there. "
      + "Media that lie in packs are copied; hardlink is for versions published with --media reference. A DIR that ends in .zip is "
      + "written as an archive.",
    positionals: [StoreOptions.store, StoreOptions.version, folder],
    options: [
      format, media, keys, ConvertCommand.mediaRoot, InputOptions.mapURL, InputOptions.jobs, ConvertCommand.allowLoss,
      ConvertCommand.approximate, ConvertCommand.overwrite, InputOptions.quiet, InputOptions.json,
    ] + StoreOptions.access,
    examples: [
      Example(purpose: "A version with its pictures", line: "waybill checkout store street@V001 street"),
      Example(
        purpose: "For training, as YOLO",
        line: "waybill checkout store street@current train --as yolo:task=detect --approximate polygon=box"),
      Example(
        purpose: "Some samples, labels alone", line: "waybill checkout store street@V001 night --keys 'night/*' --media none"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let entry = try StoreOptions.entry(arguments, in: store)
    let (target, source) = try CommandFailure.wrap { () throws(DatasetError) in
      let target = try context.registry.parse(arguments.value(of: format) ?? "waybill")
      _ = try target.writeOptions()
      return (target, try VersionInput(try PublishedVersion(entry, in: store)))
    }
    let native = try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
    var request = ConversionRequest(input: source.path, output: arguments[2] ?? "", to: target, from: native)
    request.files = source.files
    request.isFolder = true
    request.media = arguments.value(of: media).flatMap(MediaMode.init) ?? .copy
    request.keys = arguments.values(of: keys).map(KeyPattern.init)
    request.mediaRoot = arguments.value(of: ConvertCommand.mediaRoot)
    request.urlMap = try InputOptions.urlMap(arguments)
    request.jobs = try InputOptions.jobs(arguments)
    request.allowLoss = arguments.has(ConvertCommand.allowLoss)
    request.approximations = try CommandFailure.wrap { () throws(DatasetError) in
      try Approximations(arguments.values(of: ConvertCommand.approximate).joined(separator: ","))
    }
    request.overwrite = arguments.has(ConvertCommand.overwrite)
    return try ConvertCommand.run(request, arguments, context)
  }
}
