import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the rows of each frame are: about four bytes a row, eight where a file does not keep the rows of a frame together.
struct MOTIndex: SampleIndex {
  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var splits: [String] = []
  var sequences: [MOTSequence] = []
  /// Whether rows of some sequence are not in the order of their frames: then every row says where it stood.
  var isScattered = false
  /// The label of rows whose file has no classes.
  var label: LabelID?

  var count: Int { sequences.last.map { $0.firstSample + $0.frames.count } ?? 0 }

  /// The sequence a sample belongs to.
  func sequence(of position: Int) -> Int? {
    var (low, high) = (0, sequences.count)
    while low < high {
      let middle = (low + high) / 2
      if sequences[middle].firstSample <= position { low = middle + 1 } else { high = middle }
    }
    return low > 0 && position - sequences[low - 1].firstSample < sequences[low - 1].frames.count ? low - 1 : nil
  }
}

/// One sequence: its rows by frame, and what stands beside them.
struct MOTSequence: Sendable {
  /// What else a file says of a frame.
  struct FrameFacts: Sendable {
    var key: String
    var width: Int?
    var height: Int?
    /// Whether its size is not known, though that of the sequence is.
    var hasNoSize = false
    /// Its split, when that is not the sequence's.
    var split: String?
    var hasOwnSplit = false
    /// Where it says so.
    var source: SourceRange?

    /// Reads a key, and an object with what else there is; nil for anything else.
    init?(_ values: [AttributeValue]) {
      guard case .string(let key)? = values.first, !key.isEmpty, values.count <= 2 else { return nil }
      self.key = key
      guard values.count == 2 else { return }
      guard case .object(let more) = values[1] else { return nil }
      switch more["size"] {
      case nil: break
      case .null?: hasNoSize = true
      case .list(let size)?:
        guard size.count == 2, case .integer(let width) = size[0], case .integer(let height) = size[1], width >= 0, height >= 0,
          width <= Int32.max, height <= Int32.max
        else { return nil }
        hasNoSize = width == 0 || height == 0
        if !hasNoSize { (self.width, self.height) = (Int(width), Int(height)) }
      default: return nil
      }
      hasOwnSplit = more["split"] != nil
      switch more["split"] {
      case nil, .null?: break
      case .string(let split)?: self.split = split
      default: return nil
      }
    }
  }

  var layout = MOTSequenceLayout()
  var split: String?
  /// Position of its first frame among the samples.
  var firstSample = 0
  /// Position of its first row among all rows of the dataset.
  var firstRow = 0
  /// The rows; nil when there are none.
  var file: MappedFile?
  var fileID = FileID(index: 0)
  /// Numbers of the frames, ascending.
  var frames: [Int32] = []
  /// For each frame the position of its first row in ``offsets``; one more at the end.
  var firstRows: [UInt32] = [0]
  /// Offsets of the rows, frame by frame.
  var offsets: [UInt32] = []
  /// Positions of the rows in the file; empty when that is their order here.
  var ordinals: [UInt32] = []
  /// Keys and sizes that are not the usual ones, by frame.
  var facts: [Int32: FrameFacts] = [:]
  /// Labels of the classes.
  private(set) var classes: [Int: LabelID] = [:]
  /// Positions of the labels of small numbers, or -1: rows ask for one each.
  private var smallClasses: [Int32] = []
  /// Ids of objects that are no numbers a row can hold.
  var tracks: [Int: RecordID] = [:]
  /// Offsets of lines with attributes by row, in the file that holds them.
  var attributes: [UInt32: Int] = [:]
  var attributeFile: MappedFile?
}

extension MOTSequence {
  /// The label of a class.
  @inline(__always) func label(ofClass number: Int) -> LabelID? {
    if number >= 0, number < smallClasses.count {
      let label = smallClasses[number]
      return label < 0 ? nil : LabelID(index: UInt32(bitPattern: label))
    }
    return classes[number]
  }

  /// Gives a class its label.
  mutating func add(_ number: Int, _ label: LabelID) {
    classes[number] = label
    guard number >= 0, number < 1024 else { return }
    while smallClasses.count <= number { smallClasses.append(-1) }
    smallClasses[number] = Int32(bitPattern: label.index)
  }
}

/// Sorts the rows of a file by frame.
struct MOTRowSort {
  /// The rows in the order of the file: where each begins, and its frame.
  var offsets: [UInt32] = []
  var numbers: [Int32] = []
  private var isSorted = true

  init() {}

  /// Adds a row.
  @inline(__always) mutating func add(_ offset: Int, frame: Int32) {
    if let last = numbers.last, frame < last { isSorted = false }
    offsets.append(UInt32(truncatingIfNeeded: offset))
    numbers.append(frame)
  }

  /// Gives a sequence its rows and frames.
  ///
  /// - Parameter listed: Frames that are there even without rows.
  consuming func finish(listed: [Int32], into sequence: inout MOTSequence) {
    if isSorted {
      sequence.offsets = offsets
    } else {
      let order = sorted()
      sequence.offsets = [UInt32](unsafeUninitializedCapacity: order.count) { target, count in
        for (index, row) in order.enumerated() { target[index] = offsets[Int(row)] }
        count = order.count
      }
      numbers = order.map { numbers[Int($0)] }
      sequence.ordinals = order
    }
    // Both lists ascend: they are merged.
    var frames: [Int32] = []
    var first: [UInt32] = []
    var row = 0
    var next = 0
    while row < numbers.count || next < listed.count {
      let frame = row < numbers.count ? (next < listed.count ? min(numbers[row], listed[next]) : numbers[row]) : listed[next]
      frames.append(frame)
      first.append(UInt32(truncatingIfNeeded: row))
      while row < numbers.count, numbers[row] == frame { row += 1 }
      while next < listed.count, listed[next] == frame { next += 1 }
    }
    first.append(UInt32(truncatingIfNeeded: row))
    sequence.frames = frames
    sequence.firstRows = first
  }

  /// The positions of the rows in the order of their frames, those of a frame in the order of the file.
  private func sorted() -> [UInt32] {
    let low = numbers.min() ?? 0
    let high = numbers.max() ?? 0
    let range = Int(high) - Int(low) + 1
    guard range <= numbers.count * 4 + 65_536 else {
      // Numbers far apart: no table has room for them.
      return (0..<UInt32(truncatingIfNeeded: numbers.count)).sorted { a, b in
        let (first, second) = (numbers[Int(a)], numbers[Int(b)])
        return first != second ? first < second : a < b
      }
    }
    var starts = [UInt32](repeating: 0, count: range + 1)
    for number in numbers { starts[Int(number) - Int(low) + 1] += 1 }
    for index in 1...range { starts[index] += starts[index - 1] }
    return [UInt32](unsafeUninitializedCapacity: numbers.count) { order, count in
      for (row, number) in numbers.enumerated() {
        let slot = Int(number) - Int(low)
        order[Int(starts[slot])] = UInt32(truncatingIfNeeded: row)
        starts[slot] += 1
      }
      count = numbers.count
    }
  }
}
