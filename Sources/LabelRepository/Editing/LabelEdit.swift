import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative
import WaybillSampleFilter

/// One change of a repository's samples, under its lock: all of it is visible in the end, or nothing.
///
/// ```swift
/// let edit = try LabelEdit(repository)
/// try edit.change(.keys(["a.jpg"])) { sample in
///   sample.split = "train"
///   return .changed
/// }
/// try edit.commit()
/// ```
///
/// Every sample that is changed or added is checked against the rules of the labeling type; when one breaks them nothing is written.
public final class LabelEdit {
  /// What becomes of a sample.
  public enum Outcome { case kept, changed, removed }

  /// The repository.
  public let repository: LabelRepository
  /// The settings, which may be changed before samples are.
  public var settings: RepositorySettings
  /// The problems found.
  public let context: ReadContext
  /// How many samples were changed, removed and added.
  public private(set) var counts = (changed: 0, removed: 0, added: 0)
  private let lock: RepositoryLock
  private var rewriters: [ShardRewriter] = []
  /// Whether the settings are written even if they say what they said.
  var rewritesSettings = false
  /// Files that hold no samples any more when the change is made.
  var obsolete: [String] = []
  /// Names of files whose samples move to other files: they are kept beside until all of these are there.
  var moving: [String] = []

  /// Takes the lock of a repository and reads its settings again.
  public convenience init(_ repository: LabelRepository) throws(RepositoryFailure) {
    let lock = try RepositoryFailure.wrap { () throws(DatasetError) in try RepositoryLock(repository) }
    // Whoever had the lock before may have changed them.
    self.init(try LabelRepository.open(repository.root), lock)
  }

  private init(_ repository: LabelRepository, _ lock: RepositoryLock) {
    self.repository = repository
    self.lock = lock
    settings = repository.settings
    context = ReadContext(sources: SourceMap())
    context.sources.setOpener { try? MappedFile(path: $0) }
  }

  deinit { for rewriter in rewriters { rewriter.abort() } }

  /// Looks at samples in the order of files and keys, and does with each what the closure says.
  ///
  /// May be called once for an edit. Samples with the labels of the settings as they are now; additions come in any order, and one whose key
  /// is there already is an error.
  public func change(
    _ selection: SampleSelection, adding additions: [Sample] = [],
    _ body: (inout Sample) throws(DatasetError) -> Outcome
  ) throws(RepositoryFailure) {
    if case .filter(let filter) = selection {
      let evaluator = FilterEvaluator(filter, labels: settings.header.labels)
      return try change(.all, adding: additions) { (sample) throws(DatasetError) in
        evaluator.accepts(sample) ? try body(&sample) : .kept
      }
    }
    let layout = ShardLayout(count: settings.shardCount)
    var wanted: [Int: [String]] = [:]
    if case .keys(let keys) = selection { for key in keys { wanted[layout.shard(of: key), default: []].append(key) } }
    var added: [Int: [Sample]] = [:]
    for sample in additions { added[layout.shard(of: sample.key), default: []].append(sample) }
    let rules = SampleRules(type: settings.type, labels: settings.labels)
    let records = NativeRecords(labels: settings.header.labels, context: context)
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      for number in 0..<layout.count {
        try InterruptFlag.check()
        let keys = wanted[number]
        let new = added[number] ?? []
        if case .keys = selection, keys == nil, new.isEmpty { continue }
        let before = context.diagnostics.count(atLeast: .error)
        let shard = try ShardFile(path: repository.path(layout.path(of: number)), context)
        guard context.diagnostics.count(atLeast: .error) == before else { continue }
        var work = ShardWork(shard: shard, records: records, rules: rules)
        if case .keys = selection {
          try work.run(keys: keys ?? [], adding: new, body)
        } else {
          try work.run(adding: new, body)
        }
        counts.changed += work.changed
        counts.removed += work.removed
        counts.added += work.added
        if work.rewriter.hasChanges { rewriters.append(work.rewriter) }
      }
      try checkReadable()
    }
  }

  /// Fails when anything was found that stands against the change.
  func checkReadable() throws(DatasetError) {
    if context.diagnostics.hasErrors { throw DatasetError(.invalidInput, "Nothing was changed", path: repository.root) }
  }

  /// The keys of all samples.
  func keys() throws(DatasetError) -> Set<ExactText> {
    var keys: Set<ExactText> = []
    let layout = ShardLayout(count: settings.shardCount)
    for number in 0..<layout.count {
      let shard = try ShardFile(path: repository.path(layout.path(of: number)), context)
      for line in shard.lines { keys.insert(ExactText(shard.key(of: line))) }
    }
    try checkReadable()
    return keys
  }

  /// Adds a file to what becomes visible in the end.
  func add(_ rewriter: ShardRewriter) { rewriters.append(rewriter) }

  /// Gives files whose samples move a second name, under which `waybill fix` finds them if the process is stopped halfway.
  private func keepMoving() throws(DatasetError) {
    let names = ShardLayout(count: settings.shardCount).names
    for name in moving where names.contains(name) {
      var kept = "before-\(name)"
      while access(repository.path("\(NativeHeaderText.labelFolder)/\(kept)"), F_OK) == 0 { kept = "before-\(kept)" }
      let path = repository.path("\(NativeHeaderText.labelFolder)/\(name)")
      let second = repository.path("\(NativeHeaderText.labelFolder)/\(kept)")
      if link(path, second) != 0 {
        // Not every file system gives a file two names.
        let mapped = try MappedFile(path: path)
        try replaceFile(second, with: Array(mapped.bytes))
      }
      obsolete.append("\(NativeHeaderText.labelFolder)/\(kept)")
    }
    moving = []
  }

  /// Makes the change visible: the settings first, then file by file.
  ///
  /// - Parameter record: The import that the change was, for the history.
  public func commit(recording record: ImportRecord? = nil) throws(RepositoryFailure) {
    try RepositoryFailure.wrap(context) { () throws(DatasetError) in
      let bytes = settings.bytes
      if bytes != repository.settings.bytes || rewritesSettings { try repository.store(settings) }
      try keepMoving()
      for rewriter in rewriters { try rewriter.commit() }
      rewriters = []
      try record?.append(to: repository)
      // Last, so that a sample is there twice rather than not at all when the process is stopped here.
      for name in obsolete where unlink(repository.path(name)) != 0 && errno != ENOENT {
        throw DatasetError(.io, "Cannot remove the file", path: repository.path(name), errno: errno)
      }
    }
  }
}
