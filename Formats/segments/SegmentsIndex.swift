import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the rows of each sample are: eight bytes a row, twelve where samples are scattered.
struct SegmentsIndex: SampleIndex {
  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  var files: [SegmentsFile] = []
  /// The file each sample is in.
  var samples: [UInt32] = []
  /// The rows, as offsets in all files laid end to end.
  var rows = RowGroups()

  var count: Int { samples.count }
}

/// One table.
struct SegmentsFile: Sendable {
  let mapped: MappedFile
  let id: FileID
  /// Where its bytes begin when all files are laid end to end.
  let base: Int
  var dialect: SegmentsDialect

  /// A range of its bytes as a place.
  func range(_ range: Range<Int>) -> SourceRange { SourceRange(file: id, offset: range.lowerBound, length: max(1, range.count)) }
}
