import WaybillConversion
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository

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
