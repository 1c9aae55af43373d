import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Which labels to write and in which order: `--labels FILE` gives the table, `--keep-labels A,B` keeps a few.
package struct LabelSelection: Sendable {
  /// The table to write.
  let table: LabelTable
  /// New position by old; nil for labels left out.
  private let map: [LabelID?]

  /// Selects from the complete table of a dataset; nil when nothing is asked for.
  ///
  /// - Throws: ``DatasetError`` with the code `usage` for a name the dataset does not have, or a label that the list lacks.
  init?(_ header: DatasetHeader, listed: [String]?, kept: [String]?) throws(DatasetError) {
    guard listed != nil || kept != nil else { return nil }
    let labels = header.labels.labels
    for name in kept ?? [] where !labels.contains(where: { $0.name == name }) {
      var known: [String] = []
      for label in labels { known.append(label.name) }
      let hint = nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
      throw DatasetError(.usage, "--keep-labels names \"\(terminalSafe(name))\", which the dataset does not have\(hint)")
    }
    if let listed, kept == nil, let missing = labels.first(where: { !listed.contains($0.name) }) {
      throw DatasetError(
        .usage, "The list of labels lacks \"\(terminalSafe(missing.name))\"; --keep-labels leaves labels out on purpose")
    }
    var map = [LabelID?](repeating: nil, count: labels.count)
    var selected: [Label] = []
    func select(_ index: Int) {
      guard map[index] == nil, kept?.contains(labels[index].name) ?? true else { return }
      map[index] = LabelID(index: UInt32(selected.count))
      selected.append(labels[index])
    }
    if let listed {
      var seen: Set<String> = []
      for name in listed where seen.insert(name).inserted && kept?.contains(name) ?? true {
        let matches = labels.indices.filter { labels[$0].name == name }
        for index in matches { select(index) }
        // A name the dataset does not use still takes its place, so that the numbers of those after it are the list's.
        if matches.isEmpty { selected.append(Label(name: name)) }
      }
    } else {
      for index in labels.indices { select(index) }
    }
    table = LabelTable(selected)
    self.map = map
  }

  /// Renumbers a sample's labels and removes annotations whose label is not selected; returns how many it removed.
  func apply(to sample: inout Sample) -> Int {
    var removed: [Int] = []
    for index in sample.annotations.indices {
      guard let label = sample.annotations[index].label else { continue }
      if Int(label.index) < map.count, let new = map[Int(label.index)] {
        sample.annotations[index].label = new
      } else {
        removed.append(index)
      }
    }
    guard !removed.isEmpty else { return 0 }
    let before = sample.annotations.count
    _ = AnnotationRemoval(removed, from: sample.annotations).apply(to: &sample.annotations)
    return before - sample.annotations.count
  }

  /// The names in a file: one a line, blank lines and lines of `#` left out.
  package static func names(inFile path: String) throws(DatasetError) -> [String] {
    let file = try MappedFile(path: path)
    // The mapping must outlive its bytes' last use.
    defer { withExtendedLifetime(file) {} }
    guard UTF8Check.firstInvalid(in: file.bytes) == nil else {
      throw DatasetError(.invalidInput, "The list of labels is not UTF-8", path: path)
    }
    var names: [String] = []
    let hasByteOrderMark = file.bytes.starts(with: [0xEF, 0xBB, 0xBF])
    var lines = LineScanner(file.bytes, from: hasByteOrderMark ? 3 : 0)
    while let range = lines.next() {
      let text = String(decoding: UnsafeRawBufferPointer(rebasing: file.bytes[range]), as: UTF8.self)
      if text.isEmpty || text.hasPrefix("#") { continue }
      names.append(text)
    }
    return names
  }
}
