import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// How a folder is written, and where its files go.
struct WritePlan: Sendable {
  var layout: FolderLayout
  var columns = MetadataColumns()
  /// Whether the samples were read by this format, so that the header's columns are theirs.
  var isOwn = false
  /// Whether media of class folders are called by their whole path.
  var usesPathNames = false
  /// The split of samples that have none.
  var defaultSplit: String?
  /// What the default reader takes paths for.
  let places = MediaPlaces()

  /// The ending of a file of metadata.
  var metadataName: String { columns.isTable ? "metadata.csv" : "metadata.jsonl" }

  /// The split a sample is written in.
  func split(of sample: Sample) -> String? { (sample.split ?? defaultSplit).map(SplitName.canonical) }

  /// Where a location lies below a folder: of a URL the path behind the host, of an absolute path all behind the first slash.
  ///
  /// Nil for one that climbs out of the folder or names nothing.
  static func path(of location: String) -> String? {
    var rest = Substring(location)
    if URLMap.isURL(location), let colon = rest.utf8.firstIndex(of: 0x3A) {
      rest = Substring(rest.utf8[rest.utf8.index(colon, offsetBy: 3)...])
      guard location.hasPrefix("file:") || rest.utf8.contains(0x2F) else { return nil }
      if !location.hasPrefix("file:") { rest = Substring(rest.utf8.drop { $0 != 0x2F }) }
    }
    rest = Substring(rest.utf8.drop { $0 == 0x2F })
    guard rest.utf8.last != 0x2F else { return nil }
    return try? RelativePath(String(rest)).text
  }

  /// A path behind the folder of a split, unless it lies in one already.
  func path(_ path: String, in split: String?) -> (folder: String, rest: String) {
    let place = places.place(of: path)
    if let split, place.split == split {
      let utf8 = path.utf8
      let end = utf8.index(utf8.startIndex, offsetBy: place.splitLength)
      return (String(Substring(utf8[..<end])), String(Substring(utf8[end...])))
    }
    if let split, MediaPlaces.isFolder(split) { return (split + "/", path) }
    return ("", path)
  }

  /// Where a medium of a class goes, by the name of its class folder.
  ///
  /// One that lies in a folder of its class already stays there.
  func classPath(_ path: String, _ label: String?, in split: String?) -> String {
    let place = places.place(of: path)
    if place.split == split, place.label == label { return path }
    let (folder, rest) = self.path(path, in: split)
    let name =
      usesPathNames ? String(decoding: rest.utf8.map { $0 == 0x2F ? 0x5F : $0 }, as: UTF8.self) : FileName.basename(of: rest)
    return folder + (label.map { $0 + "/" } ?? "") + name
  }

  /// Whether a name can be that of a class folder.
  static func canBeFolder(_ name: String) -> Bool {
    !name.isEmpty && name.utf8.first != 0x2E && name.utf8.count <= 255 && name != "__MACOSX"
      && !name.utf8.contains { $0 == 0x2F || $0 == 0 }
  }

  /// Whether a walk over the folder would not see a path.
  static func isHidden(_ path: String) -> Bool {
    path.utf8.split(separator: 0x2F).contains { $0.first == 0x2E }
  }

  /// The list of a split; nil where its name would be read as something else.
  static func listName(_ split: String?) -> String? {
    if split == "validation" { return "val.txt" }
    guard let stem = SplitFiles.stem(of: split) else { return nil }
    let name = stem + ".txt"
    guard !MediaPlaces.isNames(name), !MediaPlaces.isAside(name), MediaPlaces.split(ofFolder: stem) ?? stem == split ?? stem else {
      return nil
    }
    return name
  }
}
