import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Which files of a folder are COCO's, what they hold and which split they are.
enum COCOFolder {
  /// One file of a folder.
  struct File {
    /// The path below the folder.
    var path: String
    /// The kind its name tells.
    var family: String?
    var split: String?
  }

  /// The JSON files that lie where COCO files lie: in the folder, in `annotations`, or one folder down.
  static func candidates(_ files: [String]) -> [String] {
    files.filter { $0.lowercased().hasSuffix(".json") && $0.utf8.count { $0 == UInt8(ascii: "/") } <= 1 }
  }

  /// The files that make up the dataset.
  ///
  /// - Throws: ``DatasetError`` when there is none, or when it takes the user to say which.
  static func choose(_ input: DatasetInput, task: String, _ context: ReadContext) throws(DatasetError) -> [File] {
    let probe = try DetectionProbe(input)
    var files: [File] = []
    let tree = try FileTree(root: input.path, in: input.files)
    context.reportSkipped(tree)
    let candidates = candidates(tree.files)
    for path in candidates {
      guard COCOHead(try probe.readHead(of: path))?.detection != nil else { continue }
      files.append(describe(path))
    }
    // Files that say too little to be known by their content are known by their names.
    if files.isEmpty { files = candidates.map(describe).filter { $0.family != nil } }
    if task != "auto" {
      files.removeAll { $0.family != task }
      guard !files.isEmpty else {
        throw DatasetError(.invalidInput, "No file of the kind \(task) is in this folder", path: input.path)
      }
    }
    guard !files.isEmpty else {
      throw DatasetError(
        .invalidInput, "No COCO file is in this folder, its folder annotations, or one folder down", path: input.path)
    }
    try check(files, path: input.path)
    return files
  }

  /// Refuses files that describe the same images.
  private static func check(_ files: [File], path: String) throws(DatasetError) {
    for (index, file) in files.enumerated() {
      guard let other = files[..<index].first(where: { $0.split == file.split }) else { continue }
      if other.family != file.family {
        var families: [String] = []
        for name in files.map({ $0.family ?? "other" }) where !families.contains(name) { families.append(name) }
        throw DatasetError(
          .ambiguous,
          "The folder holds several kinds of COCO files for the same images (\(families.joined(separator: ", "))); choose one "
            + "with the option task=\(families.first { $0 != "other" } ?? "instances"), or name one file", path: path)
      }
      throw DatasetError(
        .ambiguous,
        "The files \(terminalSafe(other.path)) and \(terminalSafe(file.path)) are both of the "
          + "\(file.split.map { "split \(terminalSafe($0))" } ?? "dataset without splits"); name one of them", path: path)
    }
  }

  /// What the name of a file tells.
  static func describe(_ path: String) -> File {
    let parts = path.split(separator: "/")
    let name = parts.last ?? ""
    let stem = String(name.dropLast(5))
    let folder = parts.count > 1 ? String(parts[parts.count - 2]) : nil
    if let (family, rest) = TaskFamily.split(stem: stem) {
      let split = rest.isEmpty ? folder.flatMap(knownSplit) : rest == "all" ? nil : knownSplit(String(rest)) ?? String(rest)
      return File(path: path, family: family, split: split)
    }
    return File(path: path, family: nil, split: knownSplit(stem) ?? folder.flatMap(knownSplit))
  }

  /// The split of a word such as `train2017` or `val`; nil for other words.
  static func knownSplit(_ word: String) -> String? {
    let lower = word.lowercased()
    var end = lower.endIndex
    while end > lower.startIndex, lower[lower.index(before: end)].isNumber { end = lower.index(before: end) }
    switch lower[..<end] {
    case "train", "training": return "train"
    case "val", "valid", "validation": return "validation"
    case "test": return "test"
    default: return nil
    }
  }

  /// Folders in which the images of files may lie, most likely first.
  static func mediaFolders(root: String, names: [String]) -> [String] {
    var folders: [String] = []
    func add(_ folder: String) {
      if !folders.contains(folder) { folders.append(folder) }
    }
    for name in names {
      let parts = name.split(separator: "/")
      let place = parts.count > 1 ? joinedPath(root, parts.dropLast().joined(separator: "/")) : root
      let parent = parts.count > 1 ? root : joinedPath(place, "..")
      let stem = String((parts.last ?? "").dropLast(5))
      let word = TaskFamily.split(stem: stem).map { String($0.rest) } ?? stem
      add(place)
      if !word.isEmpty {
        add(joinedPath(parent, "images/\(word)"))
        add(joinedPath(parent, word))
      }
      add(joinedPath(parent, "images"))
      add(joinedPath(place, "images"))
    }
    add(root)
    return folders
  }
}
