import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// Lists of labels: read from a file, and printed.
enum LabelList {
  /// The labels in a file: those of a dataset, or of a text file with one name a line.
  static func read(_ path: String, _ registry: FormatRegistry) throws(DatasetError) -> [Label] {
    let ending = FileName.extension(of: path).lowercased()
    if ending == "txt" || ending == "names" || ending.isEmpty {
      return try LabelSelection.names(inFile: path).map { Label(name: $0) }
    }
    let input = try DatasetInput(path: path)
    let context = ReadContext(sources: SourceMap())
    let dataset = try Dataset.open(input, as: try registry.detect(input), demand: Demand(labels: true), context: context)
    if context.diagnostics.hasErrors, let first = context.diagnostics.items.first(where: { $0.severity == .error }) {
      throw DatasetError(.invalidInput, first.message, path: path)
    }
    return dataset.header.labels.labels
  }

  /// A label in one line for people.
  static func words(_ label: Label) -> String {
    var parts = [terminalSafe(label.name)]
    if let color = label.style.color { parts.append(terminalSafe(color)) }
    if let shortcut = label.style.shortcut { parts.append("key \(terminalSafe(shortcut))") }
    if let shape = label.style.defaultShape { parts.append(terminalSafe(shape)) }
    if let relation = label.relation { parts.append("from \(terminalSafe(relation.source)) to \(terminalSafe(relation.target))") }
    for attribute in label.attributes {
      let values = attribute.values.isEmpty ? "" : "=\(attribute.values.map { terminalSafe($0) }.joined(separator: "|"))"
      parts.append("\(terminalSafe(attribute.name))\(values)")
    }
    let former = label.formerNames
    if !former.isEmpty { parts.append("formerly \(former.map { terminalSafe($0) }.joined(separator: ", "))") }
    return parts.joined(separator: "  ")
  }
}
