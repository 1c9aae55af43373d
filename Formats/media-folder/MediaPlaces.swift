import WaybillBytes
import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport

/// What the endings and folders of a path say.
struct MediaPlaces: Sendable, Equatable {
  /// Which folder names the class.
  enum Level: String, Sendable {
    case last, first, path
  }

  /// Whether folders can be splits.
  var hasSplits = true
  var level = Level.last

  /// What the folders of a path say.
  struct Place: Equatable {
    /// The split, by the model's name.
    var split: String?
    /// Bytes of the folders that tell the split, with their slashes.
    var splitLength = 0
    /// The class folder.
    var label: String?
  }

  /// The split and the class of a path below the root.
  ///
  /// The first folder may be a split, or the second where the first is `data`; all others are classes.
  func place(of path: String) -> Place {
    var found = Place()
    var rest = path.utf8[...]
    if hasSplits, let end = rest.firstIndex(of: 0x2F) {
      var split = MediaPlaces.split(ofFolder: String(Substring(rest[..<end])))
      var after = rest.index(after: end)
      if split == nil, rest[..<end].elementsEqual("data".utf8), let next = rest[after...].firstIndex(of: 0x2F) {
        split = MediaPlaces.split(ofFolder: String(Substring(rest[after..<next])))
        after = rest.index(after: next)
      }
      if let split {
        found.split = split
        found.splitLength = rest.distance(from: rest.startIndex, to: after)
        rest = rest[after...]
      }
    }
    guard let last = rest.lastIndex(of: 0x2F) else { return found }
    let folders = rest[..<last]
    switch level {
    case .path: found.label = String(Substring(folders))
    case .last:
      let start = folders.lastIndex(of: 0x2F).map { folders.index(after: $0) } ?? folders.startIndex
      found.label = String(Substring(folders[start...]))
    case .first: found.label = String(Substring(folders[..<(folders.firstIndex(of: 0x2F) ?? folders.endIndex)]))
    }
    return found
  }

  /// The split that the name of a folder means, as Hugging Face's readers take them.
  static func split(ofFolder name: String) -> String? {
    switch name.lowercased() {
    case "train", "training": "train"
    case "val", "valid", "validation", "dev": "validation"
    case "test", "testing", "eval", "evaluation": "test"
    default: nil
    }
  }

  /// Whether the name of a folder of the same name can tell a split of the model.
  static func isFolder(_ split: String) -> Bool { split == "train" || split == "validation" || split == "test" }

  /// What a file is by its ending; nil for anything but pictures, sound and video.
  static func kind(of path: String) -> Media.Kind? { kinds[FileName.extension(of: path).lowercased()] }

  private static let kinds: [String: Media.Kind] = {
    var kinds: [String: Media.Kind] = [:]
    for ending in [
      "jpg", "jpeg", "jpe", "jfif", "png", "apng", "bmp", "dib", "gif", "webp", "tif", "tiff", "jp2", "j2k", "heic", "heif", "avif",
      "ppm",
      "pgm", "pbm", "pnm", "tga", "ico", "dcm", "exr", "hdr", "mpo", "dng",
    ] {
      kinds[ending] = .image
    }
    for ending in [
      "wav", "mp3", "flac", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "aifc", "au", "snd", "wma", "amr", "caf", "w64",
      "sph",
    ] {
      kinds[ending] = .audio
    }
    for ending in ["mp4", "avi", "mov", "mkv", "webm", "mpg", "mpeg", "m4v", "wmv", "flv", "3gp", "ogv"] { kinds[ending] = .video }
    return kinds
  }()

  /// Names of files of class names, the most usual first.
  static func isNames(_ path: String) -> Bool {
    let name = FileName.basename(of: path).lowercased()
    return name.hasSuffix(".names")
      || ["classes.txt", "synsets.txt", "labels.txt", "names.txt", "class_names.txt", "synset_words.txt", "imagenet_classes.txt"]
        .contains(name)
  }

  /// Whether a path is that of a list at the root, by its name: one of a usual split, or of samples without one.
  static func isList(_ path: String) -> Bool {
    guard path.utf8.suffix(4).elementsEqual(".txt".utf8), !path.utf8.contains(0x2F) else { return false }
    let stem = FileName.stem(of: path)
    return stem == SplitFiles.unsplit || split(ofFolder: stem) != nil
  }

  /// Whether a file beside media is for people or programs, and says nothing about a sample.
  static func isAside(_ path: String) -> Bool {
    let name = FileName.basename(of: path).lowercased()
    return name.hasPrefix("readme") || name.hasPrefix("license") || name.hasPrefix("licence") || name.hasSuffix(".md")
      || ["dataset_infos.json", "thumbs.db", "desktop.ini", "requirements.txt", "_success"].contains(name)
  }

  /// What kind of metadata a file is by its name.
  static func isMetadata(_ path: String) -> Bool {
    let name = FileName.basename(of: path)
    return name == "metadata.jsonl" || name == "metadata.csv"
  }
}
