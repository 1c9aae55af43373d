import WaybillDiagnostics
import WaybillFormatSupport

extension ModelArtsFormat {
  static let rules: [FormatRule] =
    [
      FormatRule("modelarts.file.bom", .warning, "A manifest has no byte order mark"),
      FormatRule("modelarts.line.crlf", .warning, "Lines end with a line feed alone"),
      FormatRule("modelarts.line.blank", .warning, "A manifest has no blank lines"),
      FormatRule("modelarts.line.no-source", .error, "A line needs a source, which is a string"),
      FormatRule("modelarts.line.annotation", .error, "The annotation of a line is a list of objects"),
      FormatRule("modelarts.annotation.no-type", .warning, "An annotation has a type"),
      FormatRule("modelarts.annotation.unknown-type", .warning, "The type of an annotation is one of the service's"),
      FormatRule("modelarts.annotation.creation-time", .warning, "Times have the form YYYY-MM-DD HH:MM:SS"),
      FormatRule("modelarts.annotation.no-loc", .warning, "Detection and segmentation name a Pascal VOC file in annotation-loc"),
      FormatRule("modelarts.annotation.duplicate-id", .warning, "Ids of the annotations of a text differ"),
      FormatRule(
        "modelarts.span.range", .error, "An entity's offsets are whole numbers inside the text, the end not before the start"),
      FormatRule("modelarts.span.missing", .warning, "An entity gives its offsets"),
      FormatRule("modelarts.triplet.unknown-entity", .error, "A relation names ids of entities of the same line"),
      FormatRule("modelarts.triplet.missing", .warning, "A relation gives the entities it joins"),
      FormatRule("modelarts.time.range", .error, "Times of a paragraph have the form hh:mm:ss.SSS, the end not before the start"),
      FormatRule("modelarts.sidecar.missing", .warning, "The Pascal VOC file an annotation names is there"),
      FormatRule("modelarts.sidecar.outside", .error, "The Pascal VOC file an annotation names lies in the manifest's folder"),
      FormatRule("modelarts.sidecar.unreadable", .error, "The Pascal VOC file an annotation names can be read"),
      FormatRule("modelarts.mask.missing", .error, "The picture that mask_source names is there, for objects whose place it tells"),
      FormatRule("modelarts.mask.png", .error, "A mask is a PNG file that can be read to its end"),
      FormatRule("modelarts.mask.size", .error, "A mask has the size of its image"),
      FormatRule(
        "modelarts.mask.color", .warning, "The mask_color of an object has pixels in the mask, and no other object has it"),
      FormatRule("modelarts.write.mask", .error, "The masks of an image have its size, and their picture a name of its own"),
      FormatRule("modelarts.write.mask-overlap", .warning, "A pixel belongs to one object; the last one covers those before it"),
      FormatRule("modelarts.write.kind", .warning, "The service has a kind of label for what is written"),
      FormatRule("modelarts.write.span", .error, "Offsets in another unit need the text"),
      FormatRule("modelarts.write.span-range", .error, "A range of text lies inside the text, its end not before its start"),
      FormatRule("modelarts.write.link", .error, "A relation joins annotations of its line"),
      FormatRule("modelarts.write.part", .error, "A part of an object has a place in the picture"),
      FormatRule(
        "modelarts.write.time", .error, "Times of a paragraph are finite and below 1e9 seconds, the end not before the start"),
    ] + jsonRules
    + VOCCodec.readingRules + VOCCodec.writingRules + VOCCodec.syntaxRules

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
