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

  private static func append(_ summary: ComparisonSummary, to out: inout ByteBuffer) {
    out.append("{\"samples\":{\"added\":")
    out.append(decimal: summary.samples.added)
    out.member("removed", summary.samples.removed)
    out.member("changed", summary.samples.changed)
    out.member("unchanged", summary.samples.unchanged)
    out.member("filteredOut", summary.samples.filteredOut)
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
