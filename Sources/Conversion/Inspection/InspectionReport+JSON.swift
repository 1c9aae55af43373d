import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillSyntax

extension InspectionReport {
  /// The report as one JSON object and a line feed.
  public func json() -> [UInt8] {
    var out = ByteBuffer(capacity: 4096)
    out.append("{\"format\":")
    out.appendJSON(format.id.name)
    out.append(",\"reasons\":[")
    for (index, reason) in (detection?.reasons ?? []).enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(reason)
    }
    out.append("],\"path\":")
    out.appendJSON(path)
    out.append(",\"name\":")
    if let name { out.appendJSON(name) } else { out.append("null") }
    append("samples", counts.samples, to: &out)
    append("labeled", counts.labeled, to: &out)
    append("unlabeled", counts.unlabeled, to: &out)
    append("unreadable", counts.unreadable, to: &out)
    append("annotations", counts.annotations, to: &out)
    appendLabels(to: &out)
    append("features", counts.features.map { ($0.name, counts[$0]) }, to: &out)
    append("splits", counts.splits.map { ($0.name, $0.count) }, to: &out)
    append("unsplit", counts.unsplit, to: &out)
    append("media", counts.media.map { ($0.name, $0.count) }, to: &out)
    append(
      "diagnostics",
      [
        ("errors", diagnostics.count(of: .error)), ("warnings", diagnostics.count(of: .warning)),
        ("notes", diagnostics.count(of: .note)),
      ], to: &out)
    out.append("}\n")
    return out.array()
  }

  private func appendLabels(to out: inout ByteBuffer) {
    out.append(",\"labels\":[")
    for (index, entry) in labels.enumerated() {
      if index > 0 { out.append(",") }
      out.append("{\"name\":")
      out.appendJSON(entry.label.name)
      append("annotations", entry.annotations, to: &out)
      switch entry.label.id {
      case .integer(let id):
        out.append(",\"id\":")
        out.append("\(id)")
      case .string(let id):
        out.append(",\"id\":")
        out.appendJSON(id)
      case nil: break
      }
      out.append("}")
    }
    out.append("]")
  }

  private func append(_ name: String, _ value: Int, to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":")
    out.append(decimal: value)
  }

  private func append(_ name: String, _ members: [(String, Int)], to out: inout ByteBuffer) {
    out.append(",")
    out.appendJSON(name)
    out.append(":{")
    for (index, member) in members.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(member.0)
      out.append(":")
      out.append(decimal: member.1)
    }
    out.append("}")
  }
}

extension DiagnosticList {
  /// How many problems of exactly one severity were reported.
  public func count(of severity: Diagnostic.Severity) -> Int {
    counts.reduce(0) { $0 + ($1.severity == severity ? $1.count : 0) }
  }
}
