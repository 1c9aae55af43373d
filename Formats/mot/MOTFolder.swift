import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport

/// Where sequences go in the output.
enum MOTFolder {
  /// What the keys of a sequence's frames begin with.
  static func sequence(of key: String) -> String {
    let folder = FileName.folder(of: key)
    return FileName.basename(of: folder) == "img1" ? FileName.folder(of: folder) : folder
  }

  /// The folder of the sequence of a key: the one it had, else that of its key, below that of its split.
  static func path(of key: String, split: String?, _ layout: MOTSequenceLayout?) -> String {
    if let layout { return layout.path }
    var path = MediaPlace.inside(sequence(of: key))
    path = (try? RelativePath(path))?.text ?? ""
    guard let split, let folder = MOTSplit.folder(of: split) else { return path }
    // The folder stands before the last one, as in the benchmark.
    return joinedPath(joinedPath(FileName.folder(of: path), folder), path.isEmpty ? "sequence" : FileName.basename(of: path))
  }

  /// What keys of a sequence begin with: its folder without the folder of its split, whose place is given too.
  static func key(ofPath path: String) -> (key: String, split: Int?) {
    var parts = path.split(separator: "/").map(String.init)
    let split = parts.dropLast().lastIndex { MOTSplit.name(ofFolder: $0) != nil }
    if let split { parts.remove(at: split) }
    return (parts.joined(separator: "/"), split)
  }

  /// The split a sequence's folder stands in.
  static func split(ofPath path: String) -> String? {
    key(ofPath: path).split.flatMap { MOTSplit.name(ofFolder: String(path.split(separator: "/")[$0])) }
  }
}
