import TinyFormat
import WaybillCommands
import WaybillFormatSupport

/// The tool in this process, with the tiny format.
enum Tool {
  static let registry = FormatRegistry([TinyFormat.self])

  /// Runs a command line and returns its exit code and what it printed.
  static func run(_ arguments: [String]) -> (code: Int32, output: String, errors: String) {
    let output = OutputChannel()
    let errors = OutputChannel()
    let code = WaybillCommand.run(arguments, registry: registry, standardOutput: output, standardError: errors)
    return (code, output.text, errors.text)
  }
}
