import WaybillDiagnostics

extension ArgumentFault {
  /// One line: what is wrong and, where one is near, what was probably meant.
  var message: String {
    switch self {
    case .missingCommand: "A command is missing"
    case .unknownCommand(let name, let nearest):
      "There is no command \(quoted(name))" + suggestion(nearest)
    case .unknownOption(let name, let command, let nearest):
      "\(command) has no option \(terminalSafe(name))" + suggestion(nearest)
    case .missingValue(let option): "\(option.spelling) needs a value: \(option.usage)"
    case .unexpectedValue(let option, let value): "\(option.spelling) takes no value, and \(quoted(value)) was given"
    case .repeated(let option): "\(option.spelling) is given twice"
    case .invalidValue(let option, let value, let expected): "\(option.spelling) is \(expected), not \(quoted(value))"
    case .invalidPositional(let positional, let value):
      "\(positional.name) is one of \(positional.choices.joined(separator: ", ")), not \(quoted(value))"
    case .missingPositional(let positional): "\(positional.name) is missing: \(lowercasedFirst(positional.help))"
    case .extraPositional(let value, let known):
      "There is nothing for \(quoted(value)) to be"
        + (known.isEmpty ? "" : "; \(known.map(\.name).joined(separator: " and ")) \(known.count == 1 ? "is" : "are") given")
    case .missingOption(let option): "\(option.usage) is missing: \(lowercasedFirst(option.help))"
    case .missingOneOf(let first, let second): "\(first.usage) or \(second.usage) is missing"
    case .conflict(let first, let second): "\(first.spelling) and \(second.spelling) cannot be combined"
    case .samePath(let option, let place): "\(option.spelling) names the same place as \(place), or a place in it"
    }
  }

  private func quoted(_ text: String) -> String { "\"\(terminalSafe(text))\"" }

  private func suggestion(_ nearest: String?) -> String { nearest.map { "; did you mean \($0)?" } ?? "" }

  private func lowercasedFirst(_ text: String) -> String {
    guard let first = text.first else { return text }
    return first.lowercased() + text.dropFirst()
  }
}
