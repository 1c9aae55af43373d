import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

extension DatasetInput {
  /// The input at a path, read through files in which the archives are mounted that its media may lie in.
  init(path: String, in files: InputFiles, media: String?, _ urlMap: URLMap) throws(DatasetError) {
    var files = files
    for place in urlMap.entries.map(\.folder) + (media.map { [$0] } ?? []) {
      if let mounted = try files.mountingArchive(holding: place) { files = mounted }
    }
    try self.init(path: path, in: files)
  }
}
