import WaybillConversion
import WaybillDatasetModel

extension StatisticsPage {
  private static let openRows = 30
  private static let rowLimit = 1000

  var labelNote: String {
    report.labels.isEmpty ? "" : "Most frequent first. Shares are of the annotations that have a label, and of all samples."
  }

  /// The labels, most frequent first; those beyond the first thirty behind a click.
  var labels: String {
    guard !report.labels.isEmpty else { return "" }
    let sorted = report.labels.enumerated().sorted { ($1.element.annotations, $0.offset) < ($0.element.annotations, $1.offset) }
    let open = sorted.count <= StatisticsPage.openRows + 10 ? sorted[...] : sorted.prefix(StatisticsPage.openRows)
    let rest = sorted[open.endIndex...].prefix(StatisticsPage.rowLimit)
    let most = max(1, sorted.first?.element.annotations ?? 1)
    func rows(_ entries: ArraySlice<(offset: Int, element: StatisticsReport.LabelCount)>) -> String {
      var text = "<div class=\"scroll\"><table class=\"labels\"><thead><tr><th scope=\"col\">label</th>"
      text += "<th scope=\"col\" colspan=\"2\">annotations</th><th scope=\"col\">share</th><th scope=\"col\">samples</th>"
      text += "<th scope=\"col\">share</th>"
      for split in report.splits.prefix(4) { text += "<th scope=\"col\">\(HTMLText.escaped(split.name, limit: 24))</th>" }
      text += "</tr></thead><tbody>\n"
      for (position, entry) in entries {
        text += "<tr><th scope=\"row\"><i class=\"dot\" style=\"background:\(color(position))\"></i>"
        text += "\(HTMLText.escaped(entry.label.name))</th>"
        text += "<td class=\"bar\">\(bar(entry.annotations, most))</td><td>\(grouped(entry.annotations))</td>"
        text += "<td>\(percent(report.share(entry.annotations, report.withLabel)))</td><td>\(grouped(entry.samples))</td>"
        text += "<td>\(percent(report.share(entry.samples, report.counts.samples)))</td>"
        for split in entry.bySplit.prefix(4) { text += "<td>\(grouped(split.annotations))</td>" }
        text += "</tr>\n"
      }
      return text + "</tbody></table></div>\n"
    }
    var text = rows(open)
    guard !rest.isEmpty else { return text }
    text += "<details><summary>\(grouped(sorted.count - open.count)) more labels</summary>\n" + rows(rest)
    if open.count + rest.count < sorted.count {
      text += "<p class=\"soft\">\(grouped(sorted.count - open.count - rest.count)) more are in waybill stats --json.</p>\n"
    }
    return text + "</details>\n"
  }

  /// How intervals fill the time, and the time of each label.
  var time: String {
    var text = ""
    let use = report.timeUse
    if !use.isEmpty {
      text += "<p>Intervals cover \(clock(use.covered)), \(clock(use.overlapped)) of it more than once; "
      text += "\(clock(use.gaps)) lie in gaps.</p>\n"
    }
    if report.trackCount > 0 { text += "<p>\(counted(report.trackCount, "object")) are followed over frames.</p>\n" }
    let labels = report.labels.filter { $0.seconds > 0 }.sorted { $0.seconds > $1.seconds }.prefix(StatisticsPage.openRows)
    return text
      + bars("Time by label", ["label", "seconds"], labels.map { (HTMLText.escaped($0.label.name), Int($0.seconds.rounded())) })
  }

  var annotations: String {
    var text = bars("What annotations say", ["kind", "annotations"], report.kinds.map { ($0.name, report.counts[$0]) })
    text += chart("Annotations per sample", .annotationsPerSample)
    if report[.confidence].count > 0 {
      let bins = report.confidences.enumerated().map { (label: number(Double($0.offset) / 20), count: $0.element) }
      text += pair(histogram("Confidence", bins, end: "1"), numbers(.confidence))
    }
    text += chart("Corners of polygons", .polygonCorners)
    let authors = report.authors.map { (HTMLText.escaped($0.name), $0.count) }
    let others = authors.dropFirst(30).reduce(report.otherAuthors) { $0 + $1.1 }
    text += bars("Authors", ["author", "annotations"], authors.prefix(30) + (others > 0 ? [("all others", others)] : []))
    return text
  }

  var images: String {
    guard report[.imageWidth].count > 0 else { return "" }
    let shown = report.sizes.prefix(10).map { ("\($0.width) × \($0.height)", $0.count) }
    let others = report.sizes.dropFirst(10).reduce(report.otherSizes) { $0 + $1.count }
    var text = bars("Sizes", ["width × height", "samples"], shown + (others > 0 ? [("all others", others)] : []))
    // A dozen pictures of one size need no picture of their sizes.
    if report.sizes.count > 1 {
      text += chart("Aspect ratio of images, width by height", .imageAspect)
      text += chart("Width of images, pixels", .imageWidth)
    }
    return text
  }

  var boxes: String {
    var text = ""
    let sizes = report.boxSizes
    let total = sizes.small + sizes.medium + sizes.large
    if total > 0 {
      let parts = [
        ("small", "below 32 × 32", sizes.small), ("medium", "below 96 × 96", sizes.medium), ("large", "from 96 × 96", sizes.large),
      ]
      text += "<h3>Classes of COCO, by the area of the box</h3>\n<div class=\"stack\" role=\"img\" aria-label=\""
      text += parts.map { "\($0.0) \(percent(report.share($0.2, total)))" }.joined(separator: ", ") + "\">"
      for (name, _, count) in parts where count > 0 {
        text += "<i class=\"\(name)\" style=\"flex:\(count)\"></i>"
      }
      text += "</div>\n<table class=\"plain\"><thead><tr><th scope=\"col\">class</th><th scope=\"col\">area, pixels</th>"
      text += "<th scope=\"col\">boxes</th><th scope=\"col\">share</th></tr></thead><tbody>\n"
      for (name, meaning, count) in parts {
        text += "<tr><th scope=\"row\"><i class=\"dot \(name)\"></i>\(name)</th><td>\(meaning)</td><td>\(grouped(count))</td>"
        text += "<td>\(percent(report.share(count, total)))</td></tr>\n"
      }
      text += "</tbody></table>\n"
      let bins = report[.boxArea].histogram(perOctave: 1)
      text += pair(
        histogram(
          "Size of boxes: the side of a square of the same area, pixels",
          bins.map { (label: number($0.from.squareRoot()), count: $0.count) },
          end: bins.last.map { number($0.to.squareRoot()) } ?? ""),
        numbers(.boxArea, caption: "Area, square pixels"))
      text += chart("Aspect ratio of boxes, width by height", .boxAspect)
    }
    text += chart("Area of boxes as a share of the image", .boxShare)
    return text + positions
  }

  private var positions: String {
    let total = report.positions.reduce(0, +)
    guard total > 0 else { return "" }
    let most = Double(report.positions.max() ?? 1)
    let size = report.gridSize
    var cells = ""
    for (index, count) in report.positions.enumerated() where count > 0 {
      let depth = (Double(count) / most).squareRoot()
      cells += "<rect x=\"\(index % size)\" y=\"\(index / size)\" width=\"1\" height=\"1\" "
      cells += "fill-opacity=\"\(number(0.06 + 0.94 * depth))\"/>"
    }
    var thirds = [Int](repeating: 0, count: 9)
    for (index, count) in report.positions.enumerated() {
      thirds[index / size * 3 / size * 3 + index % size * 3 / size] += count
    }
    let shares = thirds.map { percent(report.share($0, total)) }
    let figure =
      "<figure><figcaption>Centres of boxes in their images</figcaption><svg class=\"map\" viewBox=\"0 0 \(size) \(size)\" "
      + "preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Map of the centres of \(total) boxes; \(shares[4]) lie in the middle "
      + "ninth\">\(cells)</svg></figure>\n"
    var table = "<table class=\"plain\"><caption>Share of the centres in each ninth</caption><thead><tr><td></td>"
    table += "<th scope=\"col\">left</th><th scope=\"col\">middle</th><th scope=\"col\">right</th></tr></thead><tbody>\n"
    for (row, name) in ["top", "middle", "bottom"].enumerated() {
      table += "<tr><th scope=\"row\">\(name)</th>" + shares[row * 3..<row * 3 + 3].map { "<td>\($0)</td>" }.joined() + "</tr>\n"
    }
    return pair(figure, table + "</tbody></table>\n")
  }
}
