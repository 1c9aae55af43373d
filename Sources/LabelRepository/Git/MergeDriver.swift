import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

/// What git calls to merge a file of a label repository.
///
/// Shards are merged by ``ShardMerge``, `dataset.json` by ``SettingsMerge``. A version that is neither, such as one with marks of an older conflict in
/// it, is merged line by line as git does it by itself.
public struct MergeDriver {
  /// What came of it.
  public struct Outcome: Sendable {
    /// Whether the file is merged; else it holds both sides.
    public var isClean: Bool
    /// What is to be said, one line each.
    public var messages: [String] = []
  }

  private let base: String
  private let ours: String
  private let theirs: String
  private let path: String

  /// The three versions as files, and the path they have in the work tree.
  public init(base: String, ours: String, theirs: String, path: String) {
    (self.base, self.ours, self.theirs, self.path) = (base, ours, theirs, path)
  }

  /// Merges into the file of our version.
  public func run() throws(DatasetError) -> Outcome {
    let context = ReadContext(sources: SourceMap())
    do throws(DatasetError) {
      return FileName.basename(of: path) == NativeHeaderText.fileName ? try mergeSettings(context) : try mergeShard(context)
    } catch {
      guard error.code == .invalidInput else { throw error }
      var outcome = try mergeLines()
      let problem = context.diagnostics.items.first.map { ": \($0.message)" } ?? ""
      outcome.messages.insert("\(path): merged line by line, for a version cannot be read\(problem)", at: 0)
      return outcome
    }
  }

  private func mergeShard(_ context: ReadContext) throws(DatasetError) -> Outcome {
    let result = try ShardMerge(base: base, ours: ours, theirs: theirs, context).run(into: ours)
    var outcome = Outcome(isClean: result.conflicts.isEmpty)
    for conflict in result.conflicts {
      outcome.messages.append("CONFLICT (labels): \(terminalSafe(conflict.key)): \(conflict.about.map { terminalSafe($0) }.joined(separator: "; "))")
    }
    return outcome
  }

  private func mergeSettings(_ context: ReadContext) throws(DatasetError) -> Outcome {
    func read(_ path: String) throws(DatasetError) -> RepositorySettings? {
      let mapped = try MappedFile(path: path)
      if mapped.bytes.isEmpty { return nil }
      guard let settings = RepositorySettings.read(mapped.bytes, file: context.sources.add(path), context) else {
        throw DatasetError(.invalidInput, "The settings cannot be read", path: path)
      }
      return settings
    }
    guard let mine = try read(ours), let other = try read(theirs) else {
      throw DatasetError(.invalidInput, "A version of the settings is empty", path: path)
    }
    let merge = SettingsMerge(base: try read(base), ours: mine, theirs: other)
    try replaceFile(ours, with: merge.settings.bytes)
    var outcome = Outcome(isClean: merge.conflicts.isEmpty)
    for conflict in merge.conflicts { outcome.messages.append("CONFLICT (settings): \(terminalSafe(conflict.about))") }
    return outcome
  }

  private func mergeLines() throws(DatasetError) -> Outcome {
    let git = GitProgram(folder: ".")
    guard let result = try git.run(["merge-file", "-q", ours, base, theirs]), result.status < 128 else {
      throw DatasetError(.io, "git merge-file failed", path: path)
    }
    return Outcome(isClean: result.status == 0)
  }
}
