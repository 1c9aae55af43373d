import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the lines of a manifest begin: eight bytes a sample.
struct ModelArtsIndex: SampleIndex {
  /// The dataset's header.
  var header: DatasetHeader
  /// Folders in which the media may lie.
  let mediaFolders: [String]
  /// Splits in the file's order, when demanded.
  var splits: [String] = []
  /// Number of lines.
  var count: Int { offsets.count }

  let file: MappedFile
  let fileID: FileID
  let offsets: [Int]
  let layout: FileLayout
  let sidecars: SidecarFinder?
}
