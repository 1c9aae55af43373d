import WaybillComparison

/// Prints a comparison in the form that was asked for, while it runs.
final class DiffOutput {
  private enum Form {
    case text, tables, json, markdown
  }

  private let form: Form
  private let channel: OutputChannel
  private let text: ChangeText
  private var json = ComparisonJSON()
  private var markdown = ChangeMarkdown()
  private var lonelyKeys: (old: String?, new: String?) = (nil, nil)
  /// Whether anything was printed.
  private(set) var hasPrinted = false

  init(_ arguments: ParsedArguments, _ context: CommandContext) {
    form =
      arguments.has(InputOptions.json)
      ? .json : arguments.has(DiffCommand.stat) ? .tables : arguments.has(DiffCommand.markdown) ? .markdown : .text
    channel = context.output
    text = ChangeText(channel: context.output)
  }

  /// Whether something will be printed.
  func prints(_ event: ComparisonEvent) -> Bool {
    switch event {
    case .begun(let report): (form == .text || form == .markdown) && !report.dataset.isEmpty || form == .json
    case .sample: form != .tables
    }
  }

  /// Prints what a comparison hands on.
  func print(_ event: ComparisonEvent) {
    if case .sample(let change) = event {
      if change.kind == .removed, lonelyKeys.old == nil { lonelyKeys.old = change.key }
      if change.kind == .added, lonelyKeys.new == nil { lonelyKeys.new = change.key }
      if form != .tables { hasPrinted = true }
    }
    switch (form, event) {
    case (.json, _): channel.write(json.bytes(of: event))
    case (.text, .begun(let report)): channel.write(text.lines(report.dataset))
    case (.text, .sample(let change)): channel.write(text.lines(change))
    case (.markdown, .begun(let report)): markdown.note(text.lines(report.dataset))
    case (.markdown, .sample(let change)): markdown.note(text.lines(change))
    case (.tables, _): break
    }
  }

  /// Prints the sums.
  func finish(_ report: ComparisonReport) {
    let sums = ComparisonText(report: report, lonelyKeys: lonelyKeys)
    switch form {
    case .json: channel.write(json.ending(report))
    case .tables: channel.write(sums.tables)
    case .text: channel.write(sums.summary)
    case .markdown: channel.write(markdown.text(sums.summary))
    }
  }
}
