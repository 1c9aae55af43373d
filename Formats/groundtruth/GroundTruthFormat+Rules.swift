import WaybillDiagnostics
import WaybillFormatSupport

extension GroundTruthFormat {
  static let rules: [FormatRule] =
    [
      FormatRule("groundtruth.line.blank", .warning, "A manifest has no blank lines"),
      FormatRule("groundtruth.line.ends", .warning, "All lines end in the same way"),
      FormatRule("groundtruth.line.no-source", .error, "A line has source-ref or source, a text"),
      FormatRule("groundtruth.attribute.unknown-type", .warning, "The type of a label attribute is one of the built-in tasks"),
      FormatRule("groundtruth.value.kind", .error, "The value of an attribute is what labels of its type are"),
      FormatRule("groundtruth.value.unknown", .warning, "Boxes stand in annotations, beside image_size"),
      FormatRule("groundtruth.box.number", .error, "A box has the numbers left, top, width and height"),
      FormatRule("groundtruth.box.size", .warning, "The size of a picture is a list of one object with width, height and depth"),
      FormatRule("groundtruth.box.confidences", .warning, "There are as many confidences as boxes"),
      FormatRule("groundtruth.class.unknown", .warning, "The class map knows every class of the line"),
      FormatRule(
        "groundtruth.span.range", .error, "An entity's offsets are whole numbers inside the text, the end not before the start"),
      FormatRule("groundtruth.mask.missing", .warning, "The picture a mask attribute names is there"),
      FormatRule("groundtruth.mask.png", .error, "A mask is a PNG file that can be read to its end"),
      FormatRule("groundtruth.mask.color", .warning, "Every class of a mask has a colour of its own"),
      FormatRule("groundtruth.sequence.unreadable", .error, "The files beside a manifest that are there can be read"),
      FormatRule("groundtruth.sequence.missing", .warning, "The file of frames an attribute names is there"),
      FormatRule("groundtruth.sequence.source", .warning, "The list of frames a line names is there, and has a prefix"),
      FormatRule("groundtruth.sequence.frames", .warning, "Every frame of the list has an entry in the file of frames"),
      FormatRule("groundtruth.sequence.second", .warning, "A line of a sequence has one label attribute"),
      FormatRule("groundtruth.sequence.empty", .warning, "A file of frames has frames"),
      FormatRule("groundtruth.frame.kind", .error, "A frame is an object"),
      FormatRule("groundtruth.frame.name", .error, "A frame has the name of its picture"),
      FormatRule("groundtruth.frame.number", .error, "The number of a frame is a whole number"),
      FormatRule("groundtruth.object.place", .error, "An object of a frame has the numbers of its place"),
      FormatRule("groundtruth.write.empty", .error, "An annotation has a class or a place"),
      FormatRule(
        "groundtruth.write.media", .error,
        "Media without labels is of the kind its name tells: a picture unless it ends like a film"),
      FormatRule("groundtruth.write.label", .error, "Every place has a class"),
      FormatRule("groundtruth.write.unit", .error, "Places are written in pixels, so shares need the size of the picture"),
      FormatRule("groundtruth.write.span", .error, "A range lies inside the text, and one in another unit needs the text"),
      FormatRule(
        "groundtruth.write.mask", .error, "The masks of a picture are of one size, and their picture has a name of its own"),
      FormatRule("groundtruth.write.mask-overlap", .warning, "A pixel belongs to one mask; the last one covers those before it"),
    ] + jsonRules

  private static let jsonRules: [FormatRule] = [
    FormatRule("json.syntax", .error, "Each line is JSON"),
    FormatRule("json.truncated", .error, "A line does not end inside a value"),
    FormatRule("json.number", .error, "Numbers are written as JSON writes them"),
    FormatRule("json.not-a-number", .error, "NaN and Infinity are not JSON"),
    FormatRule("json.lone-surrogate", .error, "A surrogate escape has its partner"),
    FormatRule("json.invalid-utf8", .error, "The text is UTF-8"),
    FormatRule("json.too-deep", .error, "Brackets are nested at most 1024 deep"),
    FormatRule("json.duplicate-key", .error, "A key stands once in an object"),
  ]
}
