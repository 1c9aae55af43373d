import WaybillDatasetModel

/// Markdown made from the formats' declarations: the table on a format's card, and the matrix over all formats.
public enum AbilityTable {
  /// The line before a generated part of a page.
  public static func opening(_ name: String) -> String { "<!-- \(name) -->" }
  /// The line after a generated part of a page.
  public static func closing(_ name: String) -> String { "<!-- /\(name) -->" }

  /// What one format reads and writes.
  public static func card(_ descriptor: FormatDescriptor) -> String {
    var text = "| feature | read | write | if lost |\n|---|---|---|---|\n"
    for feature in Feature.allCases where descriptor.reads.contains(feature) || descriptor.writes.contains(feature) {
      let marks = [descriptor.reads, descriptor.writes].map { $0.contains(feature) ? "yes" : "" }
      text += "| \(feature.name) | \(marks[0]) | \(marks[1]) | \(feature.weight.rawValue) |\n"
    }
    for (title, options) in [("from", descriptor.readOptions), ("to", descriptor.writeOptions)] where !options.isEmpty {
      text += "\n| option of `--\(title) \(descriptor.id)` | values | default | what it does |\n|---|---|---|---|\n"
      for option in options {
        let values = option.choices.isEmpty ? "text" : option.choices.joined(separator: ", ")
        text +=
          "| `\(option.name)` | \(values) | \(option.defaultValue.isEmpty ? "none" : "`\(option.defaultValue)`") | \(option.help) |\n"
      }
    }
    text += "\n| rule | severity | what it says |\n|---|---|---|\n"
    for rule in descriptor.rules { text += "| `\(rule.id)` | \(rule.severity.word) | \(rule.summary) |\n" }
    return text
  }

  /// Which feature each format reads (R) and writes (W): a table for each family of formats, of the features that one of them has.
  public static func matrix(_ registry: FormatRegistry) -> String {
    FormatFamily.allCases.map { family in
      let formats = registry.formats.map { $0.descriptor }.filter { $0.family == family }
      return formats.isEmpty ? "" : "### \(family.title)\n\n" + matrix(formats)
    }.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func matrix(_ formats: [FormatDescriptor]) -> String {
    var text = "| feature | if lost |"
    var rule = "|---|---|"
    for format in formats {
      text += " [\(format.id)](\(format.id)/README.md) |"
      rule += "---|"
    }
    text += "\n" + rule + "\n"
    for feature in Feature.allCases where formats.contains(where: { $0.reads.union($0.writes).contains(feature) }) {
      text += "| \(feature.name) | \(feature.weight.rawValue) |"
      for format in formats {
        text += " \(format.reads.contains(feature) ? "R" : "")\(format.writes.contains(feature) ? "W" : "") |"
      }
      text += "\n"
    }
    return text
  }
}
