import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the records of one or several files begin: eight bytes a sample.
struct JSONLTextIndex: SampleIndex {
  /// One file of the input.
  struct Shard: Sendable {
    let mapped: MappedFile
    let file: FileID
    /// The split its name tells, in a folder.
    let split: String?
    /// Number of the first of its records.
    let first: Int
    /// Whether the records are the elements of an array.
    var isArray = false
    /// Whether a record may go over several lines.
    var spansLines = false
  }

  /// The dataset's header.
  var header: DatasetHeader
  /// Folders in which the media may lie.
  let mediaFolders: [String]
  /// Splits in the file's order, when demanded.
  var splits: [String] = []
  var shards: [Shard] = []
  /// Where each record begins in its file.
  var starts: [Int] = []
  /// How the records are read and written.
  var layout: RecordLayout

  var count: Int { starts.count }

  /// The file of a record.
  func shard(of position: Int) -> Shard? {
    guard starts.indices.contains(position), var shard = shards.first else { return nil }
    if shards.count > 1 {
      var low = 0
      var high = shards.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if shards[middle].first <= position { low = middle } else { high = middle }
      }
      shard = shards[low]
    }
    return shard
  }
}
