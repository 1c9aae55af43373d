/// What a value is, so that shells can complete it.
enum ValueKind: Sendable, Equatable {
  /// Any text.
  case text
  /// The path of a file, or of a file or folder.
  case file
  /// The path of a folder.
  case folder
  /// A format to read, with its options.
  case sourceFormat
  /// A format to write, with its options.
  case targetFormat
  /// The name of a format.
  case formatName
  /// Words separated by commas.
  case list([String])
}

/// An option of a command, as data: parsing, help, suggestions, completions and messages are all made from it.
struct OptionDeclaration: Sendable, Equatable {
  /// The long name, without its dashes.
  var name: String
  /// The letter of the short form.
  var short: Character?
  /// What the value is called; nil for a switch.
  var value: String?
  /// What the value is.
  var kind: ValueKind
  /// One or two sentences, without a full stop at the end.
  var help: String
  /// The values to choose from; empty when any text will do.
  var choices: [String]
  /// The value when none is given, as help shows it.
  var defaultValue: String?
  /// Whether the command cannot do without it.
  var isRequired: Bool
  /// Whether it may be given more than once.
  var isRepeatable: Bool

  /// An option with a value, or a switch.
  init(
    _ name: String, short: Character? = nil, value: String? = nil, kind: ValueKind = .text, _ help: String,
    choices: [String] = [], defaultValue: String? = nil, isRequired: Bool = false, isRepeatable: Bool = false
  ) {
    self.name = name
    self.short = short
    self.value = value
    self.kind = kind
    self.help = help
    self.choices = choices
    self.defaultValue = defaultValue
    self.isRequired = isRequired
    self.isRepeatable = isRepeatable
  }

  /// How it is written: `--jobs`.
  var spelling: String { "--\(name)" }

  /// How it is written with its value: `--jobs N`.
  var usage: String { value.map { "\(spelling) \($0)" } ?? spelling }
}

/// A positional argument.
struct PositionalDeclaration: Sendable, Equatable {
  /// The name in capitals.
  var name: String
  /// What it is.
  var help: String
  /// What the value is.
  var kind = ValueKind.text
  /// The values to choose from; empty when any text will do.
  var choices: [String] = []
  /// Whether it may be left out.
  var isOptional = false
  /// Whether any number may be given; only the last one can be.
  var isRepeatable = false

  /// How usage shows it.
  var usage: String { (isOptional ? "[\(name)]" : name) + (isRepeatable ? "..." : "") }
}

/// A command line with what it does.
struct Example: Sendable, Equatable {
  /// What it does.
  var purpose: String
  /// The command line.
  var line: String
}

/// A command as data.
struct CommandDeclaration: Sendable, Equatable {
  /// The name.
  var name: String
  /// One sentence with its full stop.
  var summary: String
  /// A paragraph that says more; may be empty.
  var discussion = ""
  /// Its positional arguments, in order.
  var positionals: [PositionalDeclaration] = []
  /// Its options, in the order of help.
  var options: [OptionDeclaration] = []
  /// How it is used.
  var examples: [Example] = []

  /// The option every command has.
  static let help = OptionDeclaration("help", short: "h", "Show this help")

  /// Its options and those every command has.
  var allOptions: [OptionDeclaration] { options + [CommandDeclaration.help] }

  /// The command line in one line: positionals and required options.
  var usage: String {
    var words = ["waybill", name]
    for positional in positionals { words.append(positional.usage) }
    for option in options where option.isRequired { words.append(option.usage) }
    return (words + ["[options]"]).joined(separator: " ")
  }
}
