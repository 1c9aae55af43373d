import WaybillFormatSupport

/// A command line taken apart by the declaration of its command.
///
/// ```
/// waybill convert val.json voc --to pascal-voc -j 4 --overwrite
/// ```
///
/// Options and positional arguments may be mixed; `--name value` and `--name=value` mean the same; letters without a value
/// may be joined (`-qh`) and the value of a letter may follow at once (`-j4`); after `--` everything is positional, and `-` always is.
struct ParsedArguments: Equatable {
  /// Whether help is asked for; nothing else has been checked then.
  private(set) var wantsHelp = false
  private let declaration: CommandDeclaration
  private var values: [String: [String]] = [:]
  private var positionals: [String] = []

  /// Takes the arguments after the command's name apart.
  init(_ arguments: [String], _ declaration: CommandDeclaration) throws(ArgumentFault) {
    self.declaration = declaration
    // Who asks for help gets it, whatever else the line says.
    if arguments.prefix(while: { $0 != "--" }).contains(where: { $0 == "--help" || $0 == "-h" }) {
      wantsHelp = true
      return
    }
    var rest = arguments[...]
    while let argument = rest.popFirst() {
      if argument == "--" {
        for positional in rest { try take(positional: positional) }
        break
      } else if argument.hasPrefix("--") {
        try take(long: argument, &rest)
      } else if argument.hasPrefix("-") && argument != "-" {
        try take(letters: argument, &rest)
      } else {
        try take(positional: argument)
      }
    }
    try checkCompleteness()
  }

  /// The last value of an option.
  func value(of option: OptionDeclaration) -> String? { values[option.name]?.last }

  /// All values of an option, in order.
  func values(of option: OptionDeclaration) -> [String] { values[option.name] ?? [] }

  /// Whether an option was given.
  func has(_ option: OptionDeclaration) -> Bool { values[option.name] != nil }

  /// A positional argument by its place.
  subscript(position: Int) -> String? { position < positionals.count ? positionals[position] : nil }

  /// The positional arguments from a place on.
  func all(from position: Int) -> [String] { Array(positionals.dropFirst(position)) }

  /// The value of an option as a whole number in a range.
  func number(of option: OptionDeclaration, in range: ClosedRange<Int>) throws(ArgumentFault) -> Int? {
    guard let text = value(of: option) else { return nil }
    guard let number = Int(text), range.contains(number) else {
      throw .invalidValue(option, text, expected: "a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// The values of a repeatable option that takes lists: split at commas, with `\,` for a comma in a name.
  func list(of option: OptionDeclaration) throws(ArgumentFault) -> [String] {
    var items: [String] = []
    for text in values(of: option) {
      var item = ""
      var isEscaped = false
      for character in text {
        if isEscaped {
          if character != "," && character != "\\" { item.append("\\") }
          item.append(character)
          isEscaped = false
        } else if character == "\\" {
          isEscaped = true
        } else if character == "," {
          items.append(item)
          item = ""
        } else {
          item.append(character)
        }
      }
      if isEscaped { item.append("\\") }
      items.append(item)
      if items.contains("") { throw .invalidValue(option, text, expected: "a list of names separated by commas") }
    }
    return items
  }

  private mutating func take(long argument: String, _ rest: inout ArraySlice<String>) throws(ArgumentFault) {
    let parts = argument.dropFirst(2).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
    let name = parts.first ?? ""
    guard let option = declaration.allOptions.first(where: { $0.name == name }) else {
      let near = nearest(to: name, among: declaration.allOptions.map(\.name)).map { "--\($0)" }
      throw .unknownOption("--\(name)", command: declaration.name, nearest: near)
    }
    try take(option, attached: parts.count > 1 ? parts[1] : nil, &rest)
  }

  private mutating func take(letters argument: String, _ rest: inout ArraySlice<String>) throws(ArgumentFault) {
    var letters = argument.dropFirst()
    while let letter = letters.popFirst() {
      guard let option = declaration.allOptions.first(where: { $0.short == letter }) else {
        // A long name with one dash is the usual slip.
        let isName = declaration.allOptions.contains { $0.name == argument.dropFirst() }
        throw .unknownOption(
          isName ? argument : "-\(letter)", command: declaration.name, nearest: isName ? "-\(argument)" : nil)
      }
      if option.value == nil {
        try take(option, attached: letters.first == "=" ? String(letters.dropFirst()) : nil, &rest)
      } else {
        if letters.first == "=" { letters.removeFirst() }
        try take(option, attached: letters.isEmpty ? nil : String(letters), &rest)
        return
      }
    }
  }

  private mutating func take(
    _ option: OptionDeclaration, attached: String?, _ rest: inout ArraySlice<String>
  ) throws(ArgumentFault) {
    var value = ""
    if option.value == nil {
      if let attached { throw .unexpectedValue(option, attached) }
    } else if let attached {
      value = attached
    } else {
      guard let next = rest.first, next == "-" || !next.hasPrefix("-") else { throw .missingValue(option) }
      value = next
      rest.removeFirst()
    }
    if option.value != nil && value.isEmpty { throw .missingValue(option) }
    // A switch given twice says nothing new; two values would contradict each other.
    if option.value != nil && !option.isRepeatable && values[option.name] != nil { throw .repeated(option) }
    guard option.choices.isEmpty || option.choices.contains(value) else {
      throw .invalidValue(option, value, expected: "one of \(option.choices.joined(separator: ", "))")
    }
    values[option.name, default: []].append(value)
  }

  private mutating func take(positional argument: String) throws(ArgumentFault) {
    let place = min(positionals.count, declaration.positionals.count - 1)
    guard place >= 0, place == positionals.count || declaration.positionals[place].isRepeatable else {
      throw .extraPositional(argument, after: declaration.positionals)
    }
    let positional = declaration.positionals[place]
    guard positional.choices.isEmpty || positional.choices.contains(argument) else {
      throw .invalidPositional(positional, argument)
    }
    positionals.append(argument)
  }

  private func checkCompleteness() throws(ArgumentFault) {
    for (index, positional) in declaration.positionals.enumerated() where !positional.isOptional {
      if index >= positionals.count || positionals[index].isEmpty { throw .missingPositional(positional) }
    }
    for option in declaration.options where option.isRequired && values[option.name] == nil { throw .missingOption(option) }
  }
}
