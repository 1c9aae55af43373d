import Glibc
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

/// A dataset's labels as a folder of line-oriented files, usually in git.
///
/// ```swift
/// let repository = try LabelRepository.find(from: ".")
/// let status = try repository.status()
/// print(status.samples, "samples, of which", status.unlabeled, "are unlabeled")
/// ```
///
/// `dataset.json` holds the settings and the label set, `labels/` the samples, one a line, in files by the hash of the key. Every change
/// replaces whole files in one step, under a lock.
public final class LabelRepository: Sendable {
  /// The folder it is.
  public let root: String
  /// The settings as they were when it was opened.
  public let settings: RepositorySettings

  private init(root: String, settings: RepositorySettings) {
    self.root = root
    self.settings = settings
  }

  /// The folder for what is not part of the dataset: the lock and caches.
  static let privateFolder = ".waybill"
  /// The history of imports.
  static let importsName = "imports.jsonl"
  /// The published versions.
  static let versionsName = "versions.json"

  /// The path of a file of the repository.
  public func path(_ name: String) -> String { root == "." ? name : joinedPath(root, name) }

  /// Whether a folder is a label repository.
  public static func isRepository(_ folder: String) -> Bool {
    var status = stat()
    guard stat(joinedPath(folder, NativeHeaderText.fileName), &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      return false
    }
    return stat(joinedPath(folder, NativeHeaderText.labelFolder), &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The repository a folder lies in, looked for from the folder upward.
  ///
  /// - Throws: ``RepositoryFailure`` with an error of the code `usage` when there is none, and with diagnostics when `dataset.json` cannot be used.
  public static func find(from folder: String) throws(RepositoryFailure) -> LabelRepository {
    var at = folder.utf8.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    var status = stat()
    guard stat(at, &status) == 0 else {
      throw RepositoryFailure(DatasetError(.io, "Cannot find the folder", path: folder, errno: errno))
    }
    while true {
      if isRepository(at) { return try open(at) }
      let parent = at == "." ? ".." : joinedPath(at, "..")
      var above = stat()
      // The folder above the root is the root.
      guard stat(parent, &above) == 0, above.st_ino != status.st_ino || above.st_dev != status.st_dev else { break }
      at = shortened(at, above) ?? parent
      status = above
    }
    throw RepositoryFailure(
      DatasetError(.usage, "This is no label repository, nor is any folder above it; waybill init makes one", path: folder))
  }

  static func realPath(_ path: String) -> String? {
    guard let found = realpath(path, nil) else { return nil }
    defer { free(found) }
    return String(cString: found)
  }

  /// A path without its last part, when it leads to a folder that is known by its status; behind a link it leads elsewhere.
  private static func shortened(_ path: String, _ status: stat) -> String? {
    guard let slash = path.lastIndex(of: "/"), path[path.index(after: slash)...] != ".." else { return nil }
    let short = slash == path.startIndex ? "/" : String(path[..<slash])
    var found = stat()
    guard stat(short, &found) == 0, found.st_ino == status.st_ino, found.st_dev == status.st_dev else { return nil }
    return short
  }

  /// The repository that is a folder.
  public static func open(_ root: String) throws(RepositoryFailure) -> LabelRepository {
    let path = root == "." ? NativeHeaderText.fileName : joinedPath(root, NativeHeaderText.fileName)
    let context = ReadContext(sources: SourceMap())
    let file = context.sources.add(path)
    context.sources.setOpener { try? MappedFile(path: $0) }
    let mapped = try RepositoryFailure.wrap(context) { () throws(DatasetError) in try MappedFile(path: path) }
    let settings = RepositorySettings.read(mapped.bytes, file: file, context)
    guard let settings, !context.diagnostics.hasErrors else {
      throw RepositoryFailure(
        DatasetError(.invalidInput, "The settings of the repository cannot be used", path: path), context)
    }
    return LabelRepository(root: root, settings: settings)
  }

  /// Makes a repository of a folder, which is made too if it is missing.
  ///
  /// - Throws: An error of the code `outputExists` when the folder is one already, `usage` when the labels break a rule.
  public static func create(_ root: String, _ settings: RepositorySettings) throws(RepositoryFailure) -> LabelRepository {
    if isRepository(root) {
      throw RepositoryFailure(DatasetError(.outputExists, "is a label repository already", path: root))
    }
    // Settings without labels beside them are somebody's too.
    let settingsPath = joinedPath(root, NativeHeaderText.fileName)
    var status = stat()
    if lstat(settingsPath, &status) == 0 {
      throw RepositoryFailure(
        DatasetError(.outputExists, "is there already, and a repository would replace it", path: settingsPath))
    }
    guard (1...RepositorySettings.shardLimit).contains(settings.shardCount) else {
      throw RepositoryFailure(
        DatasetError(.usage, "Samples are spread over 1 to \(RepositorySettings.shardLimit) files, not \(settings.shardCount)"))
    }
    let problems = LabelRules(type: settings.type).problems(of: settings.labels)
    if let first = problems.first { throw RepositoryFailure(DatasetError(.usage, "\(first.message) [\(first.rule)]")) }
    return try RepositoryFailure.wrap { () throws(DatasetError) in
      let repository = LabelRepository(root: root, settings: settings)
      let layout = repository.layout
      for shard in 0..<layout.count {
        let path = repository.path(layout.path(of: shard))
        var status = stat()
        if stat(path, &status) != 0 { try replaceFile(path, with: []) }
      }
      // The settings come last: they are what makes a folder a repository.
      try replaceFile(settingsPath, with: settings.bytes)
      return repository
    }
  }

  /// Where samples are.
  public var layout: ShardLayout { ShardLayout(count: settings.shardCount) }

  /// Replaces the settings; the caller holds the lock.
  ///
  /// - Throws: An error of the code `usage` when the labels break a rule.
  func store(_ settings: RepositorySettings) throws(DatasetError) {
    if let first = LabelRules(type: settings.type).problems(of: settings.labels).first {
      throw DatasetError(.usage, "\(first.message) [\(first.rule)]")
    }
    try replaceFile(path(NativeHeaderText.fileName), with: settings.bytes)
  }
}

/// What stops work on a repository: the error, and the problems found in its files.
public struct RepositoryFailure: Error {
  /// What went wrong.
  public let error: DatasetError
  /// The problems found until then.
  public let diagnostics: DiagnosticList
  /// The files they are in.
  public let sources: SourceMap?

  init(_ error: DatasetError, _ context: ReadContext? = nil) {
    self.error = error
    diagnostics = context?.diagnostics ?? DiagnosticList()
    sources = context?.sources
  }

  /// Runs something that throws errors alone.
  public static func wrapping<T>(_ body: () throws(DatasetError) -> T) throws(RepositoryFailure) -> T { try wrap(nil, body) }

  /// Runs something that throws errors without problems.
  static func wrap<T>(
    _ context: ReadContext? = nil, _ body: () throws(DatasetError) -> T
  ) throws(RepositoryFailure) -> T {
    do throws(DatasetError) { return try body() } catch { throw RepositoryFailure(error, context) }
  }
}

/// Replaces a small file in one step, or makes it with the folders above it.
func replaceFile(_ path: String, with bytes: [UInt8]) throws(DatasetError) {
  let output = try StagedOutput(target: path, kind: .file, overwrite: true)
  defer { output.abort() }
  try output.writeFile(FileName.basename(of: path), bytes)
  try output.commit()
}
