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
    old = try side(arguments[0] ?? "HEAD", arguments, context)
    guard let text = arguments[1] else {
      let repository = try open(arguments, context)
      new = Side(path: repository.root, format: try native(context))
      return
    }
    new = try side(text, arguments, context)
  }

  private func native(_ context: CommandContext) throws(CommandFailure) -> FormatChoice {
    try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
  }

  private func open(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> LabelRepository {
    if let repository { return repository }
    let found = try RepositoryOptions.open(arguments, context)
    repository = found
    return found
  }

  private func side(
    _ text: String, _ arguments: ParsedArguments, _ context: CommandContext
  ) throws(CommandFailure) -> Side {
    var status = stat()
    // A file that is called so is meant.
    if text != "-", stat(text, &status) != 0, !text.contains("#"),
      let repository = try? LabelRepository.find(from: arguments.value(of: RepositoryOptions.repository) ?? ".")
    {
      let revision = try CommandFailure.wrap { () throws(DatasetError) in try RevisionFiles(text, of: repository) }
      if let revision {
        revisions.append(revision)
        return Side(path: revision.path, format: try native(context))
      }
    }
    let (path, files) = try InputOptions.place(of: text, hasMedia: false)
    return Side(path: path, files: files)
  }
}
