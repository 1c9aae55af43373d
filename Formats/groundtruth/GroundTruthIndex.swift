import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the samples are: lines of the manifest, and frames of the files it points at.
struct GroundTruthIndex: SampleIndex {
  /// A sample: a line, or a frame of a sequence.
  struct Entry {
    /// Where the line begins, or which frame it is.
    var place: Int
    /// The sequence, or -1.
    var sequence: Int32
  }

  /// The dataset's header.
  var header: DatasetHeader
  /// Folders in which the media may lie.
  let mediaFolders: [String]
  /// Number of samples.
  var count: Int { entries.count }

  /// The manifest; nil when a file of frames was read alone.
  let file: MappedFile?
  let fileID: FileID
  var entries: [Entry] = []
  var layout = ManifestLayout()
  var sequences: [SequenceIndex] = []
  let masks: MaskFinder
  /// The one attribute that is read, or nothing.
  var attribute = ""
}
