import WaybillFormatSupport

/// The help of a command and of the tool, made from the declarations.
enum HelpText {
  private static let width = 80
  private static let column = 24

  /// The help of one command.
  static func of(_ command: CommandDeclaration) -> String {
    var text = wrapped(command.summary, indent: 0)
    if !command.discussion.isEmpty { text += "\n" + wrapped(command.discussion, indent: 0) }
    text += "\nUsage: \(command.usage)\n"
    if !command.positionals.isEmpty {
      text += "\nArguments:\n"
      for positional in command.positionals { text += entry(positional.name, positional.help) }
    }
    text += "\nOptions:\n"
    for option in command.allOptions { text += entry(spelling(of: option), help(of: option)) }
    if !command.examples.isEmpty {
      text += "\nExamples:\n"
      for example in command.examples { text += "  # \(example.purpose)\n  \(example.line)\n" }
    }
    return text
  }

  /// The help of the tool: its commands and its exit codes.
  static func of(_ commands: [CommandDeclaration]) -> String {
    var text = "Keep, convert and check dataset labels as plain files. Nothing is lost in silence.\n"
    text += "\nUsage: waybill COMMAND [options]\n\nCommands:\n"
    for command in commands { text += entry(command.name, String(command.summary.dropLast())) }
    text += entry("help [COMMAND]", "Show the help of a command")
    text += "\nOptions:\n" + entry("-h, --help", "Show this help") + entry("--version", "Show the version")
    text += "\nExit codes:\n"
    for code in ExitCode.allCases { text += entry("\(code.rawValue)", code.meaning) }
    return text
  }

  private static func spelling(of option: OptionDeclaration) -> String {
    (option.short.map { "-\($0), " } ?? "") + option.usage
  }

  private static func help(of option: OptionDeclaration) -> String {
    var notes: [String] = []
    if option.isRequired { notes.append("required") }
    if !option.choices.isEmpty { notes.append("one of " + option.choices.joined(separator: ", ")) }
    if option.isRepeatable { notes.append("may be repeated") }
    if let value = option.defaultValue { notes.append("default: \(value)") }
    return option.help + (notes.isEmpty ? "" : " (\(notes.joined(separator: "; ")))")
  }

  private static func entry(_ name: String, _ help: String) -> String {
    let text = wrapped(help, indent: column)
    let name = "  " + name
    if name.count + 2 > column { return name + "\n" + text }
    return name + text.dropFirst(name.count)
  }

  /// Breaks text into lines at blanks.
  static func wrapped(_ text: String, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    for word in text.split(separator: " ") {
      if !line.isEmpty && indent + line.count + 1 + word.count > width {
        lines.append(margin + line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    if !line.isEmpty { lines.append(margin + line) }
    return lines.joined(separator: "\n") + "\n"
  }
}
