extension CompletionScript {
  /// The script for bash 4 and later; it needs no other package.
  var bash: String {
    var text = """
      # Completions of waybill for bash, made by `waybill completions bash`.

      # Offers words that begin with the last item of a list: of $2 what follows the last of the separators in $1.
      _waybill_items() {
        local separators=$1 value=$2 kept
        shift 2
        kept=${value%"${value##*[$separators]}"}
        COMPREPLY=($(IFS=$'\\n'; compgen -W "$*" -- "${value#"$kept"}"))
        COMPREPLY=("${COMPREPLY[@]/#/$kept}")
        if [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
      }

      # Offers formats, and after a colon the options of the format: $1 is read or write, $2 what is typed.
      _waybill_format() {
        local options=()
        if [[ $2 != *:* ]]; then
          _waybill_items : "$2" \(sources.map(\.id).joined(separator: " "))
          return
        fi
        case "$1 ${2%%:*}" in

      """
    for (direction, formats) in [("read", sources), ("write", targets)] {
      for format in formats where !format.options.isEmpty {
        text +=
          "  '\(direction) \(format.id)') options=(\(format.options.map(CompletionScript.quoted).joined(separator: " "))) ;;\n"
      }
    }
    text += """
        esac
        _waybill_items :, "$2" "${options[@]}"
      }

      _waybill_files() {
        local IFS=$'\\n'
        compopt -o filenames 2>/dev/null
        # A quotation mark that is still open is no part of the name.
        COMPREPLY=($(compgen "$1" -- "${2#[\\"\\']}"))
      }

      _waybill() {
        local IFS=$' \\t\\n'
        local line=${COMP_LINE:0:COMP_POINT} words=() last=-1 i blanks piece
        # Bash also parts words at colons and equals signs; what stands together is one word here.
        for ((i = 0; i <= COMP_CWORD; i++)); do
          blanks=${line%%[! $'\\t']*}
          line=${line#"$blanks"}
          piece=${COMP_WORDS[i]}
          if ((i == COMP_CWORD)); then piece=$line; fi
          if [[ $blanks || $i == 0 ]]; then
            words[++last]=$piece
          else
            words[last]+=$piece
          fi
          line=${line#"$piece"}
        done
        COMPREPLY=()
        local current=${words[last]} command= option= value= prefix= valued= count=0 isAfterDashes=
        for ((i = 1; i < last; i++)); do
          if [[ ! $command ]]; then
            if [[ ${words[i]} != -* ]]; then command=${words[i]}; fi
            \(bashValued)
          elif [[ $option ]]; then
            option=
          elif [[ $isAfterDashes || ${words[i]} != -?* ]]; then
            ((count++))
          elif [[ ${words[i]} == -- ]]; then
            isAfterDashes=yes
          elif [[ " $valued " == *" ${words[i]} "* ]]; then
            option=${words[i]}
          fi
        done
        value=$current
        if [[ ! $option && ! $isAfterDashes && $current == --*=* ]]; then
          option=${current%%=*}
          prefix=$option=
          value=${current#*=}
        fi
        if [[ ! $command ]]; then
          COMPREPLY=($(compgen -W '\((commands.map(\.name) + ["help", "--help", "--version"]).joined(separator: " "))' -- "$current"))
          return
        fi
        if [[ ! $option && ! $isAfterDashes && $current == -* ]]; then
          local options=
          case $command in

      """
    for command in commands {
      text += "    \(command.name)) options='\(command.allOptions.flatMap(CompletionScript.spellings).joined(separator: " "))' ;;\n"
    }
    text += """
          esac
          COMPREPLY=($(compgen -W "$options" -- "$current"))
          return
        fi
        case "$command ${option:-$count}" in

      """
    for command in commands {
      for option in command.options where option.value != nil {
        guard let action = bashAction(option.kind, option.choices) else { continue }
        text += "  " + CompletionScript.spellings(option).map { "'\(command.name) \($0)'" }.joined(separator: " | ")
        text += ") \(action) ;;\n"
      }
      for (index, positional) in command.positionals.enumerated() {
        guard let action = bashAction(positional.kind, positional.choices) else { continue }
        text += "  '\(command.name) \(index)') \(action) ;;\n"
      }
    }
    text += """
        'help 0') COMPREPLY=($(compgen -W '\(commands.map(\.name).joined(separator: " "))' -- "$value")) ;;
        esac
        # Only what stands after the last sign that parts words is replaced.
        COMPREPLY=("${COMPREPLY[@]/#/$prefix}")
        local breaks=${COMP_WORDBREAKS//[!:=]/}
        if [[ $breaks ]]; then
          prefix=${current%"${current##*[$breaks]}"}
          COMPREPLY=("${COMPREPLY[@]#"$prefix"}")
        fi
      }

      complete -F _waybill waybill

      """
    return text
  }

  /// Which options of the command found take a value.
  private var bashValued: String {
    var text = "case $command in\n"
    for command in commands {
      let valued = command.options.filter { $0.value != nil }.flatMap(CompletionScript.spellings)
      if !valued.isEmpty { text += "      \(command.name)) valued='\(valued.joined(separator: " "))' ;;\n" }
    }
    return text + "      esac"
  }

  private func bashAction(_ kind: ValueKind, _ choices: [String]) -> String? {
    if !choices.isEmpty { return #"_waybill_items : "$value" \#(choices.joined(separator: " "))"# }
    switch kind {
    case .text: return nil
    case .file: return #"_waybill_files -f "$value""#
    case .folder: return #"_waybill_files -d "$value""#
    case .sourceFormat: return #"_waybill_format read "$value""#
    case .targetFormat: return #"_waybill_format write "$value""#
    case .formatName: return #"_waybill_items : "$value" \#(sources.map(\.id).joined(separator: " "))"#
    case .list(let words): return #"_waybill_items , "$value" \#(words.joined(separator: " "))"#
    }
  }
}
