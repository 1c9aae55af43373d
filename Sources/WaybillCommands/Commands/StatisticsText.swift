import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics

/// Statistics for a terminal: facts, then tables.
struct StatisticsText {
  private static let rowLimit = 50
  private let report: StatisticsReport

  init(_ report: StatisticsReport) { self.report = report }

  var text: String {
    let counts = report.counts
    var text = "\(terminalSafe(report.path)): \(report.format.name) (\(report.format.id))\n"
    let unreadable = counts.unreadable > 0 ? ", \(grouped(counts.unreadable)) more unreadable" : ""
    var facts = [
      (
        "samples",
        "\(grouped(counts.samples)) (\(grouped(counts.labeled)) labeled, \(grouped(counts.unlabeled)) unlabeled\(unreadable))"
      ), ("annotations", grouped(counts.annotations)),
    ]
    if let leftOut = report.leftOut {
      facts.append(
        ("left out", "\(counted(leftOut.samples, "sample")) and \(counted(leftOut.annotations, "annotation")) by --where"))
    }
    if let name = report.name { facts.insert(("name", terminalSafe(name)), at: 0) }
    if !counts.splits.isEmpty {
      let splits = counts.splits.prefix(16).map { "\(grouped($0.count)) \(terminalSafe($0.name))" }.joined(separator: ", ")
      facts.append(("splits", splits + (counts.unsplit > 0 ? ", \(grouped(counts.unsplit)) without" : "")))
    }
    let boxes = report.boxSizes
    if boxes.small + boxes.medium + boxes.large > 0 {
      facts.append(
        (
          "boxes",
          "\(grouped(boxes.small)) small (below 32 x 32), \(grouped(boxes.medium)) medium, \(grouped(boxes.large)) large (from 96 x 96)"
        ))
    }
    if !report.timeUse.isEmpty {
      let use = report.timeUse
      facts.append(
        ("time", "\(clock(use.covered)) covered, \(clock(use.overlapped)) of it by several, \(clock(use.gaps)) in gaps"))
    }
    if report.trackCount > 0 { facts.append(("tracks", grouped(report.trackCount))) }
    if report.hard.samples + report.hard.annotations > 0 {
      facts.append(("hard", "\(counted(report.hard.samples, "sample")), \(counted(report.hard.annotations, "annotation"))"))
    }
    if !report.diagnostics.isEmpty { facts.append(("problems", report.diagnostics.summary + "; waybill validate lists them")) }
    for (name, value) in facts { text += padded(name, 13) + value + "\n" }
    return text + tables
  }

  private var tables: String {
    var text = ""
    let splits = report.splits.prefix(4)
    text += table(
      ["label", "annotations", "share", "samples", "share"] + splits.map { terminalSafe($0.name) },
      report.labels.map { entry in
        [
          terminalSafe(entry.label.name), grouped(entry.annotations), percent(report.share(entry.annotations, report.withLabel)),
          grouped(entry.samples), percent(report.share(entry.samples, report.counts.samples)),
        ] + zip(splits, entry.bySplit).map { grouped($0.1.annotations) }
      })
    let spoken = report.labels.reduce(0) { $0 + $1.seconds }
    text += table(
      ["label", "time", "share"],
      report.labels.filter { $0.seconds > 0 }.map { entry in
        [terminalSafe(entry.label.name), clock(entry.seconds), percent(entry.seconds / spoken)]
      })
    text += table(["kind", "annotations"], report.kinds.map { [$0.name, grouped(report.counts[$0])] })
    text += table(
      ["measure", "count", "least", "5 %", "half", "95 %", "greatest", "mean"],
      Measure.allCases.filter { report[$0].count > 0 }.map { measure in
        let values = report[measure]
        let quantiles = [0.05, 0.5, 0.95].map { number(values.quantile($0) ?? 0) }
        return [measure.name, grouped(values.count), number(values.least)] + quantiles + [
          number(values.greatest), number(values.mean),
        ]
      })
    text += table(["image size", "samples"], report.sizes.prefix(10).map { ["\($0.width) x \($0.height)", grouped($0.count)] })
    text += table(["author", "annotations"], report.authors.map { [terminalSafe($0.name), grouped($0.count)] })
    text += table(["reason", "hard"], report.hardReasons.map { ["\($0.reason)", grouped($0.count)] })
    return text + suspicions
  }

  /// What is probably not meant, with the first place of each kind.
  private var suspicions: String {
    let list = report.suspicions
    let places = SourcePlaces(list.items, report.sources)
    var lines = table(["suspicious", "count"], list.counts.map { [$0.rule, grouped($0.count)] }).split(
      separator: "\n", omittingEmptySubsequences: false)
    for (index, entry) in list.counts.enumerated() {
      guard let range = list.items.first(where: { $0.rule == entry.rule })?.range, let place = places[range] else { continue }
      // The table begins with an empty line and its header.
      lines[index + 2] += "  first at \(place.text)"
    }
    return lines.joined(separator: "\n")
  }

  /// A table whose first column is of words and the others of numbers.
  private func table(_ header: [String], _ rows: [[String]]) -> String {
    guard !rows.isEmpty else { return "" }
    let shown = [header] + rows.prefix(StatisticsText.rowLimit)
    // One very long name must not push every count off the screen.
    let widths = header.indices.map { column in min(48, shown.map { $0[column].count }.max() ?? 0) }
    var text = "\n"
    for row in shown {
      var line = padded(row[0], widths[0])
      for column in header.indices.dropFirst() {
        line += "  " + String(repeating: " ", count: max(0, widths[column] - row[column].count)) + row[column]
      }
      text += line + "\n"
    }
    if rows.count > StatisticsText.rowLimit {
      text += "... and \(grouped(rows.count - StatisticsText.rowLimit)) more; --json lists all\n"
    }
    return text
  }
}

/// A share as people read it: one decimal, but never 0 for something nor 100 for less than all.
func percent(_ share: Double) -> String {
  let tenths = (share * 1000).rounded()
  if share > 0, tenths == 0 { return "<0.1 %" }
  if share < 1, tenths == 1000 { return ">99.9 %" }
  return "\(Int(tenths) / 10).\(Int(tenths) % 10) %"
}

/// A number with three digits that count, or all before the point.
func number(_ value: Double) -> String {
  guard value.isFinite, value.magnitude < 1e15 else { return "\(value)" }
  if value == value.rounded() || value.magnitude >= 100 { return grouped(Int(value.rounded())) }
  var scale = value.magnitude >= 10 ? 10.0 : 100.0
  while value.magnitude * scale < 100, scale < 1e9 { scale *= 10 }
  var out = ByteBuffer()
  out.append((value * scale).rounded() / scale)
  return out.string()
}

/// Seconds as people read them: `1:02:03`, and with tenths below a minute.
func clock(_ seconds: Double) -> String {
  guard seconds.isFinite, seconds.magnitude < 1e12 else { return "\(seconds) s" }
  let tenths = Int((seconds.magnitude * 10).rounded())
  let sign = seconds < 0 && tenths > 0 ? "-" : ""
  if tenths < 600 { return "\(sign)\(tenths / 10).\(tenths % 10) s" }
  let whole = Int(seconds.magnitude.rounded())
  func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
  return "\(sign)\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
}
