import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the images and annotations of a dataset are: flat arrays, about 12 bytes an annotation and 12 an image.
struct COCOIndex: SampleIndex {
  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  /// The files, in order.
  var files: [COCOFile] = []
  /// Offset of each image's object in its file.
  var imageOffsets: [Int] = []
  /// For each image the position of its first annotation in ``annotationOffsets``; one more at the end.
  var firstAnnotations: [UInt32] = [0]
  /// Offsets of the annotations' objects, image by image.
  var annotationOffsets: [Int] = []
  /// Positions of the annotations in the files' order; empty when that is the order of the images.
  var ordinals: [UInt32] = []
  /// Images left out because an image before them has their id.
  var repeated: Set<Int> = []
  /// How many keypoints each label names; -1 where it names none.
  var keypointCounts: [Int] = []

  var count: Int { imageOffsets.count }

  /// The file an image is in.
  func file(of position: Int) -> Int {
    if files.count == 1 { return 0 }
    return files.firstIndex { $0.images.contains(position) } ?? 0
  }
}

/// One file of a dataset.
struct COCOFile: Sendable {
  /// Its bytes.
  let mapped: MappedFile
  /// Its place in the source map.
  let id: FileID
  /// Its path below the folder, or its name.
  let name: String
  /// The split it holds.
  let split: String?
  /// Positions of its images among the samples.
  var images: Range<Int> = 0..<0
  /// Its categories.
  var categories = CategoryTable()
  /// What it is, unless it is a plain file of instances.
  var variant: COCOVariant?

  /// A range of its bytes as a place.
  func range(_ start: Int, _ end: Int) -> SourceRange { SourceRange(file: id, offset: start, length: max(0, end - start)) }
}

/// From the ids of a file's categories to labels.
struct CategoryTable: Sendable {
  private static let directLimit = 4096
  /// Positions of labels plus one, for small ids; 0 where there is none.
  private var direct: [UInt32] = []
  private var others: [RecordID: LabelID] = [:]

  /// Whether there is none.
  var isEmpty: Bool { direct.isEmpty && others.isEmpty }

  /// Adds a category.
  mutating func add(_ id: RecordID, _ label: LabelID) {
    if case .integer(let value) = id, value >= 0, value < Self.directLimit {
      while direct.count <= Int(value) { direct.append(0) }
      direct[Int(value)] = label.index + 1
    } else {
      others[id] = label
    }
  }

  /// The label of a numeric id.
  @inline(__always) func label(_ id: Int64) -> LabelID? {
    if id >= 0, id < direct.count {
      let found = direct[Int(truncatingIfNeeded: id)]
      return found == 0 ? nil : LabelID(index: found - 1)
    }
    return others.isEmpty ? nil : others[.integer(id)]
  }

  /// The label of an id.
  func label(_ id: RecordID) -> LabelID? {
    if case .integer(let value) = id { return label(value) }
    return others[id]
  }

  /// The label of an id spelled in the other kind: `"3"` for 3, or 3 for `"3"`.
  func labelOfOtherKind(_ id: RecordID) -> LabelID? { id.otherKind.flatMap { label($0) } }
}

extension RecordID {
  /// The same id in the other kind: `"3"` for 3, 3 for `"3"`; nil where there is none.
  var otherKind: RecordID? {
    switch self {
    case .integer(let value): return .string("\(value)")
    case .string(var text):
      let value = text.withUTF8 { NumberParser.integer($0) }
      return value.map { .integer($0) }
    }
  }

  /// The id without quotes, for keys.
  var plainText: String {
    switch self {
    case .integer(let value): "\(value)"
    case .string(let text): text
    }
  }

  /// The id for messages.
  var safeText: String { terminalSafe(description) }
}
