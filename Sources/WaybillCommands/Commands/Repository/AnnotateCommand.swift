import WaybillDatasetModel
import WaybillDiagnostics
import WaybillLabelRepository

/// `waybill annotate`: adds an annotation to samples.
enum AnnotateCommand: Command {
  static let label = OptionDeclaration("label", value: "NAME", "Its label, which the set must have")
  static let box = OptionDeclaration("box", value: "X,Y,W,H", "Where: left, top, width and height in pixels")
  static let polygon = OptionDeclaration("polygon", value: "X,Y,X,Y,...", "Where: the corners of a polygon in pixels")
  static let span = OptionDeclaration("span", value: "A:B", "Where: characters of the text, from A up to and without B")
  static let time = OptionDeclaration("time", value: "A:B", "When: seconds, from A to B")
  static let text = OptionDeclaration("text", value: "TEXT", "What is said or written there")
  static let attribute = OptionDeclaration("attribute", value: "NAME=VALUE", "An attribute", isRepeatable: true)
  static let confidence = OptionDeclaration("confidence", value: "P", "How sure its author is, 0 to 1")
  static let unconfirmed = OptionDeclaration("unconfirmed", "It is a proposal that waits to be confirmed")
  static let from = OptionDeclaration("link-from", value: "ID", "The id of the annotation a relation leads from")
  static let to = OptionDeclaration("link-to", value: "ID", "The id of the annotation a relation leads to")
  static let id = OptionDeclaration("id", value: "ID", "Its id", defaultValue: "none; one of its own in text-triplets")

  static let declaration = CommandDeclaration(
    name: "annotate",
    summary: "Add an annotation to samples.",
    discussion:
      "The annotation says who made it and when. An annotation that is there already, with the same label at the same place, is "
      + "not added twice.",
    positionals: [RepositoryOptions.keys],
    options: [
      label, box, polygon, span, time, text, attribute, confidence, unconfirmed, from, to, id, RepositoryOptions.by,
      RepositoryOptions.repository, InputOptions.quiet,
    ],
    examples: [
      Example(purpose: "A class", line: "waybill annotate street/0001.jpg street/0002.jpg --label night"),
      Example(purpose: "A box", line: "waybill annotate street/0001.jpg --label car --box 12,30,88,61 --by alice"),
      Example(purpose: "An entity in a text", line: "waybill annotate 17 --label person --span 0:12"),
      Example(purpose: "What was said", line: "waybill annotate call.wav --label agent --time 1.25:3.9 --text 'Good morning.'"),
    ])

  static func run(_ arguments: ParsedArguments, _ context: CommandContext) throws(CommandFailure) -> ExitCode {
    let keys = try RepositoryOptions.keys(arguments)
    let edit = try RepositoryOptions.edit(arguments, context)
    var annotation = try AnnotationArguments(arguments, edit.settings).annotation()
    annotation.author = Author.name(given: arguments.value(of: RepositoryOptions.by))
    annotation.createdAt = Timestamp.now()
    let isTriplet = edit.settings.type == .textTriplets
    let media = MediaFiles(edit.repository)
    var known = 0
    try CommandFailure.wrap(context) { () throws(RepositoryFailure) in
      try edit.change(.keys(keys)) { (sample) throws(DatasetError) in
        if sample.annotations.contains(where: { $0.saysTheSame(as: annotation) }) {
          known += 1
          return .kept
        }
        if let span = annotation.span, let count = media.characterCount(of: sample), span.end > count {
          throw DatasetError(
            .usage,
            "The text of \"\(terminalSafe(sample.key))\" has \(counted(count, "character")); a span to \(span.end) lies outside")
        }
        var new = annotation
        if new.id == nil, isTriplet { new.id = sample.freeID(new.link == nil ? "E" : "R") }
        if let id = new.id, sample.annotations.contains(where: { $0.id == id }) {
          throw DatasetError(
            .usage, "The sample \"\(terminalSafe(sample.key))\" has an annotation \(terminalSafe(id.description)) already")
        }
        sample.annotations.append(new)
        return .changed
      }
      try edit.commit()
    }
    if !arguments.has(InputOptions.quiet) {
      context.error.write("\(counted(edit.counts.changed, "sample")) annotated\(known > 0 ? ", \(known) had it already" : "")\n")
    }
    return .done
  }
}
