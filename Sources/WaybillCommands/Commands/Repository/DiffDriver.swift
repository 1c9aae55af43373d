import WaybillComparison
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFiles
import WaybillFormatSupport
import WaybillLabelRepository

/// What git calls to show how a file of labels changed.
enum DiffDriver {
  /// Prints the changes of one file in words.
  ///
  /// - Parameter arguments: What git gives: path, old file, its id and mode, new file, its id and mode; the path alone for a file in conflict.
  static func run(_ arguments: [String], _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    guard let path = arguments.first else { throw .usage(.missingPositional(GitCommand.files)) }
    guard arguments.count >= 7 else {
      context.output.write("* \(terminalSafe(path)) is in conflict\n")
      return .done
    }
    context.output.write("labels \(terminalSafe(path))\n")
    let scratch = try CommandFailure.wrap { () throws(DatasetError) in try ScratchFolder() }
    let (old, new) = try CommandFailure.wrap { () throws(DatasetError) in
      (
        try LabelFile.readable(arguments[1], named: path, as: "old", in: scratch),
        try LabelFile.readable(arguments[4], named: path, as: "new", in: scratch)
      )
    }
    let native = try CommandFailure.wrap { () throws(DatasetError) in try context.registry.parse("waybill") }
    let text = ChangeText(channel: context.output)
    let request = ComparisonRequest(old: old, new: new, oldFormat: native, newFormat: native)
    do throws(ComparisonFailure) {
      let report = try DatasetComparison(request, registry: context.registry).run { event in
        switch event {
        case .begun(let report): context.output.write(text.lines(report.dataset))
        case .sample(let change): context.output.write(text.lines(change))
        }
      }
      for side in [report.old, report.new] {
        DiagnosticText(path: path, sources: side.sources).print(side.diagnostics, on: context.output, atLeast: .error)
      }
    } catch {
      throw .operation(error.error, error.sources)
    }
    return .done
  }
}
