import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Where the sentences of a dataset begin: eight bytes a sentence.
struct CoNLLUIndex: SampleIndex {
  /// One file of the input.
  struct Shard {
    let mapped: MappedFile
    let file: FileID
    /// Where its bytes begin when all files are laid end to end.
    let base: Int
    /// The number of its first sentence among all.
    let first: Int
    let dialect: CoNLLUDialect
    /// Whether the header says so too.
    var isUsual: Bool
  }

  /// A place from which on sentences belong to a document or a paragraph.
  struct Border {
    let offset: Int
    /// The attribute; nil where it ends.
    let value: AttributeValue?
  }

  var header = DatasetHeader()
  var mediaFolders: [String] = []
  var shards: [Shard] = []
  var starts: [Int] = []
  var documents: [Border] = []
  var paragraphs: [Border] = []
  var unreadable: [Int] = []
  var length = 0

  var count: Int { starts.count }

  /// The file of a sentence and the range of its lines there.
  func place(of position: Int) -> (shard: Shard, range: Range<Int>)? {
    guard starts.indices.contains(position), var shard = shards.first else { return nil }
    if shards.count > 1 { shard = shards[CoNLLUIndex.last(shards) { $0.first <= position } ?? 0] }
    let start = starts[position] - shard.base
    var end = shard.mapped.bytes.count
    if position + 1 < starts.count { end = min(end, starts[position + 1] - shard.base) }
    return start <= end ? (shard, start..<end) : nil
  }

  /// The document and the paragraph at an offset of all files, as positions; a new document ends a paragraph.
  func borders(at offset: Int) -> (document: Int?, paragraph: Int?) {
    let document = documents.isEmpty ? nil : CoNLLUIndex.last(documents) { $0.offset <= offset }
    guard !paragraphs.isEmpty, let paragraph = CoNLLUIndex.last(paragraphs, where: { $0.offset <= offset }) else {
      return (document, nil)
    }
    if let document, documents[document].offset > paragraphs[paragraph].offset { return (document, nil) }
    return (document, paragraph)
  }

  /// Whether a line of a range is no UTF-8.
  func isUnreadable(_ range: Range<Int>) -> Bool {
    guard !unreadable.isEmpty, let found = CoNLLUIndex.last(unreadable, where: { $0 < range.upperBound }) else { return false }
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
