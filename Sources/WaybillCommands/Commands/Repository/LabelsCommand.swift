import WaybillBytes
import WaybillDatasetModel
import WaybillDiagnostics
import WaybillFormatSupport
import WaybillLabelRepository
import WaybillNative

/// `waybill labels`: the label set of a repository.
enum LabelsCommand: Command {
  static let action = PositionalDeclaration(
    name: "ACTION", help: "list, add, rename, merge, delete, color, shortcut, shape, attribute or relation",
    choices: ["list", "add", "rename", "merge", "delete", "color", "shortcut", "shape", "attribute", "relation"], isOptional: true)
  static let names = PositionalDeclaration(
    name: "NAME", help: "What the action is about: see the examples", isOptional: true, isRepeatable: true)
  static let withSamples = OptionDeclaration("with-samples", "With delete: remove samples that have no other annotation, too")
  static let color = OptionDeclaration("color", value: "#RRGGBB", "With add: the colour")
  static let shortcut = OptionDeclaration("shortcut", value: "KEY", "With add: the key on the keyboard")
  static let values = OptionDeclaration(
    "values", value: "A,B,...", "With attribute: the values to choose from; without them it is a text", isRepeatable: true)
  static let defaultValue = OptionDeclaration("default", value: "VALUE", "With attribute: the value of new annotations")
  static let off = OptionDeclaration("off", "With color, shortcut, shape, attribute and relation: take it away")

  static let declaration = CommandDeclaration(
    name: "labels",
    summary: "List and change the label set.",
    discussion:
      "rename and merge change all annotations, too, and the set remembers the old names, so that annotations which come from other branches are "
      + "still understood. delete takes the annotations of the label away.",
    positionals: [action, names],
    options: [
      color, shortcut, values, defaultValue, off, withSamples, RepositoryOptions.repository, InputOptions.json, InputOptions.quiet,
    ],
    examples: [
      Example(purpose: "What is there?", line: "waybill labels"),
      Example(purpose: "Two new labels", line: "waybill labels add car truck"),
      Example(purpose: "Another name, everywhere", line: "waybill labels rename car automobile"),
      Example(purpose: "Two become one", line: "waybill labels merge lorry truck truck"),
      Example(purpose: "Colour and key", line: "waybill labels color car '#ff0000'"),
      Example(purpose: "An attribute to choose", line: "waybill labels attribute car view --values front,side,rear"),
      Example(purpose: "A relation between entities", line: "waybill labels relation works_for person company"),
      Example(purpose: "Gone, with its annotations", line: "waybill labels delete bicycle"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let action = arguments[0] ?? "list"
    let names = arguments.all(from: 1)
    if action == "list" { return try list(arguments, context) }
    let edit = try RepositoryOptions.edit(arguments, context)
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      switch action {
      case "rename" where names.count == 2: try edit.rename(names[0], to: names[1])
      case "merge" where names.count == 3: try edit.merge(names[0], names[1], into: names[2])
      case "delete" where names.count == 1:
        try edit.delete(names[0], arguments.has(withSamples) ? .samples : .annotations)
      default:
        try RepositoryFailure.wrapping { () throws(DatasetError) in try change(action, names, arguments, edit) }
      }
      try edit.commit()
    }
    RepositoryOptions.printProblems(of: edit, context, arguments)
    guard !arguments.has(InputOptions.quiet) else { return .done }
    var text = counted(edit.settings.labels.count, "label")
    if edit.counts.changed > 0 { text += ", \(counted(edit.counts.changed, "sample")) changed" }
    if edit.counts.removed > 0 { text += ", \(counted(edit.counts.removed, "sample")) removed" }
    context.error.write("\(text)\n")
    return .done
  }

  private static func change(
    _ action: String, _ names: [String], _ arguments: ParsedArguments, _ edit: LabelEdit
  ) throws(DatasetError) {
    let isOff = arguments.has(off)
    func wrong(_ usage: String) -> DatasetError { DatasetError(.usage, "It is: waybill labels \(action) \(usage)") }
    func change(_ name: String, _ body: (inout Label) -> Void) throws(DatasetError) {
      let index = try edit.index(of: name)
      body(&edit.settings.labels[index])
    }
    switch action {
    case "add":
      guard !names.isEmpty else { throw wrong("NAME...") }
      var labels: [Label] = []
      for name in names {
        var label = Label(name: name)
        label.style.color = arguments.value(of: color)
        label.style.shortcut = arguments.value(of: shortcut)
        labels.append(label)
      }
      try edit.add(labels)
    case "color", "shortcut", "shape":
      guard names.count == (isOff ? 1 : 2) else { throw wrong("NAME VALUE, or NAME --off") }
      let value = isOff ? nil : names[1]
      try change(names[0]) { label in
        switch action {
        case "color": label.style.color = value
        case "shortcut": label.style.shortcut = value
        default: label.style.defaultShape = value
        }
      }
    case "attribute":
      guard names.count == 2 else { throw wrong("NAME ATTRIBUTE [--values A,B] [--default A], or NAME ATTRIBUTE --off") }
      let list = arguments.values(of: values).flatMap { $0.split(separator: ",").map(String.init) }
      let definition = AttributeDefinition(
        name: names[1], type: list.isEmpty ? "text" : "select", values: list, defaultValue: arguments.value(of: defaultValue))
      try change(names[0]) { label in
        let place = label.attributes.firstIndex { ExactText($0.name) == ExactText(names[1]) }
        if let place { label.attributes.remove(at: place) }
        if !isOff { label.attributes.insert(definition, at: place ?? label.attributes.count) }
      }
    case "relation":
      guard names.count == (isOff ? 1 : 3) else { throw wrong("NAME FROM TO, or NAME --off") }
      if !isOff, !edit.settings.labels.contains(where: { ExactText($0.name) == ExactText(names[0]) }) {
        try edit.add([Label(name: names[0])])
      }
      try change(names[0]) { label in label.relation = isOff ? nil : .init(source: names[1], target: names[2]) }
    case "rename": throw wrong("OLD NEW")
    case "merge": throw wrong("A B NEW")
    default: throw wrong("NAME")
    }
  }

  private static func list(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let repository = try RepositoryOptions.open(arguments, context)
    let labels = repository.settings.labels
    if arguments.has(InputOptions.json) {
      var out = ByteBuffer()
      out.append(UInt8(ascii: "["))
      for (index, label) in labels.enumerated() {
        out.append(index > 0 ? ",\n" : "\n")
        NativeHeaderText.append(label, to: &out)
      }
      out.append("\n]\n")
      context.output.write(out.bytes)
      return .done
    }
    for label in labels { context.output.write(LabelList.words(label) + "\n") }
    return .done
  }
}
