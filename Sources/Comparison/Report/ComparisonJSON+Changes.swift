import WaybillBytes
import WaybillDatasetModel
import WaybillFormatSupport
import WaybillSyntax

extension ComparisonJSON {
  static func append(_ change: DatasetChange, to out: inout ByteBuffer) {
    func text(_ name: StaticString, _ value: String) {
      out.append(name)
      out.appendJSON(value)
    }
    switch change {
    case .field(let field):
      out.append("{\"change\":\"field\",\"fields\":[")
      append(field, to: &out)
      out.append("]}")
    case .labelAdded(let name):
      text("{\"change\":\"label-added\",\"label\":", name)
      out.append("}")
    case .labelRemoved(let name):
      text("{\"change\":\"label-removed\",\"label\":", name)
      out.append("}")
    case .labelRenamed(let old, let new):
      text("{\"change\":\"label-renamed\",\"label\":", new)
      text(",\"oldLabel\":", old)
      out.append("}")
    case .labelChanged(let name, let fields):
      text("{\"change\":\"label-changed\",\"label\":", name)
      append(fields, to: &out)
      out.append("}")
    case .labelsReordered: out.append("{\"change\":\"labels-reordered\"}")
    }
  }

  private static func append(_ field: FieldChange, to out: inout ByteBuffer) {
    out.append("{\"field\":")
    out.appendJSON(field.feature.name)
    if let name = field.name {
      out.append(",\"name\":")
      out.appendJSON(name)
    }
    if let old = field.old {
      out.append(",\"old\":")
      out.append(json: old)
    }
    if let new = field.new {
      out.append(",\"new\":")
      out.append(json: new)
    }
    out.append("}")
  }

  private static func append(_ fields: [FieldChange], to out: inout ByteBuffer) {
    out.append(",\"fields\":[")
    for (index, field) in fields.enumerated() {
      if index > 0 { out.append(",") }
      append(field, to: &out)
    }
    out.append("]")
  }

  static func append(_ change: SampleChange, to out: inout ByteBuffer) {
    out.append("{\"key\":")
    out.appendJSON(change.key)
    out.append(",\"change\":")
    out.appendJSON(change.kind.rawValue)
    guard change.kind == .changed else {
      out.member("count", change.labelCounts.reduce(0) { $0 + $1.count })
      out.append(",\"labels\":[")
      for (index, entry) in change.labelCounts.enumerated() {
        out.append(index > 0 ? ",{\"name\":" : "{\"name\":")
        out.append(jsonOrNull: entry.label)
        out.member("annotations", entry.count)
        out.append("}")
      }
      out.append("]}")
      return
    }
    append(change.fields, to: &out)
    if change.features.contains(.order) { out.append(",\"reordered\":true") }
    out.append(",\"annotations\":[")
    for (index, annotation) in change.annotations.enumerated() {
      if index > 0 { out.append(",") }
      append(annotation, to: &out)
    }
    out.append("]}")
  }

  private static func append(_ change: AnnotationChange, to out: inout ByteBuffer) {
    out.append("{\"change\":")
    out.appendJSON(change.kind.rawValue)
    if let index = change.oldIndex { out.member("oldIndex", index) }
    if let index = change.newIndex { out.member("newIndex", index) }
    guard let annotation = change.new ?? change.old else { return out.append("}") }
    if let id = annotation.id {
      out.append(",\"id\":")
      out.append(json: id)
    }
    out.append(",\"label\":")
    out.append(jsonOrNull: change.new != nil ? change.newLabel : change.oldLabel)
    if let author = annotation.author {
      out.append(",\"by\":")
      out.appendJSON(author)
    }
    if change.kind == .changed {
      appendDetails(of: change, to: &out)
    } else {
      if let text = annotation.text {
        out.append(",\"text\":")
        out.appendJSON(text)
      }
      out.append(",\"place\":")
      out.append(json: FieldValues.places(of: annotation))
    }
    out.append("}")
  }

  private static func appendDetails(of change: AnnotationChange, to out: inout ByteBuffer) {
    out.append(",\"what\":[")
    let words = [("moved", change.isMoved), ("relabeled", change.isRelabeled), ("edited", change.isEdited)].filter(\.1)
    for (index, word) in words.enumerated() {
      if index > 0 { out.append(",") }
      out.appendJSON(word.0)
    }
    out.append("]")
    if let shift = change.shift {
      out.append(change.isShiftInPixels ? ",\"shift\":" : ",\"shiftInThousandths\":")
      out.append(shift)
    }
    if let overlap = change.overlap {
      out.append(",\"overlap\":")
      out.append(overlap)
    }
    append(change.fields, to: &out)
  }
}

extension ByteBuffer {
  /// Appends a member that is not the first of its object.
  mutating func member(_ name: StaticString, _ value: Int) {
    append(",\"")
    append(name)
    append("\":")
    append(decimal: value)
  }

  /// Appends a text, or null where there is none.
  mutating func append(jsonOrNull text: String?) {
    if let text { appendJSON(text) } else { append("null") }
  }
}
