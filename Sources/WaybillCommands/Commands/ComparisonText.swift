import WaybillComparison
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// The sums of a comparison, for people.
struct ComparisonText {
  let report: ComparisonReport
  /// The first key that only the old dataset has, and the first that only the new one has.
  var lonelyKeys: (old: String?, new: String?) = (nil, nil)

  private static let authorsShown = 5

  /// A line or a few beneath the changes.
  var summary: String {
    let samples = report.summary.samples
    guard report.hasDifferences else {
      return "No differences in \(counted(samples.unchanged, "sample"))\n" + filteredOut + notCompared
    }
    var text =
      "\(counted(samples.changed, "sample")) changed, \(grouped(samples.added)) added, \(grouped(samples.removed)) removed, "
      + "\(grouped(samples.unchanged)) unchanged\n"
    if !report.summary.annotations.isEmpty { text += "annotations: \(counts(report.summary.annotations))\n" }
    let authors = report.summary.authors.filter { $0.author != nil }
    for author in authors.prefix(ComparisonText.authorsShown) {
      text += "by \(terminalSafe(author.author ?? "")): \(counts(author.annotations))\n"
    }
    let others = authors.count - ComparisonText.authorsShown
    if others > 0 || !report.summary.otherAuthors.isEmpty {
      text += "by more authors; --stat lists them\n"
    }
    return text + hint + filteredOut + notCompared
  }

  private var filteredOut: String {
    let count = report.summary.samples.filteredOut
    return count == 0 ? "" : "\(counted(count, "sample")) that \(count == 1 ? "differs does" : "differ do") not fit the filter\n"
  }

  /// The tables of `--stat`.
  var tables: String {
    let samples = report.summary.samples
    let annotations = report.summary.annotations
    var text = row(
      "samples",
      "\(grouped(samples.added)) added, \(grouped(samples.removed)) removed, \(grouped(samples.changed)) changed, "
        + "\(grouped(samples.unchanged)) unchanged")
    text += row("annotations", annotations.isEmpty ? "unchanged" : counts(annotations))
    if !report.dataset.isEmpty { text += row("dataset", counted(report.dataset.count, "change")) }
    text += table(
      ["label", "added", "removed", "moved", "edited", "gained", "lost"],
      report.summary.labels.map { label in
        (label.label ?? "unlabeled", [label.added, label.removed, label.moved, label.edited, label.gained, label.lost])
      })
    var authors = report.summary.authors.map { ($0.author ?? "nobody named", $0.annotations) }
    if !report.summary.otherAuthors.isEmpty { authors.append(("others", report.summary.otherAuthors)) }
    if report.summary.authors.contains(where: { $0.author != nil }) {
      text += table(
        ["author", "added", "moved", "relabeled", "edited"],
        authors.map { ($0.0, [$0.1.added, $0.1.moved, $0.1.relabeled, $0.1.edited]) })
    }
    let fields = Feature.allCases.compactMap { feature in
      report.summary.fields[feature].map { (feature.name, [$0]) }
    }
    text += table(["field", "changed"], fields)
    let rest = hint + notCompared
    return text + (rest.isEmpty ? "" : "\n" + rest)
  }

  private func row(_ name: String, _ value: String) -> String { padded(name, 13) + value + "\n" }

  /// `2 added, 1 moved`; what is zero is left out.
  private func counts(_ counts: ComparisonSummary.Annotations) -> String {
    let parts = [
      (counts.added, "added"), (counts.removed, "removed"), (counts.moved, "moved"), (counts.relabeled, "relabeled"),
      (counts.edited, "edited"),
    ]
    return parts.filter { $0.0 > 0 }.map { "\(grouped($0.0)) \($0.1)" }.joined(separator: ", ")
  }

  private func table(_ header: [String], _ rows: [(name: String, numbers: [Int])]) -> String {
    guard !rows.isEmpty else { return "" }
    let cells = rows.map { [terminalSafe($0.name)] + $0.numbers.map(grouped) }
    let widths = header.indices.map { column in max(header[column].count, cells.map { $0[column].count }.max() ?? 0) }
    // One very long name must not push every count off the screen.
    let nameWidth = min(48, widths[0])
    return "\n"
      + ([header] + cells).map { row in
        let numbers = row.indices.dropFirst().map { String(repeating: " ", count: widths[$0] - row[$0].count) + row[$0] }
        return ([padded(row[0], nameWidth)] + numbers).joined(separator: "  ") + "\n"
      }.joined()
  }

  /// Why nothing has a partner, where that is so.
  private var hint: String {
    let samples = report.summary.samples
    guard samples.changed + samples.unchanged == 0, let old = lonelyKeys.old, let new = lonelyKeys.new else { return "" }
    return "No key is in both: \"\(terminalSafe(old))\" is one of A, and \"\(terminalSafe(new))\" one of B\n"
  }

  private var notCompared: String {
    var text = ""
    let formats = [report.old, report.new].map { $0.format?.id.name ?? "" }
    if !report.leftOut.isEmpty {
      text += "Not compared, for \(formats[0]) and \(formats[1]) do not both have it here: "
      text += report.leftOut.map(\.feature.name).joined(separator: ", ") + " (--all compares it)\n"
    }
    if report.leftOutSamples + report.leftOutAnnotations > 0 {
      text += "Not compared, for the other format has no place for it: "
      text +=
        [(report.leftOutSamples, "sample"), (report.leftOutAnnotations, "annotation")].filter { $0.0 > 0 }
        .map { counted($0.0, $0.1) }.joined(separator: " and ") + "\n"
    }
    if report.old.listsLabels != report.new.listsLabels {
      text += "Not compared, for only \(report.old.listsLabels ? "A" : "B") has one: the list of labels\n"
    }
    return text
  }
}
