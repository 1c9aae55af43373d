import Glibc
import WaybillDiagnostics
import WaybillFiles

/// Sets up git for a label repository: attributes, the drivers for diff and merge, and the hook; and takes it back.
///
/// Attributes are in `.gitattributes`, which is committed; drivers and hook are settings of the clone, so every clone is set up once. What is
/// there already stays: lines of other tools in the files, and a hook of one's own.
public struct GitSetup {
  private let repository: LabelRepository
  private let git: GitProgram
  /// The folder of hooks.
  private let hooks: String
  /// The path of the repository from the top folder of the work tree; empty when it is that.
  private let prefix: String

  /// The beginning and end of what Waybill writes into files that others write to as well.
  private static let begin = "# waybill: begin"
  private static let end = "# waybill: end"

  /// Git around a repository; nil where there is none, or no program git.
  public init?(_ repository: LabelRepository) throws(DatasetError) {
    self.repository = repository
    git = GitProgram(folder: repository.root)
    guard let found = try git.run(["rev-parse", "--git-path", "hooks"]), found.status == 0 else { return nil }
    hooks = found.text.hasPrefix("/") ? found.text : joinedPath(repository.root, found.text)
    prefix = try git.text(["rev-parse", "--show-prefix"])
  }

  private static let hookNames = ["pre-commit", "pre-merge-commit"]

  /// What git shall do with which files.
  static let attributes = [
    "labels/*.waybill.jsonl diff=waybill merge=waybill text eol=lf",
    "dataset.json diff=waybill merge=waybill text eol=lf",
    "imports.jsonl merge=union text eol=lf",
  ]

  /// The settings of the drivers.
  private var settings: [(name: String, value: String)] {
    [
      ("diff.waybill.command", "\(program) git diff-driver"),
      ("diff.waybill.textconv", "\(program) git textconv"),
      ("merge.waybill.name", "Waybill labels, sample by sample"),
      ("merge.waybill.driver", "\(program) git merge-driver %O %A %B %P"),
    ]
  }

  /// The lines of the hook, which git runs in the top folder of the work tree.
  private var hook: [String] {
    let folder = prefix.isEmpty ? "" : " --repository \(GitSetup.quoted(prefix))"
    return [
      "# Labels are committed only in their canonical form, without conflicts and without broken rules.",
      "\(program) git check\(folder) || exit 1",
    ]
  }

  /// How the program is called: by its name where the shell finds it, else by its path.
  private var program: String {
    let folders = getenv("PATH").map { String(cString: $0) } ?? ""
    for folder in folders.split(separator: ":") where access(joinedPath(String(folder), "waybill"), X_OK) == 0 { return "waybill" }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    let count = readlink("/proc/self/exe", &buffer, buffer.count)
    guard count > 0 else { return "waybill" }
    return GitSetup.quoted(String(decoding: buffer.prefix(count).map { UInt8(bitPattern: $0) }, as: UTF8.self))
  }

  /// A word as the shell takes it.
  private static func quoted(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      switch byte {
      case 0x2D...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "_"): true
      default: false
      }
    }
    return isPlain ? text : "'\(text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''"))'"
  }

  /// Sets everything up; says what was done, one line each.
  public func install() throws(DatasetError) -> [String] {
    var done: [String] = []
    let attributesPath = repository.path(".gitattributes")
    if try write(GitSetup.attributes, into: attributesPath) {
      done.append(".gitattributes: how git compares and merges labels")
    }
    var isChanged = false
    for (name, value) in settings where try git.run(["config", "--local", "--get", name])?.text != value {
      _ = try git.text(["config", "--local", name, value])
      isChanged = true
    }
    if isChanged { done.append("git config: the drivers diff.waybill and merge.waybill") }
    // A merge that needs no help makes its commit without the first of the two.
    var isHooked = false
    for name in GitSetup.hookNames {
      if try write(hook, into: joinedPath(hooks, name), isScript: true) { isHooked = true }
    }
    if isHooked { done.append("hooks pre-commit and pre-merge-commit: waybill git check") }
    return done
  }

  /// Takes everything back that ``install()`` did; says what was done.
  public func remove() throws(DatasetError) -> [String] {
    var done: [String] = []
    if try write(nil, into: repository.path(".gitattributes")) {
      done.append(".gitattributes: Waybill's lines removed")
    }
    var isChanged = false
    for section in ["diff.waybill", "merge.waybill"] {
      if let result = try git.run(["config", "--local", "--remove-section", section]), result.status == 0 { isChanged = true }
    }
    if isChanged { done.append("git config: the drivers removed") }
    var isUnhooked = false
    for name in GitSetup.hookNames {
      if try write(nil, into: joinedPath(hooks, name), isScript: true) { isUnhooked = true }
    }
    if isUnhooked { done.append("hooks: Waybill's lines removed") }
    return done
  }

  /// Puts lines between Waybill's marks into a file, or takes them out of it; whether anything changed.
  private func write(_ lines: [String]?, into path: String, isScript: Bool = false) throws(DatasetError) -> Bool {
    var status = stat()
    var old: [UInt8] = []
    if stat(path, &status) == 0 {
      let mapped = try MappedFile(path: path)
      old = Array(mapped.bytes)
    } else if lines == nil {
      return false
    }
    var rest = String(decoding: old, as: UTF8.self)
    guard Array(rest.utf8) == old else { throw DatasetError(.io, "is not UTF-8, and is left alone", path: path) }
    rest = GitSetup.without(rest)
    var new = rest
    if let lines {
      if new.isEmpty, isScript { new = "#!/bin/sh\n" }
      if !new.isEmpty, !new.hasSuffix("\n") { new += "\n" }
      let block = ([GitSetup.begin] + lines + [GitSetup.end]).joined(separator: "\n") + "\n"
      // A script may end by itself before its last line: ours come first, behind the line that names the shell.
      if isScript, let first = new.firstIndex(of: "\n") {
        let head = new[...first]
        new = head + block + new[new.index(after: first)...]
      } else {
        new += block
      }
    }
    if Array(new.utf8) == old { return false }
    if lines == nil, new.isEmpty || new == "#!/bin/sh\n" {
      guard unlink(path) == 0 else { throw DatasetError(.io, "Cannot remove the file", path: path, errno: errno) }
      return true
    }
    if isScript, !old.isEmpty, !rest.hasPrefix("#!"), lines != nil {
      throw DatasetError(
        .conflict, "The hook is no script, so nothing can be added to it; call waybill git check from it", path: path)
    }
    try replaceFile(path, with: Array(new.utf8))
    if isScript { chmod(path, 0o755) }
    return true
  }

  /// A text without what stands between Waybill's marks.
  private static func without(_ text: String) -> String {
    var kept: [Substring] = []
    var isOurs = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line == GitSetup.begin { isOurs = true }
      if !isOurs { kept.append(line) }
      if line == GitSetup.end { isOurs = false }
    }
    return kept.joined(separator: "\n")
  }
}
