extension CompletionScript {
  /// The script for fish 3.4 and later.
  var fish: String {
    var text = """
      # Completions of waybill for fish, made by `waybill completions fish`.

      # Formats, and after a colon the options of the format: $argv[1] is read or write.
      function __waybill_format
          set -l token (string replace -r -- '^--[a-z-]+=' '' (commandline -ct))
          if not string match -q -- '*:*' $token

      """
    for format in sources { text += "        printf '%s\\t%s\\n' \(format.id) \(CompletionScript.quoted(format.name))\n" }
    text += """
              return
          end
          set -l kept (string replace -r -- '[^:,]*$' '' $token)
          switch "$argv[1] "(string replace -r -- ':.*' '' $token)

      """
    for (direction, formats) in [("read", sources), ("write", targets)] {
      for format in formats where !format.options.isEmpty {
        text +=
          "        case '\(direction) \(format.id)'\n            printf \"$kept%s\\n\" \(format.options.joined(separator: " "))\n"
      }
    }
    text += """
          end
      end

      # Words of a list separated by commas.
      function __waybill_list
          set -l token (string replace -r -- '^--[a-z-]+=' '' (commandline -ct))
          printf (string replace -r -- '[^,]*$' '' $token)'%s\\n' $argv
      end

      # The command typed, if any.
      function __waybill_command
          for word in (commandline -opc)[2..]
              if not string match -q -- '-*' $word
                  echo $word
                  return
              end
          end
      end

      # Whether a command is the one typed.
      function __waybill_in
          test "$(__waybill_command)" = $argv[1]
      end

      # Whether a command is the one typed and so many arguments stand behind it; values of options count as well.
      function __waybill_at
          __waybill_in $argv[1]; and test (count (string match -v -- '-*' (commandline -opc)[3..])) = $argv[2]
      end

      complete -c waybill -f
      complete -c waybill -n 'test -z "$(__waybill_command)"' -s h -l help -d 'Show the help'
      complete -c waybill -n 'test -z "$(__waybill_command)"' -l version -d 'Show the version'

      """
    let names = commands.map { ($0.name, CompletionScript.short($0.summary)) } + [("help", "Show the help of a command")]
    for (name, summary) in names {
      text += "complete -c waybill -n 'test -z \"$(__waybill_command)\"' -a \(name) -d \(CompletionScript.quoted(summary))\n"
    }
    text += "complete -c waybill -n '__waybill_at help 0' -a '\(commands.map(\.name).joined(separator: " "))'\n"
    for command in commands {
      text += "\n"
      for option in command.allOptions { text += fishLine(option, command) }
      for (index, positional) in command.positionals.enumerated() {
        guard let action = fishAction(positional.kind, positional.choices) else { continue }
        // Files are offered at every place, for the values of options cannot be told from arguments.
        let isFile = [.file, .folder].contains(positional.kind) && positional.choices.isEmpty
        let condition = isFile ? "__waybill_in \(command.name)" : "__waybill_at \(command.name) \(index)"
        text += "complete -c waybill -n '\(condition)' \(action)\n"
      }
    }
    return text
  }

  private func fishLine(_ option: OptionDeclaration, _ command: CommandDeclaration) -> String {
    var line = "complete -c waybill -n '__waybill_in \(command.name)'"
    if let letter = option.short { line += " -s \(letter)" }
    line += " -l \(option.name)"
    if option.value != nil { line += " -x" }
    if option.value != nil, let action = fishAction(option.kind, option.choices) {
      line = action == "-F" ? String(line.dropLast(3)) + " -r -F" : line + " " + action
    }
    return line + " -d \(CompletionScript.quoted(CompletionScript.short(option.help)))\n"
  }

  private func fishAction(_ kind: ValueKind, _ choices: [String]) -> String? {
    if !choices.isEmpty { return "-a '\(choices.joined(separator: " "))'" }
    switch kind {
    case .text: return nil
    case .file: return "-F"
    case .folder: return "-a '(__fish_complete_directories)'"
    case .sourceFormat: return "-a '(__waybill_format read)'"
    case .targetFormat: return "-a '(__waybill_format write)'"
    case .formatName: return "-a '\(sources.map(\.id).joined(separator: " "))'"
    case .list(let words): return "-a '(__waybill_list \(words.joined(separator: " ")))'"
    }
  }
}
