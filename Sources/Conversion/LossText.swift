import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// The words for losses: the refusal and the table.
public enum LossText {
  /// Why a conversion is refused: what would be lost, how many, the first place, and the option that allows it.
  static func refusal(_ report: ConversionReport, _ request: ConversionRequest) -> String {
    var places = PlaceFinder(report.sources)
    let losses = report.losses.filter { request.strict || $0.feature.weight == .essential && !$0.isApproximated }
    var text = "The format \(report.to) has no place for some of the labels; nothing was written"
    let abilities = (try? request.to.writeOptions()).map { request.to.format.writes($0) } ?? []
    for loss in losses {
      text += "\n  \(loss.count) \(loss.feature.name)"
      if let first = loss.first, first.source != nil || !first.key.isEmpty { text += ", first \(place(first, &places))" }
      // What the target has a place for is not approximated: the writer says what was in the way.
      let hasPlace = loss.isApproximated || abilities.contains(loss.feature)
      let targets = hasPlace ? [] : Approximations.targets(of: loss.feature).filter { abilities.contains($0) }
      let hints =
        targets.map { "--approximate \(loss.feature.name)=\($0.name)" }
        + dialects(for: loss.feature, request).map { "--to \($0)" }
      if !hints.isEmpty { text += " (" + hints.joined(separator: " or ") + ")" }
    }
    if report.ledger.samples.dropped > 0 { text += "\n  \(counted(report.ledger.samples.dropped, "sample")) as a whole" }
    if report.ledger.annotations.dropped > 0 {
      text += "\n  \(counted(report.ledger.annotations.dropped, "annotation")) as a whole"
      if let first = report.ledger.firstWholeDrop { text += ", first \(place(first, &places))" }
    }
    text += request.strict ? "\n--strict refuses every loss" : "\n--allow-loss leaves them out"
    return text
  }

  private static func counted(_ count: Int, _ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }

  /// Dialects of the target that have a place for a feature.
  private static func dialects(for feature: Feature, _ request: ConversionRequest) -> [String] {
    let format = request.to.format
    var found: [String] = []
    for option in format.descriptor.writeOptions {
      for choice in option.choices {
        let given = request.to.options.filter { $0.name != option.name } + [(name: option.name, value: choice)]
        guard
          let options = try? FormatOptions(given, declared: format.descriptor.writeOptions, format: format.descriptor.id),
          format.writes(options).contains(feature)
        else { continue }
        found.append("\(format.descriptor.id):\(option.name)=\(choice)")
      }
    }
    let present = (try? request.to.writeOptions()).map { format.writes($0).contains(feature) } ?? false
    return present ? [] : found
  }

  private static func place(_ first: Ledger.Place, _ places: inout PlaceFinder) -> String {
    guard let source = first.source else { return first.key.isEmpty ? "" : "\"\(terminalSafe(first.key))\"" }
    return "in \"\(terminalSafe(first.key))\" at \(places.place(of: source).text)"
  }

  /// A table of what was lost, a line each; empty when nothing was.
  public static func table(_ report: ConversionReport) -> String {
    var places = PlaceFinder(report.sources)
    let rows = report.losses.map { loss in
      [
        loss.feature.name, "\(loss.count)", loss.isApproximated ? "approximated" : "dropped", loss.feature.weight.rawValue,
        loss.first.map { place($0, &places) } ?? "",
      ]
    }
    guard !rows.isEmpty else { return "" }
    let header = ["feature", "count", "what", "class", "first"]
    let widths = (0..<4).map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    return ([header] + rows).map { row in
      var line = "  "
      for column in 0..<4 {
        let gap = String(repeating: " ", count: widths[column] - row[column].count)
        line += column == 1 ? gap + row[column] : row[column] + gap
        line += "  "
      }
      line += row[4]
      while line.last == " " { line.removeLast() }
      return line
    }.joined(separator: "\n") + "\n"
  }
}
