import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the rows of one or several files begin: eight bytes a sample, sixteen where a row has a second place.
struct RowIndex: SampleIndex {
  /// One file of the input, in UTF-8.
  struct Shard: Sendable {
    let text: MappedFile
    let file: FileID
    /// The split its name tells, in a folder.
    let split: String?
    /// Number of the first of its rows.
    let first: Int
    /// Where the text begins in the file: behind a mark; nil when the file is in another encoding.
    var base: Int?
    /// The file of the labels, where they have one of their own.
    var result: MappedFile?
    var resultFile: FileID?
  }

  /// The dataset's header.
  var header: DatasetHeader
  /// Folders in which the media may lie.
  let mediaFolders: [String]
  /// Splits in the file's order, when demanded.
  var splits: [String] = []
  var shards: [Shard] = []
  /// Where each row begins in the text.
  var starts: [Int] = []
  /// Where each row begins in its file, for files in other encodings.
  var places: [Int] = []
  /// Where each line of labels begins, where labels have a file of their own.
  var results: [Int] = []
  /// How the rows are read and written.
  var layout: RowLayout

  var count: Int { starts.count }

  /// The file of a row.
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

  /// The place in the file of a row.
  func place(of position: Int, in shard: Shard) -> Int {
    if let base = shard.base { return starts[position] + base }
    return position < places.count ? places[position] : 0
  }
}
