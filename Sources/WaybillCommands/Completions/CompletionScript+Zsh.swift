extension CompletionScript {
  /// The script for zsh: a function to be found as `_waybill` in `fpath`.
  var zsh: String {
    var text = """
      #compdef waybill
      # Completions of waybill for zsh, made by `waybill completions zsh`.

      # Formats, and after a colon the options of the format: $1 is read or write.
      _waybill_format() {
        local id=${PREFIX%%:*}
        if [[ $PREFIX != *:* ]]; then
          local -a formats=(\(sources.map { CompletionScript.quoted("\($0.id):\($0.name)") }.joined(separator: " ")))
          _describe -t formats format formats
          return
        fi
        local -a choices
        case "$1 $id" in

      """
    for (direction, formats) in [("read", sources), ("write", targets)] {
      for format in formats where !format.options.isEmpty {
        text +=
          "  '\(direction) \(format.id)') choices=(\(format.options.map(CompletionScript.quoted).joined(separator: " "))) ;;\n"
      }
    }
    text += """
        esac
        compset -P '*[:,]'
        compadd -S '' -- ${(M)choices:#*=}
        compadd -- ${choices:#*=}
      }

      # Words of a list separated by commas.
      _waybill_list() {
        compset -P '*,'
        compadd -- "$@"
      }

      _waybill_commands() {
        local -a commands=(
      \(zshCommands)
          'help:Show the help of a command'
        )
        _describe -t commands command commands
      }

      _waybill() {
        local curcontext=$curcontext state line
        typeset -A opt_args
        _arguments -C '(- *)'{-h,--help}'[Show the help]' '(- *)--version[Show the version]' \\
          '1:command:_waybill_commands' '*::argument:->arguments'
        [[ $state == arguments ]] || return
        case $words[1] in

      """
    for command in commands {
      text += "  \(command.name))\n    _arguments -s -S"
      for option in command.allOptions { text += " \\\n      \(zshSpecification(option))" }
      for (index, positional) in command.positionals.enumerated() {
        let action = zshAction(positional.kind, positional.choices)
        text += " \\\n      " + CompletionScript.quoted("\(index + 1):\(positional.name):\(action)")
      }
      text += "\n    ;;\n"
    }
    text += """
        help) _arguments '1:command:_waybill_commands' ;;
        esac
      }

      if [[ $funcstack[1] == _waybill ]]; then
        _waybill "$@"
      else
        compdef _waybill waybill
      fi

      """
    return text
  }

  private var zshCommands: String {
    commands.map { "    " + CompletionScript.quoted("\($0.name):\(CompletionScript.short($0.summary))") }.joined(separator: "\n")
  }

  /// An option as `_arguments` wants it: `'(-j --jobs)'{-j,--jobs=}'[Threads]:N: '`.
  private func zshSpecification(_ option: OptionDeclaration) -> String {
    let help = CompletionScript.short(option.help).replacing("[", by: #"\["#).replacing("]", by: #"\]"#)
    var rest = "[\(help)]"
    if let value = option.value {
      let name = value.replacing(":", by: #"\:"#)
      rest += ":\(name):\(zshAction(option.kind, option.choices))"
    }
    // `=` lets the value follow in the same word as well as in the next.
    let long = option.spelling + (option.value == nil ? "" : "=")
    guard let letter = option.short else { return CompletionScript.quoted((option.isRepeatable ? "*" : "") + long + rest) }
    let short = "-\(letter)" + (option.value == nil ? "" : "+")
    let others = option.isRepeatable ? "*" : "(-\(letter) \(option.spelling))"
    return CompletionScript.quoted(others) + "{\(short),\(long)}" + CompletionScript.quoted(rest)
  }

  private func zshAction(_ kind: ValueKind, _ choices: [String]) -> String {
    if !choices.isEmpty { return "(\(choices.joined(separator: " ")))" }
    // A blank in front keeps zsh from putting words of its own between a function and its arguments.
    switch kind {
    case .text: return " "
    case .file: return "_files"
    case .folder: return "_files -/"
    case .sourceFormat: return " _waybill_format read"
    case .targetFormat: return " _waybill_format write"
    case .formatName: return "(\(sources.map(\.id).joined(separator: " ")))"
    case .list(let words): return " _waybill_list \(words.joined(separator: " "))"
    }
  }
}
