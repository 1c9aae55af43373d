import WaybillDiagnostics
import WaybillVersioning

/// What commands about versions print for people.
enum VersionText {
  // MARK: publish

  static func publication(_ report: PublicationReport) -> String {
    let record = report.version.record
    let name = "\(record.dataset)@\(record.version)"
    if report.isUnchanged { return "Nothing has changed since \(name); nothing was published\n" }
    var text = "\(name) published: \(groupedCount(record.statistics.samples, "sample")), "
    text += "\(grouped(record.statistics.labeled)) labeled, \(groupedCount(record.statistics.annotations, "annotation"))\n"
    if let changes = record.changes, let parent = record.parent { text += "  changes  \(words(changes)) since \(parent.version)\n" }
    if record.media.mode == .pack {
      text += "  media    \(groupedCount(report.newFiles, "new file")) (\(byteCount(report.newBytes)))"
      if report.reusedFiles > 0 {
        text += ", \(grouped(report.reusedFiles)) in the store already (\(byteCount(report.reusedBytes)))"
      }
      text += "\n"
    } else if record.media.mode == .reference {
      text += "  media    \(groupedCount(record.media.files, "file")) listed (\(byteCount(record.media.bytes)))\n"
    }
    if record.media.missing > 0 { text += "  missing  \(groupedCount(record.media.missing, "media file")) not found\n" }
    if !record.renderings.isEmpty {
      text += "  formats  \(record.renderings.map { terminalSafe($0.format) }.joined(separator: ", "))\n"
    }
    return text + "  digest   \(report.version.digest)\n"
  }

  private static func words(_ changes: VersionRecord.Changes) -> String {
    "\(grouped(changes.added)) added, \(grouped(changes.changed)) changed, \(grouped(changes.removed)) removed"
  }

  // MARK: versions

  /// The versions of a dataset as a table, the oldest first; the current one is marked.
  static func list(_ list: VersionList) -> String {
    var rows = [["", "version", "published", "samples", "labeled", "added", "changed", "removed", "size", "digest", "message"]]
    for entry in list.entries {
      let record = entry.record
      let changes = record.changes
      func number(_ value: Int?) -> String { value.map(grouped) ?? "-" }
      rows.append([
        record.version == list.current ? "*" : "", record.version.text, record.created.text(), grouped(record.statistics.samples),
        grouped(record.statistics.labeled), number(changes?.added), number(changes?.changed), number(changes?.removed),
        byteCount(entry.size), String(entry.digest.hex.prefix(12)), record.message.map(oneLine) ?? "",
      ])
    }
    var text = "\(list.dataset)\n"
    let rightAligned: Set<Int> = [3, 4, 5, 6, 7, 8]
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
      var line = ""
      for (column, cell) in row.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : column == 1 ? " " : "  ") + (rightAligned.contains(column) ? padding + cell : cell + padding)
      }
      while line.last == " " { line.removeLast() }
      text += line + "\n"
    }
    return text
  }

  private static func oneLine(_ message: String) -> String {
    let line = terminalSafe(
      message.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: true).first.map(String.init) ?? "")
    return line.count > 60 ? line.prefix(59) + "…" : line
  }

  // MARK: show

  static func record(_ entry: VersionCatalog.Entry, isCurrent: Bool) -> String {
    let record = entry.record
    var text = "\(record.dataset)@\(record.version)\(isCurrent ? " (current)" : "")\n"
    func row(_ name: String, _ value: String) {
      text += "  \(name)\(String(repeating: " ", count: max(1, 12 - name.count)))\(value)\n"
    }
    if let message = record.message { row("message", terminalSafe(message)) }
    if let commit = record.commit { row("commit", terminalSafe(commit)) }
    row("published", record.created.text() + (record.publisher.map { " by \(terminalSafe($0))" } ?? ""))
    row("tool", terminalSafe(record.tool))
    if let parent = record.parent { row("parent", "\(parent.version) (\(parent.digest.hex.prefix(12)))") }
    if let changes = record.changes { row("changes", words(changes)) }
    let statistics = record.statistics
    row("samples", "\(grouped(statistics.samples)) (\(grouped(statistics.labeled)) labeled)")
    row("annotations", grouped(statistics.annotations))
    for split in statistics.splits {
      row("split", "\(terminalSafe(split.name)): \(counted(split.samples, "sample")), \(counted(split.annotations, "annotation"))")
    }
    if statistics.unsplit > 0, !statistics.splits.isEmpty { row("split", "none: \(counted(statistics.unsplit, "sample"))") }
    if let splitting = record.splitting, let ratio = splitting.trainRatio {
      row("splitting", "\(ratio) to train, seed \(splitting.seed)\(splitting.isStratified ? ", stratified" : "")")
    }
    row("media", media(record))
    for rendering in record.renderings { row("format", "\(terminalSafe(rendering.format)) in \(terminalSafe(rendering.folder))/") }
    for object in record.objects { row("object", "\(terminalSafe(object.key))  \(byteCount(object.size))") }
    row("content", record.content.hex)
    row("digest", entry.digest.hex)
    guard !statistics.labels.isEmpty else { return text }
    let width = max(5, statistics.labels.map { terminalSafe($0.name).count }.max() ?? 0)
    func line(_ name: String, _ annotations: String, _ samples: String) -> String {
      func right(_ cell: String, _ width: Int) -> String { String(repeating: " ", count: max(0, width - cell.count)) + cell }
      return name + String(repeating: " ", count: width - name.count) + right(annotations, 13) + right(samples, 10) + "\n"
    }
    text += "\n" + line("label", "annotations", "samples")
    for label in statistics.labels { text += line(terminalSafe(label.name), grouped(label.annotations), grouped(label.samples)) }
    return text
  }

  private static func media(_ record: VersionRecord) -> String {
    let amount = "\(counted(record.media.files, "file")), \(byteCount(record.media.bytes))"
    let missing = record.media.missing > 0 ? "; \(grouped(record.media.missing)) not found" : ""
    switch record.media.mode {
    case .pack: return amount + " in \(counted(record.packs.count, "archive"))" + missing
    case .reference: return amount + ", listed and not kept" + missing
    case .none: return "none"
    }
  }

  // MARK: verify and gc

  static func problem(_ problem: Verification.Problem) -> String {
    "\(problem.version): \(terminalSafe(problem.path)): \(terminalSafe(problem.message))\n"
  }

  static func verification(_ report: Verification.Report) -> String {
    var text = "\(counted(report.versions, "version")), \(counted(report.objects, "object")) of \(byteCount(report.bytes))"
    if report.files > 0 { text += ", \(counted(report.files, "file"))" }
    return text + (report.problems.isEmpty ? ": all as published\n" : ": \(counted(report.problems.count, "problem"))\n")
  }

  static func collection(_ report: GarbageCollection.Report, isDryRun: Bool, isQuiet: Bool) -> String {
    var text = ""
    for item in report.removed { text += line(item, isDryRun ? "would remove" : "removed") }
    if isQuiet { return text }
    for item in report.young { text += line(item, "too young") }
    text +=
      "\(counted(report.removed.count, "object")) (\(byteCount(report.removedBytes))) \(isDryRun ? "would be removed" : "removed")"
    return text + ", \(grouped(report.young.count)) too young, \(grouped(report.kept)) kept\n"
  }

  private static func line(_ item: GarbageCollection.Item, _ verb: String) -> String {
    let size = item.size.map { "  \(byteCount($0))" } ?? ""
    return "\(verb)  \(terminalSafe(item.name))\(size)\(item.isLeftover ? "  unfinished upload" : "")\n"
  }
}
