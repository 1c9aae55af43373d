import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the sentences of a dataset begin: eight bytes a sentence.
///
/// One object that the survey fills and nobody changes afterwards, so that a sentence costs no copy of it.
final class CoNLLIndex: SampleIndex, @unchecked Sendable {
  /// One file of the input.
  final class Shard: Sendable {
    let mapped: MappedFile
    let file: FileID
    /// Where its bytes begin when all files are laid end to end.
    let base: Int
    /// The number of its first sentence among all.
    let first: Int
    /// How it is spelled.
    let dialect: CoNLLDialect
    /// Whether the header says so too; otherwise each sentence keeps its own spelling.
    let isUsual: Bool

    init(mapped: MappedFile, file: FileID, base: Int, first: Int, dialect: CoNLLDialect, isUsual: Bool) {
      self.mapped = mapped
      self.file = file
      self.base = base
      self.first = first
      self.dialect = dialect
      self.isUsual = isUsual
    }
  }

  /// A place from which on the sentences belong to a document.
  struct Document {
    /// Where it begins when all files are laid end to end.
    let offset: Int
    /// The attribute; nil where documents end.
    let value: AttributeValue?
  }

  /// A place from which on the columns are other ones.
  struct Region {
    let offset: Int
    let layout: CoNLLLayout
  }

  @exclusivity(unchecked) var header = DatasetHeader()
  @exclusivity(unchecked) var mediaFolders: [String] = []
  @exclusivity(unchecked) var shards: [Shard] = []
  /// Where the lines of each sentence begin, those before its rows among them, when all files are laid end to end.
  @exclusivity(unchecked) var starts: [Int] = []
  @exclusivity(unchecked) var documents: [Document] = []
  @exclusivity(unchecked) var regions: [Region] = []
  /// Lines that are no UTF-8.
  @exclusivity(unchecked) var unreadable: [Int] = []
  /// The length of all files.
  @exclusivity(unchecked) var length = 0

  var count: Int { starts.count }

  /// The file of a sentence and the range of its lines there.
  func place(of position: Int) -> (shard: Shard, range: Range<Int>)? {
    guard starts.indices.contains(position), var shard = shards.first else { return nil }
    if shards.count > 1 {
      shard = shards[CoNLLIndex.last(shards) { $0.first <= position } ?? 0]
    }
    let start = starts[position] - shard.base
    var end = shard.mapped.bytes.count
    if position + 1 < starts.count { end = min(end, starts[position + 1] - shard.base) }
    return start <= end ? (shard, start..<end) : nil
  }

  /// The number of the last document that begins at or before an offset of all files.
  func document(at offset: Int) -> Int? { documents.isEmpty ? nil : CoNLLIndex.last(documents) { $0.offset <= offset } }

  /// The columns at an offset of all files.
  func layout(at offset: Int, in shard: Shard) -> CoNLLLayout {
    guard !regions.isEmpty, let found = CoNLLIndex.last(regions, where: { $0.offset <= offset }),
      regions[found].offset >= shard.base
    else { return shard.dialect.layout }
    return regions[found].layout
  }

  /// Whether a line of a range is no UTF-8.
  func isUnreadable(_ range: Range<Int>) -> Bool {
    guard !unreadable.isEmpty, let found = CoNLLIndex.last(unreadable, where: { $0 < range.upperBound }) else { return false }
    return unreadable[found] >= range.lowerBound
  }

  /// The last element for which something holds that holds for all before it.
  private static func last<T>(_ list: [T], where holds: (T) -> Bool) -> Int? {
    var low = 0
    var high = list.count
    while low < high {
      let middle = (low + high) / 2
      if holds(list[middle]) { low = middle + 1 } else { high = middle }
    }
    return low > 0 ? low - 1 : nil
  }
}
