import WaybillDiagnostics
import WaybillVersioning

/// `waybill cat`: one file of a version, or the labels of one sample, read from where it lies.
enum CatCommand: Command {
  static let sample = OptionDeclaration("sample", "PATH is the key of a sample: print its line of the native manifest")
  static let path = PositionalDeclaration(
    name: "PATH", help: "A file of the version: an entry of its archive, or the path of a media file")

  static let declaration = CommandDeclaration(
    name: "cat",
    summary: "Print one file of a version, or the labels of one sample, without reading the rest.",
    positionals: [StoreOptions.store, StoreOptions.version, path],
    options: [sample] + StoreOptions.access,
    examples: [
      Example(purpose: "A picture", line: "waybill cat store street@V001 images/0001.jpg > 0001.jpg"),
      Example(purpose: "The labels of one sample", line: "waybill cat store street@V001 images/0001.jpg --sample"),
      Example(purpose: "The header of the dataset", line: "waybill cat store street@current dataset.json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let store = try StoreOptions.open(arguments, context)
    let entry = try StoreOptions.entry(arguments, in: store)
    let path = arguments[2] ?? ""
    try CommandFailure.wrap { () throws(DatasetError) in
      let version = try PublishedVersion(entry, in: store)
      if arguments.has(sample) {
        guard let line = try version.sample(path) else {
          throw DatasetError(.io, "There is no sample \"\(terminalSafe(path))\" in \(version.reference)", path: store.location)
        }
        context.output.write(line)
        context.output.write("\n")
        return
      }
      guard let file = try version.file(path) else {
        throw DatasetError(
          .io, "There is no file \"\(terminalSafe(path))\" in \(version.reference); --sample prints the labels of a key",
          path: store.location)
      }
      withExtendedLifetime(file) { context.output.write(file.bytes) }
    }
    return .done
  }
}
