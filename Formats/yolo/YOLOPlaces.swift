import WaybillBytes
import WaybillFiles

/// How names of images, their lines in a list and the paths of their label files follow from each other.
///
/// Ultralytics finds the label file of an image by replacing the last folder `images` of its path by `labels` and its ending by
/// `.txt`; so does everything here. A leading `images/` is no part of a sample's key; where it is one, a slash before it says so, which
/// names the same file.
enum YOLOPlaces {
  /// The line of a list for an image, below the root of the dataset.
  static func line(for key: String, isDarknet: Bool, split: String) -> String {
    if isDarknet { return "obj_\(split)_data/\(key)" }
    if key.hasPrefix("images/") { return "/" + key }
    return hasImagesFolder(key) && !key.hasPrefix("/") && !key.hasPrefix("./") ? key : "images/\(key)"
  }

  /// The key of an image from its line, which is relative to the root of the dataset.
  static func key(of line: String) -> String {
    let utf8 = line.utf8
    if line.hasPrefix("/") { return String(line.dropFirst()) }
    if line.hasPrefix("images/") { return String(line.dropFirst(7)) }
    // CVAT's folders: obj_train_data/a.jpg, with data/ before it in lists.
    let rest = line.hasPrefix("data/obj_") ? utf8.dropFirst(5) : utf8[...]
    if rest.starts(with: "obj_".utf8), let slash = rest.firstIndex(of: 0x2F), rest[..<slash].reversed().starts(with: "atad_".utf8) {
      return String(Substring(rest[slash...].dropFirst()))
    }
    return line
  }

  /// Whether some folder of a path is `images`.
  static func hasImagesFolder(_ path: String) -> Bool {
    path.hasPrefix("images/") || lastFolder("/images/", of: path) != nil
  }

  /// The path of the label file as Ultralytics finds it.
  static func label(of image: String) -> String {
    let stem = FileName.withoutExtension(image)
    if let start = lastFolder("/images/", of: stem) {
      return stem[..<start] + "/labels/" + stem[stem.utf8.index(start, offsetBy: 8)...] + ".txt"
    }
    if stem.hasPrefix("images/") { return "labels/" + stem.dropFirst(7) + ".txt" }
    return stem + ".txt"
  }

  /// Other places at which label files of an image are found in the wild, most likely first.
  static func otherLabels(of image: String) -> [String] {
    let stem = FileName.withoutExtension(image)
    var found = [stem + ".txt"]
    let parts = stem.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard let at = parts.dropLast().lastIndex(where: { ["images", "Images", "JPEGImages"].contains($0) }) else { return found }
    for name in labelFolders {
      var changed = parts
      changed[at] = name
      found.append(changed.joined(separator: "/") + ".txt")
    }
    return found
  }

  /// Names of folders that hold label files.
  static let labelFolders = ["labels", "Labels", "labelTxt", "Annotations", "annotations"]

  /// The name an image has by its label file alone, without its ending.
  static func image(of label: String) -> String {
    var parts = FileName.withoutExtension(label).split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    if let at = parts.dropLast().lastIndex(where: labelFolders.contains) { parts[at] = "images" }
    return parts.joined(separator: "/")
  }

  /// Where the last occurrence of a folder, with its slashes, begins.
  private static func lastFolder(_ folder: StaticString, of path: String) -> String.Index? {
    let utf8 = path.utf8
    let count = folder.utf8CodeUnitCount
    guard utf8.count >= count else { return nil }
    var start = utf8.index(utf8.endIndex, offsetBy: -count)
    let wanted = UnsafeBufferPointer(start: folder.utf8Start, count: count)
    while true {
      if utf8[start...].starts(with: wanted) { return start }
      guard start > utf8.startIndex else { return nil }
      start = utf8.index(before: start)
    }
  }

  /// Whether a path ends like an image that Ultralytics reads.
  static func isImage(_ path: String) -> Bool {
    let ending = FileName.extension(of: path).lowercased()
    return ["jpg", "jpeg", "png", "bmp", "webp", "tif", "tiff", "gif", "jfif", "dng", "mpo", "pfm", "heic", "avif", "jp2"].contains(
      ending)
  }

  /// Whether a text file beside label files is something else.
  static func isNoLabel(_ path: String) -> Bool {
    let name = FileName.basename(of: path).lowercased()
    return name.hasPrefix("readme") || name.hasPrefix("license")
      || ["classes.txt", "_darknet.labels", "labels.txt", "notes.txt", "requirements.txt", "predefined_classes.txt"].contains(name)
  }
}

/// The names of lists.
enum YOLOSplit {
  /// The name of the list of samples in no split.
  static let none = "unsplit"

  /// Keys of the YAML file that are no splits.
  static let otherKeys: Set<String> = [
    "path", "nc", "names", "task", "kpt_shape", "kpt_names", "kpt_skeleton", "flip_idx", "download", "channels", "roboflow",
    "yaml_file",
    "classes", "backup",
  ]

  /// The list of a split, without `.txt`; nil when its name cannot be one.
  static func fileName(_ split: String?, isDarknet: Bool) -> String? {
    switch split {
    case nil: return none
    case "validation", "val", "valid": return isDarknet ? "valid" : "val"
    case .some(let name):
      let isPlain = name.utf8.allSatisfy {
        (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 0x2D || $0 == 0x5F
      }
      return isPlain && !name.isEmpty && name != none && !otherKeys.contains(name) ? name : nil
    }
  }
}
