import Glibc
import WaybillBytes
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillNative

/// How the samples of a repository differ from those of the last commit, counted by their bytes.
public struct GitChanges: Sendable {
  /// Samples the commit does not have.
  public private(set) var added = 0
  /// Samples only the commit has.
  public private(set) var removed = 0
  /// Samples both have, in other bytes.
  public private(set) var changed = 0
  /// Whether `dataset.json` differs.
  public private(set) var settingsDiffer = false
  /// Whether any file of the repository differs.
  public private(set) var hasDifferences = false

  /// The last commit; nil outside of git and before the first one.
  public static func head(_ repository: LabelRepository) throws(DatasetError) -> String? {
    guard let head = try GitProgram(folder: repository.root).run(["rev-parse", "--verify", "--quiet", "HEAD"]), head.status == 0
    else { return nil }
    return head.text
  }

  /// What changed since the last commit; nil outside of git and before the first commit.
  public static func sinceHead(_ repository: LabelRepository) throws(DatasetError) -> GitChanges? {
    guard try head(repository) != nil else { return nil }
    let git = GitProgram(folder: repository.root)
    let places = [NativeHeaderText.labelFolder, NativeHeaderText.fileName]
    let list = ["diff", "--name-only", "--relative", "-z", "--no-renames", "HEAD", "--"] + places
    let untracked = ["ls-files", "-z", "--others", "--exclude-standard", "--"] + places
    var names: [String] = []
    for arguments in [list, untracked] {
      for name in try git.text(arguments).split(separator: "\0") { names.append(String(name)) }
    }
    var changes = GitChanges()
    changes.hasDifferences = !names.isEmpty
    let scratch = try ScratchFolder()
    var counts: [ExactText: Int] = [:]
    for (number, name) in names.enumerated() {
      if name == NativeHeaderText.fileName {
        changes.settingsDiffer = true
        continue
      }
      guard name.hasSuffix(ShardLayout.ending) else { continue }
      let old = scratch.file("\(number)\(ShardLayout.ending)")
      // A file that the commit does not have is as good as an empty one.
      if let result = try git.run(["cat-file", "blob", "HEAD:./\(name)"], output: old), result.status != 0 { unlink(old) }
      try changes.compare(old, repository.path(name), &counts)
    }
    // What moved from one file to another, as when their number changes, is neither added nor removed.
    for (_, balance) in counts { if balance > 0 { changes.added += 1 } else if balance < 0 { changes.removed += 1 } }
    return changes
  }

  /// Counts what differs between two files; keys that only one has are noted for the sum over all files.
  private mutating func compare(_ old: String, _ new: String, _ counts: inout [ExactText: Int]) throws(DatasetError) {
    let context = ReadContext(sources: SourceMap())
    let (a, b) = (try ShardFile(path: old, context), try ShardFile(path: new, context))
    var (i, j) = (0, 0)
    while i < a.lines.count || j < b.lines.count {
      let order: Int
      if i == a.lines.count {
        order = 1
      } else if j == b.lines.count {
        order = -1
      } else {
        order = a.withKey(of: a.lines[i]) { first in b.withKey(of: b.lines[j]) { SampleRecord.order(first, $0) } }
      }
      if order == 0 {
        if SampleRecord.order(a.bytes(of: a.lines[i]), b.bytes(of: b.lines[j])) != 0 { changed += 1 }
        i += 1
        j += 1
      } else if order < 0 {
        counts[ExactText(a.key(of: a.lines[i])), default: 0] -= 1
        i += 1
      } else {
        counts[ExactText(b.key(of: b.lines[j])), default: 0] += 1
        j += 1
      }
    }
  }
}
