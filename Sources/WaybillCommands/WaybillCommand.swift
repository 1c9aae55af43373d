import Glibc
import WaybillAllFormats
import WaybillConversion
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport

/// The command-line tool: takes arguments, prints, and returns an exit code.
///
/// ```swift
/// let output = OutputChannel(), errors = OutputChannel()
/// let code = WaybillCommand.run(["inspect", "val.json"], registry: .all, standardOutput: output, standardError: errors)
/// ```
public enum WaybillCommand {
  /// The version of the tool.
  public static let version = "0.1.0"

  static let commands: [any Command.Type] = [
    ConvertCommand.self, SampleCommand.self, InspectCommand.self, StatsCommand.self, ValidateCommand.self, DiffCommand.self,
    PublishCommand.self, VersionsCommand.self, ShowCommand.self, VerifyCommand.self, CheckoutCommand.self, CatCommand.self,
    SetCurrentCommand.self, DeleteVersionCommand.self, CollectCommand.self, CopyCommand.self, StoreCommand.self, InitCommand.self,
    SyncCommand.self, ImportCommand.self,
    ImportsCommand.self, ExportCommand.self, StatusCommand.self, ListCommand.self, AnnotateCommand.self, UnannotateCommand.self,
    ConfirmCommand.self, HardCommand.self, LabelsCommand.self, RemoveCommand.self, FixCommand.self, ReshardCommand.self,
    ResolveCommand.self, GitCommand.self, FormatsCommand.self, CompletionsCommand.self,
  ]

  /// Runs the tool in this process, as `main` does: with signals, the standard channels and every format.
  ///
  /// - Parameter arguments: All arguments, the name of the program first.
  public static func main(_ arguments: [String], registry: FormatRegistry = .all) -> Int32 {
    InterruptFlag.install()
    unblockSignals()
    // Whoever closes the pipe has seen enough; the write then fails with EPIPE, which is no reason for a message.
    signal(SIGPIPE, SIG_IGN)
    return run(
      Array(arguments.dropFirst()), registry: registry, standardOutput: OutputChannel(descriptor: STDOUT_FILENO),
      standardError: OutputChannel(descriptor: STDERR_FILENO))
  }

  /// Lets the signals through that ask to stop: a process started from a worker thread inherits that thread's mask, which blocks them.
  private static func unblockSignals() {
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in [SIGINT, SIGTERM, SIGHUP] { sigaddset(&signals, number) }
    pthread_sigmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Runs one command line, without the name of the program, and returns its exit code.
  public static func run(
    _ arguments: [String], registry: FormatRegistry, standardOutput: OutputChannel, standardError: OutputChannel
  ) -> Int32 {
    let context = CommandContext(registry: registry, output: standardOutput, error: standardError)
    var code = dispatch(arguments, context)
    standardOutput.flush()
    if let failure = standardOutput.failure, failure != EPIPE {
      context.report(DatasetError(.io, "Cannot write to standard output", errno: failure))
      if code == .done { code = .failed }
    }
    standardError.flush()
    return code.rawValue
  }

  private static func dispatch(_ arguments: [String], _ context: CommandContext) -> ExitCode {
    var name: String?
    do throws(CommandFailure) {
      guard let first = arguments.first else { throw .usage(.missingCommand) }
      let rest = Array(arguments.dropFirst())
      switch first {
      case "--help", "-h": context.output.write(overview)
      case "--version": context.output.write("\(version)\n")
      case "help":
        if let topic = rest.first(where: { $0 != "--help" && $0 != "-h" && $0 != "help" }) {
          context.output.write(HelpText.of(try command(named: topic).declaration))
        } else {
          context.output.write(overview)
        }
      default:
        let command = try command(named: first)
        name = command.declaration.name
        let parsed = try CommandFailure.wrap { () throws(ArgumentFault) in try ParsedArguments(rest, command.declaration) }
        if parsed.wantsHelp {
          context.output.write(HelpText.of(command.declaration))
          return .done
        }
        defer { if parsed.has(StoreOptions.traffic) { context.error.write(context.stores.trafficText) } }
        return try command.run(parsed, context)
      }
      return .done
    } catch {
      return context.report(error, command: name)
    }
  }

  private static var overview: String { HelpText.of(commands.map { $0.declaration }) }

  private static func command(named name: String) throws(CommandFailure) -> any Command.Type {
    for command in commands where command.declaration.name == name { return command }
    let names = commands.map { $0.declaration.name } + ["help", "--help", "--version"]
    throw .usage(.unknownCommand(name, nearest: nearest(to: name, among: names)))
  }
}
