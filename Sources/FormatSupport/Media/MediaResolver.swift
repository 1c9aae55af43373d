import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillMediaProbe

/// Finds the media that labels speak of, and its pixel size.
///
/// Thread-safe.
///
/// A location is looked for as it is when absolute, through the URL map when it is a URL, and below each folder in turn otherwise.
public final class MediaResolver: Sendable {
  private let folders: [String]
  private let urlMap: URLMap
  /// The files it looks among, and in which the paths it gives are found.
  public let files: InputFiles

  /// A resolver over folders, most likely first.
  public init(folders: [String] = [], urlMap: URLMap = URLMap(), files: InputFiles = .disk) {
    self.folders = folders
    self.urlMap = urlMap
    self.files = files
  }

  /// The path of a media file that exists, or nil.
  public func path(of location: String) -> String? { find(location)?.path }

  /// A media file that exists, as one look at it tells, or nil.
  public func find(_ location: String) -> FoundFile? { try? findFirmly(location) }

  /// The same; what the system would not tell is not taken for a file that is not there.
  ///
  /// - Throws: ``DatasetError`` of the code `io` when looking for it failed.
  public func findFirmly(_ location: String) throws(DatasetError) -> FoundFile? {
    if let mapped = urlMap.path(of: location) { return try files.findFirmly(mapped) }
    if location.utf8.starts(with: "file://".utf8) { return try files.findFirmly(String(Substring(location.utf8.dropFirst(7)))) }
    if URLMap.isURL(location) {
      // A bucket's content is often downloaded as it is: its key is then a path below the folder.
      let key = MediaPlace.inside(location)
      return MediaPlace.parts(of: key).contains("..") ? nil : try search(key, takingFoldersOff: true)
    }
    if location.utf8.first == 0x2F {
      if let found = try files.findFirmly(location) { return found }
      return try search(MediaPlace.inside(location), takingFoldersOff: true)
    }
    return try search(location)
  }

  /// Whether a relative location climbs out of the folder it starts from; such names are hostile and never followed.
  public static func leavesItsFolder(_ location: String) -> Bool {
    // Hardly any name holds two dots side by side.
    let isPlain = location.withBytes { bytes in
      for index in bytes.indices.dropFirst() where bytes[index] == 0x2E && bytes[index - 1] == 0x2E { return false }
      return true
    }
    if isPlain { return false }
    guard location.utf8.first != 0x2F, !URLMap.isURL(location) else { return false }
    var depth = 0
    for part in MediaPlace.parts(of: location) {
      if part == ".." { depth -= 1 } else if part != "." { depth += 1 }
      if depth < 0 { return true }
    }
    return false
  }

  /// Looks below each folder; for URLs and absolute paths of other machines also with leading folders taken off, one by one.
  ///
  /// A relative name means one place below a folder: taking folders off it could find another picture of the same name.
  private func search(_ name: String, takingFoldersOff: Bool = false) throws(DatasetError) -> FoundFile? {
    if MediaResolver.leavesItsFolder(name) { return nil }
    for folder in folders {
      var rest = name.utf8.starts(with: "./".utf8) ? name.utf8.dropFirst(2) : name.utf8[...]
      while !rest.isEmpty {
        if let found = try files.findFirmly(joinedPath(folder, String(Substring(rest)))) { return found }
        guard takingFoldersOff, let slash = rest.firstIndex(of: 0x2F) else { break }
        rest = rest[rest.index(after: slash)...]
      }
    }
    return nil
  }

  /// Pixel size of an image whose first bytes are fetched, more of them as its header asks for; nil when it is not an image.
  ///
  /// - Parameters:
  ///   - fileSize: Number of bytes of the whole file.
  ///   - head: Fetches the first bytes, at most 16 MiB of them.
  public func imageSize<Failure: Error>(
    fileSize: Int, head: (_ count: Int) throws(Failure) -> [UInt8]?
  ) throws(Failure) -> (width: Int, height: Int)? {
    var count = min(fileSize, 64 << 10)
    while count > 0, count <= 16 << 20 {
      guard let bytes = try head(count) else { return nil }
      switch bytes.withUnsafeBytes({ MediaProbe.header(of: $0, fileSize: fileSize) }) {
      case .found(let header): return (header.width, header.height)
      case .needs(let offset, let more): count = max(offset + more, count + 1)
      case .unknown, .broken: return nil
      }
    }
    return nil
  }

  /// Pixel size of an image file, from its header; nil when it is not an image.
  public func imageSize(atPath path: String) -> (width: Int, height: Int)? {
    guard case .success(let header) = files.imageHeader(of: path) else { return nil }
    return (header.width, header.height)
  }
}
