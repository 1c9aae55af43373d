import WaybillBytes
import WaybillComparison
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport

/// A change in words, a line each.
struct ChangeText {
  /// What changed where.
  enum Mark: String {
    case added = "+"
    case removed = "-"
    case changed = "~"

    var color: TextColor {
      switch self {
      case .added: .green
      case .removed: .red
      case .changed: .yellow
      }
    }
  }

  /// The channel the words are for, which knows whether colours are wanted.
  let channel: OutputChannel

  private static let nameLimit = 32
  private static let valueLimit = 60

  /// A sample with what became of it.
  func lines(_ change: SampleChange) -> String {
    let key = terminalSafe(change.key)
    switch change.kind {
    case .added: return painted(.added, key) + contents(change) + "\n"
    case .removed: return painted(.removed, key) + contents(change) + "\n"
    case .changed:
      var text = key + "\n"
      for field in change.fields { text += "  \(self.text(field))\n" }
      if change.features.contains(.order) { text += "  annotations in another order\n" }
      let names = change.annotations.map(name)
      let width = min(ChangeText.nameLimit, names.map(\.count).max() ?? 0)
      for (annotation, name) in zip(change.annotations, names) { text += line(annotation, name, width) }
      return text
    }
  }

  /// What the datasets say differently about themselves and their labels.
  func lines(_ changes: [DatasetChange]) -> String {
    guard !changes.isEmpty else { return "" }
    var text = "(dataset)\n"
    for change in changes {
      switch change {
      case .field(let field): text += "  \(self.text(field))\n"
      case .labelAdded(let name): text += "  \(painted(.added, "label \(terminalSafe(name))"))\n"
      case .labelRemoved(let name): text += "  \(painted(.removed, "label \(terminalSafe(name))"))\n"
      case .labelRenamed(let old, let new):
        text += "  \(painted(.changed, "label \(terminalSafe(old))")) renamed \(terminalSafe(new))\n"
      case .labelChanged(let name, let fields):
        text += "  \(painted(.changed, "label \(terminalSafe(name))")) \(fields.map(self.text).joined(separator: ", "))\n"
      case .labelsReordered: text += "  labels in another order\n"
      }
    }
    return text
  }

  private func painted(_ mark: Mark, _ text: String) -> String { mark.color.paint("\(mark.rawValue) \(text)", on: channel) }

  /// `2 car, 1 person` for a sample that is added or removed.
  private func contents(_ change: SampleChange) -> String {
    let counts = change.labelCounts.map { "\(grouped($0.count)) \($0.label.map { terminalSafe($0) } ?? "unlabeled")" }
    let shown = counts.prefix(8).joined(separator: ", ")
    if counts.isEmpty { return "" }
    return "  \(shown)\(counts.count > 8 ? ", and \(counts.count - 8) more labels" : "")"
  }

  private func name(_ change: AnnotationChange) -> String {
    let annotation = change.new ?? change.old
    let label = change.new != nil ? change.newLabel : change.oldLabel
    let name = label.map { terminalSafe($0) } ?? "unlabeled"
    return annotation?.id.map { "\(name) \(PlaceText.id($0))" } ?? name
  }

  private func line(_ change: AnnotationChange, _ name: String, _ width: Int) -> String {
    let mark: Mark =
      switch change.kind {
      case .added: .added
      case .removed: .removed
      case .changed: .changed
      }
    var parts: [String] = []
    if let annotation = change.new ?? change.old, change.kind != .changed {
      if let place = PlaceText.of(annotation) { parts.append(place) }
      if let text = annotation.text { parts.append("text \(quoted(text))") }
    } else {
      if change.isRelabeled { parts.append("relabeled \(label(change.oldLabel)) -> \(label(change.newLabel))") }
      if change.isMoved { parts.append(move(change)) }
      parts += change.fields.filter { isToldApart($0.feature, change) }.map(text)
    }
    let blanks = String(repeating: " ", count: max(0, width - name.count))
    var line = "  " + painted(mark, name) + (parts.isEmpty ? "" : blanks + "  " + parts.joined(separator: ", "))
    if change.kind != .removed, let author = change.author { line += "  by \(terminalSafe(author))" }
    return line + "\n"
  }

  private func label(_ name: String?) -> String { name.map { terminalSafe($0) } ?? "unlabeled" }

  /// Whether an answer is told by itself: places and labels are told in a form of their own, and who made what is said of all changes.
  private func isToldApart(_ feature: Feature, _ change: AnnotationChange) -> Bool {
    if AnnotationChange.provenance.contains(feature) { return change.features.subtracting(AnnotationChange.provenance).isEmpty }
    return feature != .label && !AnnotationChange.places.contains(feature)
  }

  /// `moved 3.2 px (IoU 0.91): box 12,30 76x31 -> box 15,30 76x31`.
  private func move(_ change: AnnotationChange) -> String {
    var text = "reshaped"
    if let shift = change.shift {
      let distance = change.isShiftInPixels ? "\(PlaceText.number(shift)) px" : "\(PlaceText.number(shift / 10)) %"
      if shift >= 0.01 { text = "moved \(distance)" }
      if let overlap = change.overlap { text += " (IoU \(PlaceText.share(overlap)))" }
    } else {
      text = "moved"
    }
    let places = [change.old, change.new].map { $0.flatMap(PlaceText.of) ?? "no place" }
    return "\(text): \(places[0])" + (places[0] == places[1] ? "" : " -> \(places[1])")
  }

  /// `confidence 0.5 -> 0.9`.
  private func text(_ field: FieldChange) -> String {
    let name = field.name.map { terminalSafe($0) }
    switch field.feature {
    case .preserved, .samplePreserved, .labelPreserved, .datasetPreserved: return "fields of \(name ?? "a format") changed"
    case .part: return "part of another object"
    case .tokens: return "tokens changed"
    case .attributes, .sampleAttributes: return "attribute \(name ?? "") \(values(field))"
    default: break
    }
    // What it is of is said already.
    let words = field.feature.name.replacing("-", with: " ").trimmingPrefix(of: ["label ", "dataset ", "sample "])
    return "\([words, name].compactMap { $0 }.joined(separator: " ")) \(values(field))"
  }

  private func values(_ field: FieldChange) -> String { "\(value(field.old)) -> \(value(field.new))" }

  private func value(_ value: AttributeValue?) -> String {
    switch value {
    case .string(let text): return quoted(text)
    case nil: return "none"
    case .some(let value):
      var out = ByteBuffer(capacity: 64)
      out.append(json: value)
      return shortened(terminalSafe(out.string()))
    }
  }

  private func quoted(_ text: String) -> String { "\"\(shortened(terminalSafe(text)))\"" }

  private func shortened(_ text: String) -> String {
    text.count > ChangeText.valueLimit ? text.prefix(ChangeText.valueLimit) + "..." : text
  }
}

extension String {
  /// The text without the first of some beginnings that it has.
  fileprivate func trimmingPrefix(of beginnings: [String]) -> String {
    beginnings.first { hasPrefix($0) }.map { String(dropFirst($0.count)) } ?? self
  }
}
