import Glibc
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

/// `waybill remove`: takes samples out of the dataset, and on request their files away.
enum RemoveCommand: Command {
  static let deleteSource = OptionDeclaration(
    "delete-source", "Delete the files of the samples as well; published versions that only refer to them lose them")

  static let declaration = CommandDeclaration(
    name: "remove",
    summary: "Take samples out of the dataset.",
    discussion:
      "Their files stay where they are, and waybill sync would find them again, unless --delete-source deletes them. Files that a published version "
      + "refers to are named first, and deleted only with --yes.",
    positionals: [RepositoryOptions.keys],
    options: [InputOptions.filter, deleteSource, yes, RepositoryOptions.dryRun, RepositoryOptions.repository, InputOptions.quiet],
    examples: [
      Example(purpose: "One sample", line: "waybill remove street/0001.jpg"),
      Example(purpose: "What would go?", line: "waybill remove --where 'attr.blurred = true' --dry-run"),
    ])
  static let yes = OptionDeclaration("yes", "Delete files even if published versions use them")

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let selection = try RepositoryOptions.selection(arguments)
    let edit = try RepositoryOptions.edit(arguments, context)
    var removed: [(key: String, location: String?)] = []
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try edit.change(selection) { sample in
        removed.append((sample.key, sample.media.location))
        return .removed
      }
    }
    let isDry = arguments.has(RepositoryOptions.dryRun)
    if isDry { for sample in removed { context.output.write("\(terminalSafe(sample.key))\n") } }
    var files: [String] = []
    if arguments.has(deleteSource) {
      let media = MediaFiles(edit.repository)
      files = removed.compactMap { $0.location.flatMap(media.path) }
      let users = try CommandFailure.wrap { () throws(DatasetError) in try PublishedVersions.read(edit.repository) }
      if !users.isEmpty, !arguments.has(yes) {
        let names = users.map { terminalSafe($0.name) }.joined(separator: ", ")
        throw .operation(
          DatasetError(.conflict, "Published versions may use the files: \(names); --yes deletes them all the same"), nil)
      }
    }
    guard !isDry else { return .done }
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try edit.commit() }
    var deleted = 0
    for file in files {
      guard unlink(file) == 0 else {
        throw .operation(DatasetError(.io, "Cannot delete the file", path: file, errno: errno), nil)
      }
      deleted += 1
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write(
        "\(counted(edit.counts.removed, "sample")) removed\(arguments.has(deleteSource) ? ", \(counted(deleted, "file")) deleted" : "")\n")
    }
    return .done
  }
}
