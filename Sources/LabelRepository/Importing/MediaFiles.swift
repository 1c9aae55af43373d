import Glibc
import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The media files of a repository.
public struct MediaFiles: Sendable {
  private let resolver: MediaResolver
  private let root: String

  /// The media of a repository: below its folder, where locations are relative to it.
  public init(_ repository: LabelRepository) {
    // Paths are compared with links followed.
    root = LabelRepository.realPath(repository.root) ?? repository.root
    resolver = MediaResolver(folders: [repository.root])
  }

  /// The path of the file at a location, if there is one and it may be touched: locations that lead out of the repository are not followed.
  public func path(of location: String) -> String? {
    if location.hasPrefix("/") || URLMap.isURL(location) || MediaResolver.leavesItsFolder(location) { return nil }
    return resolver.path(of: location)
  }

  /// How many characters the text of a sample has, where it stands in the sample or in a file of UTF-8; nil where it cannot be found.
  public func characterCount(of sample: Sample) -> Int? {
    if let text = sample.media.text { return text.unicodeScalars.count }
    guard sample.media.kind == .text, let path = sample.media.location.flatMap(path), let mapped = try? MappedFile(path: path),
      UTF8Check.firstInvalid(in: mapped.bytes) == nil
    else { return nil }
    // Every byte that continues no character begins one.
    return mapped.bytes.reduce(0) { $0 + ($1 & 0xC0 == 0x80 ? 0 : 1) }
  }

  /// A path as a location in the repository: relative to its folder when it lies below; nil when it lies elsewhere.
  public func location(of path: String) -> String? {
    guard let real = LabelRepository.realPath(path) else { return nil }
    let prefix = root == "/" ? "/" : root + "/"
    guard real.utf8.starts(with: prefix.utf8) else { return nil }
    return String(decoding: real.utf8.dropFirst(prefix.utf8.count), as: UTF8.self)
  }
}
