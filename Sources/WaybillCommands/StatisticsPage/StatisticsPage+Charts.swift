import WaybillConversion

extension StatisticsPage {
  /// A chart of a measure and its numbers; nothing when it was never measured.
  func chart(_ title: String, _ measure: Measure) -> String {
    let values = report[measure]
    guard values.count > 0 else { return "" }
    if values.least == values.greatest {
      let text =
        values.count == 1 ? "\(number(values.least)), the only one." : "All \(grouped(values.count)) are \(number(values.least))."
      return "<h3>\(title)</h3>\n<p>\(text)</p>\n"
    }
    return pair(histogram(title, bins(of: measure), end: end(of: measure)), numbers(measure))
  }

  /// Whole numbers have bars of their own while they are few.
  private func isCounted(_ measure: Measure) -> Bool { [.annotationsPerSample, .polygonCorners].contains(measure) }

  private func bins(of measure: Measure) -> [(label: String, count: Int)] {
    let values = report[measure]
    guard isCounted(measure) else {
      return values.histogram(perOctave: measure.binsPerOctave).map { (number($0.from), $0.count) }
    }
    if values.greatest <= 40 {
      let first = Int(max(0, values.least))
      return (first...max(first, Int(values.greatest))).map { ("\($0)", values.count(of: $0)) }
    }
    return values.histogram(perOctave: 1).filter { $0.from >= 1 || $0.count > 0 }.map { (number($0.from), $0.count) }
  }

  private func end(of measure: Measure) -> String {
    if isCounted(measure) && report[measure].greatest <= 40 { return "" }
    return report[measure].histogram(perOctave: isCounted(measure) ? 1 : measure.binsPerOctave).last.map { number($0.to) } ?? ""
  }

  /// Bars of bins beside one another; the labels are those of the bins' lower edges, and the end of the last.
  ///
  /// Without an end, the labels are those of the bars themselves.
  func histogram(_ title: String, _ bins: [(label: String, count: Int)], end: String) -> String {
    guard let most = bins.map(\.count).max(), most > 0 else { return "" }
    let total = bins.reduce(0) { $0 + $1.count }
    let peak = bins.first { $0.count == most }?.label ?? ""
    var text = "<figure><figcaption>\(title)</figcaption><svg class=\"bars\" viewBox=\"0 0 \(bins.count * 10) 100\" "
    text += "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"\(title): \(grouped(total)) in \(bins.count) bins, most "
    text += "(\(grouped(most))) from \(peak) on\">"
    for (index, bin) in bins.enumerated() where bin.count > 0 {
      // What is there can be seen.
      let height = max(0.8, Double(bin.count) / Double(most) * 100)
      let next = index + 1 < bins.count ? bins[index + 1].label : end
      let range = end.isEmpty ? bin.label : "\(bin.label) to \(next)"
      text += "<rect x=\"\(index * 10)\" y=\"\(number(100 - height))\" width=\"9.2\" height=\"\(number(height))\">"
      text += "<title>\(range): \(grouped(bin.count))</title></rect>"
    }
    text += "</svg>\n<div class=\"axis\" aria-hidden=\"true\">"
    let step = max(1, (bins.count + 6) / 7)
    for (index, bin) in bins.enumerated() where index % step == 0 && (end.isEmpty || bins.count - index > step / 2) {
      let place = (Double(index) + (end.isEmpty ? 0.46 : 0)) / Double(bins.count) * 100
      text += "<span style=\"left:\(number(place))%\">\(bin.label)</span>"
    }
    if !end.isEmpty { text += "<span style=\"left:100%\">\(end)</span>" }
    return text + "</div></figure>\n"
  }

  /// The numbers of a measure as a table.
  func numbers(_ measure: Measure, caption: String? = nil) -> String {
    let values = report[measure]
    var rows = [("least", number(values.least))]
    for (name, share) in [("5 %", 0.05), ("25 %", 0.25), ("half", 0.5), ("75 %", 0.75), ("95 %", 0.95)] {
      rows.append((name, number(values.quantile(share) ?? 0)))
    }
    rows += [("greatest", number(values.greatest)), ("mean", number(values.mean))]
    var text = "<table class=\"plain\"><caption>\(caption ?? measure.title), of \(grouped(values.count))</caption><tbody>\n"
    for row in rows { text += "<tr><th scope=\"row\">\(row.0)</th><td>\(row.1)</td></tr>\n" }
    return text + "</tbody></table>\n"
  }

  /// A table with a bar in each row.
  func bars(_ title: String, _ header: [String], _ rows: [(name: String, count: Int)]) -> String {
    guard let most = rows.map(\.count).max(), most > 0 else { return "" }
    var text = "<h3>\(title)</h3>\n<div class=\"scroll\"><table class=\"labels\"><thead><tr><th scope=\"col\">\(header[0])</th>"
    text += "<th scope=\"col\" colspan=\"2\">\(header[1])</th></tr></thead><tbody>\n"
    for row in rows {
      text +=
        "<tr><th scope=\"row\">\(row.name)</th><td class=\"bar\">\(bar(row.count, most))</td><td>\(grouped(row.count))</td></tr>\n"
    }
    return text + "</tbody></table></div>\n"
  }

  /// A bar as wide as its part of the longest.
  func bar(_ count: Int, _ most: Int) -> String {
    count > 0 ? "<i style=\"width:\(number(Double(count) / Double(most) * 100))%\"></i>" : ""
  }

  /// Two things side by side where there is room.
  func pair(_ first: String, _ second: String) -> String { "<div class=\"pair\">\n\(first)\(second)</div>\n" }

  /// The colour of a label: neighbours in the table are far apart on the wheel.
  func color(_ position: Int) -> String {
    "hsl(\(Int((Double(position % 100_000) * 137.508 + 210).truncatingRemainder(dividingBy: 360))) 70% 50%)"
  }
}
