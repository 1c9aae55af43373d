import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill sync`: new media of the sources become samples.
enum SyncCommand: Command {
  static let declaration = CommandDeclaration(
    name: "sync",
    summary: "Look through the sources: new media become samples, vanished and changed ones are listed.",
    discussion:
      "Labels that lie beside new media come along: Pascal VOC files of pictures, and text files with a label a line. Samples whose file has "
      + "vanished stay; waybill remove takes them out. A source may be a place in a bucket, s3://BUCKET/PREFIX: its pictures are samples by "
      + "their URLs, and of new ones the first bytes are read, to know their size.",
    options: [RepositoryOptions.dryRun, RepositoryOptions.repository, InputOptions.quiet] + StoreOptions.reading,
    examples: [
      Example(purpose: "After new pictures came", line: "waybill sync"),
      Example(purpose: "What would come?", line: "waybill sync --dry-run"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let edit = try RepositoryOptions.edit(arguments, context)
    if edit.settings.sources.isEmpty {
      throw .operation(
        DatasetError(
          .usage, "The repository has no sources; \"sources\" in dataset.json lists folders", path: edit.repository.root), nil)
    }
    let remote = StoreOptions.media(arguments, context)
    let isDry = arguments.has(RepositoryOptions.dryRun)
    let report = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      let report = try SourceSync(edit, registry: context.registry, remote: remote).run()
      if !isDry { try edit.commit() }
      return report
    }
    DiagnosticText(path: edit.repository.root, sources: edit.context.sources)
      .print(edit.context.diagnostics, on: context.error, atLeast: .warning)
    for (source, reason) in report.unreachable {
      context.error.write("warning: the source \"\(terminalSafe(source))\" \(reason), and was not looked through\n")
    }
    if isDry { for key in report.added { context.output.write("+ \(terminalSafe(key))\n") } }
    for key in report.vanished { context.output.write("vanished: \(terminalSafe(key))\n") }
    for key in report.changed { context.output.write("changed size: \(terminalSafe(key))\n") }
    guard !arguments.has(InputOptions.quiet) else { return .done }
    var text = "\(counted(report.added.count, "new sample"))"
    if report.labeled > 0 { text += ", \(report.labeled) with \(counted(report.annotations, "annotation")) beside them" }
    if report.labels > 0 { text += ", \(counted(report.labels, "new label"))" }
    if !report.vanished.isEmpty { text += ", \(report.vanished.count) vanished" }
    if !report.changed.isEmpty { text += ", \(report.changed.count) changed" }
    if report.others > 0 { text += "; \(counted(report.others, "file")) of other kinds" }
    context.error.write("\(text)\n")
    return .done
  }
}
