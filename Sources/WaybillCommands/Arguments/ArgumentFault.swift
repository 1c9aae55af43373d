/// What is wrong with a command line: the facts; the words are in ``ArgumentFault/message``.
enum ArgumentFault: Error, Equatable {
  /// There is no command at all.
  case missingCommand
  /// There is no command of this name; the nearest one, if any is near.
  case unknownCommand(String, nearest: String?)
  /// The command has no such option; the nearest one, if any is near.
  case unknownOption(String, command: String, nearest: String?)
  /// An option came last or before another option.
  case missingValue(OptionDeclaration)
  /// A switch was given a value.
  case unexpectedValue(OptionDeclaration, String)
  /// An option was given twice.
  case repeated(OptionDeclaration)
  /// A value is none of the choices, or not of the kind that is expected.
  case invalidValue(OptionDeclaration, String, expected: String)
  /// A positional argument is none of the choices.
  case invalidPositional(PositionalDeclaration, String)
  /// A positional argument is missing.
  case missingPositional(PositionalDeclaration)
  /// There are more positional arguments than the command has.
  case extraPositional(String, after: [PositionalDeclaration])
  /// A required option is missing.
  case missingOption(OptionDeclaration)
  /// Neither of two options is given, one of which is needed.
  case missingOneOf(OptionDeclaration, OptionDeclaration)
  /// Two options contradict each other.
  case conflict(OptionDeclaration, OptionDeclaration)
  /// An option's path is, or lies in, the place another argument names.
  case samePath(OptionDeclaration, String)
}
