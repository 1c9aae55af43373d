import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The images of a dataset, and the label file of each.
struct YOLOIndex: SampleIndex {
  /// One image.
  struct Image: Sendable {
    /// The key of its sample.
    var key: String
    /// The path of its label file below the folder; empty when there is none.
    var label: String
    /// Position in ``YOLOIndex/splits``, or -1.
    var split: Int32
    /// The label file, or where a list names the image.
    var source: SourceRange?
  }

  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  /// The folder that was opened.
  var folder: Folder?
  var images: [Image] = []
  var task: YOLOTask?
  var keypoints: YOLOKeypointShape?
  /// How many classes there are.
  var classCount = 0
  /// Positions of labels by class number, where the numbers are not the positions.
  var positions: [Int: Int]?

  var count: Int { images.count }

  /// The position of a split's name, added if it is new.
  mutating func splitIndex(_ name: String?) -> Int32 {
    guard let name else { return -1 }
    if let known = splits.firstIndex(where: { ExactText($0) == ExactText(name) }) { return Int32(truncatingIfNeeded: known) }
    splits.append(name)
    return Int32(truncatingIfNeeded: splits.count - 1)
  }

  /// The label of a class number; nil when it has no name.
  @inline(__always) func label(ofClass number: Int) -> LabelID? {
    if let positions { return positions[number].map { LabelID(index: UInt32(truncatingIfNeeded: $0)) } }
    return number >= 0 && number < classCount ? LabelID(index: UInt32(truncatingIfNeeded: number)) : nil
  }
}
