import WaybillDiagnostics
import WaybillLabelRepository
import WaybillVersioning

/// A label repository that is being published: only what is committed, breaks no rule and holds no conflict.
struct PublishedRepository {
  private let repository: LabelRepository
  /// The commit the labels are from; nil outside of git.
  let commit: String?

  /// The repository that a request reads; nil when it reads something else.
  init?(_ request: PublicationRequest, _ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) {
    guard LabelRepository.isRepository(request.source.input) else { return nil }
    let path = request.source.input
    let found = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try LabelRepository.open(path) }
    let jobs = request.source.jobs
    let status = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try found.status(jobs: jobs) }
    guard status.isClean else {
      DiagnosticText(path: found.root, sources: status.sources).print(status.diagnostics, on: context.error, atLeast: .error)
      let what = status.conflicts > 0 ? "\(counted(status.conflicts, "sample")) hold both sides of a merge" : "Labels break a rule"
      throw .operation(DatasetError(.invalidInput, "\(what); nothing was published (waybill status)", path: found.root), nil)
    }
    (repository, commit) = try CommandFailure.wrap { () throws(DatasetError) in
      let changes = try GitChanges.sinceHead(found)
      if let changes, changes.hasDifferences, !arguments.has(PublishCommand.allowUncommitted) {
        throw DatasetError(
          .conflict, "Not all labels are committed; git commit them first, or publish with --allow-uncommitted", path: found.root)
      }
      // What differs from the commit is not what the commit says.
      return (found, changes?.hasDifferences == true ? nil : try GitChanges.head(found))
    }
  }

  /// Adds the version to `versions.json`.
  func note(_ report: PublicationReport, store: String) throws(CommandFailure) {
    let record = report.version.record
    let note = PublishedVersionNote(
      name: "\(record.dataset)@\(record.version)", store: store, digest: "\(report.version.digest)", commit: commit,
      samples: record.statistics.samples, annotations: record.statistics.annotations)
    let repository = repository
    try CommandFailure.wrap { () throws(DatasetError) in try PublishedVersions.add(note, to: repository) }
  }
}
