/// Changes as Markdown, for the description of a pull request: the sums, then a table of samples.
struct ChangeMarkdown {
  /// How many samples are listed; a comment on a pull request has an end.
  static let limit = 200

  private var rows: [String] = []
  private var count = 0

  /// Notes a change as its lines: the sample, then what became of it.
  mutating func note(_ lines: String) {
    guard !lines.isEmpty else { return }
    count += 1
    guard rows.count < ChangeMarkdown.limit else { return }
    let parts = lines.split(separator: "\n").map { ChangeMarkdown.escaped($0.drop { $0 == " " }) }
    let first = parts.first ?? ""
    let rest = parts.dropFirst().joined(separator: "<br>")
    rows.append("| \(first) | \(rest) |\n")
  }

  /// The whole text.
  func text(_ summary: String) -> String {
    var text = "### Labels\n\n"
    for line in summary.split(separator: "\n") { text += "\(ChangeMarkdown.escaped(line))  \n" }
    if rows.isEmpty { return text }
    text += "\n| sample | what became of it |\n|---|---|\n" + rows.joined()
    if count > rows.count { text += "\n\(count - rows.count) more are not listed.\n" }
    return text
  }

  /// A text in which nothing is taken for Markdown or HTML.
  private static func escaped(_ text: some StringProtocol) -> String {
    var escaped = ""
    for character in text {
      switch character {
      case "|", "*", "_", "`", "[", "]", "\\", "#", "~": escaped += "\\\(character)"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "&": escaped += "&amp;"
      default: escaped.append(character)
      }
    }
    return escaped
  }
}
