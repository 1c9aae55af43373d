import WaybillDiagnostics
import WaybillFiles

/// A folder with one file for each split, such as `train.jsonl` and `test.jsonl`.
///
/// The name of a file without its ending is the split, ``unsplit`` being the one that means none. The files are read in the order train,
/// validation, test, then the others by name, then those without a split.
public enum SplitFiles {
  /// The name, without its ending, of the file whose samples have no split.
  public static let unsplit = "dataset"

  /// A file and its split.
  public struct Item: Sendable, Equatable {
    /// The path below the folder.
    public var path: String
    /// The split, or nil for none.
    public var split: String?

    /// A file and its split.
    public init(path: String, split: String?) { (self.path, self.split) = (path, split) }
  }

  /// The files of a folder whose names end in one of some endings: those at the top, or else all.
  ///
  /// The endings are looked for one after the other, and the first that is found counts.
  public static func find(in files: [String], endings: [String]) -> [Item] {
    for ending in endings {
      let all = files.filter { $0.lowercased().hasSuffix(ending) }
      let top = all.filter { !$0.utf8.contains(0x2F) }
      let found = top.isEmpty ? all : top
      if !found.isEmpty { return found.map { Item(path: $0, split: split(of: $0)) }.sorted(by: isBefore) }
    }
    return []
  }

  /// The split of a file by its name.
  static func split(of path: String) -> String? {
    let stem = FileName.stem(of: path)
    return stem == unsplit ? nil : SplitName.canonical(stem)
  }

  /// Whether a file is read before another.
  public static func isBefore(_ a: Item, _ b: Item) -> Bool {
    let (first, second) = (rank(a), rank(b))
    return first != second ? first < second : a.path < b.path
  }

  private static func rank(_ item: Item) -> Int {
    switch item.split {
    case "train": 0
    case "validation", "dev": 1
    case "test": 2
    case nil: 4
    default: 3
    }
  }

  /// The name of a split's file without its ending; nil when the split cannot be the name of one.
  public static func stem(of split: String?) -> String? {
    guard let split else { return unsplit }
    guard !split.isEmpty, split != unsplit, split == SplitName.canonical(split), split.utf8.count < 200, !split.hasPrefix("."),
      !split.utf8.contains(where: { $0 < 0x20 || $0 == 0x2F || $0 == 0x5C || $0 == 0x7F || $0 == 0x2E })
    else { return nil }
    return (try? RelativePath(split).text) == split ? split : nil
  }
}

/// The files of an output: one by its name, or one for each split in a folder.
public final class SplitOutputs {
  private let output: StagedOutput
  private let fileName: String?
  private let ending: String
  private let names: [String: String]
  private var files: [(split: String?, file: OutputFile)] = []
  private var last: Int?

  /// Files of an ending; `names` are those of splits whose files were called otherwise.
  public init(_ output: StagedOutput, fileName: String?, ending: String, names: [String: String] = [:]) {
    self.output = output
    self.fileName = fileName
    self.ending = ending
    self.names = names
  }

  /// Whether every sample goes to one file.
  public var isSingle: Bool { fileName != nil }

  /// The file of a split, and whether it was opened just now.
  public func file(of split: String?) throws(DatasetError) -> (file: OutputFile, isNew: Bool) {
    let split = fileName == nil ? split : nil
    if let last, files[last].split == split { return (files[last].file, false) }
    if let found = files.firstIndex(where: { $0.split == split }) {
      last = found
      return (files[found].file, false)
    }
    let name = fileName ?? names[split ?? ""] ?? "\(SplitFiles.stem(of: split) ?? SplitFiles.unsplit)\(ending)"
    let file = try output.openFile(name)
    last = files.count
    files.append((split, file))
    return (file, true)
  }

  /// Calls a closure with each file, then closes it; opens the one file, or that of samples without a split, where there is none yet.
  public func close(_ last: (OutputFile, _ isNew: Bool) throws(DatasetError) -> Void) throws(DatasetError) {
    var isNew = false
    if files.isEmpty { isNew = try file(of: nil).isNew }
    for item in files {
      try last(item.file, isNew)
      try item.file.close()
    }
    files = []
  }
}
