import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillSyntax

/// Which labels to write and in which order: `--labels FILE` gives the table, `--keep-labels A,B` keeps a few.
struct LabelSelection: Sendable {
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
    var order: [Int] = []
    if let listed {
      for name in listed {
        let matches = labels.indices.filter { labels[$0].name == name }
        order += matches
      }
      for index in labels.indices where !listed.contains(labels[index].name) && kept == nil {
        throw DatasetError(
          .usage, "The list of labels lacks \"\(terminalSafe(labels[index].name))\"; --keep-labels leaves labels out on purpose")
      }
    } else {
      order = Array(labels.indices)
    }
    if let kept { order = order.filter { kept.contains(labels[$0].name) } }
    var map = [LabelID?](repeating: nil, count: labels.count)
    var selected: [Label] = []
    for index in order where map[index] == nil {
      map[index] = LabelID(index: UInt32(selected.count))
      selected.append(labels[index])
    }
    for name in listed ?? [] where !labels.contains(where: { $0.name == name }) && (kept?.contains(name) ?? true) {
      selected.append(Label(name: name))
    }
    table = LabelTable(selected)
    self.map = map
  }

  /// Renumbers a sample's labels and removes annotations whose label is not selected; returns how many it removed.
  func apply(to sample: inout Sample) -> Int {
    var removed: [Int: Bool] = [:]
    var goneIDs: Set<AnnotationID> = []
    for index in sample.annotations.indices {
      guard let label = sample.annotations[index].label else { continue }
      if Int(label.index) < map.count, let new = map[Int(label.index)] {
        sample.annotations[index].label = new
      } else {
        removed[index] = true
        if let id = sample.annotations[index].id { goneIDs.insert(id) }
      }
    }
    guard !removed.isEmpty else { return 0 }
    var kept: [Annotation] = []
    var newPosition: [Int: Int] = [:]
    for (index, original) in sample.annotations.enumerated() where removed[index] == nil {
      var annotation = original
      if let link = annotation.link, goneIDs.contains(link.source) || goneIDs.contains(link.target) { continue }
      if let distance = annotation.partOf { annotation.partOf = newPosition[index - distance].map { kept.count - $0 } }
      newPosition[index] = kept.count
      kept.append(annotation)
    }
    let count = sample.annotations.count - kept.count
    sample.annotations = kept
    return count
  }

  /// The names in a file: one a line, blank lines and lines of `#` left out.
  static func names(inFile path: String) throws(DatasetError) -> [String] {
    let file = try MappedFile(path: path)
    guard UTF8Check.firstInvalid(in: file.bytes) == nil else {
      throw DatasetError(.invalidInput, "The list of labels is not UTF-8", path: path)
    }
    var names: [String] = []
    var lines = LineScanner(file.bytes)
    while let range = lines.next() {
      let text = String(decoding: UnsafeRawBufferPointer(rebasing: file.bytes[range]), as: UTF8.self)
      if text.isEmpty || text.hasPrefix("#") { continue }
      names.append(text)
    }
    return names
  }
}
