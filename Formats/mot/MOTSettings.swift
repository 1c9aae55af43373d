import WaybillDatasetModel
import WaybillFiles
import WaybillFormatSupport

/// What the ranges of a batch are.
enum MOTRecord {
  /// A sample: its key; the id is the number its frame should have.
  static let sample = 1
  /// The same, and the number is the one the sample gives.
  static let numbered = 2
  /// The folder of the sample's split.
  static let split = 3
  /// The size of its picture; the id is width and height.
  static let size = 4
  /// The name of the track of the row that follows.
  static let track = 5
  /// Attributes of the row that follows, which it has no columns for.
  static let attributes = 6
  /// The track of the row that follows, as the id: a number that no row can hold.
  static let bigTrack = 10
  /// A row behind the number of its frame; the id is the class.
  static let row = 7
  /// A row behind its track; the id is the class.
  static let tail = 8
  /// A row as it stood; the id is the class.
  static let kept = 9
}

/// What the header says about the whole output.
struct MOTSettings: Sendable {
  /// The sequences the samples came with, by what their keys begin with.
  var sequences: [MOTSequenceLayout]
  /// Positions of the sequences by the folder of their keys.
  private var folders: [String: [Int]]
  /// For each sequence, and at the end for new ones, the class of each label.
  var numbers: [[Int]]

  init(_ header: DatasetHeader) {
    sequences = MOTSequenceLayout.all(header.preserved) ?? []
    folders = [:]
    for (index, sequence) in sequences.enumerated() {
      let usual = FileName.folder(of: sequence.key(of: 1))
      for folder in sequence.keyFolders.contains(usual) ? sequence.keyFolders : [usual] + sequence.keyFolders {
        folders[folder, default: []].append(index)
      }
    }
    let labels = header.labels.labels
    numbers = sequences.map { MOTSettings.numbers(of: labels, kept: $0) } + [MOTSettings.numbers(of: labels, kept: nil)]
  }

  /// The sequence a key belonged to; of several, the one of the sample's split.
  func sequence(ofFolder folder: String, split: String?) -> Int? {
    guard let found = folders[folder] else { return nil }
    if found.count == 1 { return found[0] }
    return found.first { MOTFolder.split(ofPath: sequences[$0].path) == split } ?? found.first
  }

  /// The classes of labels: as their file numbers them, else their ids where these are whole and above zero, else as the benchmark
  /// numbers their names, else the next numbers.
  static func numbers(of labels: [Label], kept: MOTSequenceLayout?) -> [Int] {
    var numbers = [Int](repeating: -1, count: labels.count)
    var taken: Set<Int> = []
    if let text = kept?.labels {
      let list = Array(text.utf8).withUnsafeBytes { MOTClasses.list($0) }
      for (index, label) in labels.enumerated() {
        guard let found = list.first(where: { $0.name == label.name && !taken.contains($0.number) }) else { continue }
        numbers[index] = found.number
        taken.insert(found.number)
      }
      for item in list { taken.insert(item.number) }
    }
    for (index, label) in labels.enumerated() where numbers[index] < 0 {
      // No line of a list is that of class 0, so that only its number names it.
      guard case .integer(let id)? = label.id, id >= 1 || (id == 0 && kept != nil && label.name == MOTClasses.name(0)),
        id < 10_000, taken.insert(Int(id)).inserted
      else { continue }
      numbers[index] = Int(id)
    }
    // A name of the benchmark that came without an id has the benchmark's number, if no other label has it.
    for (index, label) in labels.enumerated() where numbers[index] < 0 && kept?.labels == nil {
      if let number = MOTClasses.number(label.name), taken.insert(number).inserted { numbers[index] = number }
    }
    var next = 1
    for index in labels.indices where numbers[index] < 0 {
      while taken.contains(next) { next += 1 }
      numbers[index] = next
      taken.insert(next)
    }
    return numbers
  }
}
