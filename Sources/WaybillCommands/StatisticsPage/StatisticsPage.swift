import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles

/// Statistics as one page: complete in itself, with no script and nothing from a network, for light and dark screens and for paper.
struct StatisticsPage {
  /// How many labeled pictures it shows.
  static let exampleCount = 12

  let report: StatisticsReport

  init(_ report: StatisticsReport) { self.report = report }

  /// The page; the same for the same dataset, whenever and wherever it is made.
  func bytes() -> [UInt8] { Array(text.utf8) }

  private var text: String {
    let title = HTMLText.escaped(report.name ?? FileName.basename(of: report.path))
    var page = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
      <title>\(title)</title>
      <style>
      \(StatisticsPage.style)
      </style>
      </head>
      <body>
      <main>
      <header>
      <h1>\(title)</h1>
      <p class="soft">\(HTMLText.escaped(report.path)), read as \(HTMLText.escaped(report.format.name)) (<code>\(report.format.id)</code>)</p>
      </header>

      """
    page += tiles
    page += section("Examples", examples, note: "Labeled samples, chosen by the hashes of their keys.")
    page += section("Labels", labels, note: labelNote)
    page += section("Annotations", annotations)
    page += section("Images", images)
    page += section("Boxes", boxes, note: "Upright boxes, and the bounds of shapes that have no box beside them.")
    page += section("Texts and times", others)
    page += section("Hard examples", hard)
    page += section("Problems", problems)
    page += section("Suspicious", suspicions, note: "Probably not meant; nothing of this makes a dataset invalid.")
    page += """
      <footer>Made by waybill \(WaybillCommand.version). Counts, least and greatest numbers and means are exact. Quantiles are lower edges of bins, at \
      most a 64th too small; whole numbers below 128 are exact.</footer>
      </main>
      </body>
      </html>

      """
    return page
  }

  private var tiles: String {
    let counts = report.counts
    var tiles = [
      ("samples", grouped(counts.samples), counts.unlabeled > 0 ? "\(grouped(counts.unlabeled)) unlabeled" : "all labeled"),
      (
        "annotations", grouped(counts.annotations),
        "\(number(report[.annotationsPerSample].mean)) per sample"
      ), ("labels", grouped(report.labels.count), used),
    ]
    if let leftOut = report.leftOut {
      tiles.append(("left out", grouped(leftOut.samples), "by --where"))
    }
    for split in report.splits.prefix(4) {
      tiles.append(
        ("in \(HTMLText.escaped(split.name, limit: 24))", grouped(split.count), percent(report.share(split.count, counts.samples))))
    }
    let problems = report.diagnostics.count(atLeast: .warning)
    tiles.append(("problems", grouped(problems), problems > 0 ? report.diagnostics.summary : "none found"))
    var text = "<dl class=\"tiles\">\n"
    for (name, value, detail) in tiles {
      text += "<div><dt>\(name)</dt><dd>\(value)<small>\(detail)</small></dd></div>\n"
    }
    return text + "</dl>\n"
  }

  private var used: String {
    let unused = report.labels.count { $0.annotations == 0 }
    return unused > 0 ? "\(grouped(unused)) unused" : report.labels.isEmpty ? "none" : "all used"
  }

  /// A part of the page; nothing when there is nothing to say.
  private func section(_ title: String, _ content: String, note: String = "") -> String {
    guard !content.isEmpty else { return "" }
    return "<section>\n<h2>\(title)</h2>\n" + (note.isEmpty ? "" : "<p class=\"soft\">\(note)</p>\n") + content + "</section>\n"
  }

  private var hard: String {
    guard report.hard.samples + report.hard.annotations > 0 else { return "" }
    var text =
      "<p>\(counted(report.hard.samples, "sample")) and \(counted(report.hard.annotations, "annotation")) are marked as hard.</p>\n"
    text += bars("Reasons, by number", ["reason", "times"], report.hardReasons.map { ("\($0.reason)", $0.count) })
    return text + chart("Hard coefficient", .hardCoefficient)
  }

  private var others: String {
    let charts = [
      Measure.sampleTextLength, .tokensPerSample, .spanLength, .textLength, .duration, .intervalLength, .gapLength, .trackLength,
    ].map { measure in chart(measure.title, measure) }.joined()
    return time + charts
  }

  private var problems: String { list(report.diagnostics) }

  private var suspicions: String { list(report.suspicions) }

  /// Counts by rule, and the first of each with their places.
  private func list(_ problems: DiagnosticList) -> String {
    guard !problems.isEmpty else { return "" }
    var text = "<table class=\"plain\"><caption>By rule</caption><thead><tr><th scope=\"col\">rule</th>"
    text += "<th scope=\"col\">severity</th><th scope=\"col\">times</th></tr></thead><tbody>\n"
    for entry in problems.counts {
      text += "<tr><th scope=\"row\"><code>\(HTMLText.escaped(entry.rule))</code></th>"
      text += "<td>\(entry.severity.word)</td><td>\(grouped(entry.count))</td></tr>\n"
    }
    text += "</tbody></table>\n"
    let places = SourcePlaces(problems.items, report.sources)
    let items = problems.items.prefix(100)
    guard !items.isEmpty else { return text }
    text += "<details\(items.count <= 12 ? " open" : "")><summary>The first of each</summary>\n<ul>\n"
    for item in items {
      let place = item.range.flatMap { places[$0]?.text }.map { "<code>\(HTMLText.escaped($0, limit: 200))</code> " } ?? ""
      text += "<li>\(place)\(HTMLText.escaped(item.message, limit: 300))</li>\n"
    }
    return text + "</ul>\n</details>\n"
  }
}

extension Measure {
  /// The name with a capital, and its unit.
  var title: String {
    let unit =
      switch self {
      case .imageWidth, .imageHeight, .boxWidth, .boxHeight: ", pixels"
      case .boxArea: ", square pixels"
      case .duration, .intervalLength, .gapLength: ", seconds"
      case .textLength, .sampleTextLength: ", characters"
      case .trackLength: ", annotations"
      default: ""
      }
    return name.prefix(1).uppercased() + name.dropFirst() + unit
  }
}
