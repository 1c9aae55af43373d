import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

extension LabelRepository {
  /// Counts samples and labels and finds what breaks a rule; files that look as they did when they were last looked through are not read again.
  ///
  /// The result does not depend on the number of threads.
  public func status(jobs: Int = 1) throws(RepositoryFailure) -> RepositoryStatus {
    var status = RepositoryStatus()
    status.sources.setOpener { try? MappedFile(path: $0) }
    status.labels = settings.labels.map { ($0.name, .init()) }
    checkSettings(&status)
    var cache = StatusCache(self, settings)
    let survey = ShardSurvey(repository: self, settings: settings)
    let layout = layout
    var work: [(number: Int, look: FileLook?)] = []
    for number in 0..<layout.count {
      let look = FileLook(path: path(layout.path(of: number)))
      if let look, let tally = cache.tally(of: layout.path(of: number), look) {
        status.add(tally)
      } else {
        work.append((number, look))
      }
    }
    checkStrays(&status)
    do throws(DatasetError) {
      let sources = status.sources
      let numbers = work.map(\.number)
      var next = 0
      try OrderedPool.run(pieces: numbers.count, jobs: jobs, makeWorker: { () }) { (piece, _) throws(DatasetError) in
        try survey.run(numbers[piece], ReadContext(sources: sources))
      } consume: { (finding: ShardSurvey.Finding) throws(DatasetError) in
        try InterruptFlag.check()
        status.add(finding.tally)
        status.diagnostics.append(finding.context.diagnostics)
        status.conflictKeys += finding.conflictKeys.prefix(RepositoryStatus.keyLimit - status.conflictKeys.count)
        let item = work[next]
        next += 1
        if finding.isCanonical, finding.tally.conflicts == 0, finding.context.diagnostics.isEmpty, let look = item.look {
          cache.note(layout.path(of: item.number), look, finding.tally)
        }
      }
    } catch {
      throw RepositoryFailure(error)
    }
    cache.store()
    return status
  }

  private func checkSettings(_ status: inout RepositoryStatus) {
    let file = status.sources.add(path(NativeHeaderText.fileName))
    let place = SourceRange(file: file, offset: 0, length: 1)
    for problem in LabelRules(type: settings.type).problems(of: settings.labels) {
      status.diagnostics.report(.error, problem.rule, problem.message, at: place)
    }
    for conflict in settings.conflicts {
      status.diagnostics.report(
        .error, "repository.settings.conflict",
        "A merge left open: \(terminalSafe(conflict.about)); waybill resolve --settings ends it",
        at: place)
    }
    if let mapped = try? MappedFile(path: path(NativeHeaderText.fileName)), !mapped.bytes.elementsEqual(settings.bytes) {
      status.diagnostics.report(
        .warning, "repository.bytes", "The settings are not written in the canonical way; waybill fix repairs it", at: place)
    }
  }

  /// Files among the shards that are none of them, such as those of another number of shards.
  var strays: [String] {
    let names = layout.names
    let folder = path(NativeHeaderText.labelFolder)
    guard let tree = try? FileTree(root: folder) else { return [] }
    return tree.files.filter { $0.hasSuffix(ShardLayout.ending) && !names.contains($0) }
  }

  private func checkStrays(_ status: inout RepositoryStatus) {
    for name in strays {
      let file = status.sources.add(path("\(NativeHeaderText.labelFolder)/\(name)"))
      status.diagnostics.report(
        .error, "repository.stray-file",
        "This file is none of the \(layout.count) that hold the samples; waybill fix moves its samples where they belong",
        at: SourceRange(file: file, offset: 0, length: 1))
    }
  }
}
