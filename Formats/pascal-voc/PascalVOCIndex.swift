import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The annotation files of a dataset, and the images that image sets list without one.
struct PascalVOCIndex: SampleIndex {
  /// An image that a set lists and no annotation file describes.
  struct Unlabeled: Sendable {
    /// The folder with `ImageSets`, with a slash at its end, or empty.
    var base: String
    /// The line of the set.
    var id: String
    /// Position in ``PascalVOCIndex/splits``, or -1.
    var split: Int32
    /// Where the set lists it, or its mask.
    var source: SourceRange
    /// Whether a mask tells of it.
    var hasMask = false
  }

  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  /// The folder that was opened; nil for a single file.
  var folder: Folder?
  /// The single file.
  var single: MappedFile?
  /// Paths of the annotation files below the folder, in bytewise order.
  var files: [String] = []
  /// The files in the source map, one for each annotation file.
  var fileIDs: [FileID] = []
  /// Positions in ``splits``, or -1, one for each annotation file.
  var splitOf: [Int32] = []
  var unlabeled: [Unlabeled] = []
  /// All other files below the folder, in bytewise order: pictures are looked up here.
  var others: [String] = []
  /// Whether there are masks in `SegmentationClass` or `SegmentationObject`.
  var hasMasks = false
  /// What the classes in masks mean.
  var maskClasses = MaskClasses(.standard, [])
  /// The kind of image sets the splits come from.
  var setKind = "Main"
  /// Positions in ``splits`` that the sets in `ImageSets/Segmentation` tell beside those of `Main`, by the sample's base and id.
  var segmentationSets: [ExactText: Int32] = [:]

  var count: Int { files.count &+ unlabeled.count }

  /// The position of a split's name, added if it is new.
  mutating func splitIndex(_ name: String) -> Int32 {
    if let known = splits.firstIndex(where: { $0.utf8.elementsEqual(name.utf8) }) { return Int32(truncatingIfNeeded: known) }
    splits.append(name)
    return Int32(truncatingIfNeeded: splits.count - 1)
  }

  /// The name of a picture whose path begins with a folder and a stem, such as `a.jpg` for `JPEGImages/` and `a`.
  func picture(_ folder: String, _ stem: String) -> String? {
    let prefix = "\(folder)\(stem)."
    var low = 0
    var high = others.count
    while low < high {
      let middle = (low &+ high) / 2
      if others[middle].utf8.lexicographicallyPrecedes(prefix.utf8) { low = middle &+ 1 } else { high = middle }
    }
    while low < others.count, others[low].hasPrefix(prefix) {
      let ending = others[low].utf8.dropFirst(prefix.utf8.count)
      if !ending.contains(0x2E), !ending.contains(0x2F), PascalVOCIndex.isPicture(String(Substring(ending)).lowercased()) {
        return String(others[low].dropFirst(folder.count))
      }
      low &+= 1
    }
    return nil
  }

  /// Whether there is a file of a path that is no annotation file.
  func hasOther(_ path: String) -> Bool {
    var low = 0
    var high = others.count
    while low < high {
      let middle = (low &+ high) / 2
      if others[middle].utf8.lexicographicallyPrecedes(path.utf8) { low = middle &+ 1 } else { high = middle }
    }
    return low < others.count && others[low].utf8.elementsEqual(path.utf8)
  }

  /// The folder above the folder of masks that a file lies in, with a slash at its end, and the path below it without `.png`.
  static func maskPlace(of file: String) -> (base: String, id: String)? {
    guard file.hasSuffix(".png") else { return nil }
    for folder in [PascalVOCReader.classFolder, PascalVOCReader.objectFolder] {
      if file.hasPrefix(folder) { return ("", String(file.dropFirst(folder.count).dropLast(4))) }
      if let mark = file.firstRange(of: "/" + folder) {
        return (String(file[..<mark.lowerBound]) + "/", String(file[mark.upperBound...].dropLast(4)))
      }
    }
    return nil
  }

  private static func isPicture(_ ending: String) -> Bool {
    ["jpg", "jpeg", "jfif", "png", "bmp", "gif", "tif", "tiff", "webp"].contains(ending)
  }

  /// The folder that holds `Annotations`, with a slash at its end, and the path below `Annotations` without `.xml`; the file's own
  /// path and the empty folder for a file that lies elsewhere.
  static func place(of file: String) -> (base: String, id: String, isDevkit: Bool) {
    let stem = String(file.dropLast(4))
    if stem.hasPrefix("Annotations/") { return ("", String(stem.dropFirst(12)), true) }
    if let mark = stem.firstRange(of: "/Annotations/") {
      return (String(stem[..<mark.lowerBound]) + "/", String(stem[mark.upperBound...]), true)
    }
    return ("", stem, false)
  }
}

extension String {
  /// The range of the first occurrence of a text.
  func firstRange(of text: String) -> Range<String.Index>? {
    let count = text.utf8.count
    var start = utf8.startIndex
    while let end = utf8.index(start, offsetBy: count, limitedBy: utf8.endIndex) {
      if utf8[start..<end].elementsEqual(text.utf8) { return start..<end }
      guard start < utf8.endIndex else { return nil }
      start = utf8.index(after: start)
    }
    return nil
  }
}
