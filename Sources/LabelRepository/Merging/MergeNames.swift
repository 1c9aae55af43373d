import WaybillBytes
import WaybillComparison
import WaybillDatasetModel

/// Words for what is merged.
struct MergeNames {
  private let labels: LabelCache

  init(_ table: LabelTable) { labels = LabelCache(table) }

  func label(_ id: LabelID?) -> String? { id.flatMap { labels.label($0)?.name } }

  /// What an annotation is called: by its id, else by its label and its place.
  func subject(_ annotation: Annotation, at index: Int) -> String {
    if let id = annotation.id { return "annotation \(id.description)" }
    return "annotation \(index + 1)\(label(annotation.label).map { " (\($0))" } ?? "")"
  }

  static func text(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : number.description
  }

  static func text(_ time: TimeExtent) -> String {
    switch time {
    case .frame(let frame): "frame \(frame)"
    case .instant(let moment): moment.text
    case .interval(let start, let end): "\(start.text)..\(end.text)"
    }
  }

  static func text(_ hard: HardExample?) -> String? {
    guard let hard else { return nil }
    var parts: [String] = []
    if let isHard = hard.isHard { parts.append(isHard ? "yes" : "no") }
    if let coefficient = hard.coefficient { parts.append(text(coefficient)) }
    if !hard.reasons.isEmpty { parts.append("reasons \(hard.reasons.map(String.init).joined(separator: ","))") }
    return parts.joined(separator: " ")
  }

  static func text(_ value: AttributeValue) -> String {
    switch value {
    case .string(let text): "\"\(text)\""
    case .integer(let number): "\(number)"
    case .number(let number): text(number)
    case .boolean(let flag): "\(flag)"
    case .null: "null"
    case .list(let list): "[\(list.map(text).joined(separator: ", "))]"
    case .object: "{...}"
    }
  }

  /// The names of attributes on any side, in the order of ours, then of theirs.
  static func attributes(_ base: Attributes, _ ours: Attributes, _ theirs: Attributes) -> [ExactText] {
    if base.isEmpty, ours.isEmpty, theirs.isEmpty { return [] }
    var names: [ExactText] = []
    var seen: Set<ExactText> = []
    for attributes in [ours, theirs, base] {
      for item in attributes.items where seen.insert(ExactText(item.name)).inserted { names.append(ExactText(item.name)) }
    }
    return names
  }

  /// Whether two values are the same, texts by their bytes.
  static func same(_ a: AttributeValue?, _ b: AttributeValue?) -> Bool {
    guard let a, let b else { return a == nil && b == nil }
    return ExactComparison.same(a, b)
  }
}
