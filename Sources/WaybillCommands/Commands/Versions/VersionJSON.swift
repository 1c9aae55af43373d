import WaybillBytes
import WaybillSyntax
import WaybillVersioning

/// What commands about versions print for machines: one JSON object and a line feed each.
enum VersionJSON {
  static func publication(_ report: PublicationReport) -> [UInt8] {
    var out = ByteBuffer()
    out.append("{\"published\":")
    out.append(report.isUnchanged ? "false" : "true")
    out.append(",\"new_files\":")
    out.append(decimal: report.newFiles)
    out.append(",\"new_bytes\":")
    out.append(decimal: report.newBytes)
    out.append(",\"reused_files\":")
    out.append(decimal: report.reusedFiles)
    out.append(",\"reused_bytes\":")
    out.append(decimal: report.reusedBytes)
    out.append(",\"record\":")
    append(report.version.record, to: &out)
    out.append("}\n")
    return out.array()
  }

  static func lists(_ lists: [VersionList]) -> [UInt8] {
    var out = ByteBuffer()
    out.append("{\"datasets\":[")
    for (index, list) in lists.enumerated() {
      out.append(index == 0 ? "{\"name\":" : ",{\"name\":")
      out.appendJSON(list.dataset.text)
      out.append(",\"current\":")
      if let current = list.current { out.appendJSON(current.text) } else { out.append("null") }
      out.append(",\"versions\":[")
      for (index, entry) in list.entries.enumerated() {
        if index > 0 { out.append(",") }
        append(entry.record, to: &out)
      }
      out.append("]}")
    }
    out.append("]}\n")
    return out.array()
  }

  static func copy(_ report: VersionCopy.Report) -> [UInt8] {
    var out = ByteBuffer()
    out.append("{\"version\":")
    out.appendJSON("\(report.version.record.dataset)@\(report.version.record.version)")
    out.append(",\"digest\":")
    out.appendJSON(report.version.digest.hex)
    for (name, number) in [
      ("copied_objects", report.copiedObjects), ("copied_bytes", report.copiedBytes), ("present_objects", report.presentObjects),
      ("present_bytes", report.presentBytes),
    ] {
      out.append(",\"\(name)\":")
      out.append(decimal: number)
    }
    out.append(",\"unchanged\":\(report.isUnchanged),\"current\":\(report.isCurrent)}\n")
    return out.array()
  }

  static func verification(_ report: Verification.Report) -> [UInt8] {
    var out = ByteBuffer()
    out.append("{\"versions\":")
    out.append(decimal: report.versions)
    out.append(",\"objects\":")
    out.append(decimal: report.objects)
    out.append(",\"bytes\":")
    out.append(decimal: report.bytes)
    out.append(",\"files\":")
    out.append(decimal: report.files)
    out.append(",\"problems\":[")
    for (index, problem) in report.problems.enumerated() {
      out.append(index == 0 ? "{\"version\":" : ",{\"version\":")
      out.appendJSON("\(problem.version)")
      out.append(",\"path\":")
      out.appendJSON(problem.path)
      out.append(",\"message\":")
      out.appendJSON(problem.message)
      out.append("}")
    }
    out.append("]}\n")
    return out.array()
  }

  static func collection(_ report: GarbageCollection.Report, isDryRun: Bool) -> [UInt8] {
    var out = ByteBuffer()
    out.append("{\"dry_run\":")
    out.append(isDryRun ? "true" : "false")
    for (name, items) in [("removed", report.removed), ("young", report.young)] {
      out.append(",")
      out.appendJSON(name)
      out.append(":[")
      for (index, item) in items.enumerated() {
        out.append(index == 0 ? "{\"name\":" : ",{\"name\":")
        out.appendJSON(item.name)
        if let size = item.size {
          out.append(",\"size\":")
          out.append(decimal: size)
        }
        out.append(",\"age_seconds\":")
        out.append(decimal: Int(item.ageSeconds))
        out.append(",\"unfinished\":")
        out.append(item.isLeftover ? "true" : "false")
        out.append("}")
      }
      out.append("]")
    }
    out.append(",\"kept\":")
    out.append(decimal: report.kept)
    out.append("}\n")
    return out.array()
  }

  /// A record as it is stored, on one line.
  private static func append(_ record: VersionRecord, to out: inout ByteBuffer) {
    record.encoded().bytes.withUnsafeBytes { out.appendCompacted(json: $0) }
  }
}
