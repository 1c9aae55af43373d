import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the samples are: a path each where they are files, an offset each where they are lines or rows.
struct MediaFolderIndex: SampleIndex {
  /// One medium of class folders or beside text files.
  struct Item: Sendable {
    /// Its path below the root; without an ending where only its text file is there.
    var path: String
    var kind: Media.Kind
    /// Position in ``MediaFolderIndex/splits``, or -1.
    var split: Int32
    /// Position in the label table, or -1.
    var label: Int32
    /// Where messages about it point: its text file, else itself.
    var file: FileID
    /// Whether it has a text file.
    var hasText = false
    /// Whether only its text file is there.
    var isOrphan = false
  }

  /// One list or file of metadata.
  struct Shard: Sendable {
    let mapped: MappedFile
    let file: FileID
    /// The folder of the file below the root, with its slash, or empty.
    let folder: String
    /// The split of the lines of a list.
    let split: String?
    /// Number of the first of its lines.
    let first: Int
    /// The columns of a table; nil for lines of JSON and lists.
    var columns: [String]?
  }

  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  var layout = FolderLayout.classFolders
  /// The folder that was opened.
  var folder: Folder?
  var places = MediaPlaces()
  var items: [Item] = []
  var shards: [Shard] = []
  /// Where each line or row begins in its file.
  var starts: [Int] = []
  /// How many classes of lists have names.
  var classCount = 0
  var columns = MetadataColumns()
  /// The media that were found, where rows are compared with them.
  var media: Set<ExactText> = []

  var count: Int { layout == .list || layout == .metadata ? starts.count : items.count }

  /// The position of a split's name, added if it is new.
  mutating func splitIndex(_ name: String?) -> Int32 {
    guard let name else { return -1 }
    if let known = splits.firstIndex(where: { ExactText($0) == ExactText(name) }) { return Int32(truncatingIfNeeded: known) }
    splits.append(name)
    return Int32(truncatingIfNeeded: splits.count - 1)
  }

  /// The file of a line.
  func shard(of position: Int) -> Shard? {
    guard starts.indices.contains(position), !shards.isEmpty else { return nil }
    var low = 0
    var high = shards.count
    while high - low > 1 {
      let middle = (low + high) / 2
      if shards[middle].first <= position { low = middle } else { high = middle }
    }
    return shards[low]
  }
}
