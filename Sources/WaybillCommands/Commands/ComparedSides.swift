import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillLabelRepository

/// The two datasets of `waybill diff`: files, folders, versions or, in a label repository, commits.
///
/// What a commit holds lies in files that go with this object.
final class ComparedSides {
  /// One of the two.
  struct Side {
    var path: String
    var files = InputFiles.disk
    /// The format, where it need not be looked for.
    var format: FormatChoice?
  }

  private(set) var old = Side(path: "")
  private(set) var new = Side(path: "")
  private var revisions: [RevisionFiles] = []
  private var repository: LabelRepository?

  init(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) {
    repository = try? LabelRepository.find(from: arguments.value(of: RepositoryOptions.repository) ?? ".")
    // Without a repository both must be named.
    if repository == nil, arguments.has(RepositoryOptions.repository) { _ = try RepositoryOptions.open(arguments, context) }
    guard let first = arguments[0] ?? (repository == nil ? nil : "HEAD") else {
      throw .usage(.missingPositional(DiffCommand.old))
    }
    old = try side(first, arguments, context)
    if let text = arguments[1] {
      new = try side(text, arguments, context)
    } else if let repository {
      new = Side(path: repository.root, format: try native(context))
    } else {
      throw .usage(.missingPositional(DiffCommand.new))
    }
  }

  private func native(_ context: CommandContext) throws(CommandFailure) -> FormatChoice {
    try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
  }

  private func side(
    _ text: String, _ arguments: ParsedArguments, _ context: CommandContext
  ) throws(CommandFailure) -> Side {
    var status = stat()
    // A file that is called so is meant.
    if text != "-", stat(text, &status) != 0, !text.contains("#"), let repository {
      let revision = try CommandFailure.wrap { () throws(DatasetError) in try RevisionFiles(text, of: repository) }
      guard let revision else {
        throw .operation(DatasetError(.io, "There is neither a file nor a commit \"\(terminalSafe(text))\""), nil)
      }
      revisions.append(revision)
      return Side(path: revision.path, format: try native(context))
    }
    let (path, files) = try InputOptions.place(of: text, arguments, context, hasMedia: false)
    return Side(path: path, files: files)
  }
}
