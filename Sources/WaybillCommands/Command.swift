import WaybillConversion
import WaybillDiagnostics
import WaybillFormatSupport

/// One command of the tool.
protocol Command: SendableMetatype {
  /// What it is and which arguments it takes.
  static var declaration: CommandDeclaration { get }

  /// Runs it with its arguments.
  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode
}

/// What stops a command.
enum CommandFailure: Error {
  /// The arguments make no sense.
  case usage(ArgumentFault)
  /// The operation failed; the sources are there when it got far enough to read files.
  case operation(DatasetError, SourceMap?)

  /// Runs something that parses arguments.
  static func wrap<T>(_ body: () throws(ArgumentFault) -> T) throws(CommandFailure) -> T {
    do throws(ArgumentFault) { return try body() } catch { throw .usage(error) }
  }

  /// Runs something that works on datasets.
  static func wrap<T>(_ body: () throws(DatasetError) -> T) throws(CommandFailure) -> T {
    do throws(DatasetError) { return try body() } catch { throw .operation(error, nil) }
  }
}

/// What every command works with.
struct CommandContext {
  /// The formats.
  let registry: FormatRegistry
  /// For results.
  let output: OutputChannel
  /// For everything else.
  let error: OutputChannel
  /// The stores that were opened.
  let stores = OpenedStores()

  /// Prints what stopped a command, with a hint where the usage was wrong, and gives its exit code.
  func report(_ failure: CommandFailure, command: String?) -> ExitCode {
    let code: ExitCode
    // Where several readings are possible the message itself names what decides.
    let needsHelp: Bool
    switch failure {
    case .usage(let fault):
      print(fault.message)
      (code, needsHelp) = (.usage, true)
    case .operation(let problem, let sources):
      report(problem, sources: sources)
      (code, needsHelp) = (ExitCode(problem.code), problem.code == .usage)
    }
    if needsHelp { error.write("See waybill \(command.map { "\($0) " } ?? "")--help\n") }
    return code
  }

  /// Prints what stopped an operation: `path:line:column: error: ...` where the place is known, else `error: path: ...`.
  func report(_ problem: DatasetError, sources: SourceMap? = nil) {
    var place = ""
    var text = ""
    if let range = problem.range, let sources {
      var places = PlaceFinder(sources)
      place = "\(places.place(of: range).text): "
    } else if let path = problem.path {
      text = "\(terminalSafe(path)): "
    }
    // A refusal has several lines; each of them is safe, so that only the breaks between them are left as they are.
    text += problem.message.split(separator: "\n", omittingEmptySubsequences: false).map { terminalSafe($0) }.joined(
      separator: "\n")
    if let number = problem.errno { text += " (\(systemMessage(number)))" }
    print(text, at: place)
  }

  private func print(_ message: String, at place: String = "") {
    error.write("\(place)\(TextColor.red.paint("error", on: error)): \(message)\n")
  }
}
