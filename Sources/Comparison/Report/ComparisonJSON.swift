import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

/// Writes a comparison as one JSON object while it runs, as `Schemas/diff.schema.json` describes it; each sample has a line of its own.
public struct ComparisonJSON {
  private var isFirst = true

  /// Nothing written yet.
  public init() {}

  /// The text for what a comparison hands on.
  public mutating func bytes(of event: ComparisonEvent) -> [UInt8] {
    var out = ByteBuffer(capacity: 1024)
    switch event {
    case .begun(let report): ComparisonJSON.append(opening: report, to: &out)
    case .sample(let change):
      out.append(isFirst ? "\n" : ",\n")
      isFirst = false
      ComparisonJSON.append(change, to: &out)
    }
    return out.array()
  }

  /// The end of the text, with the sums.
  public func ending(_ report: ComparisonReport) -> [UInt8] {
    var out = ByteBuffer(capacity: 1024)
    out.append(isFirst ? "],\"differs\":" : "\n],\"differs\":")
    out.append(report.hasDifferences ? "true" : "false")
    out.append(",\"summary\":")
    ComparisonJSON.append(report.summary, to: &out)
    out.append(",\"notCompared\":{\"samples\":")
    out.append(decimal: report.leftOutSamples)
    out.member("annotations", report.leftOutAnnotations)
    out.append(",\"features\":[")
    for (index, feature) in report.leftOut.enumerated() {
      out.append(index > 0 ? ",{\"feature\":" : "{\"feature\":")
      out.appendJSON(feature.feature.name)
      out.member("old", feature.old)
      out.member("new", feature.new)
      out.append("}")
    }
    out.append("]},\"read\":{\"old\":")
    ComparisonJSON.append(counts: report.old, to: &out)
    out.append(",\"new\":")
    ComparisonJSON.append(counts: report.new, to: &out)
    out.append("}}\n")
    return out.array()
  }

  private static func append(opening report: ComparisonReport, to out: inout ByteBuffer) {
    for (name, side) in [("{\"old\":", report.old), (",\"new\":", report.new)] {
      out.append(name)
      out.append("{\"path\":")
      out.appendJSON(side.path)
      out.append(",\"format\":")
      out.appendJSON(side.format?.id.name ?? "")
      out.append(",\"listsLabels\":")
      out.append(side.listsLabels ? "true" : "false")
      out.append("}")
    }
    out.append(",\"dataset\":[")
    for (index, change) in report.dataset.enumerated() {
      if index > 0 { out.append(",") }
      append(change, to: &out)
    }
    out.append("],\"samples\":[")
  }

  private static func append(_ change: DatasetChange, to out: inout ByteBuffer) {
    func text(_ name: StaticString, _ value: String) {
      out.append(name)
      out.appendJSON(value)
    }
    switch change {
    case .field(let field):
      out.append("{\"change\":\"field\",\"fields\":[")
      append(field, to: &out)
      out.append("]}")
    case .labelAdded(let name):
      text("{\"change\":\"label-added\",\"label\":", name)
      out.append("}")
    case .labelRemoved(let name):
      text("{\"change\":\"label-removed\",\"label\":", name)
      out.append("}")
    case .labelRenamed(let old, let new):
      text("{\"change\":\"label-renamed\",\"label\":", new)
      text(",\"oldLabel\":", old)
      out.append("}")
    case .labelChanged(let name, let fields):
      text("{\"change\":\"label-changed\",\"label\":", name)
      append(fields, to: &out)
      out.append("}")
    case .labelsReordered: out.append("{\"change\":\"labels-reordered\"}")
    }
  }

  private static func append(_ field: FieldChange, to out: inout ByteBuffer) {
    out.append("{\"field\":")
    out.appendJSON(field.feature.name)
    if let name = field.name {
      out.append(",\"name\":")
      out.appendJSON(name)
    }
    if let old = field.old {
      out.append(",\"old\":")
      out.append(json: old)
    }
    if let new = field.new {
      out.append(",\"new\":")
      out.append(json: new)
    }
    out.append("}")
  }

  private static func append(_ fields: [FieldChange], to out: inout ByteBuffer) {
    out.append(",\"fields\":[")
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(",") }
      append(field, to: &out)
    }
    out.append("]")
  }

  private static func append(_ change: SampleChange, to out: inout ByteBuffer) {
    out.append("{\"key\":")
    out.appendJSON(change.key)
    out.append(",\"change\":")
    out.appendJSON(change.kind.rawValue)
    guard change.kind == .changed else {
      out.member("count", change.labelCounts.reduce(0) { $0 + $1.count })
      out.append(",\"labels\":[")
      for (index, entry) in change.labelCounts.enumerated() {
        out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
        out.append(jsonOrNull: entry.label)
        out.member("annotations", entry.count)
        out.append("}")
      }
      out.append("]}")
      return
    }
    append(change.fields, to: &out)
    if change.features.contains(.order) { out.append(",\"reordered\":true") }
    out.append(",\"annotations\":[")
    for (index, annotation) in change.annotations.enumerated() {
      if index > 0 { out.append(",") }
      append(annotation, to: &out)
    }
    out.append("]}")
  }

  private static func append(_ change: AnnotationChange, to out: inout ByteBuffer) {
    out.append("{\"change\":")
    out.appendJSON(change.kind.rawValue)
    if let index = change.oldIndex { out.member("oldIndex", index) }
    if let index = change.newIndex { out.member("newIndex", index) }
    guard let annotation = change.new ?? change.old else { return out.append("}") }
    if let id = annotation.id {
      out.append(",\"id\":")
      out.append(json: id)
    }
    out.append(",\"label\":")
    out.append(jsonOrNull: change.new != nil ? change.newLabel : change.oldLabel)
    if let author = annotation.author {
      out.append(",\"by\":")
      out.appendJSON(author)
    }
    if change.kind == .changed {
      appendDetails(of: change, to: &out)
    } else {
      if let text = annotation.text {
        out.append(",\"text\":")
        out.appendJSON(text)
      }
      out.append(",\"place\":")
      out.append(json: FieldValues.places(of: annotation))
    }
    out.append("}")
  }

  private static func appendDetails(of change: AnnotationChange, to out: inout ByteBuffer) {
    out.append(",\"what\":[")
    let words = [("moved", change.isMoved), ("relabeled", change.isRelabeled), ("edited", change.isEdited)].filter(\.1)
    for (index, word) in words.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(word.0)
    }
    out.append("]")
    if let shift = change.shift {
      out.append(change.isShiftInPixels ? ",\"shift\":" : ",\"shiftInThousandths\":")
      out.append(shift)
    }
    if let overlap = change.overlap {
      out.append(",\"overlap\":")
      out.append(overlap)
    }
    append(change.fields, to: &out)
  }

  private static func append(_ summary: ComparisonSummary, to out: inout ByteBuffer) {
    out.append("{\"samples\":{\"added\":")
    out.append(decimal: summary.samples.added)
    out.member("removed", summary.samples.removed)
    out.member("changed", summary.samples.changed)
    out.member("unchanged", summary.samples.unchanged)
    out.append("},\"annotations\":{")
    append(summary.annotations, to: &out)
    out.append("},\"fields\":{")
    for (index, feature) in Feature.allCases.filter({ summary.fields[$0] != nil }).enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(feature.name)
      out.append(":")
      out.append(decimal: summary.fields[feature] ?? 0)
    }
    out.append("},\"labels\":[")
    for (index, label) in summary.labels.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.append(jsonOrNull: label.label)
      out.member("added", label.added)
      out.member("removed", label.removed)
      out.member("moved", label.moved)
      out.member("edited", label.edited)
      out.member("gained", label.gained)
      out.member("lost", label.lost)
      out.append("}")
    }
    out.append("],\"authors\":[")
    for (index, author) in summary.authors.enumerated() {
      out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
      out.append(jsonOrNull: author.author)
      out.append(",")
      append(author.annotations, to: &out)
      out.append("}")
    }
    out.append("],\"otherAuthors\":{")
    append(summary.otherAuthors, to: &out)
    out.append("}}")
  }

  private static func append(_ counts: ComparisonSummary.Annotations, to out: inout ByteBuffer) {
    out.append("\"added\":")
    out.append(decimal: counts.added)
    out.member("removed", counts.removed)
    out.member("changed", counts.changed)
    out.member("moved", counts.moved)
    out.member("relabeled", counts.relabeled)
    out.member("edited", counts.edited)
  }

  private static func append(counts side: ComparedDataset, to out: inout ByteBuffer) {
    out.append("{\"samples\":")
    out.append(decimal: side.samples)
    out.member("unreadable", side.unreadable)
    out.member("duplicates", side.duplicates)
    out.member("errors", side.diagnostics.count(atLeast: .error))
    out.member("warnings", side.diagnostics.count(atLeast: .warning) - side.diagnostics.count(atLeast: .error))
    out.append("}")
  }
}

extension ByteBuffer {
  /// Appends a member that is not the first of its object.
  fileprivate mutating func member(_ name: StaticString, _ value: Int) {
    append(",\"")
    append(name)
    append("\":")
    append(decimal: value)
  }

  /// Appends a text, or null where there is none.
  fileprivate mutating func append(jsonOrNull text: String?) {
    if let text { appendJSON(text) } else { append("null") }
  }
}
