import WaybillDiagnostics
import WaybillFiles

extension ReadContext {
  /// Reports what a walk over the input's folder left out, so that no part of a dataset is missing in silence.
  ///
  /// What the system would not show is the error `dataset.entry-unreadable`, for anything could be in it; everything else, such as a link
  /// that leads nowhere, is the warning `dataset.entry-skipped`.
  public func reportSkipped(_ tree: FileTree) {
    for item in tree.skipped { reportSkipped(item) }
  }

  /// Reports one entry that a walk left out.
  public func reportSkipped(_ item: FileTree.Skipped) {
    let message = "\"\(terminalSafe(item.path))\" \(item.reason.phrase)"
    if case .unreadable = item.reason {
      report(.error, "dataset.entry-unreadable", message, at: nil)
    } else {
      report(.warning, "dataset.entry-skipped", message, at: nil)
    }
  }
}
