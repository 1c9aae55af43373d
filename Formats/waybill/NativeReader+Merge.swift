import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillSyntax

/// Joins the headers of files laid end to end.
///
/// The n-th label of a name in one header is the n-th label of that name in any other: they must be equal. Fields and preserved
/// members are joined by name, and equal names must have equal values. What conflicts is reported and the first stays.
struct HeaderMerge {
  /// Whether some header lists labels and none says that its list is open.
  private(set) var labelsAreComplete = false
  private var isOpen = false
  private var first: SourceRange?

  mutating func add(_ found: NativeHeader, to header: inout DatasetHeader, context: ReadContext) {
    if let name = found.name {
      if let known = header.name, known != name {
        conflict("The dataset is named \"\(terminalSafe(name))\" here and \"\(terminalSafe(known))\" before", found, context)
      } else {
        header.name = name
      }
    }
    for field in found.fields.items {
      if let known = header.fields[field.name] {
        if known != field.value { conflict("The field \"\(terminalSafe(field.name))\" has another value before", found, context) }
      } else {
        header.fields.items.append(field)
      }
    }
    for section in found.preserved.sections { add(section, found, to: &header, context) }
    if let labels = found.labels { add(labels, found, to: &header, context) }
    if !found.labelsAreComplete { isOpen = true }
    labelsAreComplete = !isOpen && (labelsAreComplete || found.labels != nil)
    if first == nil { first = found.place }
  }

  private func conflict(_ message: String, _ found: NativeHeader, _ context: ReadContext) {
    let related = first.map { [Diagnostic.Related(range: $0, message: "the first header")] } ?? []
    context.diagnostics.report(Diagnostic(.error, "waybill.header.conflict", message, at: found.place, related: related))
  }

  private func add(_ labels: [Label], _ found: NativeHeader, to header: inout DatasetHeader, _ context: ReadContext) {
    var known: [String: [Label]] = [:]
    for label in header.labels.labels { known[label.name, default: []].append(label) }
    var used: [String: Int] = [:]
    for label in labels {
      let number = used[label.name, default: 0]
      used[label.name] = number + 1
      guard let same = known[label.name], number < same.count else {
        header.labels.append(label)
        continue
      }
      if same[number] != label {
        conflict("The label \"\(terminalSafe(label.name))\" is defined differently before", found, context)
      }
    }
  }

  private func add(_ section: Preserved.Section, _ found: NativeHeader, to header: inout DatasetHeader, _ context: ReadContext) {
    let known = PreservedReader(header.preserved, section.format)
    var joined = header.preserved[section.format]
    if joined.isEmpty {
      header.preserved[section.format] = section.members
      return
    }
    PreservedReader(Preserved(section.format, members: section.members), section.format).forEach { key, value in
      if let before = known.value(key.makeString()) {
        if !before.elementsEqual(value) {
          conflict(
            "The field \"\(terminalSafe(key.makeString()))\" kept for \(section.format) has another value before", found, context)
        }
        return
      }
      joined.append(contentsOf: Array(",\"".utf8) + Array(key.raw) + Array("\":".utf8))
      joined.append(contentsOf: value)
    }
    header.preserved[section.format] = joined
  }
}
