import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// Pages about formats, made from their descriptors: for people at a terminal, and as Markdown for the documentation.
enum FormatPages {
  /// A line for each format, by families.
  static func list(_ formats: [FormatDescriptor]) -> String {
    let width = formats.map(\.id.name.count).max() ?? 0
    let families = FormatFamily.allCases.map { family in (family, formats.filter { $0.family == family }) }.filter { !$0.1.isEmpty }
    return families.map { family, formats in
      "\(family.title)\n" + formats.map { "  \(padded($0.id.name, width))  \($0.summary)\n" }.joined()
    }.joined(separator: "\n")
  }

  /// Everything about one format.
  static func text(_ format: FormatDescriptor) -> String {
    var text = "\(format.name) (\(format.id))\n\(HelpText.wrapped(format.summary, indent: 0))"
    let endings = format.fileExtensions
    text +=
      endings.isEmpty
      ? "Writes a folder\n" : "Writes one file when OUTPUT ends in \(endings.joined(separator: " or ")), else a folder\n"
    for (title, options) in [("--from", format.readOptions), ("--to", format.writeOptions)] where !options.isEmpty {
      text += "\nOptions of \(title) \(format.id):\n"
      for option in options { text += "  \(option.name)=\(option.values)\n" + HelpText.wrapped(help(of: option), indent: 6) }
    }
    text += "\nAbilities (R read, W write):\n"
    for level in levels {
      let entries = features(of: level, in: [format]).map { "\($0.name) \(mark($0, format))" }
      if !entries.isEmpty {
        text += "  \(level.rawValue)\n" + HelpText.wrapped(joined(entries), indent: 6).replacing(joint, by: " ")
      }
    }
    if !format.rules.isEmpty {
      text += "\nRules:\n"
      for rule in format.rules {
        text += "  \(rule.id) (\(rule.severity.word))\n" + HelpText.wrapped(rule.summary, indent: 6)
      }
    }
    if !format.links.isEmpty { text += "\nLinks:\n" + format.links.map { "  \($0)\n" }.joined() }
    return text
  }

  private static let levels: [Feature.Level] = [.sample, .annotation, .label, .dataset]

  private static func features(of level: Feature.Level, in formats: [FormatDescriptor]) -> [Feature] {
    FeatureSet.level(level).features.filter { feature in
      formats.contains { $0.reads.contains(feature) || $0.writes.contains(feature) }
    }
  }

  private static func mark(_ feature: Feature, _ format: FormatDescriptor) -> String {
    (format.reads.contains(feature) ? "R" : "") + (format.writes.contains(feature) ? "W" : "")
  }

  private static func help(of option: FormatOption) -> String {
    option.help + (option.defaultValue.isEmpty ? "" : " (default: \(option.defaultValue))")
  }

  private static func cell(_ text: String) -> String { text.replacing("|", by: #"\|"#) }

  // A feature and its mark stay on one line.
  private static let joint: Character = "\u{A0}"

  private static func joined(_ entries: [String]) -> String {
    entries.map { $0.replacing(" ", by: String(joint)) }.joined(separator: ", ")
  }
}

extension FormatOption {
  /// The choices as help shows them.
  var values: String { choices.isEmpty ? "TEXT" : choices.joined(separator: "|") }
}

extension String {
  /// The text with a character replaced.
  func replacing(_ character: Character, by replacement: String) -> String {
    var result = ""
    for next in self { if next == character { result += replacement } else { result.append(next) } }
    return result
  }
}
