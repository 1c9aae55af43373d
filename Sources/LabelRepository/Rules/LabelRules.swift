import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics

/// The rules of a label set.
struct LabelRules {
  let type: LabelingType
  /// Most labels a set can have.
  static let labelLimit = 10_000
  /// Most characters of a name.
  static let nameLimit = 1024

  /// What is wrong with a set: a rule and a sentence each, in the order of labels.
  func problems(of labels: [Label]) -> [(rule: String, message: String)] {
    var found: [(rule: String, message: String)] = []
    func note(_ rule: String, _ message: String) { found.append(("repository.label.\(rule)", message)) }
    if labels.count > LabelRules.labelLimit {
      note("count", "The set has \(labels.count) labels; at most \(LabelRules.labelLimit) are allowed")
    }
    var names: Set<ExactText> = []
    var shortcuts: [String: String] = [:]
    for label in labels {
      let shown = "\"\(terminalSafe(label.name))\""
      if !names.insert(ExactText(label.name)).inserted { note("duplicate", "There are two labels \(shown)") }
      if let problem = nameProblem(label.name) { note("name", problem) }
      if let color = label.style.color, !LabelRules.isColor(color) {
        note("color", "The colour \"\(terminalSafe(color))\" of \(shown) is not written as #RRGGBB")
      }
      if let shortcut = label.style.shortcut {
        if let other = shortcuts.updateValue(label.name, forKey: shortcut.uppercased()) {
          note("shortcut", "The labels \"\(terminalSafe(other))\" and \(shown) have one shortcut, \"\(terminalSafe(shortcut))\"")
        }
      }
      if let shape = label.style.defaultShape, !LabelRules.shapes.contains(shape) {
        note("shape", "The shape \"\(terminalSafe(shape))\" of \(shown) is none of \(LabelRules.shapes.joined(separator: ", "))")
      }
      attributes(label, shown, note)
    }
    relations(labels, note)
    return found
  }

  /// Shapes that tools can offer first.
  static let shapes = ["bndbox", "polygon", "circle", "line", "dashed", "point", "polyline"]

  private func attributes(_ label: Label, _ shown: String, _ note: (String, String) -> Void) {
    if !label.attributes.isEmpty, !type.hasLabelAttributes {
      note("attribute", "The label \(shown) has attributes, which labels of \(type.name) have not")
    }
    var names: Set<ExactText> = []
    for attribute in label.attributes {
      let name = "\"\(terminalSafe(attribute.name))\" of \(shown)"
      if attribute.name.isEmpty { note("attribute", "An attribute of \(shown) has no name") }
      if !names.insert(ExactText(attribute.name)).inserted { note("attribute", "There are two attributes \(name)") }
      switch attribute.type {
      case "text":
        if !attribute.values.isEmpty { note("attribute", "The attribute \(name) is a text and has values to choose from") }
      case "select":
        if attribute.values.isEmpty { note("attribute", "The attribute \(name) has no values to choose from") }
        let values = Set(attribute.values.map(ExactText.init))
        if values.count != attribute.values.count { note("attribute", "The attribute \(name) has a value twice") }
        if let value = attribute.defaultValue, !values.contains(ExactText(value)) {
          note("attribute", "The default \"\(terminalSafe(value))\" of the attribute \(name) is none of its values")
        }
      default: note("attribute", "The attribute \(name) is \"\(terminalSafe(attribute.type))\"; the types are text and select")
      }
    }
  }

  private func relations(_ labels: [Label], _ note: (String, String) -> Void) {
    var isRelation: [ExactText: Bool] = [:]
    for label in labels { isRelation[ExactText(label.name)] = label.relation != nil }
    for label in labels {
      guard let relation = label.relation else { continue }
      let shown = "\"\(terminalSafe(label.name))\""
      if !type.hasRelations { note("relation", "The label \(shown) is a relation, which labels of \(type.name) are not") }
      for end in [relation.source, relation.target] where isRelation[ExactText(end)] != false {
        let what = isRelation[ExactText(end)] == nil ? "is not in the set" : "is a relation itself"
        note("relation", "The relation \(shown) joins \"\(terminalSafe(end))\", which \(what)")
      }
    }
  }

  /// What is wrong with a name; nil when nothing is.
  func nameProblem(_ name: String) -> String? {
    let count = name.unicodeScalars.count
    if type == .speechParagraphs {
      let isPlain = name.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"):
          true
        case UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"): true
        default: false
        }
      }
      if (1...256).contains(count), isPlain { return nil }
      return "The class \"\(terminalSafe(name))\" is not made of 1 to 256 letters, digits, dots, underscores and hyphens"
    }
    if (1...LabelRules.nameLimit).contains(count) { return nil }
    return count == 0
      ? "A label has no name" : "The name of a label has \(count) characters; at most \(LabelRules.nameLimit) are allowed"
  }

  /// Whether a text is a colour as `#RRGGBB`.
  static func isColor(_ text: String) -> Bool {
    let bytes = Array(text.utf8)
    return bytes.count == 7 && bytes[0] == UInt8(ascii: "#")
      && bytes.dropFirst().allSatisfy { byte in
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
      }
  }
}
