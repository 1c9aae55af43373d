import Glibc
import WaybillDiagnostics
import WaybillFiles
import WaybillNative

/// The labels of a repository as a commit has them, as an archive that is read like any other input.
public final class RevisionFiles {
  /// The path of the archive; it is there as long as this object.
  public let path: String
  private let scratch: ScratchFolder

  /// The labels of a revision, such as `HEAD~3` or the name of a branch; nil when git knows no such revision.
  ///
  /// - Throws: An error of the code `usage` when the revision has no label repository at this place.
  public init?(_ revision: String, of repository: LabelRepository) throws(DatasetError) {
    let git = GitProgram(folder: repository.root)
    guard !revision.hasPrefix("-"),
      let found = try git.run(["rev-parse", "--verify", "--quiet", "\(revision)^{commit}"]), found.status == 0
    else { return nil }
    scratch = try ScratchFolder()
    path = scratch.file("revision.zip")
    // Stored and not deflated: it is read once.
    let result = try git.run([
      "archive", "--format=zip", "-0", "--output=\(path)", "\(found.text):./", NativeHeaderText.fileName, NativeHeaderText.labelFolder,
    ])
    guard let result, result.status == 0 else {
      throw DatasetError(.usage, "The revision \"\(terminalSafe(revision))\" has no label repository at this place")
    }
  }
}
