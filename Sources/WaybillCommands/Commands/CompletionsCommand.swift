/// `waybill completions`: what a shell needs to complete command lines.
enum CompletionsCommand: Command {
  static let shell = PositionalDeclaration(
    name: "SHELL", help: "The shell: bash, zsh or fish", choices: CompletionScript.Shell.allCases.map(\.rawValue))

  static let declaration = CommandDeclaration(
    name: "completions",
    summary: "Print a script that completes command lines in a shell.",
    discussion:
      "Commands, options, their values, formats with their options, and files are completed. Scripts/install puts the scripts where "
      + "the shells look for them. Without it: bash reads the script with `source <(waybill completions bash)`, fish with "
      + "`waybill completions fish | source`, and zsh finds it as _waybill in a folder of fpath.",
    positionals: [shell],
    examples: [
      Example(
        purpose: "Bash, for one user",
        line: "waybill completions bash > ~/.local/share/bash-completion/completions/waybill"),
      Example(purpose: "Zsh, for everybody", line: "waybill completions zsh > /usr/local/share/zsh/site-functions/_waybill"),
      Example(purpose: "Fish, for one user", line: "waybill completions fish > ~/.config/fish/completions/waybill.fish"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard let shell = arguments[0].flatMap(CompletionScript.Shell.init) else { throw .usage(.missingPositional(shell)) }
    let script = CompletionScript(commands: WaybillCommand.commands.map { $0.declaration }, registry: context.registry)
    context.output.write(script.text(for: shell))
    return .done
  }
}
