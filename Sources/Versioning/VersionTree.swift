import WaybillDiagnostics
import WaybillFiles

/// A version as one folder: its manifest and the files of its archive at the top, its media at their paths, all read from where they lie.
///
/// Every media file is checked against its digest when it is mapped.
final class VersionTree: MountedTree {
  private let version: PublishedVersion
  let paths: [String]
  private let sources: [Source]

  /// What the file at a path is.
  private enum Source {
    case entry(String, size: Int)
    case media(MediaEntry)
  }

  /// The tree of a version, with or without its media.
  init(_ version: PublishedVersion, hasMedia: Bool) throws(DatasetError) {
    self.version = version
    var found: [(path: String, source: Source)] = []
    let isWhole = version.entry.record.labels?.role == .whole
    for entry in version.archive where entry.kind == .file {
      // The media of a version in one archive come from its table, like those of any other.
      if isWhole, entry.name.hasPrefix("\(StoreLayout.mediaFolder)/") { continue }
      found.append((entry.name, .entry(entry.name, size: entry.size)))
    }
    if hasMedia, let table = try version.mediaTable() {
      let own = Set(found.map(\.path))
      try table.forEach { media throws(DatasetError) in
        // Media that stay where they are have no bytes here.
        if media.place != nil, !own.contains(media.path) { found.append((media.path, .media(media))) }
      }
    }
    found.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
    paths = found.map(\.path)
    sources = found.map(\.source)
  }

  func size(at position: Int) -> Int {
    switch sources[position] {
    case .entry(_, let size): size
    case .media(let media): media.size
    }
  }

  func map(_ position: Int, as path: String) throws(DatasetError) -> MappedFile {
    switch sources[position] {
    case .entry(let name, _): return try version.map(name)
    case .media(let media):
      let bytes = try version.bytes(of: media)
      try version.check(bytes.bytes, media)
      return bytes
    }
  }

  func readHead(_ position: Int, as path: String, count: Int) throws(DatasetError) -> [UInt8] {
    let mapped: MappedFile
    // The head alone cannot be checked: it serves to find sizes and formats, and all bytes are checked before they are used.
    switch sources[position] {
    case .media(let media): mapped = try version.bytes(of: media)
    default: mapped = try map(position, as: path)
    }
    return withExtendedLifetime(mapped) { Array(mapped.bytes.prefix(max(0, count))) }
  }
}

/// A version as the input of a conversion: `STORE#DATASET@VERSION/labels.waybill.jsonl` in files that hold it.
public struct VersionInput: Sendable {
  /// The path of the manifest in ``files``.
  public let path: String
  /// The disk with the version mounted.
  public let files: InputFiles

  /// A version to read.
  ///
  /// - Parameter hasMedia: Whether media shall be found; labels alone need no table of media.
  public init(_ version: PublishedVersion, hasMedia: Bool = true) throws(DatasetError) {
    let point = "\(version.store.location)#\(version.reference)"
    path = joinedPath(point, CanonicalManifest.name)
    files = InputFiles.disk.mounting(try VersionTree(version, hasMedia: hasMedia), at: point)
  }
}
