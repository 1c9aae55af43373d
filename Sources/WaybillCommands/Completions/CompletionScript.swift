import WaybillFormatSupport

/// Completions of the tool's command lines, as a script of a shell; made from the declarations of commands and formats.
struct CompletionScript {
  /// Shells there are scripts for.
  enum Shell: String, CaseIterable {
    case bash, zsh, fish
  }

  /// What can be said of a format: its name, what it is, and `option=value` for each value of its options.
  struct FormatWords {
    var id: String
    var name: String
    var options: [String]
  }

  let commands: [CommandDeclaration]
  /// Formats with the options of readers.
  let sources: [FormatWords]
  /// Formats with the options of writers.
  let targets: [FormatWords]

  init(commands: [CommandDeclaration], registry: FormatRegistry) {
    self.commands = commands
    sources = registry.formats.map { CompletionScript.words($0.descriptor, $0.descriptor.readOptions) }
    targets = registry.formats.map { CompletionScript.words($0.descriptor, $0.descriptor.writeOptions) }
  }

  private static func words(_ descriptor: FormatDescriptor, _ options: [FormatOption]) -> FormatWords {
    FormatWords(
      id: descriptor.id.name, name: descriptor.name,
      // An option that takes any text ends in its equals sign.
      options: options.flatMap { option in
        option.choices.isEmpty ? ["\(option.name)="] : option.choices.map { "\(option.name)=\($0)" }
      })
  }

  /// The script for a shell.
  func text(for shell: Shell) -> String {
    switch shell {
    case .bash: bash
    case .zsh: zsh
    case .fish: fish
    }
  }

  /// The options that the tool takes before any command.
  static let global = [
    OptionDeclaration("help", short: "h", "Show the help"), OptionDeclaration("version", "Show the version"),
  ]

  /// The first sentence of a help text, for shells that show one beside each word.
  static func short(_ help: String) -> String {
    let text = help.hasSuffix(".") ? String(help.dropLast()) : help
    return text.split(separator: ";").first.map(String.init) ?? text
  }

  /// Text as one word of any of the shells.
  static func quoted(_ text: String) -> String { "'" + text.replacing("'", by: #"'\''"#) + "'" }

  /// The spellings of an option: `--jobs -j`.
  static func spellings(_ option: OptionDeclaration) -> [String] {
    [option.spelling] + (option.short.map { ["-\($0)"] } ?? [])
  }
}

extension OptionDeclaration {
  /// What may stand as its value, as one thing: choices are words as those of a list are.
  var words: [String]? {
    if !choices.isEmpty { return choices }
    if case .list(let words) = kind { return words }
    return nil
  }
}
