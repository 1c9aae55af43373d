import WaybillBytes
import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillSyntax

/// `waybill status`: how far the labeling has come, and what is wrong.
enum StatusCommand: Command {
  static let declaration = CommandDeclaration(
    name: "status",
    summary: "Show how many samples are labeled, what breaks a rule, and what changed since HEAD.",
    discussion: "Files that look as they did are not read again.",
    options: [RepositoryOptions.repository, InputOptions.json, InputOptions.jobs],
    examples: [
      Example(purpose: "How far are we?", line: "waybill status"),
      Example(purpose: "For a script", line: "waybill status --json"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let jobs = try InputOptions.jobs(arguments)
    let status = try CommandFailure.wrap(context) { () throws(RepositoryFailure) in try repository.status(jobs: jobs) }
    let changes = try CommandFailure.wrap { () throws(DatasetError) in
      try GitChanges.sinceHead(repository)
    }
    if arguments.has(InputOptions.json) {
      context.output.write(RepositoryJSON.text(of: status, changes, repository))
    } else {
      context.output.write(RepositoryText.text(of: status, changes, repository))
    }
    context.output.flush()
    DiagnosticText(path: repository.root, sources: status.sources).print(status.diagnostics, on: context.error)
    return status.isClean ? .done : .invalidInput
  }
}

/// What commands about repositories print for people.
enum RepositoryText {
  static func text(of status: RepositoryStatus, _ changes: GitChanges?, _ repository: LabelRepository) -> String {
    let settings = repository.settings
    var text = "\(terminalSafe(settings.header.name ?? "")) (\(settings.type.name)): \(counted(status.samples, "sample"))"
    text += ", \(counted(status.annotations, "annotation"))\n"
    text += table([
      ("unlabeled", grouped(status.unlabeled)), ("labeled", grouped(status.labeled)),
      ("to be confirmed", grouped(status.unconfirmed)), ("hard", grouped(status.hard)),
    ])
    if status.conflicts > 0 {
      text += "  \(counted(status.conflicts, "sample")) with both sides of a merge (waybill resolve):\n"
      for key in status.conflictKeys.prefix(10) { text += "    \(terminalSafe(key))\n" }
      if status.conflicts > 10 { text += "    ... and \(status.conflicts - 10) more\n" }
    }
    let used = status.labels.filter { $0.use.annotations > 0 }
    if !used.isEmpty {
      text += "labels\n"
      text += table(used.map { (terminalSafe($0.name), "\(grouped($0.use.annotations)) in \(counted($0.use.samples, "sample"))") })
    }
    let unused = status.labels.count - used.count
    if unused > 0 { text += "  \(counted(unused, "label")) not used\n" }
    if let changes { text += changesLine(changes) }
    return text
  }

  private static func changesLine(_ changes: GitChanges) -> String {
    guard changes.hasDifferences else { return "nothing changed since HEAD\n" }
    var parts: [String] = []
    if changes.added > 0 { parts.append("\(grouped(changes.added)) added") }
    if changes.removed > 0 { parts.append("\(grouped(changes.removed)) removed") }
    if changes.changed > 0 { parts.append("\(grouped(changes.changed)) changed") }
    if changes.settingsDiffer { parts.append("the settings changed") }
    return "since HEAD: \(parts.isEmpty ? "other bytes, the same labels" : parts.joined(separator: ", "))\n"
  }

  private static func table(_ rows: [(name: String, value: String)]) -> String {
    let width = rows.map(\.name.count).max() ?? 0
    return rows.map { "  \($0.name)\(String(repeating: " ", count: width - $0.name.count))  \($0.value)\n" }.joined()
  }
}

/// What commands about repositories print for programs.
enum RepositoryJSON {
  static func text(of status: RepositoryStatus, _ changes: GitChanges?, _ repository: LabelRepository) -> String {
    var out = ByteBuffer()
    out.append("{\"name\":")
    out.appendJSON(repository.settings.header.name ?? "")
    out.append(",\"type\":")
    out.appendJSON(repository.settings.type.name)
    let counts: [(StaticString, Int)] = [
      ("samples", status.samples), ("unlabeled", status.unlabeled), ("labeled", status.labeled),
      ("unconfirmed", status.unconfirmed), ("hard", status.hard), ("conflicts", status.conflicts),
      ("annotations", status.annotations), ("errors", status.diagnostics.count(of: .error)),
      ("warnings", status.diagnostics.count(of: .warning)),
    ]
    for (name, count) in counts {
      out.append(",\"")
      out.append(name)
      out.append("\":")
      out.append(decimal: count)
    }
    out.append(",\"labels\":[")
    for (index, label) in status.labels.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.append("{\"name\":")
      out.appendJSON(label.name)
      out.append(",\"annotations\":")
      out.append(decimal: label.use.annotations)
      out.append(",\"samples\":")
      out.append(decimal: label.use.samples)
      out.append(UInt8(ascii: "}"))
    }
    out.append("],\"conflict_keys\":[")
    for (index, key) in status.conflictKeys.enumerated() {
      if index > 0 { out.append(UInt8(ascii: ",")) }
      out.appendJSON(key)
    }
    out.append(UInt8(ascii: "]"))
    if let changes {
      out.append(",\"since_head\":{\"added\":\(changes.added),\"removed\":\(changes.removed),\"changed\":\(changes.changed)")
      out.append(",\"settings\":\(changes.settingsDiffer)}")
    }
    out.append("}\n")
    return out.string()
  }
}
