import WaybillDiagnostics

extension VOCCodec {
  /// What annotation files can get wrong, for the descriptors of the formats that read them.
  public static let readingRules: [FormatRule] = [
    FormatRule("voc.root", .error, "The root element of a Pascal VOC file is `annotation`."),
    FormatRule("voc.empty", .error, "The element `annotation` holds something."),
    FormatRule("voc.segmented", .error, "`segmented` is 0 or 1."),
    FormatRule("voc.size.number", .error, "Width, height and depth are whole numbers of pixels."),
    FormatRule("voc.size.zero", .warning, "A width, height or depth of 0 says nothing about the image and is kept as text."),
    FormatRule("voc.object.name", .error, "An object and a part have a name that is not empty: the label."),
    FormatRule("voc.object.flag", .error, "`truncated`, `difficult` and `occluded` are 0 or 1."),
    FormatRule("voc.object.confidence", .error, "`confidence` is a number."),
    FormatRule("voc.object.hard-coefficient", .error, "`hard-coefficient` is a number."),
    FormatRule("voc.object.two-shapes", .error, "An object has one box and at most one other shape."),
    FormatRule("voc.object.no-shape", .error, "An object has a box or another shape."),
    FormatRule("voc.box.corner", .error, "A box has xmin, ymin, xmax and ymax."),
    FormatRule("voc.box.number", .error, "A coordinate is a finite number."),
    FormatRule("voc.box.negative", .error, "A box has no negative width or height, a circle no negative radius."),
    FormatRule("voc.box.outside", .warning, "A box lies inside the image; it is kept as it is."),
    FormatRule("voc.shape.number", .error, "A circle, point or turned box has each of its numbers once."),
    FormatRule("voc.polygon.points", .error, "Points are numbered from 1 without a gap, x and y, and there are enough of them."),
    FormatRule("voc.properties.empty", .error, "A property has a name and a value, and `properties` holds one."),
    FormatRule("voc.properties.duplicate", .error, "The name of a property stands once in an object."),
    FormatRule("voc.properties.element", .error, "A property holds one key and one value."),
    FormatRule("voc.properties.json", .error, "A value of type json is JSON, and a key is a text."),
    FormatRule("voc.element.duplicate", .error, "An element that says one thing stands once."),
    FormatRule("voc.element.text", .warning, "Text between elements is not kept."),
    FormatRule("voc.element.children", .warning, "Elements inside an element that holds a text are not kept."),
    FormatRule("voc.element.attribute", .warning, "XML attributes deep inside shapes and properties are not kept."),
  ]

  /// What cannot be written to an annotation file.
  public static let writingRules: [FormatRule] = [
    FormatRule("voc.write.no-label", .error, "An object has a label."),
    FormatRule("voc.write.no-shape", .error, "An object has a box, or in the ModelArts dialect another shape."),
    FormatRule("voc.write.no-size", .error, "Shares of the image become pixels only when its size is known."),
    FormatRule("voc.write.size", .error, "The width, height and depth of an image are below a thousand million pixels."),
    FormatRule("voc.write.negative", .error, "No box has a negative width or height, no circle a negative radius."),
    FormatRule("voc.write.number", .error, "Numbers are finite."),
    FormatRule("voc.write.shape", .error, "The shape has an element: no ellipses, masks or polygons of several rings."),
    FormatRule("voc.write.part", .error, "A part stands after the object it belongs to, nested at most 80 deep."),
    FormatRule("voc.write.text", .error, "Texts hold no control characters, which XML has no way to write."),
  ]

  /// The faults of XML itself.
  public static let syntaxRules: [FormatRule] = [
    FormatRule("xml.syntax", .error, "The file is well-formed XML."),
    FormatRule("xml.empty", .error, "The file is not empty."),
    FormatRule("xml.entity", .error, "No entity but the five predefined ones is declared or used."),
    FormatRule("xml.doctype", .error, "A DOCTYPE names no other file and sets no defaults."),
    FormatRule("xml.too-deep", .error, "Elements are nested at most 256 deep."),
    FormatRule("xml.too-large", .error, "The file keeps within the limits of 64 MiB and 4 million elements."),
    FormatRule("xml.encoding", .error, "The bytes are text in the declared encoding."),
  ]
}
