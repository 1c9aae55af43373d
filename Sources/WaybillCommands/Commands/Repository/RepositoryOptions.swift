import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository
import WaybillSampleFilter

/// The arguments that commands about label repositories share.
enum RepositoryOptions {
  static let repository = OptionDeclaration(
    "repository", value: "DIR", kind: .folder, "The label repository, or a folder in it", defaultValue: "the current folder")
  static let keys = PositionalDeclaration(
    name: "KEY", help: "The key of a sample", isOptional: true, isRepeatable: true)
  static let by = OptionDeclaration(
    "by", value: "NAME", "Who does it", defaultValue: "WAYBILL_AUTHOR, or the user of the system")
  static let dryRun = OptionDeclaration("dry-run", "Say what would be done, and do nothing")

  /// The repository to work in.
  static func open(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> LabelRepository {
    let folder = arguments.value(of: repository) ?? "."
    return try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try LabelRepository.find(from: folder) }
  }

  /// A change of the repository to work in.
  static func edit(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> LabelEdit {
    let repository = try open(arguments, context)
    return try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try LabelEdit(repository) }
  }

  /// Prints what a change that succeeded has to tell.
  static func printProblems(of edit: LabelEdit, _ context: CommandContext, _ arguments: ParsedArguments) {
    DiagnosticText(path: edit.repository.root, sources: edit.context.sources)
      .print(edit.context.diagnostics, on: context.error, atLeast: arguments.has(InputOptions.quiet) ? .error : .warning)
  }

  /// The samples a command is for: the keys given.
  static func keys(_ arguments: ParsedArguments) throws(CommandFailure) -> [String] {
    let keys = arguments.all(from: 0)
    if keys.isEmpty { throw .usage(.missingPositional(RepositoryOptions.keys)) }
    return keys
  }

  /// The samples a command is for: the keys given, or those a filter takes.
  static func selection(_ arguments: ParsedArguments) throws(CommandFailure) -> SampleSelection {
    let keys = arguments.all(from: 0)
    guard let filter = try InputOptions.filter(arguments) else {
      if keys.isEmpty { throw .usage(.missingPositional(RepositoryOptions.keys)) }
      return .keys(keys)
    }
    if !keys.isEmpty { throw .usage(.extraPositional(keys[0], after: [])) }
    return .filter(filter)
  }
}

extension CommandFailure {
  /// Runs something that works on a repository; the problems it found are printed.
  static func wrap<T>(_ context: CommandContext, _ body: () throws(RepositoryFailure) -> T) throws(CommandFailure) -> T {
    do throws(RepositoryFailure) { return try body() } catch {
      DiagnosticText(path: error.error.path ?? "repository", sources: error.sources ?? SourceMap())
        .print(error.diagnostics, on: context.error, atLeast: .warning)
      throw .operation(error.error, error.sources)
    }
  }
}
