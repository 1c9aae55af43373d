import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillSyntax

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
